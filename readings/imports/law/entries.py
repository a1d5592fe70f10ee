"""Statements under judgement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias

from readings.formats.packed_day import Origin
from readings.formats.statements import LineRun

#: Sender of the file and its role; all files without a header have one speaker.
Speaker: TypeAlias = tuple[str, str]


class Occasion(NamedTuple):
    """Time and place at which a statement was made; the greatest is the last word.

    Two files of the same time are ordered by hash, which is the same everywhere, unlike their order of arrival.
    """

    #: UTC text: UpdateDateTime, else the creation time of the file; empty if the file states neither.
    stated_at: str
    #: Number of the last arrival of the file, which orders the statements without a time; else 0.
    arrival: int
    sha256: str
    line: int


class Merged(NamedTuple):
    """The values of a day that parts of other files complete, and where these come from."""

    values: str
    origins: tuple[Origin, ...]


@dataclass(slots=True, eq=False)
class Entry:
    """A statement of one speaker, made on one or more occasions: stored (with an id) or new (with a row)."""

    register: int
    #: Subject of the statement within its group.
    kind: Any
    value: Decimal
    #: Everything that is stated, in a form that compares numbers as numbers.
    content: tuple[Any, ...]
    #: Statement as stored, column by column.
    statement: tuple[Any, ...]
    speaker: Speaker
    #: Last occasion on which the speaker made this statement.
    occasion: Occasion
    #: Quality of the statement; a greater one is preferred between speakers.
    standing: int
    #: Serial number of the meter, and suffix of the stream, if the group has several.
    meter: str = ""
    suffix: str = ""
    #: Line of the first occasion. File of the last one, and lines of the intervals of a day in it.
    line: int = 0
    flow_file: int = 0
    lines: Sequence[LineRun] = ()
    row: tuple[Any, ...] = ()
    #: Meter point, register, and the columns that select its group.
    place: tuple[Any, ...] = ()
    id: int | None = None
    version: int = 1
    superseded_by: Entry | None = None
    withdrawn_by: Entry | None = None
    #: Keys of both links as stored.
    stored_links: tuple[int | None, int | None] = (None, None)
    #: Values of a day with those of others, and as stored; None if its own are all.
    merged: Merged | None = None
    stored_merged: Merged | None = None
    #: Whether the values of a superseded part of a day still count, as part of the one that supersedes it.
    is_completed: bool = False
    #: Whether a file of this import made the statement again, later than any file before; and the register and
    #: version that the statement gets if that file spells its register otherwise.
    is_renewed: bool = False
    moved: tuple[int, int] | None = None

    @property
    def role(self) -> str:
        """Return the role of the speaker."""
        return self.speaker[1]

    @property
    def counts(self) -> bool:
        """Return whether nothing took the place of the statement."""
        return self.superseded_by is None and self.withdrawn_by is None

    @property
    def is_changed(self) -> bool:
        """Return whether the stored row differs."""
        links = (self.superseded_by, self.withdrawn_by)
        return (
            self.is_renewed
            or self.merged != self.stored_merged
            or any(
                link.id != stored if link and link.id else (link is not None or stored is not None)
                for link, stored in zip(links, self.stored_links, strict=True)
            )
        )

    def is_same(self, other: Entry) -> bool:
        """Return whether both make the same statement about the same subject, spoken by the same."""
        subject = (self.kind, self.meter, self.suffix)
        return subject == (other.kind, other.meter, other.suffix) and (
            (self.speaker, self.content) == (other.speaker, other.content)
        )

    def renew(self, later: Entry) -> None:
        """Take over the occasion of a later entry that makes the same statement."""
        self.occasion, self.flow_file, self.lines = later.occasion, later.flow_file, later.lines
        self.is_renewed = True


def supersede(entries: Sequence[Entry], winner: Entry) -> None:
    """Mark the entries that the winner takes the place of."""
    for entry in entries:
        entry.superseded_by = None if entry is winner else winner

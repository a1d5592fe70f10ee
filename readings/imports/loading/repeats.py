"""Lines that repeat stored statements.

Most repeats are plain: one line meets one stored statement, which is the same to the letter and the only one that is
judged there. They are recognized here, without the law: the statement counts, as before.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Final, NamedTuple

from readings.imports.law.entries import Occasion, Speaker
from readings.imports.loading.insertion import insert
from readings.imports.loading.stored import StoredRow
from readings.imports.loading.streams import Streams
from readings.imports.loading.tables import LINE, METER_POINT, REGISTER, Row, StatementTable

#: Number of the arrival that is under way: later than all others.
_NOW: Final = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The file that is imported."""

    flow_file_id: int
    sha256: str
    speaker: Speaker = ("", "")
    #: Creation time of the file as UTC text; empty if the file does not state it.
    created_at: str = ""

    def occasion(self, table: StatementTable, row: Row) -> Occasion:
        """Return the occasion of a new row."""
        stated_at = row[table.updated_at] or self.created_at
        return Occasion(stated_at, 0 if stated_at else _NOW, self.sha256, row[LINE])


def last_occasion(row: StoredRow, importing: int | None) -> Occasion:
    """Return the last occasion of a stored row; `importing` is the file that is being imported."""
    arrival = _NOW if row.last_flow_file_id == importing else row.arrived
    return Occasion(row.stated_at, 0 if row.stated_at else arrival, row.sha256, row.last_line)


class Line(NamedTuple):
    """A line that repeats a stored statement about a meter point."""

    number: int
    meter_point: int


class Renewal(NamedTuple):
    """The last repeat of a row: the line that states it, and the time; empty if the file states none."""

    id: int
    line: int
    stated_at: str


@dataclass(slots=True)
class PlainRepeats:
    """The plain repeats among the new rows of a batch, and what is left to be compared."""

    lines: list[Line] = field(default_factory=list)
    #: Repeats that are later than the last occasion of their statement.
    renewals: list[Renewal] = field(default_factory=list)
    rows: list[Row] = field(default_factory=list)
    stored: list[StoredRow] = field(default_factory=list)


def separate_plain_repeats(
    table: StatementTable, rows: Sequence[Row], stored: Iterable[StoredRow], source: Source, streams: Streams
) -> PlainRepeats:
    """Return the plain repeats among new rows, and the others with the stored rows that they meet."""
    groups = [streams.canonical(place) for place in map(table.group_of, rows)]
    stored = list(stored)
    places = [streams.canonical(each.place) for each in stored]
    statements = Counter(groups + places)  # Two in the group of a plain repeat.
    met = dict(zip(places, stored, strict=True))
    result = PlainRepeats()
    plain = set()
    for row, group in zip(rows, groups, strict=True):
        same = met.get(group)
        if same and statements[group] == 2 and _is_plain(table, row, same, source):
            plain.add(same.id)
            result.lines.append(Line(row[LINE], row[METER_POINT]))
            occasion = source.occasion(table, row)
            if occasion > last_occasion(same, source.flow_file_id):
                result.renewals.append(Renewal(same.id, row[LINE], occasion.stated_at))
        else:
            result.rows.append(row)
    result.stored = [each for each in stored if each.id not in plain]
    return result


def _is_plain(table: StatementTable, row: Row, stored: StoredRow, source: Source) -> bool:
    return (
        stored.statement == table.statement_of(row)
        and stored.register_id == row[REGISTER]
        and stored.kind == row[table.kind_at]
        and (stored.sender, stored.sender_role) == source.speaker
        and stored.superseded_by is None
        and stored.withdrawn_by is None
        and (not table.parts or stored.parts[0] == row[table.lines_at])
    )


def note_repeats(flow_file_id: int, repeats: Iterable[Line]) -> None:
    """Store for each meter point which lines of a file repeat statements about it."""
    lines: defaultdict[int, list[int]] = defaultdict(list)
    for line, meter_point in repeats:
        lines[meter_point].append(line)
    columns = ("flow_file_id", "meter_point_id", "first_line", "last_line", "number")
    rows = [(flow_file_id, key, min(some), max(some), len(some)) for key, some in lines.items()]
    if rows:
        insert("readings_repeat", columns, rows)

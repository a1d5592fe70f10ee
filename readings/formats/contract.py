"""What every format offers, and what it hands over.

A format turns the bytes of a flow file into batches of statements, and of the problems it finds on the way.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta, timezone, tzinfo
from enum import Enum
from typing import BinaryIO, Final, Protocol

from readings.formats.statements import (
    Accumulation,
    Header,
    IntervalDay,
    MeterPointDetails,
    RegisterReading,
    SiteVisit,
)

ERROR: Final = "ERROR"
WARNING: Final = "WARNING"

#: NEM time: that of the National Electricity Market, all year, without daylight saving.
NEM_TIME: Final = timezone(timedelta(hours=10))


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One finding about a flow file. Line 0 is the whole file."""

    severity: str
    line: int
    record: str = ""
    field: str = ""
    code: str
    value: str = ""
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParseContext:
    """What the parser must know that the bytes do not say."""

    encoding: str
    #: What the file's name says that the content is about; empty but for formats with a SUBJECT.
    subject: str = ""
    #: The zone of the Australian flows.
    nem_time: tzinfo = NEM_TIME
    #: Names of the formats that are read here, for the refusal of one that is not.
    known: tuple[str, ...] = ()


@dataclass(slots=True)
class Batch:
    """A part of a flow file, in the order of its lines.

    `lines` is the number of the last line read, `header` stands in the first batch only.
    """

    lines: int = 0
    header: Header | None = None
    meter_points: list[MeterPointDetails] = field(default_factory=list)
    readings: list[RegisterReading] = field(default_factory=list)
    accumulations: list[Accumulation] = field(default_factory=list)
    interval_days: list[IntervalDay] = field(default_factory=list)
    site_visits: list[SiteVisit] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


class About(Enum):
    """The statement that a finding about a record concerns, and so the meter point."""

    #: The one in its line, or the nearest before it.
    READING = "reading"
    SITE_VISIT = "site visit"
    ACCUMULATION = "accumulation"
    INTERVAL_DAY = "interval day"
    #: The record stands above its statements: the first behind it.
    READING_BELOW = "reading below"
    INTERVAL_DAY_BELOW = "interval day below"


class Format(Protocol):
    """What a module in `formats` offers. Nothing here raises for bad content."""

    @property
    def NAME(self) -> str:
        """What doors call the format."""

    @property
    def ENCODINGS(self) -> tuple[str, ...]:
        """Character sets, in the order in which the whole content is tried."""

    @property
    def STRICT(self) -> frozenset[str]:
        """Codes of warnings that are errors where the specification is taken at its word."""

    @property
    def FIELDS(self) -> Mapping[str, tuple[str, ...]]:
        """Names of the fields of each record, in order, behind the code that it begins with."""

    @property
    def RECORDS(self) -> Mapping[str, About]:
        """What a finding about a record concerns; records that concern the whole file are left out."""

    @property
    def SUBJECT(self) -> re.Pattern[str] | None:
        """What the name of a file says that its content does not, in the group `subject`; None for most formats."""

    def recognizes(self, start: bytes) -> bool:
        """Tell from the first bytes whether the content is meant to be of this format."""

    def is_complete(self, end: bytes) -> bool | None:
        """Tell from the last bytes whether the content has its whole last record; None where none is the last."""

    def parse(self, stream: BinaryIO, context: ParseContext) -> Iterator[Batch]:
        """Read the content from the start of the stream; problems are part of what comes back."""

"""Interface of a format, and the values that it returns.

A format turns the bytes of a flow file into batches of statements and problems.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import timedelta, timezone, tzinfo
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
#: Code of the one note about a content whose flow is not read here: it is set aside, and nobody is at fault.
OTHER_FLOW: Final = "other-flow"

#: Time of the National Electricity Market: UTC+10 all year, without daylight saving.
NEM_TIME: Final = timezone(timedelta(hours=10))


@dataclass(frozen=True, slots=True, kw_only=True)
class Problem:
    """One error or warning about a flow file. Line 0 is the whole file."""

    severity: str
    line: int
    record: str = ""
    field: str = ""
    code: str
    value: str = ""
    message: str
    #: Meter point that the problem concerns; empty if it is unknown, or if the problem concerns the file as a whole.
    scheme: str = ""
    identifier: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ParseContext:
    """Facts for the parser that the bytes do not contain."""

    encoding: str
    #: Subject taken from the file name; empty except for formats with a SUBJECT.
    subject: str = ""
    #: Time zone of the Australian flows.
    nem_time: tzinfo = NEM_TIME
    #: Names of the supported formats, by which a content of one of them in another form is known.
    supported: tuple[str, ...] = ()


@dataclass(slots=True)
class Batch:
    """Part of a flow file, in line order.

    `lines` is the number of the last line read; `header` may be set in the first batch only.
    """

    lines: int = 0
    header: Header | None = None
    meter_points: list[MeterPointDetails] = field(default_factory=list)
    readings: list[RegisterReading] = field(default_factory=list)
    accumulations: list[Accumulation] = field(default_factory=list)
    interval_days: list[IntervalDay] = field(default_factory=list)
    site_visits: list[SiteVisit] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


class Format(Protocol):
    """Interface of a module in `formats`. Nothing here raises for bad content."""

    @property
    def NAME(self) -> str:
        """Name of the format, as reported to users."""

    @property
    def SCHEME(self) -> str:
        """Scheme of its meter points, and thereby the market whose clock time its files state."""

    @property
    def ENCODINGS(self) -> tuple[str, ...]:
        """Character sets, in the order in which they are tried on the whole content."""

    @property
    def STRICT(self) -> frozenset[str]:
        """Codes of warnings that a strict import treats as errors."""

    @property
    def FIELDS(self) -> Mapping[str, tuple[str, ...]]:
        """Field names by record code, in order, without the code itself."""

    @property
    def SUBJECT(self) -> re.Pattern[str] | None:
        """Pattern of the file names that state the subject, as group `subject`; None for most formats."""

    def recognizes(self, start: bytes) -> bool:
        """Return whether the first bytes look like this format."""

    def is_complete(self, end: bytes) -> bool | None:
        """Return whether the last bytes hold the whole last record; None for a format without a trailer."""

    def header_in(self, start: bytes, nem_time: tzinfo) -> Header | None:
        """Return what can be read of the header in the first bytes, also of a damaged one; None without a header.

        `nem_time` is the time zone of the Australian flows.
        """

    def meter_point_of(self, line: str, subject: str) -> str | None:
        """Return the identifier of the meter point that a line opens; empty if the line concerns none.

        None: the line belongs to the meter point of the line before. `subject` is that of the file name.
        """

    def recounted(self, line: str, lines: int, blocks: int) -> str:
        """Return a line as it must be if some lines and blocks of meter points before it are blank."""

    def parse(self, stream: BinaryIO, context: ParseContext) -> Iterator[Batch]:
        """Yield the content from the start of the stream in batches, problems included."""


def without_header(start: bytes, nem_time: tzinfo) -> Header | None:
    """Return None: `header_in` of formats whose files have no header."""
    return None


def without_counts(line: str, lines: int, blocks: int) -> str:
    """Return a line as it is: `recounted` of formats whose lines count no others."""
    return line

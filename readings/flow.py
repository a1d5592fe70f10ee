"""The words that every format speaks.

A format turns the bytes of a flow file into batches of these. Whatever is rare (headers, site visits,
problems) is a value object. Register readings are many: they come as plain tuples of a named shape.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import BinaryIO, Final, Protocol, TypeAlias

ERROR: Final = "ERROR"
WARNING: Final = "WARNING"

MPAN: Final = "MPAN"
TEST_MPAN: Final = "TEST_MPAN"


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
class Header:
    """What the first record says of the file. Empty text: not said."""

    flow: str
    version: str
    file_identifier: str = ""
    sender_role: str = ""
    sender: str = ""
    recipient_role: str = ""
    recipient: str = ""
    created_at: datetime | None = None
    test_flag: str = ""
    is_test: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class MeterPointDetails:
    """A meter point that the file names, and the meter under it where it names one."""

    line: int
    scheme: str
    identifier: str
    serial_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteVisit:
    """What an agent found on site: about a meter point, one of its meters, or the reading of a line."""

    line: int
    scheme: str
    identifier: str
    serial_number: str = ""
    reading_line: int | None = None
    check_code: str
    additional_information: str = ""


#: When a reading was taken: the instant, and the digits as sent where the instant is in doubt, else "".
Moment: TypeAlias = tuple[datetime, str]
#: MD reset date & time, number of MD resets, meter reading flag, reading method.
RegisterDetails: TypeAlias = tuple[datetime | None, int | None, str, str]
#: Meter reading reason code, meter reading status: the outcome of validation, "" where there is none.
ValidationResult: TypeAlias = tuple[str, str]
#: Line, scheme, identifier, serial number, register id, moment, value as sent, reading type, BSC validation
#: status, register details, validation result.
RegisterReading: TypeAlias = tuple[int, str, str, str, str, Moment, str, str, str, RegisterDetails, ValidationResult]

NOT_VALIDATED: Final[ValidationResult] = ("", "")


@dataclass(slots=True)
class Batch:
    """A part of a flow file, in the order of its lines.

    `lines` is the number of the last line read, `header` stands in the first batch only.
    """

    lines: int = 0
    header: Header | None = None
    meter_points: list[MeterPointDetails] = field(default_factory=list)
    readings: list[RegisterReading] = field(default_factory=list)
    site_visits: list[SiteVisit] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)


class Format(Protocol):
    """What a module in `formats` offers. Nothing here raises for bad content."""

    #: What doors call the format.
    NAME: str
    #: Character sets, in the order in which the whole content is tried.
    ENCODINGS: tuple[str, ...]

    def recognizes(self, start: bytes) -> bool:
        """Tell from the first bytes whether the content is meant to be of this format."""

    def is_complete(self, end: bytes) -> bool:
        """Tell from the last bytes whether the content has its whole last record."""

    def parse(self, stream: BinaryIO, encoding: str) -> Iterator[Batch]:
        """Read the content from the start of the stream; problems are part of what comes back."""

"""The words that every format speaks.

A format turns the bytes of a flow file into batches of these. Whatever is rare (headers, site visits,
problems) is a value object. What there are many of comes as tuples of a named shape, never as an object a value.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta, timezone, tzinfo
from typing import BinaryIO, Final, NamedTuple, Protocol, TypeAlias

ERROR: Final = "ERROR"
WARNING: Final = "WARNING"

MPAN: Final = "MPAN"
TEST_MPAN: Final = "TEST_MPAN"
NMI: Final = "NMI"
CONSUMER: Final = "CONSUMER"

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
    serial_number: str | None = None
    #: Of a consumer.
    area: str = ""
    tariff: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteVisit:
    """What an agent found on site: about a meter point, one of its meters, or the reading of a line."""

    line: int
    scheme: str
    identifier: str
    serial_number: str | None = None
    reading_line: int | None = None
    check_code: str
    additional_information: str = ""


#: Scheme, identifier, serial number, register id, suffix ("" in a flow that has none). None: no meter or no
#: register is meant, only what it would belong to. Empty: one is meant, and the file does not name it.
RegisterKey: TypeAlias = tuple[str, str, str | None, str | None, str]
#: When a reading was taken: the instant, and the digits as sent where the instant is in doubt, else "".
Moment: TypeAlias = tuple[datetime, str]
#: MD reset date & time, number of MD resets, meter reading flag, reading method. In the MDFF, flag and method are
#: the two parts of the quality method.
RegisterDetails: TypeAlias = tuple[datetime | None, int | None, str, str]
#: Meter reading reason code, meter reading status: the outcome of validation, "" where there is none.
ValidationResult: TypeAlias = tuple[str, str]
#: What only the MDFF says: the register read with its zeros as on the dial, reason description, UpdateDateTime.
StatedRead: TypeAlias = tuple[str, str, datetime | None]
#: Line, register, moment, value as sent, reading type, BSC validation status, register details, validation result,
#: stated read.
RegisterReading: TypeAlias = tuple[
    int, RegisterKey, Moment, str, str, str, RegisterDetails, ValidationResult, StatedRead
]

NOT_VALIDATED: Final[ValidationResult] = ("", "")
NOT_STATED: Final[StatedRead] = ("", "", None)


class Accumulation(NamedTuple):
    """What an accumulation meter data record (250) states of the time between two reads of a register."""

    line: int
    register: RegisterKey
    direction: str
    previous_read: str
    previous_read_at: datetime
    previous_quality_method: str
    previous_reason_code: str
    previous_reason_description: str
    current_read: str
    current_read_at: datetime
    current_quality_method: str
    current_reason_code: str
    current_reason_description: str
    #: A decimal as sent.
    quantity: str
    unit: str
    nmi_configuration: str
    mdm_data_stream: str
    #: `yyyy-mm-dd`, or None.
    next_scheduled_read_date: str | None
    updated_at: datetime | None
    msats_load_at: datetime | None
    #: Of each 550: previous trans code and service order, current trans code and service order.
    transactions: tuple[tuple[str, ...], ...] = ()


class IntervalDay(NamedTuple):
    """The intervals of one channel on one day, in order; the first begins at midnight."""

    line: int
    register: RegisterKey
    #: `yyyy-mm-dd`, in the time of the market.
    day: str
    #: Minutes.
    interval_length: int
    #: Decimals as sent, with commas between; empty where there is none.
    values: str
    #: Their exact sum, without those of which the file says that they are no readings.
    total: str
    unit: str
    #: V: the events say it of each interval.
    quality_method: str
    reason_code: str
    reason_description: str
    updated_at: datetime | None
    msats_load_at: datetime | None
    nmi_configuration: str
    mdm_data_stream: str
    next_scheduled_read_date: str | None
    #: Of each 400: first interval and last, from 1, quality method, reason code, reason description.
    events: tuple[tuple[int, int, str, str, str], ...] = ()
    #: Of each 500: trans code, service order, read date and time as sent, index read.
    transactions: tuple[tuple[str, ...], ...] = ()
    #: 1 for what comes again where a day has an hour twice.
    occurrence: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Circumstances:
    """What has to be known of a content, and does not stand in it."""

    encoding: str
    #: What the file's name says that the content is about; empty but for formats with a SUBJECT.
    subject: str = ""
    #: The zone of the Australian flows.
    nem_time: tzinfo = NEM_TIME


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
    def SUBJECT(self) -> re.Pattern[str] | None:
        """What the name of a file says that its content does not, in the group `subject`; None for most formats."""

    def recognizes(self, start: bytes) -> bool:
        """Tell from the first bytes whether the content is meant to be of this format."""

    def is_complete(self, end: bytes) -> bool | None:
        """Tell from the last bytes whether the content has its whole last record; None where none is the last."""

    def parse(self, stream: BinaryIO, circumstances: Circumstances) -> Iterator[Batch]:
        """Read the content from the start of the stream; problems are part of what comes back."""

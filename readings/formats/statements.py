"""Statements of flow files, in the terms of the store.

Rare statements (headers, site visits) are value objects. Frequent ones are named tuples, never one object per value.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Final, NamedTuple, TypeAlias

MPAN: Final = "MPAN"
TEST_MPAN: Final = "TEST_MPAN"
NMI: Final = "NMI"
CONSUMER: Final = "CONSUMER"


@dataclass(frozen=True, slots=True, kw_only=True)
class Header:
    """First record of a file. Empty text: not stated."""

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
    """Meter point in the file, and its meter if the file identifies one."""

    line: int
    scheme: str
    identifier: str
    serial_number: str | None = None
    #: Area and tariff of a consumer.
    area: str = ""
    tariff: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class SiteVisit:
    """Result of a site visit, for a meter point, one of its meters, or the reading in a line."""

    line: int
    scheme: str
    identifier: str
    serial_number: str | None = None
    reading_line: int | None = None
    check_code: str
    additional_information: str = ""


#: Scheme, identifier, serial number, register id, suffix ("" in a flow that has none). None: the statement concerns
#: no particular meter or register. Empty: it concerns one that the file does not identify.
RegisterKey: TypeAlias = tuple[str, str, str | None, str | None, str]
#: Time of a reading: the instant, and the digits as sent if the instant is ambiguous, else "".
Moment: TypeAlias = tuple[datetime, str]


class RegisterReading(NamedTuple):
    """One reading of a register, from one line of a file. Empty text: not stated."""

    line: int
    register: RegisterKey
    read_at: datetime
    #: Digits as sent, if a clock change makes the instant ambiguous.
    read_at_as_sent: str
    #: Decimal as sent.
    value: str
    reading_type: str
    #: BSC validation status.
    validation_status: str
    md_reset_at: datetime | None
    md_resets: int | None
    #: Reading flag and method; in the MDFF, the two parts of the quality method.
    flag: str
    method: str
    #: Outcome of validation: reason code and status of the reading.
    reason_code: str = ""
    reading_status: str = ""
    #: Register read with leading zeros, as on the dial, if the flow has them.
    register_read: str = ""
    reason_description: str = ""
    updated_at: datetime | None = None


class Accumulation(NamedTuple):
    """Accumulation meter data record (250) for the time between two reads of a register."""

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
    #: Decimal as sent.
    quantity: str
    unit: str
    nmi_configuration: str
    mdm_data_stream: str
    #: Date `yyyy-mm-dd`, or None.
    next_scheduled_read_date: str | None
    updated_at: datetime | None
    msats_load_at: datetime | None
    #: Fields of each 550: previous trans code and service order, current trans code and service order.
    transactions: tuple[tuple[str, ...], ...] = ()


#: Intervals in consecutive lines: number of the first, from 1; its line; lines from one interval to the next.
LineRun: TypeAlias = tuple[int, int, int]


class IntervalDay(NamedTuple):
    """The intervals of one channel on one day, in order; the first begins at midnight."""

    line: int
    register: RegisterKey
    #: Date `yyyy-mm-dd`, in market time.
    day: str
    #: Length of an interval in minutes.
    interval_length: int
    #: Decimals as sent, comma-separated; empty for an interval without a value.
    values: str
    #: Exact sum of the values, without null data.
    total: str
    unit: str
    #: Quality method of the day; V: the events give that of each interval.
    quality_method: str
    reason_code: str
    reason_description: str
    updated_at: datetime | None
    msats_load_at: datetime | None
    nmi_configuration: str
    mdm_data_stream: str
    next_scheduled_read_date: str | None
    #: Fields of each 400: first and last interval, from 1, quality method, reason code, reason description.
    events: tuple[tuple[int, int, str, str, str], ...] = ()
    #: Fields of each 500: trans code, service order, read date and time as sent, index read.
    transactions: tuple[tuple[str, ...], ...] = ()
    #: Occurrence number: 0, or from 1 on for intervals that occur again when clocks go back.
    occurrence: int = 0
    #: Lines of the intervals, if each has its own; empty if the day is one line.
    lines: tuple[LineRun, ...] = ()


#: Statement of one line about a register. Line and register come first; the store keeps the order of the rest.
RegisterStatement: TypeAlias = RegisterReading | Accumulation | IntervalDay

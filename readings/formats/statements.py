"""What flow files state, in the words of the store.

Whatever is rare (headers, site visits) is a value object. What there are many of comes as tuples of a named shape,
never as an object a value.
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


class RegisterReading(NamedTuple):
    """One reading of a register, as one line of a file states it. Empty text: not said."""

    line: int
    register: RegisterKey
    read_at: datetime
    #: The digits as sent, where a clock change leaves the instant in doubt.
    read_at_as_sent: str
    #: A decimal as sent.
    value: str
    reading_type: str
    #: BSC validation status.
    validation_status: str
    md_reset_at: datetime | None
    md_resets: int | None
    #: In the MDFF, flag and method are the two parts of the quality method.
    flag: str
    method: str
    #: The outcome of validation: why, and the status of the reading.
    reason_code: str = ""
    reading_status: str = ""
    #: The register read with its zeros, as on the dial, where the flow gives it so.
    register_read: str = ""
    reason_description: str = ""
    updated_at: datetime | None = None


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


#: What a line states of a register. Line and register come first, and the store keeps the rest in this order.
Stated: TypeAlias = RegisterReading | Accumulation | IntervalDay

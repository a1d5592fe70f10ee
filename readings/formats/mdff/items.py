"""Records of AEMO's meter data file format, field by field.

Source: AEMO, Meter Data File Format Specification NEM12 & NEM13, version 2.5 (1 May 2022), sections 4 and 5. `empty`
is the severity of an empty mandatory field: an error if the record is unusable without it.
"""

from __future__ import annotations

from typing import Final

from readings.formats.contract import ERROR, NEM_TIME, WARNING
from readings.formats.fields import Memo
from readings.formats.mdff.catalogue import codes
from readings.formats.mdff.catalogue.fields import (
    Field,
    as_sent,
    code,
    interval,
    interval_length,
    register_read,
    suffix,
    text,
    unit,
)
from readings.formats.mdff.catalogue.nmi import nmi
from readings.formats.mdff.dates import Stamps

QUALITY: Final = ("QualityMethod", "ReasonCode", "ReasonDescription")

NMI: Final = Field("NMI", nmi)
CONFIGURATION: Final = Field("NMIConfiguration", Memo(text(240, limit=1000, empty=WARNING)).__getitem__)
STREAM: Final = Field("MDMDataStreamIdentifier", Memo(text(2, limit=10)).__getitem__)
UNIT: Final = Field("UOM", Memo(unit).__getitem__)
TRANS_CODE: Final = Memo(code(codes.TRANS_CODES, empty=WARNING)).__getitem__
SERVICE_ORDER: Final = text(15, limit=40)


def channel_fields(stamps: Stamps) -> tuple[Field, ...]:
    """Return the fields of a 200."""
    return (
        NMI,
        CONFIGURATION,
        Field("RegisterID", Memo(text(10, limit=40)).__getitem__),
        Field("NMISuffix", Memo(suffix(codes.INTERVAL_SUFFIXES)).__getitem__),
        STREAM,
        Field("MeterSerialNumber", text(12, limit=40)),
        UNIT,
        Field("IntervalLength", Memo(interval_length).__getitem__),
        Field("NextScheduledReadDate", stamps.date(WARNING, empty="")),
    )


#: Fields of a 400; quality method, reason code and reason description are read together.
EVENT_FIELDS: Final = (
    Field("StartInterval", interval),
    Field("EndInterval", interval),
    *(Field(name, as_sent) for name in QUALITY),
)


def interval_transaction_fields(stamps: Stamps) -> tuple[Field, ...]:
    """Return the fields of a 500."""
    return (
        Field("TransCode", TRANS_CODE),
        Field("RetServiceOrder", SERVICE_ORDER),
        Field("ReadDateTime", stamps.checked_date_time),
        Field("IndexRead", text(15, limit=40)),
    )


def accumulation_fields(stamps: Stamps) -> tuple[Field, ...]:
    """Return the fields of a 250; those that are read together with others stay as sent."""
    stamp = stamps.date_time(ERROR, empty=ERROR)
    return (
        NMI,
        CONFIGURATION,
        Field("RegisterID", Memo(text(10, limit=40, empty=WARNING)).__getitem__),
        Field("NMISuffix", Memo(suffix(codes.ACCUMULATION_SUFFIXES)).__getitem__),
        STREAM,
        Field("MeterSerialNumber", text(12, limit=40, empty=WARNING)),
        Field("DirectionIndicator", Memo(code(codes.DIRECTIONS, empty=WARNING)).__getitem__),
        Field("PreviousRegisterRead", register_read),
        Field("PreviousRegisterReadDateTime", stamp),
        *(Field(f"Previous{name}", as_sent) for name in QUALITY),
        Field("CurrentRegisterRead", register_read),
        Field("CurrentRegisterReadDateTime", stamp),
        *(Field(f"Current{name}", as_sent) for name in QUALITY),
        Field("Quantity", as_sent),
        UNIT,
        Field("NextScheduledReadDate", stamps.date(WARNING, empty="")),
        Field("UpdateDateTime", stamp),
        Field("MSATSLoadDateTime", stamps.date_time(WARNING, empty="")),
    )


#: Fields of a 550.
ACCUMULATION_TRANSACTION_FIELDS: Final = (
    Field("PreviousTransCode", TRANS_CODE),
    Field("PreviousRetServiceOrder", SERVICE_ORDER),
    Field("CurrentTransCode", TRANS_CODE),
    Field("CurrentRetServiceOrder", SERVICE_ORDER),
)


def _names(fields: tuple[Field, ...]) -> tuple[str, ...]:
    return tuple(field.name for field in fields)


_STAMPS: Final = Stamps(NEM_TIME)
#: Field names of the records of each version, in order.
NEM12_FIELDS: Final = {
    "200": _names(channel_fields(_STAMPS)),
    "400": _names(EVENT_FIELDS),
    "500": _names(interval_transaction_fields(_STAMPS)),
}
NEM13_FIELDS: Final = {
    "250": _names(accumulation_fields(_STAMPS)),
    "550": _names(ACCUMULATION_TRANSACTION_FIELDS),
}

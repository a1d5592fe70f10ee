"""The groups of a meter point in the flows that carry register readings: 026 to 033."""

from __future__ import annotations

from datetime import datetime
from typing import Final, TypeAlias

from readings.formats.contract import About
from readings.formats.dtc.catalogue.items import (
    ADDITIONAL_INFORMATION,
    CHECK_CODE,
    MD_RESET_DATE_TIME,
    MD_RESETS,
    METER_ID,
    MPAN_CORE,
    READING_DATE_TIME,
    READING_FLAG,
    READING_METHOD,
    READING_STATUS,
    READING_TYPE,
    REASON_CODE,
    REGISTER_ID,
    REGISTER_READING,
    VALIDATION_STATUS,
)
from readings.formats.dtc.envelope import HEADER, TRAILER
from readings.formats.dtc.records import Record

#: What follows the value of a 030: MD reset date & time, number of MD resets, meter reading flag, reading method.
Tail: TypeAlias = tuple[datetime | None, int | None, str, str]

METER_POINT: Final = Record("026", (MPAN_CORE, VALIDATION_STATUS))
METER: Final = Record("028", (METER_ID, READING_TYPE))
READING: Final = Record(
    "030",
    (
        REGISTER_ID,
        READING_DATE_TIME,
        REGISTER_READING,
        MD_RESET_DATE_TIME,
        MD_RESETS,
        READING_FLAG,
        READING_METHOD,
    ),
)
VALIDATION_RESULT: Final = Record("032", (REASON_CODE, READING_STATUS))
VISIT_OF_METER_POINT: Final = Record("027", (CHECK_CODE, ADDITIONAL_INFORMATION))
VISIT_OF_METER: Final = Record("029", (CHECK_CODE, ADDITIONAL_INFORMATION))
VISIT_OF_READING: Final = Record("033", (CHECK_CODE, ADDITIONAL_INFORMATION))

_GROUPS: Final = (
    *(METER_POINT, VISIT_OF_METER_POINT, METER, VISIT_OF_METER),
    *(READING, VALIDATION_RESULT, VISIT_OF_READING),
)
#: Of the envelope and each group: the names of its fields, in order.
FIELDS: Final = {record.code: record.names for record in (HEADER, *_GROUPS, TRAILER)}
#: What a finding about a group concerns.
RECORDS: Final = {
    "026": About.READING_BELOW,
    "027": About.SITE_VISIT,
    "028": About.READING_BELOW,
    "029": About.SITE_VISIT,
    "030": About.READING,
    "032": About.READING,
    "033": About.SITE_VISIT,
}


def read_faultless_details(end: str) -> Tail | None:
    """Read what follows the value of a 030; None where it has to be looked at field by field."""
    values = READING.read_faultless_end(3, end)
    if values is None or (values[0] is None) != (values[1] is None):
        return None
    reset_moment, resets, flag, method = values
    return (reset_moment and reset_moment[0]), resets, flag, method

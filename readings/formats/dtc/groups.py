"""The groups of a meter point in the flows that carry register readings: 026 to 033."""

from __future__ import annotations

from typing import Final

from readings.formats.contract import RegisterDetails
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
from readings.formats.dtc.records import Record

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


def read_faultless_details(end: str) -> RegisterDetails | None:
    """Read what follows the value of a 030; None where it has to be looked at field by field."""
    values = READING.read_faultless_end(3, end)
    if values is None or (values[0] is None) != (values[1] is None):
        return None
    reset_moment, resets, flag, method = values
    return (reset_moment and reset_moment[0]), resets, flag, method

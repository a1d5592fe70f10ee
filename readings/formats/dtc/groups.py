"""Groups of a meter point in the flows that carry register readings."""

from __future__ import annotations

from datetime import datetime
from typing import Final, TypeAlias

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

#: Fields after the value of a reading: MD reset date & time, number of MD resets, meter reading flag, reading method;
#: then NOT_VALIDATED.
Tail: TypeAlias = tuple[datetime | None, int | None, str, str, str, str, str, str, None]
#: Last fields of a RegisterReading without a validation result; fields of the MDFF alone stay empty.
NOT_VALIDATED: Final = ("", "", "", "", None)


class ReadingGroups:
    """Groups of one flow, by their numbers in the Data Flow Catalogue: a meter point, its meters, their register
    readings, and the site visits of each of them."""

    def __init__(
        self,
        *,
        meter_point: str,
        visit_of_meter_point: str,
        meter: str,
        visit_of_meter: str,
        reading: str,
        validation_result: str,
        visit_of_reading: str,
    ) -> None:
        visit = (CHECK_CODE, ADDITIONAL_INFORMATION)
        self.meter_point = Record(meter_point, (MPAN_CORE, VALIDATION_STATUS))
        self.visit_of_meter_point = Record(visit_of_meter_point, visit)
        self.meter = Record(meter, (METER_ID, READING_TYPE))
        self.visit_of_meter = Record(visit_of_meter, visit)
        self.reading = Record(
            reading,
            (
                *(REGISTER_ID, READING_DATE_TIME, REGISTER_READING),
                *(MD_RESET_DATE_TIME, MD_RESETS, READING_FLAG, READING_METHOD),
            ),
        )
        self.validation_result = Record(validation_result, (REASON_CODE, READING_STATUS))
        self.visit_of_reading = Record(visit_of_reading, visit)

    def fields(self) -> dict[str, tuple[str, ...]]:
        """Return the field names of the envelope and of each group, in order."""
        groups = (
            *(self.meter_point, self.visit_of_meter_point, self.meter, self.visit_of_meter),
            *(self.reading, self.validation_result, self.visit_of_reading),
        )
        return {record.code: record.names for record in (HEADER, *groups, TRAILER)}

    def read_faultless_tail(self, end: str) -> Tail | None:
        """Return the fields after the value of a reading, or None if any of them may be faulty."""
        values = self.reading.read_faultless_end(3, end)
        if values is None or (values[0] is None) != (values[1] is None):
            return None
        reset_moment, resets, flag, method = values
        if not method:
            return None
        return (reset_moment and reset_moment[0]), resets, flag, method, *NOT_VALIDATED

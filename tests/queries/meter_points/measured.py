"""The series of a stored meter point."""

from __future__ import annotations

from datetime import timedelta, timezone, tzinfo

from readings.formats.dtc.catalogue.clock import BRITISH_CLOCK_TIME
from readings.models import MeterPoint, Register
from readings.queries.advances import registers_without_advances
from readings.queries.meter_points.ends import day_ends_of, ends_of
from readings.queries.meter_points.use import Measurement, Registers, measurements_of
from tests.making.dtc import MPAN

NEM = timezone(timedelta(hours=10))


def measured(identifier: str = MPAN, zone: tzinfo = BRITISH_CLOCK_TIME) -> list[Measurement]:
    """Return the series of a meter point."""
    point = MeterPoint.objects.get(identifier=identifier)
    known = {row.pk: row for row in Register.objects.filter(meter_point=point)}
    ends, day_ends = ends_of(point, known), day_ends_of(point, known)
    resets = {key for key, each in ends.items() if each.is_maximum_demand}
    without = registers_without_advances(known.values(), resets)
    registers = Registers(known=known, read=ends, channels=day_ends, without_advances=without)
    return measurements_of(point, registers, zone)

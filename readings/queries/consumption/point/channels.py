"""The channels of a meter point, each with its first and last interval day."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import OuterRef, QuerySet, Subquery

from readings.models import IntervalDay, MeterPoint, Register


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """A channel with intervals; unit and interval length are those of its last day."""

    register: Register
    first_day: date
    last_day: date
    unit: str
    interval_length: int


def channels_of(meter_point: MeterPoint) -> list[Channel]:
    """Return the channels of a meter point that have intervals, by first day; the index finds either end of each."""
    rows = IntervalDay.objects.current().filter(meter_point=meter_point.pk, register=OuterRef("pk"))
    registers = Register.objects.filter(meter__meter_point=meter_point).select_related("meter")
    registers = registers.annotate(
        first_day=_first(rows.order_by("day"), "day"),
        last_day=_first(rows.order_by("-day"), "day"),
        last_unit=_first(rows.order_by("-day"), "unit"),
        last_length=_first(rows.order_by("-day"), "interval_length"),
    )
    found = [
        Channel(
            register=each,
            first_day=each.first_day,
            last_day=each.last_day,
            unit=each.last_unit,
            interval_length=each.last_length,
        )
        for each in registers
        if each.first_day
    ]
    return sorted(found, key=lambda each: (each.first_day, each.register.suffix, each.register.pk))


def _first(rows: QuerySet[IntervalDay], column: str) -> Subquery:
    return Subquery(rows.values(column)[:1])

"""First and last statements of registers, found by index, and the meters that are no longer in use."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import date, datetime, tzinfo
from typing import NamedTuple

from django.db.models import Exists, OuterRef, Subquery

from readings.models import IntervalDay, Meter, MeterPoint, Reading, Register
from readings.queries.meter_points.stretches import day_of


class Ends(NamedTuple):
    """The time of the current readings of a register."""

    first: datetime
    last: datetime
    #: Whether the register was reset, and so measures a maximum demand.
    is_maximum_demand: bool
    #: Whether its last actual reading is the final one of the meter.
    is_removed: bool


class DayEnds(NamedTuple):
    """The time of the current interval days of a channel, and the form of the last one."""

    first: date
    last: date
    unit: str
    interval_length: int


def ends_of(meter_point: MeterPoint, registers: Collection[int]) -> dict[int, Ends]:
    """Return the ends of the readings of each register that has some, in one query."""
    own = Reading.objects.filter(meter_point=meter_point, register=OuterRef("pk"))
    current, in_time = own.current(), ("read_at", "pk")
    found = Register.objects.filter(pk__in=registers).annotate(
        first=Subquery(current.order_by(*in_time).values("read_at")[:1]),
        last=Subquery(current.order_by(*(f"-{name}" for name in in_time)).values("read_at")[:1]),
        was_reset=Exists(current.filter(md_resets__isnull=False)),
        last_type=Subquery(own.actual().latest_first().values("reading_type")[:1]),
    )
    rows = found.exclude(first=None).values_list("pk", "first", "last", "was_reset", "last_type")
    return {key: Ends(first, last, was_reset, kind == "F") for key, first, last, was_reset, kind in rows}


def day_ends_of(meter_point: MeterPoint, registers: Collection[int]) -> dict[int, DayEnds]:
    """Return the ends of the interval days of each channel that has some, in one query."""
    own = IntervalDay.objects.filter(meter_point=meter_point, register=OuterRef("pk")).current()
    newest = own.order_by("-day", "-pk")
    found = Register.objects.filter(pk__in=registers).annotate(
        first=Subquery(own.order_by("day").values("day")[:1]),
        **{f"last_{name}": Subquery(newest.values(name)[:1]) for name in ("day", "unit", "interval_length")},
    )
    names = ("pk", "first", "last_day", "last_unit", "last_interval_length")
    return {key: DayEnds(*ends) for key, *ends in found.exclude(first=None).values_list(*names)}


def disused(
    meters: Iterable[Meter], ends: Mapping[int, Ends], day_ends: Mapping[int, DayEnds], zone: tzinfo
) -> dict[int, bool]:
    """Return the meters that are no longer in use: whether their final reading is stored.

    Without a final reading, only other meters have been read since.
    """
    times: dict[int, tuple[date, date]] = {}
    removed = {}
    for meter in meters:
        keys = [each.pk for each in meter.registers.all()]
        own = [ends[key] for key in keys if key in ends]
        days = [(day_of(each.first, zone), day_of(each.last, zone)) for each in own]
        days += [(day_ends[key].first, day_ends[key].last) for key in keys if key in day_ends]
        if days:
            times[meter.pk] = min(first for first, _ in days), max(last for _, last in days)
        of_energy = [each for each in own if not each.is_maximum_demand]
        if of_energy and all(each.is_removed for each in of_energy):
            removed[meter.pk] = True
    for key, (_, last) in times.items():
        if any(other != key and since >= last and until > last for other, (since, until) in times.items()):
            removed.setdefault(key, False)
    return removed

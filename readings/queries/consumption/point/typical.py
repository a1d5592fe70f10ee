"""Typical days: the distribution of the load in each half hour of the day, of a meter point and of others."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from itertools import groupby
from typing import Final

from django.db.models import Count, ExpressionWrapper, F, PositiveBigIntegerField, Q

from readings.models import MeterPoint, MonthSum
from readings.models.consumption.half_hours import HALF_HOUR, HALF_HOURS, AmountsByUnit, Intervals
from readings.queries.consumption.point.days import Pass, PointDays, day_rows, keys_of, registers_of
from readings.queries.consumption.point.life import Window
from readings.queries.consumption.quantiles import quantile
from readings.queries.consumption.scope import Measure

#: Number of other meter points and of days in the sample, at most.
POINTS: Final = 30
DAYS: Final = 30
_WEEK: Final = 7
#: Step whose multiples, modulo _CIRCLE, are evenly distributed, however many there are (the golden ratio).
_STEP: Final = 1_327_217_885
_CIRCLE: Final = 2**31


@dataclass(frozen=True, slots=True, kw_only=True)
class TypicalDay:
    """Quantiles of the mean power of each half hour from midnight, in kW; an element is None without values."""

    low: list[Decimal | None]
    median: list[Decimal | None]
    high: list[Decimal | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Others:
    """Other meter points of the same tariff: their typical day, and on how many it is based."""

    typical: TypicalDay
    meter_points: int
    of_meter_points: int
    days: int


def typical_day(half_hours: Mapping[Pass, Intervals], has: Callable[[date], bool] = lambda day: True) -> TypicalDay:
    """Return the typical day of the days that a predicate selects; a repeated half hour is two values."""
    columns: list[list[Decimal]] = [[] for _ in range(HALF_HOURS)]
    for (day, _), each in half_hours.items():
        if has(day):
            for column, amount in zip(columns, each.amounts, strict=True):
                if amount is not None:
                    column.append(amount)
    for column in columns:
        column.sort()
    return TypicalDay(low=_quantiles(columns, 100), median=_quantiles(columns, 500), high=_quantiles(columns, 900))


def _quantiles(columns: Iterable[list[Decimal]], share: int) -> list[Decimal | None]:
    hourly = 60 // HALF_HOUR
    return [quantile(column, share) * hourly if column else None for column in columns]


def others_of(point: MeterPoint, measure: Measure, window: Window, quality: str) -> Others | None:
    """Return the typical day of a sample of the other meter points of the tariff; None without a tariff or others.

    The sample is always the same: evenly spread meter points with values in the middle month, and evenly spread days.
    """
    if not point.tariff:
        return None
    found = MonthSum.objects.filter(letter=measure.letter, family=measure.family, month=_middle(window))
    found = found.filter(meter_point__scheme=point.scheme, meter_point__tariff=point.tariff)
    found = found.exclude(meter_point=point.pk)
    place = ExpressionWrapper((F("meter_point") * _STEP) % _CIRCLE, output_field=PositiveBigIntegerField())
    places = found.annotate(place=place).order_by("place").values_list("meter_point", "place")
    chosen = [pk for pk, _ in places.distinct()[:POINTS]]
    registers = keys_of(registers_of(chosen, measure).select_related("meter")) if chosen else []
    rows = day_rows(registers, measure, Q(day__in=_spread(window))) if registers else []
    half_hours: dict[tuple[int, Pass], Intervals] = {}
    amounts = AmountsByUnit()
    for meter_point, some in groupby(rows, key=lambda row: row.meter_point):
        days = PointDays(rows=list(some), quality=quality, amounts=amounts)
        half_hours |= {(meter_point, key): each for key, each in days.half_hours.items()}
    if not half_hours:
        return None
    return Others(
        typical=_typical(half_hours.values()),
        meter_points=len({meter_point for meter_point, _ in half_hours}),
        of_meter_points=found.aggregate(number=Count("meter_point", distinct=True))["number"],
        days=len({(meter_point, key.day) for meter_point, key in half_hours}),
    )


def _typical(half_hours: Iterable[Intervals]) -> TypicalDay:
    return typical_day({Pass(date.min, place): each for place, each in enumerate(half_hours)})


def _middle(window: Window) -> date:
    """Return the first day of the month in the middle of a window."""
    return window.days[window.length // 2].replace(day=1)


def _spread(window: Window) -> list[date]:
    """Return at most DAYS days of a window, evenly spread over weekdays, too."""
    step = -(-window.length // DAYS)
    if step % _WEEK == 0:
        step += 1
    return window.days[::step]

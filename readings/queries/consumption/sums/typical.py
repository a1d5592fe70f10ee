"""The typical day of one meter point of a scope, from a bounded sample of its days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from itertools import groupby
from operator import attrgetter
from typing import Final, TypeAlias, TypeVar

from django.db.models import F, Q

from readings.formats.packed_day import EXACT
from readings.models.consumption.calendar import end_of, is_weekend
from readings.models.consumption.half_hours import HALF_HOURS, AmountsByUnit, half_hours_of, intervals_of
from readings.queries.consumption.quantiles import quantile
from readings.queries.consumption.scope import Scope, days_in, months_in

#: Number of months of meter points in the sample, at most.
MOST_MONTHS: Final = 24
#: Step whose multiples, modulo 1, are evenly distributed, however many there are (the golden ratio).
_STEP: Final = 0.618_033_988_749_895
_COLUMNS: Final = ("meter_point", "day", "interval_length", "values", "unit", "quality_method", "events")

HalfHours: TypeAlias = "Sequence[Decimal | None]"
Item = TypeVar("Item")


@dataclass(frozen=True, slots=True, kw_only=True)
class TypicalDay:
    """Quantiles (10, 50 and 90 per cent) of the consumption in each half hour; None without values."""

    bands: list[tuple[Decimal, Decimal, Decimal] | None]
    #: Number of days on which they are based, each counted for each meter point.
    days: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TypicalDays:
    """The typical day of all days of a sample, of those from Monday to Friday, and of weekends."""

    every: TypicalDay
    weekdays: TypicalDay
    weekends: TypicalDay
    #: Number of months in the sample, each counted for each meter point, and of all.
    months: int
    of_months: int


def typical_days(scope: Scope) -> TypicalDays:
    """Return the typical days of some months of meter points, evenly spread and always the same ones."""
    every = list(months_in(scope).order_by("meter_point", "month").values_list("meter_point", "month").distinct())
    months = spread(every, MOST_MONTHS)
    read = list(_half_hours(scope, months)) if months else []
    return TypicalDays(
        every=_typical([each for _, each in read]),
        weekdays=_typical([each for day, each in read if not is_weekend(day)]),
        weekends=_typical([each for day, each in read if is_weekend(day)]),
        months=len(months),
        of_months=len(every),
    )


def spread(every: Sequence[Item], most: int) -> list[Item]:
    """Return some of a sequence, evenly spread."""
    if len(every) <= most:
        return list(every)
    places = {int(number * _STEP % 1 * len(every)) for number in range(most)}
    return [every[place] for place in sorted(places)]


def _half_hours(scope: Scope, months: Sequence[tuple[int, date]]) -> Iterator[tuple[date, HalfHours]]:
    """Yield the half hours of each day of months of meter points, channels added up, without repeated hours."""
    points = {meter_point for meter_point, _ in months}
    chosen = Q()
    for meter_point, month in months:
        chosen |= Q(meter_point=meter_point, day__gte=month, day__lte=end_of(month))
    # With the meter points of the registers, the index finds the days of each channel.
    rows = days_in(scope).filter(chosen, occurrence=0, register__meter__meter_point=F("meter_point"))
    rows = rows.filter(register__meter__meter_point__in=points)
    rows = rows.order_by("meter_point", "day", "pk").only(*_COLUMNS)
    amounts = AmountsByUnit()
    with localcontext(EXACT):
        for (_, day), channels in groupby(rows, key=attrgetter("meter_point_id", "day")):
            found = half_hours_of(intervals_of(list(channels), amounts))
            if found:
                yield (
                    day,
                    [
                        amount if scope.quality in ("", quality) else None
                        for amount, quality in zip(found.amounts, found.qualities, strict=True)
                    ],
                )


def _typical(days: Sequence[HalfHours]) -> TypicalDay:
    columns = zip(*days, strict=True) if days else [()] * HALF_HOURS
    return TypicalDay(bands=[_band(column) for column in columns], days=len(days))


def _band(column: Iterable[Decimal | None]) -> tuple[Decimal, Decimal, Decimal] | None:
    present = sorted(amount for amount in column if amount is not None)
    return (quantile(present, 100), quantile(present, 500), quantile(present, 900)) if present else None

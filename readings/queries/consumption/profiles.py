"""Profiles: consecutive half hours, and typical days.

Both read a bounded number of days, and return how many they read of how many.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from typing import Final

from django.db.models import ExpressionWrapper, F, PositiveBigIntegerField

from readings.formats.packed_day import EXACT, ZERO
from readings.models import IntervalDay
from readings.queries.consumption.scope import Scope, days_in
from readings.queries.consumption.totals import Totals
from readings.queries.consumption.values import HALF_HOURS, HalfHours

#: Number of channel-days summed per half hour, at most.
MOST_DAYS: Final = 6_000
#: Number of days in a chart of half hours, at most.
LONGEST: Final = 14
#: Approximate number of channel-days behind a typical day.
SAMPLE: Final = 2_000

_SATURDAY: Final = 5
#: Step whose multiples, modulo _CIRCLE, are evenly distributed, however many there are (the golden ratio).
_STEP: Final = 1_327_217_885
_CIRCLE: Final = 2**31

#: Columns of a day that profiles need.
_COLUMNS: Final = (
    *("pk", "meter_point", "register", "day", "occurrence"),
    *("values", "unit", "interval_length", "quality_method", "events"),
)


@dataclass(slots=True, kw_only=True)
class HalfHour:
    """The consumption in one half hour."""

    total: Decimal = ZERO
    #: Number of values in the total.
    values: int = 0

    @property
    def mean(self) -> Decimal | None:
        """Return the mean of the values; None without values."""
        return self.total / self.values if self.values else None


@dataclass(slots=True, kw_only=True)
class HalfHourTotals:
    """Consecutive half hours; repeated hours are added to the first."""

    unit: str
    #: Half hours of each day, from midnight.
    days: dict[date, list[HalfHour]]
    #: Number of days in the scope, including those left out.
    of_days: int


def by_half_hour(scope: Scope, totals: Totals) -> HalfHourTotals:
    """Return the totals of each half hour of the last days, as many as MOST_DAYS and LONGEST allow, at least one."""
    taken: list[date] = []
    number = 0
    for day in sorted(totals.days, reverse=True)[:LONGEST]:
        number += totals.days[day].days
        if taken and number > MOST_DAYS:
            break
        taken.append(day)
    rows = days_in(scope).filter(day__gte=taken[-1], day__lte=taken[0]) if taken else days_in(scope).none()
    days = half_hours(rows.only(*_COLUMNS).iterator(2_000), totals.unit, reversed(taken))
    return HalfHourTotals(unit=totals.unit, days=days, of_days=len(totals.days))


def half_hours(rows: Iterable[IntervalDay], unit: str, days: Iterable[date]) -> dict[date, list[HalfHour]]:
    """Return the totals of each half hour of some days; `rows` must not contain other days."""
    totals = {day: [HalfHour() for _ in range(HALF_HOURS)] for day in days}
    reader = HalfHours(unit)
    with localcontext(EXACT):
        for row in rows:
            for half_hour, amount in zip(totals[row.day], reader.of(row), strict=True):
                if amount is not None:
                    half_hour.total += amount
                    half_hour.values += 1
    return totals


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """The distribution of the consumption in one half hour: 10%, 50% and 90% quantiles."""

    low: Decimal
    median: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class TypicalDay:
    """The typical day of one channel, by half hours from midnight."""

    unit: str
    bands: list[Band | None]
    #: Number of channel-days that were read, and of all channel-days.
    days: int
    of_days: int


def by_weekend(rows: Iterable[IntervalDay]) -> tuple[list[IntervalDay], list[IntervalDay]]:
    """Return the rows of Monday to Friday, and those of the weekend."""
    parts: tuple[list[IntervalDay], list[IntervalDay]] = ([], [])
    for row in rows:
        parts[row.day.weekday() >= _SATURDAY].append(row)
    return parts


def typical_day(rows: Sequence[IntervalDay], unit: str, of_days: int) -> TypicalDay:
    """Return the typical day of some days, without repeated hours."""
    reader = HalfHours(unit)
    first = [row for row in rows if not row.occurrence]
    columns = zip(*map(reader.of, first), strict=True) if first else [()] * HALF_HOURS
    return TypicalDay(unit=unit, bands=[_band(column) for column in columns], days=len(first), of_days=of_days)


def sample(scope: Scope, of_days: int, size: int = SAMPLE) -> list[IntervalDay]:
    """Return all days of a scope, or about `size`, evenly distributed and always the same ones."""
    rows = days_in(scope).only(*_COLUMNS)
    if of_days > size:
        place = (F("pk") * _STEP) % _CIRCLE
        rows = rows.annotate(place=ExpressionWrapper(place, output_field=PositiveBigIntegerField()))
        rows = rows.filter(place__lt=_CIRCLE * size // of_days)
    return list(rows)


def _band(amounts: Iterable[Decimal | None]) -> Band | None:
    present = sorted(amount for amount in amounts if amount is not None)
    if not present:
        return None
    return Band(low=_quantile(present, 10), median=_quantile(present, 50), high=_quantile(present, 90))


def _quantile(ordered: Sequence[Decimal], percent: int) -> Decimal:
    """Return the quantile, interpolated linearly between two values."""
    place, rest = divmod((len(ordered) - 1) * percent, 100)
    if not rest:
        return ordered[place]
    return ordered[place] + (ordered[place + 1] - ordered[place]) * rest / 100

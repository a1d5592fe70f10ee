"""What needs the intervals themselves: half hours one after the other, and what a typical day looks like.

Both look at a bounded number of days, and say how many of how many.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from typing import Final

from django.db.models import ExpressionWrapper, F, PositiveBigIntegerField

from readings.formats.packed_day import EXACT
from readings.models import IntervalDay
from readings.queries.consumption.exact import ZERO
from readings.queries.consumption.scope import Scope, days_in
from readings.queries.consumption.totals import Totals
from readings.queries.consumption.values import HALF_HOURS, HalfHours

#: So many days of channels are added up half hour by half hour.
MOST_DAYS: Final = 6_000
#: And of so many days one after the other: more half hours no page shows.
LONGEST: Final = 14
#: A typical day is made from about so many.
SAMPLE: Final = 2_000

_SATURDAY: Final = 5
#: Multiples of this, modulo the next, lie evenly between the others, however many there are (the golden ratio).
_STEP: Final = 1_327_217_885
_CIRCLE: Final = 2**31

#: What of a day is looked at.
_COLUMNS: Final = (
    *("pk", "meter_point", "register", "day", "occurrence"),
    *("values", "unit", "interval_length", "quality_method", "events"),
)


@dataclass(slots=True, kw_only=True)
class HalfHour:
    """What was used in one half hour."""

    total: Decimal = ZERO
    #: How many values were added up.
    values: int = 0

    @property
    def mean(self) -> Decimal | None:
        """The mean of the values."""
        return self.total / self.values if self.values else None


@dataclass(slots=True, kw_only=True)
class HalfHourTotals:
    """Half hours one after the other; where an hour comes twice, both are in its sums."""

    unit: str
    #: The half hours of each day, from midnight.
    days: dict[date, list[HalfHour]]
    #: How many days there are in the scope, with those that are left out.
    of_days: int


def by_half_hour(scope: Scope, totals: Totals) -> HalfHourTotals:
    """Add up each half hour of the last days of a scope: as many as MOST_DAYS and LONGEST allow, and at least one."""
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
    """Add up each half hour of some days; rows of other days there may be none."""
    found = {day: [HalfHour() for _ in range(HALF_HOURS)] for day in days}
    read = HalfHours(unit)
    with localcontext(EXACT):
        for row in rows:
            for half_hour, amount in zip(found[row.day], read.of(row), strict=True):
                if amount is not None:
                    half_hour.total += amount
                    half_hour.values += 1
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Band:
    """How much is used in a half hour: on most days between low and high (10 % and 90 %)."""

    low: Decimal
    median: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class TypicalDay:
    """What is typical for one channel, by half hours from midnight."""

    unit: str
    bands: list[Band | None]
    #: From how many days of channels it is made, and of how many.
    days: int
    of_days: int


def by_weekend(rows: Iterable[IntervalDay]) -> tuple[list[IntervalDay], list[IntervalDay]]:
    """Part days: Monday to Friday, and the weekend."""
    parts: tuple[list[IntervalDay], list[IntervalDay]] = ([], [])
    for row in rows:
        parts[row.day.weekday() >= _SATURDAY].append(row)
    return parts


def typical_day(rows: Sequence[IntervalDay], unit: str, of_days: int) -> TypicalDay:
    """Make the typical day of some days; what stands again in an hour that comes twice is left out."""
    read = HalfHours(unit)
    first = [row for row in rows if not row.occurrence]
    columns = zip(*map(read.of, first), strict=True) if first else [()] * HALF_HOURS
    return TypicalDay(unit=unit, bands=[_band(column) for column in columns], days=len(first), of_days=of_days)


def sample(scope: Scope, of_days: int, size: int = SAMPLE) -> list[IntervalDay]:
    """Take days of a scope that lie evenly among all of them: all, or about `size`; always the same ones."""
    rows = days_in(scope).only(*_COLUMNS)
    if of_days > size:
        place = (F("pk") * _STEP) % _CIRCLE
        rows = rows.annotate(place=ExpressionWrapper(place, output_field=PositiveBigIntegerField()))
        rows = rows.filter(place__lt=_CIRCLE * size // of_days)
    return list(rows)


def _band(amounts: Iterable[Decimal | None]) -> Band | None:
    there = sorted(amount for amount in amounts if amount is not None)
    if not there:
        return None
    return Band(low=_quantile(there, 10), median=_quantile(there, 50), high=_quantile(there, 90))


def _quantile(ordered: Sequence[Decimal], percent: int) -> Decimal:
    """Find the value below which so many lie, between two of them where it lies there."""
    place, rest = divmod((len(ordered) - 1) * percent, 100)
    if not rest:
        return ordered[place]
    return ordered[place] + (ordered[place + 1] - ordered[place]) * rest / 100

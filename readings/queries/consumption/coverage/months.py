"""Time with and without a value by month.

Values are expected of a meter point on each day from its first to its last, 24 hours each.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Final

from django.db.models import Sum

from readings.models.consumption.calendar import end_of, months_between
from readings.queries.consumption.coverage.spans import (
    MINUTES_OF_A_DAY,
    every_month,
    minutes_between,
    spans_of,
)
from readings.queries.consumption.scope import Scope

#: Number of months on the page, at most.
MOST: Final = 24


@dataclass(slots=True, kw_only=True)
class Month:
    """The time with a value of the days of a month that lie in the period."""

    month: date
    #: Number of meter points of which values are expected, and minutes in which they are.
    meter_points: int = 0
    expected: int = 0
    #: Minutes with a value by quality.
    minutes: Counter[str] = field(default_factory=Counter)

    def expect(self, meter_points: int, first_day: date, last_day: date) -> None:
        """Add meter points of which values are expected on some days."""
        self.meter_points += meter_points
        self.expected += meter_points * ((last_day - first_day).days + 1) * MINUTES_OF_A_DAY

    @property
    def covered(self) -> int:
        """Return the minutes with a value."""
        return self.minutes.total()

    @property
    def missing(self) -> int:
        """Return the minutes without a value."""
        return self.expected - self.covered


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """The months of a scope, oldest first."""

    months: list[Month]
    #: Last day before the months, if there are earlier ones.
    earlier: date | None = None


def coverage_of(scope: Scope) -> Coverage:
    """Return the last months of a scope, at most MOST, of all qualities."""
    clipped = Counter(
        (max(first, scope.first_day or first), min(last, scope.last_day or last))
        for first, last in spans_of(every_month(scope)).values_list("first", "last")
    )
    spans = [(first, last, number) for (first, last), number in clipped.items() if first <= last]
    if not spans:
        return Coverage(months=[])
    first_day, last_day = min(first for first, _, _ in spans), max(last for _, last, _ in spans)
    every = list(months_between(first_day, last_day))
    start = max(every[-MOST:][0], first_day)
    months = _expected([(max(first, start), last, number) for first, last, number in spans if last >= start])
    minutes = minutes_between(start, last_day)
    rows = every_month(scope).filter(month__gte=start.replace(day=1), month__lte=last_day).values("month", "quality")
    for month, quality, number in rows.annotate(number=Sum(minutes)).values_list("month", "quality", "number"):
        months[month].minutes[quality] += number or 0
    earlier = start - timedelta(1) if len(every) > MOST else None
    return Coverage(months=list(months.values()), earlier=earlier)


def _expected(spans: Iterable[tuple[date, date, int]]) -> dict[date, Month]:
    """Return the months of some spans with what is expected in them."""
    spans = list(spans)
    every = months_between(min(first for first, _, _ in spans), max(last for _, last, _ in spans))
    months = {month: Month(month=month) for month in every}
    begun: Counter[date] = Counter()
    ended: Counter[date] = Counter()
    for first, last, number in spans:
        ends_of_span = {first.replace(day=1), last.replace(day=1)}
        for month in ends_of_span:
            months[month].expect(number, max(first, month), min(last, end_of(month)))
        if len(ends_of_span) == 2:
            begun[first.replace(day=1)] += number
            ended[last.replace(day=1)] += number
    running = 0
    for month, each in months.items():
        each.expect(running - ended[month], month, end_of(month))
        running += begun[month] - ended[month]
    return months

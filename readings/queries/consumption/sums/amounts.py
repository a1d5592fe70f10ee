"""Amounts per day or month of a scope, or of each of its areas or tariffs."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from django.db.models import Count, F, Q, Sum, Value

from readings.formats.packed_day import EXACT, ZERO, exact_sum
from readings.models.consumption.calendar import is_weekend
from readings.models.consumption.exact import ExactSum
from readings.models.consumption.sums import Quality
from readings.queries.consumption.scope import Scope, groups_in
from readings.queries.consumption.sums.sql import IsWeekend, Month


@dataclass(frozen=True, slots=True, kw_only=True)
class Amount:
    """A total in kWh or the unit of the same size, and what it is spread over."""

    total: Decimal = ZERO
    #: Parts of the total.
    substituted: Decimal = ZERO
    estimated: Decimal = ZERO
    #: Number of days with a value.
    days: int = 0
    #: Number of meter points with a value, summed over the days.
    point_days: int = 0

    @property
    def per_day(self) -> Decimal | None:
        """Return the mean per day with a value; None without any."""
        return EXACT.divide(self.total, Decimal(self.days)) if self.days else None

    @property
    def per_point_day(self) -> Decimal | None:
        """Return the mean per meter point and day with a value; None without any."""
        return EXACT.divide(self.total, Decimal(self.point_days)) if self.point_days else None

    @property
    def not_actual(self) -> Decimal | None:
        """Return the share of substituted and estimated amounts in per cent; None without a total."""
        part = exact_sum((self.substituted, self.estimated))
        return EXACT.divide(100 * part, self.total) if self.total else None


def added(amounts: Iterable[Amount]) -> Amount:
    """Return the sum of amounts of different days or meter points."""
    parts = list(amounts)
    return Amount(
        total=exact_sum(each.total for each in parts),
        substituted=exact_sum(each.substituted for each in parts),
        estimated=exact_sum(each.estimated for each in parts),
        days=sum(each.days for each in parts),
        point_days=sum(each.point_days for each in parts),
    )


class Row(NamedTuple):
    """The amount of one day, or of the days or of the weekends of one month."""

    #: The day, or the first day of the month.
    start: date
    #: Area or tariff; empty without a group.
    group: str
    is_weekend: bool
    amount: Amount


def rows_of(scope: Scope, *, by_month: bool, group: str = "") -> Iterator[Row]:
    """Yield the amounts of a scope by day or month, and by `area` or `tariff` if given, oldest first."""
    period: Any = Month("day") if by_month else F("day")
    weekend: Any = IsWeekend("day") if by_month else Value(False)
    sums = sums_of(scope)
    keys = {"start": period, "of_group": F(group) if group else Value(""), "is_weekend": weekend}
    rows = groups_in(scope).order_by().annotate(**keys).values(*keys).annotate(**sums)
    for row in rows.order_by(*keys).values_list(*keys, *sums):
        start = date.fromisoformat(f"{row[0]}-01") if by_month else row[0]
        yield Row(start, row[1], row[2] if by_month else is_weekend(start), amount_of(row[3:]))


def by_start(rows: Iterable[Row]) -> dict[date, Amount]:
    """Return the amounts by day or month, oldest first."""
    amounts: dict[date, list[Amount]] = {}
    for row in rows:
        amounts.setdefault(row.start, []).append(row.amount)
    return {start: each[0] if len(each) == 1 else added(each) for start, each in amounts.items()}


def sums_of(scope: Scope) -> dict[str, Any]:
    """Return the aggregates of an amount."""
    # Without a filter of the quality, the rows of a day share its meter points among them.
    points: Any = Sum("further_meter_points")
    if scope.quality:
        points = Sum("meter_points", filter=Q(occurrence=0), default=0)
    return {
        "amount": ExactSum("total"),
        "substituted": ExactSum("total", filter=Q(quality=Quality.SUBSTITUTED)),
        "estimated": ExactSum("total", filter=Q(quality=Quality.ESTIMATED)),
        "days": Count("day", distinct=True),
        "points": points,
    }


def amount_of(row: tuple[Any, ...]) -> Amount:
    """Return the amount of the values of the aggregates."""
    total, substituted, estimated, days, points = row
    return Amount(
        total=total, substituted=substituted or ZERO, estimated=estimated or ZERO, days=days, point_days=points
    )

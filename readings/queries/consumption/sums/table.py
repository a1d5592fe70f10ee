"""Totals by area and tariff, and the share of the time with a value."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

from django.db.models import Count, DateField, Max, Min, QuerySet, Sum, Value
from django.db.models.functions import Greatest, Least

from readings.models import MonthSum
from readings.models.consumption.half_hours import DAY
from readings.queries.consumption.scope import Scope, groups_in, months_in
from readings.queries.consumption.sums.amounts import Amount, amount_of, sums_of
from readings.queries.consumption.sums.sql import Days, amount_in, edges_of, minutes_in


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """The meter points of one kind, area and tariff."""

    scheme: str
    area: str
    tariff: str
    amount: Amount
    #: Number of meter points with a value in the period.
    meter_points: int


def groups_of(scope: Scope) -> Iterator[Group]:
    """Yield the groups of a scope by kind, area and tariff."""
    names = ("scheme", "area", "tariff")
    columns = [f"meter_point__{name}" for name in names]
    counted = with_a_value(scope).order_by().values(*columns).annotate(number=Count("meter_point", distinct=True))
    numbers = {tuple(key): number for *key, number in counted.values_list(*columns, "number")}
    sums = sums_of(scope)
    rows = groups_in(scope).order_by().values(*names).annotate(**sums).order_by(*names)
    for scheme, area, tariff, *row in rows.values_list(*names, *sums):
        number = numbers.get((scheme, area, tariff), 0)
        yield Group(scheme=scheme, area=area, tariff=tariff, amount=amount_of(tuple(row)), meter_points=number)


def with_a_value(scope: Scope) -> QuerySet[MonthSum]:
    """Return the months with a value in the period of a scope."""
    rows = months_in(scope)
    return rows.annotate(inside=amount_in(scope)).filter(inside__isnull=False) if any(edges_of(scope)) else rows


def number_of_points(scope: Scope) -> int:
    """Return the number of meter points with a value in the period of a scope."""
    found: int = with_a_value(scope).order_by().aggregate(number=Count("meter_point", distinct=True))["number"]
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Coverage:
    """Minutes with a value, and minutes of the days from the first to the last of each meter point."""

    covered: int
    expected: int

    @property
    def percent(self) -> float | None:
        """Return the share in per cent; None if nothing is expected."""
        return 100 * self.covered / self.expected if self.expected else None


def coverage_of(scope: Scope) -> Coverage:
    """Return the coverage of the period of a scope, whatever the quality of the values."""
    scope = replace(scope, quality="")
    covered = months_in(scope).order_by().aggregate(minutes=Sum(minutes_in(scope)))["minutes"] or 0
    points = months_in(replace(scope, first_day=None, last_day=None)).order_by().values("meter_point")
    days = points.annotate(days=days_in_period(scope)).filter(days__gt=0).aggregate(every=Sum("days"))["every"] or 0
    return Coverage(covered=covered, expected=days * DAY)


def days_in_period(scope: Scope) -> Days:
    """Return the aggregate of the days of a meter point, from its first to its last, in the period of a scope."""
    first: Any = Min("first_day")
    last: Any = Max("last_day")
    if scope.first_day:
        first = Greatest(first, Value(scope.first_day, output_field=DateField()))
    if scope.last_day:
        last = Least(last, Value(scope.last_day, output_field=DateField()))
    return Days(first, last)

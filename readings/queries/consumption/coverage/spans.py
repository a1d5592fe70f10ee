"""The time in which values are expected of a meter point: from its first day with a value to its last."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, Final

from django.db.models import Case, F, IntegerField, Max, Min, QuerySet, Value, When
from django.db.models.functions import Cast

from readings.models import MonthSum
from readings.models.consumption.calendar import end_of
from readings.models.consumption.exact import PackedSum
from readings.queries.consumption.scope import Scope, months_in

MINUTES_OF_A_DAY: Final = 24 * 60
#: Columns of a meter point in lists.
POINT: Final = tuple(f"meter_point__{name}" for name in ("scheme", "identifier", "area", "tariff"))


def every_month(scope: Scope) -> QuerySet[MonthSum]:
    """Return the sums of a scope in all months and of all qualities."""
    return months_in(replace(scope, quality="", first_day=None, last_day=None)).order_by()


def spans_of(rows: QuerySet[MonthSum], *columns: str) -> QuerySet[Any, Any]:
    """Return first and last day with a value of each meter point, with columns of it."""
    points: QuerySet[Any, Any] = rows.values("meter_point", *columns)
    spans: QuerySet[Any, Any] = points.annotate(first=Min("first_day"), last=Max("last_day"))
    return spans


def minutes_between(first_day: date, last_day: date) -> Case:
    """Return the minutes with a value of a month, of those of its days that lie between two days."""
    cut = []
    for month in {first_day.replace(day=1), last_day.replace(day=1)}:
        first, last = max(first_day, month), min(last_day, end_of(month))
        if (first, last) != (month, end_of(month)):
            days, some = (last - first).days + 1, PackedSum("minutes_of_days", first.day, last.day)
            # Most months are complete, which saves unpacking them.
            full = MINUTES_OF_A_DAY * end_of(month).day
            cut.append(When(month=Value(month), minutes=full, then=Value(MINUTES_OF_A_DAY * days)))
            cut.append(When(month=Value(month), then=Cast(some, IntegerField())))
    return Case(*cut, default=F("minutes"), output_field=IntegerField())

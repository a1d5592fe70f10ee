"""Meter points with time without a value in a month, in pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Case, F, IntegerField, QuerySet, Sum, Value, When
from django.db.models.functions import Greatest, Least

from readings.models.consumption.calendar import end_of
from readings.models.consumption.exact import Days
from readings.queries.consumption.coverage.spans import (
    MINUTES_OF_A_DAY,
    POINT,
    every_month,
    minutes_between,
    spans_of,
)
from readings.queries.consumption.scope import Scope


@dataclass(frozen=True, slots=True)
class Lack:
    """A meter point with time without a value."""

    scheme: str
    identifier: str
    area: str
    tariff: str
    #: Minutes in which values are expected, and those without one.
    expected: int
    missing: int


def lacking_in(scope: Scope, month: date) -> QuerySet[Any, Any]:
    """Return the meter points with time without a value in a month, those with most first."""
    start = max(month, scope.first_day or month)
    end = min(end_of(month), scope.last_day or end_of(month))
    covered = Case(When(month=month, then=minutes_between(start, end)), default=0, output_field=IntegerField())
    spans = spans_of(every_month(scope), *POINT).filter(first__lte=end, last__gte=start)
    days = Days(Greatest(F("first"), Value(start)), Least(F("last"), Value(end)))
    lacking: QuerySet[Any, Any] = spans.annotate(covered=Sum(covered), expected=days * MINUTES_OF_A_DAY)
    lacking = lacking.annotate(missing=F("expected") - F("covered")).filter(missing__gt=0)
    return lacking.order_by("-missing", "meter_point__identifier", "meter_point__scheme")


def lacks(rows: QuerySet[Any, Any]) -> list[Lack]:
    """Return the meter points of some rows of `lacking_in`."""
    return [Lack(*row) for row in rows.values_list(*POINT, "expected", "missing")]

"""Meter points that stopped sending, in pages."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from django.db.models import QuerySet

from readings.queries.consumption.coverage.spans import POINT, every_month, spans_of
from readings.queries.consumption.scope import Scope


@dataclass(frozen=True, slots=True)
class Silent:
    """A meter point without a value since its last day."""

    scheme: str
    identifier: str
    area: str
    tariff: str
    first_day: date
    last_day: date


def silent_since(scope: Scope, newest: date, days: int, search: str = "") -> QuerySet[Any, Any]:
    """Return the meter points whose last day is more than some days before the newest one, the oldest first.

    Months after the newest day do not count. `search` is a part of an identifier.
    """
    rows = every_month(scope).filter(month__lte=newest)
    rows = rows.filter(meter_point__identifier__icontains=search) if search else rows
    silent = spans_of(rows, *POINT).filter(last__lt=newest - timedelta(days))
    return silent.order_by("last", "meter_point__identifier", "meter_point__scheme")


def lines(rows: QuerySet[Any, Any]) -> list[Silent]:
    """Return the meter points of some rows of `silent_since`."""
    return [Silent(*row) for row in rows.values_list(*POINT, "first", "last")]

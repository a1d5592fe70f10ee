"""Totals that count a repeated interval once, of the meter points that have repeated intervals."""

from __future__ import annotations

from dataclasses import replace
from decimal import Decimal

from readings.models.consumption.units import kilo
from readings.queries.consumption.scope import Scope, months_in
from readings.queries.consumption.totals import Repeats, without_repeats


def repeats_in(scope: Scope, total: Decimal) -> Repeats:
    """Return the total of a scope, in kWh, with each repeated interval counted once in four ways."""
    rows = months_in(scope).filter(repeats__gt=0).order_by("meter_point")
    points = list(rows.values_list("meter_point", flat=True).distinct())
    return without_repeats(replace(scope, among=points), total, kilo(scope.measure.family))

"""Load duration: the power that is exceeded in a share of the half hours."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Final

from readings.queries.consumption.quantiles import quantile

#: Places of the curve, in tenths of a per cent: close together where it is steep.
PLACES: Final = (*range(0, 50, 5), *range(50, 100, 10), *range(100, 1001, 20))
#: Share of the half hours in which the base load is exceeded, in the same unit.
BASE: Final = 950


def duration_curve(loads: Iterable[Decimal]) -> list[tuple[int, Decimal]]:
    """Return the load that is reached or exceeded in each share of PLACES; nothing without loads."""
    ordered = sorted(loads, reverse=True)
    return [(share, quantile(ordered, share)) for share in PLACES] if ordered else []


def base_load(loads: Iterable[Decimal]) -> Decimal | None:
    """Return the load that is exceeded in 95 % of the half hours; None without any."""
    ordered = sorted(loads, reverse=True)
    return quantile(ordered, BASE) if ordered else None

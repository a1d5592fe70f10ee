"""Words of the comparison of one day with others."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from readings.formats.text import NO_VALUE, count
from readings.presentation.charts.units import Unit, unit_for
from readings.queries.consumption.outliers.comparison import Compared, Numbers

_LARGE: Final = 100


def unit_of(lines: Sequence[Compared], family: str) -> Unit:
    """Return the unit of a page."""
    return unit_for(max((max(each.total, each.usual) for each in lines), default=Decimal(0)), family)


def times(ratio: Decimal | None) -> str:
    """Return a ratio in words."""
    if ratio is None:
        return NO_VALUE
    if not ratio:
        return "0"
    if ratio >= _LARGE:
        return f"{ratio:,.0f} ×"
    return f"{ratio:.2f} ×" if ratio >= Decimal("0.01") else "less than 0.01 ×"


def left_out(numbers: Numbers) -> str:
    """Return in words which meter points are not compared; empty if all are."""
    parts = []
    if numbers.partial:
        parts.append(f"{count(numbers.partial, 'meter point')} without a value in a part of the day")
    if numbers.alone:
        parts.append(f"{count(numbers.alone, 'meter point')} without another day in the month")
    return f"Not compared: {'; '.join(parts)}." if parts else ""

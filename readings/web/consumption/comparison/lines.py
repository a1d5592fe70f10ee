"""Lines of the table of a comparison: numbers and their differences in per cent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from readings.formats.packed_day import EXACT
from readings.formats.text import NO_VALUE
from readings.presentation.charts.units import Unit, written
from readings.queries.consumption.sums.amounts import Amount


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """An amount of a comparison."""

    label: str
    amount: Amount
    meter_points: int
    #: Address of the overview of it; empty if no filter selects it.
    address: str = ""


def difference(value: Decimal | None, other: Decimal | None) -> str:
    """Return by how much a value differs from another in per cent, with its sign."""
    if value is None or not other:
        return NO_VALUE
    share = EXACT.divide(100 * (value - other), abs(other))
    return f"{share:+.1f} %".replace("-", "−")


def lines_of(compared: Sequence[Compared], unit: Unit) -> Iterator[tuple[Compared, tuple[str, ...]]]:
    """Yield each amount with its cells; the differences are those from the first."""
    for each in compared:
        first, own = compared[0].amount, each.amount
        is_first = each is compared[0]
        yield (
            each,
            (
                f"{each.meter_points:,}",
                written(own.total, unit),
                NO_VALUE if is_first else difference(own.total, first.total),
                written(own.per_day, unit),
                NO_VALUE if is_first else difference(own.per_day, first.per_day),
                written(own.per_point_day, unit),
                NO_VALUE if is_first else difference(own.per_point_day, first.per_point_day),
                NO_VALUE if own.not_actual is None else f"{own.not_actual:.1f} %",
            ),
        )

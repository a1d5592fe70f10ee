"""Exact sums, and their units."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, localcontext
from typing import Any, Final

from django.db.models import Aggregate

from readings.formats.packed_day import EXACT
from readings.models.decimals import ExactDecimalField

ZERO: Final = Decimal(0)

#: Units by the smallest unit of their family, each a thousand times the previous one.
FAMILIES: Final[Mapping[str, tuple[str, ...]]] = {
    "Wh": ("Wh", "kWh", "MWh"),
    "VArh": ("VArh", "kVArh", "MVArh"),
    "VAh": ("VAh", "kVAh", "MVAh"),
}
_PLACES: Final = {unit: 3 * place for units in FAMILIES.values() for place, unit in enumerate(units)}


def exact_sum(amounts: Iterable[Decimal]) -> Decimal:
    """Return the sum without rounding."""
    with localcontext(EXACT):
        return sum(amounts, start=ZERO)


def family_of(unit: str) -> str:
    """Return the smallest unit of a unit's family; empty for units that cannot be summed."""
    return next((family for family, units in FAMILIES.items() if unit in units), "")


def common_unit(units: Iterable[str]) -> str:
    """Return the unit for a sum of amounts of one family: their only unit, or else the second smallest."""
    distinct = set(units)
    return distinct.pop() if len(distinct) == 1 else FAMILIES[family_of(min(distinct))][1] if distinct else ""


def converted(amount: Decimal, unit: str, to: str) -> Decimal:
    """Return an amount in another unit of its family."""
    if unit == to:
        return amount
    with localcontext(EXACT):
        return amount.scaleb(_PLACES[unit] - _PLACES[to])


class _Added(ExactDecimalField):
    """A field for the sum of numbers separated by commas."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Decimal | None:
        """Return the sum."""
        return None if value is None else exact_sum(map(Decimal, str(value).split(",")))


class ExactSum(Aggregate):
    """The exact sum of decimals. SQLite would convert them to floats, so it concatenates them for Python to add."""

    function = "SUM"
    output_field = _Added()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, Any]:
        """Return the SQL for SQLite."""
        return super().as_sql(compiler, connection, function="GROUP_CONCAT", **extra)

"""Sums that nothing rounds, and the units in which they are given."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, localcontext
from typing import Any, Final

from django.db.models import Aggregate

from readings.formats.packed_day import EXACT
from readings.models.decimals import ExactDecimalField

ZERO: Final = Decimal(0)

#: What is measured, by its smallest unit: the units that values come in, each a thousand of the one before.
FAMILIES: Final[Mapping[str, tuple[str, ...]]] = {
    "Wh": ("Wh", "kWh", "MWh"),
    "VArh": ("VArh", "kVArh", "MVArh"),
    "VAh": ("VAh", "kVAh", "MVAh"),
}
_PLACES: Final = {unit: 3 * place for units in FAMILIES.values() for place, unit in enumerate(units)}


def exact_sum(amounts: Iterable[Decimal]) -> Decimal:
    """Add up without rounding."""
    with localcontext(EXACT):
        return sum(amounts, start=ZERO)


def family_of(unit: str) -> str:
    """Return the smallest unit of what a unit measures; empty where values of the unit have no sum."""
    return next((family for family, units in FAMILIES.items() if unit in units), "")


def common_unit(units: Iterable[str]) -> str:
    """Return the unit in which amounts of one family are given together: their own, or else that of a thousand."""
    distinct = set(units)
    return distinct.pop() if len(distinct) == 1 else FAMILIES[family_of(min(distinct))][1] if distinct else ""


def converted(amount: Decimal, unit: str, to: str) -> Decimal:
    """Give an amount in another unit of its family."""
    if unit == to:
        return amount
    with localcontext(EXACT):
        return amount.scaleb(_PLACES[unit] - _PLACES[to])


class _Added(ExactDecimalField):
    """Takes one number, or several with commas between."""

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Decimal | None:
        """Return the sum."""
        return None if value is None else exact_sum(map(Decimal, str(value).split(",")))


class ExactSum(Aggregate):
    """Add decimals up. SQLite would make floats of them, so there they are handed over, and added here."""

    function = "SUM"
    output_field = _Added()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, Any]:
        """Write it for SQLite."""
        return super().as_sql(compiler, connection, function="GROUP_CONCAT", **extra)

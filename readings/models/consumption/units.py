"""Families of units that can be added up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal, localcontext
from typing import Final

from readings.formats.packed_day import EXACT

#: Units by the smallest unit of their family, each a thousand times the previous one.
FAMILIES: Final[Mapping[str, tuple[str, ...]]] = {
    "Wh": ("Wh", "kWh", "MWh"),
    "VArh": ("VArh", "kVArh", "MVArh"),
    "VAh": ("VAh", "kVAh", "MVAh"),
}
_PLACES: Final = {unit: 3 * place for units in FAMILIES.values() for place, unit in enumerate(units)}
_FAMILY_OF: Final = {unit: family for family, units in FAMILIES.items() for unit in units}


def family_of(unit: str) -> str:
    """Return the smallest unit of a unit's family; empty for units that cannot be summed."""
    return _FAMILY_OF.get(unit, "")


def kilo(family: str) -> str:
    """Return the unit of stored sums of a family, as kWh."""
    return FAMILIES[family][1]


def common_unit(units: Iterable[str]) -> str:
    """Return the unit for a sum of amounts of one family: their only unit, or else the second smallest."""
    distinct = set(units)
    return distinct.pop() if len(distinct) == 1 else kilo(family_of(min(distinct))) if distinct else ""


def converted(amount: Decimal, unit: str, to: str) -> Decimal:
    """Return an amount in another unit of its family."""
    if unit == to:
        return amount
    with localcontext(EXACT):
        return amount.scaleb(_PLACES[unit] - _PLACES[to])

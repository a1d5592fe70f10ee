"""Units of charts and of totals, one on a page, with thousands for large amounts; durations in words."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, localcontext
from typing import Final

from readings.formats.packed_day import EXACT
from readings.formats.text import NO_VALUE

#: Smallest amount, in kWh, for which a page uses MWh.
LARGE: Final = 10_000
#: Smallest number that is written with one decimal place instead of three.
_FEW_DECIMALS: Final = 10
_ONE, _THREE = Decimal("0.1"), Decimal("0.001")


@dataclass(frozen=True, slots=True)
class Unit:
    """The unit of a page; amounts are in thousands of the family's smallest unit, such as kWh."""

    name: str
    #: Power of ten of the unit, in terms of kWh: 0 or 3.
    power: int = 0

    def __str__(self) -> str:
        return self.name

    def of(self, amount: Decimal) -> Decimal:
        """Return an amount in kWh in this unit, exactly."""
        with localcontext(EXACT):
            return amount.scaleb(-self.power) if self.power else amount

    def exact(self, amount: Decimal | None) -> str:
        """Return an amount in kWh in this unit, with all of its digits; empty for None."""
        return "" if amount is None else f"{self.of(amount):f}"


def unit_for(largest: Decimal, family: str = "Wh") -> Unit:
    """Return the unit of a page whose largest amount is `largest` kWh: kWh or MWh.

    The family is the smallest unit of its kind, such as VArh; for power it is W.
    """
    return Unit(f"M{family}", 3) if abs(largest) >= LARGE else Unit(f"k{family}")


def written(amount: Decimal | None, unit: Unit) -> str:
    """Return an amount in kWh in the unit of the page: with one decimal place, below 10 with three.

    An amount that three decimal places would write as zero has as many as its first digit needs.
    """
    if amount is None:
        return NO_VALUE
    value = unit.of(amount)
    if not value:
        return "0.0"
    with localcontext(EXACT):
        rounded = value.quantize(_THREE)
        if not rounded:
            return f"{value:,.{-value.adjusted()}f}"
        return f"{value.quantize(_ONE) if abs(rounded) >= _FEW_DECIMALS else rounded:,f}"


def duration(minutes: int | None) -> str:
    """Return a duration in words."""
    if minutes is None:
        return NO_VALUE
    hours, rest = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = (f"{number} {unit}" for number, unit in ((days, "d"), (hours, "h"), (rest, "min")) if number)
    return " ".join(parts) or "none"

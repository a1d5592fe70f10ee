"""Interval values of a day in one text: count, exact sum, null data."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Context, Decimal, localcontext
from typing import Final, TypeAlias

from readings.formats.fields import REMEMBERED

#: Quality flag of null data: no reading, excluded from totals. Removed from the specification on 1 October 2021.
NULL_DATA: Final = "N"
#: First and last interval, from 1, quality method, reason code, reason description.
Event: TypeAlias = tuple[int, int, str, str, str]
#: Precision for 1440 values of at most 15 digits before and after the point: no sum is rounded.
EXACT: Final = Context(prec=60)
_ZERO: Final = Decimal(0)


def number_of_values(values: str) -> int:
    """Return the number of intervals of a day that have a value."""
    if ",," in values or values[:1] == "," or values[-1:] == ",":
        return sum(value != "" for value in values.split(","))
    return values.count(",") + 1


class Amounts(dict[str, Decimal]):
    """Cache of decimals by text: most files repeat few distinct values."""

    def __missing__(self, text: str) -> Decimal:
        amount = Decimal(text)
        if len(self) < REMEMBERED:
            self[text] = amount
        return amount

    def total(self, values: Iterable[str]) -> str:
        """Return the exact sum of values that are numbers."""
        with localcontext(EXACT):
            return f"{sum(map(self.__getitem__, values), start=_ZERO):f}"


def without_null_data(values: Sequence[str], quality_method: str, events: Sequence[Event]) -> list[str]:
    """Return the values with null data as "0"; an event overrides the quality method of the day."""
    zeros = ["0"] * len(values)
    result = list(zeros if quality_method.startswith(NULL_DATA) else values)
    for first, last, quality_of_event, *_ in events:
        result[first - 1 : last] = (zeros if quality_of_event.startswith(NULL_DATA) else values)[first - 1 : last]
    return result

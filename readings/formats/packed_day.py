"""The intervals of a day in one text: their number, their exact sum, and which of them are no readings."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from decimal import Context, Decimal, localcontext
from typing import Final, TypeAlias

from readings.formats.fields import REMEMBERED

#: Not a reading: left out of totals. Removed from the specification on 1 October 2021.
NULL_DATA: Final = "N"
#: First interval and last, from 1, quality method, reason code, reason description.
Event: TypeAlias = tuple[int, int, str, str, str]
#: A day has at most 1440 values, of at most 15 digits before and after the point: no sum of them is rounded.
EXACT: Final = Context(prec=60)
_ZERO: Final = Decimal(0)


def number_of_values(values: str) -> int:
    """Count the intervals of a day that have a value."""
    if ",," in values or values[:1] == "," or values[-1:] == ",":
        return sum(value != "" for value in values.split(","))
    return values.count(",") + 1


class Amounts(dict[str, Decimal]):
    """Remember the first texts that come as decimals: most values of a file are few."""

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
    """Leave out the values of which an event, or else the quality of the day, says that they are no readings."""
    zeros = ["0"] * len(values)
    kept = list(zeros if quality_method.startswith(NULL_DATA) else values)
    for first, last, quality_of_event, *_ in events:
        kept[first - 1 : last] = (zeros if quality_of_event.startswith(NULL_DATA) else values)[first - 1 : last]
    return kept

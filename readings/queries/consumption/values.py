"""The values of a day, without null data."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from django.db.models import Q

from readings.formats.packed_day import NULL_DATA, Amounts, without_null_data
from readings.models import IntervalDay
from readings.models.consumption.units import converted

#: Minutes of a half hour, and number of half hours of a day.
HALF_HOUR: Final = 30
HALF_HOURS: Final = 48

#: Predicate of days that may hold null data; only their events state where.
MAY_HOLD_NULL_DATA: Final = Q(quality_method__startswith=NULL_DATA) | Q(events__contains=f'"{NULL_DATA}')


def counted_values(day: IntervalDay) -> Sequence[str]:
    """Return the values of a day in order; an element is empty if it has no value or is null data."""
    values = day.values.split(",")
    if day.events or day.quality_method.startswith(NULL_DATA):
        marks = without_null_data(["1"] * len(values), day.quality_method, json.loads(day.events or "[]"))
        values = [value if mark == "1" else "" for value, mark in zip(values, marks, strict=True)]
    return values


class HalfHours:
    """Converter of days to half hours in one unit; it caches decimals, because values repeat."""

    def __init__(self, unit: str) -> None:
        self.unit = unit
        self._amounts = Amounts()

    def of(self, day: IntervalDay) -> list[Decimal | None]:
        """Return the half hours of a day; None for each one that lacks a value.

        All are None if the interval length does not divide a half hour.
        """
        each, rest = divmod(HALF_HOUR, day.interval_length)
        values = counted_values(day)
        if rest or len(values) != HALF_HOURS * each:
            return [None] * HALF_HOURS
        if each == 1:
            amounts = [self._amounts[value] if value else None for value in values]
        else:
            amounts = list(self._added(values, each))
        if day.unit == self.unit:
            return amounts
        return [None if amount is None else converted(amount, day.unit, self.unit) for amount in amounts]

    def _added(self, values: Sequence[str], each: int) -> Iterator[Decimal | None]:
        for first in range(0, len(values), each):
            few = values[first : first + each]
            yield Decimal(self._amounts.total(few)) if all(few) else None

"""The values of a day, without null data."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Final

from django.db.models import Q

from readings.formats.packed_day import NULL_DATA, without_null_data
from readings.models import IntervalDay

#: Predicate of days that may hold null data; only their events state where.
MAY_HOLD_NULL_DATA: Final = Q(quality_method__startswith=NULL_DATA) | Q(events__contains=f'"{NULL_DATA}')


def counted_values(day: IntervalDay) -> Sequence[str]:
    """Return the values of a day in order; an element is empty if it has no value or is null data."""
    values = day.values.split(",")
    if day.events or day.quality_method.startswith(NULL_DATA):
        marks = without_null_data(["1"] * len(values), day.quality_method, json.loads(day.events or "[]"))
        values = [value if mark == "1" else "" for value, mark in zip(values, marks, strict=True)]
    return values

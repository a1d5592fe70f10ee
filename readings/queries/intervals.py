"""The intervals of a day, taken out of the row that holds them all."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal

from readings.formats.packed_day import NULL_DATA
from readings.models import IntervalDay


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """What was metered in one interval."""

    #: When it ends: `00:30`; the last of a day at `24:00`.
    ends_at: str
    #: A decimal as sent; empty where there is none.
    value: str
    quality_method: str
    reason_code: str
    reason_description: str

    @property
    def counts(self) -> bool:
        """Tell whether there is a value, and the file does not say that it is no reading."""
        return bool(self.value) and not self.quality_method.startswith(NULL_DATA)


def intervals_of(day: IntervalDay) -> list[Interval]:
    """Return the intervals of a day in order, each with its quality: its own where an event gives one."""
    values = day.values.split(",") if day.values else []
    qualities = [(day.quality_method, day.reason_code, day.reason_description)] * len(values)
    for first, last, *quality in json.loads(day.events or "[]"):
        qualities[first - 1 : last] = [tuple(quality)] * (last - first + 1)
    return [
        Interval(
            ends_at=clock_at(number * day.interval_length),
            value=value,
            quality_method=quality_method,
            reason_code=reason_code,
            reason_description=reason_description,
        )
        for number, (value, (quality_method, reason_code, reason_description)) in enumerate(
            zip(values, qualities, strict=False), start=1
        )
    ]


def mean_of(day: IntervalDay) -> Decimal | None:
    """Return the mean of the values of a day, for units that have no sum; None where there are no values."""
    number = sum(interval.counts for interval in intervals_of(day))
    return day.total / number if number else None


def clock_at(minutes: int) -> str:
    """Write the time of day so many minutes after midnight."""
    return f"{minutes // 60:02}:{minutes % 60:02}"

"""The intervals of a day, unpacked from its row."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal

from readings.formats.packed_day import NULL_DATA
from readings.models import IntervalDay


@dataclass(frozen=True, slots=True, kw_only=True)
class Interval:
    """One interval with its value and quality."""

    #: End of the interval: `00:30`; `24:00` for the last of a day.
    ends_at: str
    #: Decimal as sent; empty without a value.
    value: str
    quality_method: str
    reason_code: str
    reason_description: str

    @property
    def counts(self) -> bool:
        """Return whether the interval has a value that is not null data."""
        return bool(self.value) and not self.quality_method.startswith(NULL_DATA)


def intervals_of(day: IntervalDay) -> list[Interval]:
    """Return the intervals of a day in order; the quality of an event overrides that of the day."""
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
    """Return the mean of the values of a day, for units that cannot be summed; None without values."""
    number = sum(interval.counts for interval in intervals_of(day))
    return day.total / number if number else None


def clock_at(minutes: int) -> str:
    """Return the time of day at a number of minutes after midnight."""
    return f"{minutes // 60:02}:{minutes % 60:02}"

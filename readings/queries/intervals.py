"""The intervals of a day, unpacked from its row."""

from __future__ import annotations

import json
from dataclasses import dataclass
from decimal import Decimal

from readings.formats.packed_day import NULL_DATA, clock_at
from readings.models import FlowFile, IntervalDay
from readings.queries.lists import first_arrival


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


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """Consecutive intervals that come from consecutive lines of one file."""

    #: Clock times: start of the first interval, end of the last.
    begins_at: str
    ends_at: str
    flow_file: FlowFile
    first_line: int
    last_line: int


def sources_of_intervals(day: IntervalDay) -> list[Source]:
    """Return the files and lines of the intervals of a day that have values, in one query."""
    stretches: list[list[int]] = []
    for place, (value, (file, line)) in enumerate(zip(day.values.split(","), day.sources, strict=True)):
        if not value:
            continue
        if stretches and (before := stretches[-1])[1:3] == [place - 1, file] and abs(line - before[4]) <= 1:
            before[1], before[4] = place, line
        else:
            stretches.append([place, place, file, line, line])
    files = FlowFile.objects.prefetch_related(first_arrival()).in_bulk({file for _, _, file, _, _ in stretches})
    return [
        Source(
            begins_at=clock_at(first * day.interval_length),
            ends_at=clock_at((last + 1) * day.interval_length),
            flow_file=files[file],
            first_line=first_line,
            last_line=last_line,
        )
        for first, last, file, first_line, last_line in stretches
    ]


def mean_of(day: IntervalDay) -> Decimal | None:
    """Return the mean of the values of a day, for units that cannot be summed; None without values."""
    number = sum(interval.counts for interval in intervals_of(day))
    return day.total / number if number else None

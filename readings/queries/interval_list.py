"""The intervals of a meter point one by one, each with its own file and line, in pages."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from itertools import islice
from typing import Final, NamedTuple

from readings.models import IntervalDay
from readings.queries.consumption.windows import Span, days_at_once, windows
from readings.queries.intervals import intervals_of

#: Columns of a day that its intervals need.
_COLUMNS: Final = (
    *("pk", "register", "day", "occurrence", "interval_length", "unit", "values"),
    *("quality_method", "reason_code", "reason_description", "events"),
    *("flow_file", "line", "restated_in", "restated_line", "lines", "origins"),
)
#: Number of intervals of a day in most files.
_OF_A_DAY: Final = 48


class IntervalKey(NamedTuple):
    """Place of an interval in the list."""

    day: date
    #: Primary key of the register.
    register: int
    occurrence: int
    #: Number of the interval in the day, from 0.
    place: int


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedInterval:
    """One interval with its value, quality, and source."""

    key: IntervalKey
    #: Times without a zone if the files state none.
    starts_at: datetime
    ends_at: datetime
    #: Decimal as sent; empty for null data.
    value: str
    unit: str
    quality_method: str
    reason_code: str
    reason_description: str
    #: Primary key of the file that states the interval, and the line.
    flow_file: int
    line: int


def intervals_after(span: Span, zone: tzinfo | None, after: IntervalKey | None, most: int) -> list[ListedInterval]:
    """Return the intervals after a key that have a value or are null data, at most as many as given.

    They are in the order of day, register, occurrence, and time.
    """
    return list(islice(_listed(span, zone, after, most), most))


def _listed(span: Span, zone: tzinfo | None, after: IntervalKey | None, most: int) -> Iterator[ListedInterval]:
    days = timedelta(days_at_once(span, most, _OF_A_DAY))
    begin = after.day if after else date.min
    for rows in windows(span, begin, lambda day: day + days):
        for row in rows.order_by("day", "register", "occurrence").only(*_COLUMNS):
            if after is None or (row.day, row.register_id, row.occurrence) >= after[:3]:
                yield from (each for each in _of_day(row, zone) if after is None or each.key > after)


def _of_day(row: IntervalDay, zone: tzinfo | None) -> Iterator[ListedInterval]:
    midnight = datetime.combine(row.day, time(), zone)
    length = timedelta(minutes=row.interval_length)
    for place, (each, (flow_file, line)) in enumerate(zip(intervals_of(row), row.sources, strict=True)):
        if each.value:
            yield ListedInterval(
                key=IntervalKey(row.day, row.register_id, row.occurrence, place),
                starts_at=midnight + place * length,
                ends_at=midnight + (place + 1) * length,
                value=each.value if each.counts else "",
                unit=row.unit,
                quality_method=each.quality_method,
                reason_code=each.reason_code,
                reason_description=each.reason_description,
                flow_file=flow_file,
                line=line,
            )

"""Gaps and repeated intervals of a meter point. Times are clock times without a zone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta

from readings.models import IntervalDay, Register
from readings.queries.consumption.values import counted_values

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A time without values of a channel, from the start of the first interval to the end of the last."""

    channel: Register
    begins_at: datetime
    ends_at: datetime

    @property
    def minutes(self) -> int:
        """Return the duration in minutes."""
        return (self.ends_at - self.begins_at) // timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """An interval that occurs more than once, with its values in file order."""

    channel: Register
    begins_at: datetime
    values: tuple[str, ...]
    unit: str


def gaps_in(days: Iterable[IntervalDay]) -> list[Gap]:
    """Return the gaps between the first day and the last of each channel, oldest first."""
    gaps = [
        Gap(channel=rows[0].register, begins_at=begins_at, ends_at=ends_at)
        for rows in _by_channel(day for day in days if not day.occurrence)
        for begins_at, ends_at in _joined(_missing(rows))
    ]
    return sorted(gaps, key=lambda gap: (gap.begins_at, gap.channel.pk))


def repeats_in(days: Iterable[IntervalDay]) -> list[Repeat]:
    """Return the intervals that occur more than once, oldest first."""
    rows_of_day: defaultdict[tuple[int, object], list[IntervalDay]] = defaultdict(list)
    for day in days:
        rows_of_day[day.register_id, day.day].append(day)
    repeats = [repeat for rows in rows_of_day.values() if len(rows) > 1 for repeat in _repeats(rows)]
    return sorted(repeats, key=lambda repeat: (repeat.begins_at, repeat.channel.pk))


def _repeats(rows: list[IntervalDay]) -> Iterator[Repeat]:
    rows.sort(key=lambda row: row.occurrence)
    for place, values in enumerate(zip(*map(counted_values, rows), strict=True)):
        present = tuple(filter(None, values))
        if len(present) > 1:
            begins_at = _midnight(rows[0]) + timedelta(minutes=place * rows[0].interval_length)
            yield Repeat(channel=rows[0].register, begins_at=begins_at, values=present, unit=rows[0].unit)


def _by_channel(days: Iterable[IntervalDay]) -> Iterable[list[IntervalDay]]:
    channels: defaultdict[int, list[IntervalDay]] = defaultdict(list)
    for day in sorted(days, key=lambda day: day.day):
        channels[day.register_id].append(day)
    return channels.values()


def _missing(rows: Sequence[IntervalDay]) -> Iterator[tuple[datetime, datetime]]:
    expected = _midnight(rows[0])
    for row in rows:
        midnight = _midnight(row)
        if midnight > expected:
            yield expected, midnight
        length = timedelta(minutes=row.interval_length)
        for place, value in enumerate(counted_values(row)):
            if not value:
                yield midnight + place * length, midnight + (place + 1) * length
        expected = midnight + _DAY


def _joined(times: Iterable[tuple[datetime, datetime]]) -> list[tuple[datetime, datetime]]:
    joined: list[tuple[datetime, datetime]] = []
    for begins_at, ends_at in times:
        if joined and joined[-1][1] == begins_at:
            begins_at, _ = joined.pop()
        joined.append((begins_at, ends_at))
    return joined


def _midnight(day: IntervalDay) -> datetime:
    return datetime.combine(day.day, time())

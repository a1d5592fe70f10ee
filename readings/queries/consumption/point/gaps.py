"""Gaps and repeated intervals of a meter point. Times are clock times without a zone."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from itertools import groupby
from math import gcd

from readings.models.consumption.half_hours import DAY, NO_VALUE, qualities_of
from readings.queries.consumption.point.days import DayRow
from readings.queries.consumption.point.life import Window


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A time that no channel covers, from the start of its first interval to the end of its last."""

    begins_at: datetime
    ends_at: datetime

    @property
    def minutes(self) -> int:
        """Return the duration in minutes."""
        return (self.ends_at - self.begins_at) // timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Repeat:
    """An interval of one channel that occurs more than once, with its values in file order."""

    #: Primary key of the register.
    channel: int
    begins_at: datetime
    values: tuple[str, ...]
    unit: str


def gaps_in(window: Window, rows: Iterable[DayRow]) -> list[Gap]:
    """Return the gaps of a window, oldest first: what none of the channels covers with a value."""
    of_day: defaultdict[date, list[DayRow]] = defaultdict(list)
    for row in rows:
        if not row.occurrence:
            of_day[row.day].append(row)
    gaps: list[Gap] = []
    for day in window.days:
        midnight = datetime.combine(day, time())
        for first, end in _missing(of_day.get(day, ())):
            begins_at, ends_at = midnight + timedelta(minutes=first), midnight + timedelta(minutes=end)
            if gaps and gaps[-1].ends_at == begins_at:
                begins_at = gaps.pop().begins_at
            gaps.append(Gap(begins_at=begins_at, ends_at=ends_at))
    return gaps


def _missing(channels: Sequence[DayRow]) -> Iterator[tuple[int, int]]:
    """Yield first and last minute of each time of a day that no channel covers."""
    if not channels:
        yield 0, DAY
        return
    qualities = {channel: qualities_of(channel) for channel in channels}
    if any(NO_VALUE not in each for each in qualities.values()):
        return
    step = gcd(*(channel.interval_length for channel in channels))
    fine = (_spread(each, channel.interval_length // step) for channel, each in qualities.items())
    is_missing = (set(column) == {NO_VALUE} for column in zip(*fine, strict=True))
    for missing, run in groupby(enumerate(is_missing), key=lambda each: each[1]):
        places = [place for place, _ in run]
        if missing:
            yield places[0] * step, (places[-1] + 1) * step


def _spread(qualities: str, times: int) -> str:
    return "".join(quality * times for quality in qualities)


def repeats_in(rows: Iterable[DayRow]) -> list[Repeat]:
    """Return the intervals that occur more than once, oldest first."""
    rows_of_day: defaultdict[tuple[int, date], list[DayRow]] = defaultdict(list)
    for row in rows:
        rows_of_day[row.register, row.day].append(row)
    repeats = [repeat for some in rows_of_day.values() if len(some) > 1 for repeat in _repeats(some)]
    return sorted(repeats, key=lambda repeat: (repeat.begins_at, repeat.channel))


def _repeats(rows: list[DayRow]) -> Iterator[Repeat]:
    rows.sort(key=lambda row: row.occurrence)
    values = [_present(row) for row in rows]
    midnight = datetime.combine(rows[0].day, time())
    for place, column in enumerate(zip(*values, strict=True)):
        present = tuple(filter(None, column))
        if len(present) > 1:
            begins_at = midnight + timedelta(minutes=place * rows[0].interval_length)
            yield Repeat(channel=rows[0].register, begins_at=begins_at, values=present, unit=rows[0].unit)


def _present(row: DayRow) -> list[str]:
    pairs = zip(row.values.split(","), qualities_of(row), strict=True)
    return ["" if quality == NO_VALUE else value for value, quality in pairs]

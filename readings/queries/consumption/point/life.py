"""The whole life of one measure of a meter point, from the sums that are stored per month."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from functools import cached_property
from typing import Final, NamedTuple

from readings.formats.packed_day import ZERO, exact_sum
from readings.models.consumption.half_hours import DAY
from readings.queries.consumption.scope import Scope, months_in

#: Number of days whose intervals are read for one page, at most.
LONGEST: Final = 366
_ONE: Final = timedelta(days=1)


class MonthRow(NamedTuple):
    """The stored sum of one quality in one month."""

    month: date
    quality: str
    total: Decimal
    totals: str
    minutes: int
    minutes_of_days: str
    first_day: date
    last_day: date
    peak: Decimal
    peak_day: date
    peak_minute: int


@dataclass(frozen=True, slots=True, kw_only=True)
class Peak:
    """The largest mean power of one interval, in kW, and the time at which the interval begins."""

    power: Decimal
    day: date
    minute: int


@dataclass(slots=True, kw_only=True)
class Sums:
    """Sums of some days of a meter point, in kWh."""

    first_day: date
    last_day: date
    totals: dict[str, Decimal] = field(default_factory=dict)
    #: Calendar days with a value.
    days: int = 0
    #: Minutes that a channel covers with a value of any quality.
    covered: int = 0
    peak: Peak | None = None

    @property
    def total(self) -> Decimal:
        """Return the sum of all qualities."""
        return exact_sum(self.totals.values())

    @property
    def mean(self) -> Decimal | None:
        """Return the mean per calendar day with a value; None without one."""
        return self.total / self.days if self.days else None

    @property
    def expected(self) -> int:
        """Return the minutes of all days from the first to the last."""
        return ((self.last_day - self.first_day).days + 1) * DAY

    @property
    def missing(self) -> int:
        """Return the minutes that no channel covers."""
        return self.expected - self.covered

    def share(self, quality: str) -> Decimal | None:
        """Return the share of a quality in the total, in per cent; None without a total."""
        total = exact_sum(map(abs, self.totals.values()))
        return 100 * abs(self.totals.get(quality, ZERO)) / total if total else None


@dataclass(frozen=True, kw_only=True)
class Life:
    """The months of one measure of a meter point, oldest first."""

    every: list[MonthRow]
    #: Quality to which totals are limited; what is covered never is. Empty for all.
    quality: str = ""

    @cached_property
    def first_day(self) -> date:
        """Return the first day with a value."""
        return min(row.first_day for row in self.every)

    @cached_property
    def last_day(self) -> date:
        """Return the last day with a value."""
        return max(row.last_day for row in self.every)

    @cached_property
    def rows(self) -> list[MonthRow]:
        """Return the months of the chosen quality."""
        return [row for row in self.every if self.quality in ("", row.quality)]

    @property
    def months(self) -> dict[date, dict[str, Decimal]]:
        """Return the totals of each month by quality, oldest first."""
        months: defaultdict[date, dict[str, Decimal]] = defaultdict(dict)
        for row in self.rows:
            months[row.month][row.quality] = row.total
        return dict(months)

    def days(self, first_day: date, last_day: date) -> dict[date, dict[str, Decimal]]:
        """Return the totals of each day with a value by quality, oldest first."""
        days: defaultdict[date, dict[str, Decimal]] = defaultdict(dict)
        for row in _between(self.rows, first_day, last_day):
            for day, total in _of_days(row.month, row.totals):
                if first_day <= day <= last_day:
                    days[day][row.quality] = Decimal(total)
        return dict(sorted(days.items()))

    def covered(self, first_day: date, last_day: date) -> Counter[date]:
        """Return the minutes of each day that a channel covers with a value of any quality."""
        minutes: Counter[date] = Counter()
        for row in _between(self.every, first_day, last_day):
            for day, number in _of_days(row.month, row.minutes_of_days):
                if first_day <= day <= last_day:
                    minutes[day] += int(number)
        return minutes

    def sums(self, first_day: date, last_day: date) -> Sums:
        """Return the sums of some days, without their peak."""
        sums = Sums(first_day=first_day, last_day=last_day)
        amounts: defaultdict[str, list[Decimal]] = defaultdict(list)
        days = self.days(first_day, last_day)
        for of_day in days.values():
            for quality, amount in of_day.items():
                amounts[quality].append(amount)
        sums.totals = {quality: exact_sum(some) for quality, some in amounts.items()}
        sums.days = len(days)
        sums.covered = sum(self.covered(first_day, last_day).values())
        return sums

    def years(self) -> list[Sums]:
        """Return the sums of each calendar year, newest first; whole months need no days."""
        years = range(self.last_day.year, self.first_day.year - 1, -1)
        of_year: defaultdict[int, list[MonthRow]] = defaultdict(list)
        for row in self.every:
            of_year[row.month.year].append(row)
        return [self._whole(of_year[year], year) for year in years]

    def all(self) -> Sums:
        """Return the sums of all days."""
        return self._of(self.every, Sums(first_day=self.first_day, last_day=self.last_day))

    def _whole(self, rows: list[MonthRow], year: int) -> Sums:
        first, last = max(date(year, 1, 1), self.first_day), min(date(year, 12, 31), self.last_day)
        return self._of(rows, Sums(first_day=first, last_day=last))

    def _of(self, rows: list[MonthRow], sums: Sums) -> Sums:
        own = [row for row in rows if self.quality in ("", row.quality)]
        amounts: defaultdict[str, list[Decimal]] = defaultdict(list)
        for row in own:
            amounts[row.quality].append(row.total)
        sums.totals = {quality: exact_sum(some) for quality, some in amounts.items()}
        sums.days = _number_of_days(own)
        sums.covered = sum(row.minutes for row in rows)
        sums.peak = largest(Peak(power=row.peak, day=row.peak_day, minute=row.peak_minute) for row in own)
        return sums


def life_of(scope: Scope) -> Life | None:
    """Return the life of the meter point and measure of a scope; None without values."""
    rows = months_in(Scope(measure=scope.measure, meter_point=scope.meter_point)).order_by("month", "quality")
    every = [MonthRow(*row) for row in rows.values_list(*MonthRow._fields)]
    return Life(every=every, quality=scope.quality) if every else None


def largest(peaks: Iterable[Peak]) -> Peak | None:
    """Return the largest peak, of several the first; None without any."""
    return max(peaks, key=lambda peak: (peak.power, -peak.day.toordinal(), -peak.minute), default=None)


def _between(rows: Iterable[MonthRow], first_day: date, last_day: date) -> Iterator[MonthRow]:
    return (row for row in rows if first_day.replace(day=1) <= row.month <= last_day)


def _of_days(month: date, packed: str) -> Iterator[tuple[date, str]]:
    """Yield each day of a packed month that has an element."""
    return ((month + place * _ONE, text) for place, text in enumerate(packed.split(",")) if text)


def _number_of_days(rows: list[MonthRow]) -> int:
    """Return the number of days with a value; a day with several qualities counts once."""
    places: defaultdict[date, set[int]] = defaultdict(set)
    for row in rows:
        places[row.month].update(place for place, text in enumerate(row.totals.split(",")) if text)
    return sum(map(len, places.values()))


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The days of a page, at most LONGEST."""

    first_day: date
    last_day: date
    #: First day of the whole period, and its number of days.
    of_first_day: date
    of_days: int

    @property
    def days(self) -> list[date]:
        """Return the days from the first to the last."""
        return [self.first_day + place * _ONE for place in range(self.length)]

    @property
    def length(self) -> int:
        """Return the number of days."""
        return (self.last_day - self.first_day).days + 1


def window_of(life: Life, first_day: date | None, last_day: date | None) -> Window | None:
    """Return the window of a period: the last days of a long one, up to the last value; None without values."""
    first = max(first_day or life.first_day, life.first_day)
    last = min(last_day or life.last_day, life.last_day)
    if first > last:
        return None
    of_days = (last - first).days + 1
    if of_days > LONGEST:
        last = max(life.covered(first, last), default=last)
    begin = max(first, last - (LONGEST - 1) * _ONE)
    if not life.covered(begin, last):
        return None
    return Window(first_day=begin, last_day=last, of_first_day=first, of_days=of_days)

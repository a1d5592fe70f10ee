"""One continuous series of use from the stretches of all registers that measure the same.

The total is the exact sum of the stretches. Registers may be read on different days; to draw them as one series, each
stretch is spread evenly over its calendar days.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from readings.queries.meter_points.breaks import Change, Gap, changes_in, gaps_in, unread_in
from readings.queries.meter_points.stretches import ACTUAL, MARKS, Stretch, Use, exact_sum, worst

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Consecutive calendar days with the same use per day."""

    first: date
    end: date
    #: Sum of the stretches that cover the days, and of the parts of those that are longer.
    amount: Decimal
    mark: str
    #: Whether the amount contains a part of a longer stretch, so that it is not exact.
    is_spread: bool = False

    @property
    def days(self) -> int:
        """Return the number of calendar days."""
        return (self.end - self.first).days

    @property
    def per_day(self) -> Decimal:
        """Return the mean per calendar day."""
        return self.amount / self.days


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """The use of a meter point over time, in one direction."""

    first: date
    end: date
    #: Exact sum of all stretches, and its parts by mark of quality.
    total: Decimal
    amounts: Mapping[str, Decimal]
    #: Number of calendar days of the stretches, without gaps, and of those with each mark of quality.
    days: int
    days_of: Mapping[str, int]
    #: Number of the days of which not all is actual.
    days_not_actual: int
    spans: Sequence[Span]
    #: Registers whose stretches are added up.
    registers: Sequence[int]
    changes: Sequence[Change]
    gaps: Sequence[Gap]
    #: Registers that were read no more while others of their meter were.
    unread: Sequence[Use]
    #: Whether older stretches are left out.
    is_cut: bool
    #: Stretches of a register that begin before the one before them ends, as a sender may state quantities.
    overlaps: Sequence[Stretch]

    @property
    def per_day(self) -> Decimal | None:
        """Return the mean per calendar day; None if all of the time is within one day."""
        return self.total / self.days if self.days else None

    def share(self, mark: str) -> Decimal:
        """Return the share of a mark of quality in the amounts, without regard to their signs, in per cent."""
        size = exact_sum(map(abs, self.amounts.values()))
        return 100 * abs(self.amounts.get(mark, Decimal(0))) / size if size else Decimal(0)


def series_of(stretches: Iterable[Stretch], uses: Iterable[Use], *, most: int, is_cut: bool = False) -> Series | None:
    """Return the series of some stretches, with about the newest `most` spans; None without any.

    `is_cut` states that older ones are left out already.
    """
    known = list(stretches)
    drawn = _newest(known, most)
    if not drawn:
        return None
    first, end = min(each.first for each in drawn), max(each.end for each in drawn)
    seen = [use for use in uses if use.end > first or use.first >= first]
    return Series(
        first=first,
        end=end,
        total=exact_sum(each.amount for each in drawn),
        amounts={
            mark: exact_sum(_parts(drawn, mark)) for mark in MARKS if any(mark in each.amounts for each in drawn)
        },
        days=_days(drawn),
        days_of={mark: _days(each for each in drawn if mark in each.amounts) for mark in MARKS},
        days_not_actual=_days(each for each in drawn if each.mark != ACTUAL),
        spans=_spans(drawn),
        registers=sorted({each.register for each in drawn}),
        changes=changes_in(seen),
        gaps=gaps_in(drawn, seen),
        unread=unread_in(seen),
        is_cut=is_cut or len(drawn) < len(known),
        overlaps=_overlaps(drawn),
    )


def _newest(stretches: Sequence[Stretch], most: int) -> list[Stretch]:
    """Return the stretches of about the newest `most` spans, from a day on which one begins."""
    places = sorted({day for each in stretches for day in (each.first, each.end)})
    if len(places) <= most + 1:
        return list(stretches)
    since = places[-most - 1]
    return [each for each in stretches if each.first >= since]


def _overlaps(stretches: Iterable[Stretch]) -> list[Stretch]:
    """Return the stretches that begin within another of their register; a day may have several, such as an hour."""
    found = []
    until: dict[int, date] = {}
    for each in sorted(stretches, key=lambda each: (each.first, each.end)):
        if each.days > 1 and each.first < until.get(each.register, date.min):
            found.append(each)
        until[each.register] = max(each.end, until.get(each.register, date.min))
    return found


def _parts(stretches: Iterable[Stretch], mark: str) -> Iterator[Decimal]:
    return (each.amounts[mark] for each in stretches if mark in each.amounts)


def _days(stretches: Iterable[Stretch]) -> int:
    """Return the number of calendar days that some stretches cover."""
    number, until = 0, date.min
    for each in sorted(stretches, key=lambda each: each.first):
        if each.end > until:
            number += (each.end - max(each.first, until)).days
            until = each.end
    return number


def _spans(stretches: Sequence[Stretch]) -> list[Span]:
    """Return the spans in order; a stretch within a day is drawn over that day."""
    drawn = [(each, max(each.end, each.first + _DAY)) for each in stretches]
    places = sorted({day for each, end in drawn for day in (each.first, end)})
    amounts: defaultdict[int, list[Decimal]] = defaultdict(list)
    marks: defaultdict[int, list[str]] = defaultdict(list)
    spread: set[int] = set()
    for each, end in drawn:
        days, amount, mark = (end - each.first).days, each.amount, each.mark
        for place in range(bisect_left(places, each.first), bisect_left(places, end)):
            length = (places[place + 1] - places[place]).days
            if length < days:
                spread.add(place)
            amounts[place].append(amount * length / days if length < days else amount)
            marks[place].append(mark)
    return [
        Span(
            first=first,
            end=end,
            amount=exact_sum(amounts[place]),
            mark=worst(marks[place]),
            is_spread=place in spread,
        )
        for place, (first, end) in enumerate(pairwise(places))
        if place in amounts
    ]

"""Breaks in a series: exchanges of meters and registers, and times of which nothing is known."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from readings.queries.meter_points.stretches import Stretch, Use

_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Change:
    """A day on which registers took the place of others."""

    day: date
    old: Sequence[Use]
    new: Sequence[Use]

    @property
    def is_exchange(self) -> bool:
        """Return whether the new registers belong to another meter."""
        return {use.meter for use in self.old} != {use.meter for use in self.new}


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """Days between two stretches of which nothing is known."""

    first: date
    end: date
    #: Registers that were read last before the gap and no more after it, and those that were read first after it.
    old: Sequence[Use]
    new: Sequence[Use]

    @property
    def days(self) -> int:
        """Return the number of calendar days."""
        return (self.end - self.first).days


def changes_in(uses: Iterable[Use]) -> list[Change]:
    """Return the changes of registers, oldest first.

    On the day of an exchange, the intervals of both meters have values.
    """
    starts: defaultdict[date, list[Use]] = defaultdict(list)
    for use in uses:
        starts[use.first].append(use)
    open_uses: list[Use] = []
    changes = []
    for day, new in sorted(starts.items()):
        old = [use for use in open_uses if use.end <= day + _DAY]
        if old and _is_certain(old, new):
            changes.append(Change(day=day, old=_in_order(old), new=_in_order(new)))
            open_uses = [use for use in open_uses if use not in old]
        open_uses += new
    return changes


def gaps_in(stretches: Iterable[Stretch], uses: Sequence[Use]) -> list[Gap]:
    """Return the gaps between stretches, oldest first, and the one before a register that has no stretch yet."""
    gaps = []
    until = date.max
    covered = sorted({(each.first, each.end) for each in stretches})
    for first, end in [*covered, *((use.first, use.first) for use in _later(uses, covered))]:
        if first > until:
            old = [use for use in uses if use.first < until and use.end <= until]
            last = max((use.end for use in old), default=until)
            old = [use for use in old if use.end == last]
            gaps.append(Gap(first=until, end=first, old=_in_order(old), new=_starting(uses, until, first)))
        until = end if until == date.max else max(until, end)
    return gaps


def unread_in(uses: Sequence[Use]) -> list[Use]:
    """Return the registers that were read no more while others of their meter were, and that none replaced."""
    last = {meter: max(use.end for use in uses if use.meter == meter) for meter in {use.meter for use in uses}}
    return [
        use
        for use in _in_order(uses)
        if use.end < last[use.meter]
        and not use.is_removed
        and not any(other.first >= use.end and other.register != use.register for other in uses)
    ]


def _is_certain(old: Iterable[Use], new: Iterable[Use]) -> bool:
    """Return whether registers took the place of others: a single reading may only be the first that arrived."""
    return any(use.is_removed for use in old) or any(use.is_installed or use.end > use.first for use in new)


def _later(uses: Sequence[Use], covered: Sequence[tuple[date, date]]) -> list[Use]:
    last = max((end for _, end in covered), default=date.max)
    later = sorted((use for use in uses if use.first > last), key=lambda use: use.first)
    return later[:1]


def _starting(uses: Iterable[Use], after: date, until: date) -> list[Use]:
    """Return the registers whose use begins after a gap's start, until its end."""
    return _in_order(use for use in uses if after < use.first <= until)


def _in_order(uses: Iterable[Use]) -> list[Use]:
    return sorted(uses, key=lambda use: (use.meter, use.register))

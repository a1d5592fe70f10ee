"""Consumption of a meter point summed per half hour, hour, day, week or month, each channel apart, in pages.

Intervals are summed in the period in which they lie. An advance is counted whole in the period in which it ends: how
the consumption is distributed between two readings is unknown.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta, tzinfo
from decimal import Decimal
from heapq import merge
from itertools import groupby, islice
from typing import Final, NamedTuple

from readings.formats.dtc.catalogue.clock import BRITISH_CLOCK_TIME
from readings.formats.mdff.catalogue.labels import may_be_added_up
from readings.formats.packed_day import ZERO, exact_sum
from readings.models import Scheme
from readings.queries.advances import ListedAdvance, Selected, listed_advances
from readings.queries.consumption.day_parts import parts_of
from readings.queries.consumption.periods import DAYS, MINUTES, GroupBy, end_of, in_order, start_of
from readings.queries.consumption.windows import Span, days_at_once, windows

#: What decides in which period an amount is counted.
INTERVAL: Final = "interval"
END_OF_ADVANCE: Final = "end of advance"
_DAY: Final = 24 * 60


class GroupKey(NamedTuple):
    """Place of a group in the list: its start (in UTC if it has a zone), and its channel."""

    start: datetime
    register: int
    unit: str
    direction: str
    counted_by: str


@dataclass(slots=True, kw_only=True)
class Group:
    """The consumption of one channel in one period."""

    key: GroupKey
    starts_at: datetime
    ends_at: datetime
    #: Exact sum; None for units that may not be summed, as volts.
    total: Decimal | None = ZERO
    #: Number of intervals or advances in the sum.
    values: int = 0
    #: Minutes with a value; a repeated hour counts once.
    minutes: int = 0

    @property
    def is_complete(self) -> bool | None:
        """Return whether every interval of the period has a value; None for advances, which have none."""
        if self.key.counted_by == END_OF_ADVANCE:
            return None
        return self.minutes * timedelta(minutes=1) >= self.ends_at - self.starts_at

    def add(self, total: Decimal, values: int, minutes: int = 0) -> None:
        """Add an amount."""
        self.total = exact_sum((self.total, total)) if self.total is not None else None
        self.values += values
        self.minutes += minutes


@dataclass(frozen=True, slots=True, kw_only=True)
class Grouping:
    """The consumption of a meter point between two days, in periods of one length."""

    span: Span
    group_by: GroupBy
    #: Zone by whose clock periods begin; None if the files state none.
    zone: tzinfo | None

    def group(self, starts_at: datetime, register: int, unit: str, direction: str, counted_by: str) -> Group:
        """Return an empty group."""
        return Group(
            key=GroupKey(in_order(starts_at), register, unit, direction, counted_by),
            starts_at=starts_at,
            ends_at=end_of(starts_at, self.group_by),
            total=ZERO if not unit or may_be_added_up(unit) else None,
        )


def zone_of(scheme: str, nem_time: tzinfo) -> tzinfo | None:
    """Return the zone by whose clock the days of a scheme are counted; None: the files state none."""
    if scheme == Scheme.CONSUMER:
        return None
    return nem_time if scheme == Scheme.NMI else BRITISH_CLOCK_TIME


def groups_after(grouping: Grouping, after: GroupKey | None, most: int) -> list[Group]:
    """Return the groups after a key, by start, register and unit, at most as many as given.

    Raise `day_parts.IntervalTooLong` if one of them holds intervals that do not fit into the periods.
    """
    groups = merge(_of_advances(grouping, after), _of_intervals(grouping, after, most), key=lambda group: group.key)
    return list(islice((each for each in groups if after is None or each.key > after), most))


def _of_advances(grouping: Grouping, after: GroupKey | None) -> Iterator[Group]:
    span, zone = grouping.span, grouping.zone
    if zone is None:
        return

    def midnight(day: date | None, later: int = 0) -> datetime | None:
        return datetime.combine(day + timedelta(later), time(), zone) if day else None

    since = midnight(span.first_day)
    if after and (since is None or after.start > since):
        since = after.start
    selected = Selected(meter_point=span.meter_point, since=since, until=midnight(span.last_day, 1))
    counted = (each for each in listed_advances(selected, span.registers) if each.counts)

    def start(advance: ListedAdvance) -> datetime:
        return start_of(advance.key.until.astimezone(zone), grouping.group_by)

    for _, advances in groupby(counted, lambda each: in_order(start(each))):
        groups: dict[tuple[int, str, str], Group] = {}
        for each in advances:
            channel = each.register, each.unit, each.direction
            if channel not in groups:
                groups[channel] = grouping.group(start(each), *channel, END_OF_ADVANCE)
            groups[channel].add(each.value, 1)
        yield from sorted(groups.values(), key=lambda group: group.key)


def _of_intervals(grouping: Grouping, after: GroupKey | None, most: int) -> Iterator[Group]:
    span, group_by = grouping.span, grouping.group_by
    if span.meter_point.scheme not in (Scheme.NMI, Scheme.CONSUMER):
        return
    per_day = _DAY // MINUTES[group_by] if group_by in MINUTES else 1
    days = timedelta(days_at_once(span, most * DAYS.get(group_by, 1), per_day) - 1)
    whole = group_by if group_by in DAYS else GroupBy.DAY

    def end(day: date) -> date:
        return end_of(start_of(datetime.combine(day + days, time()), whole), whole).date()

    begin = (after.start.astimezone(grouping.zone) if grouping.zone else after.start).date() if after else date.min
    for rows in windows(span, begin, end):
        groups: dict[tuple[datetime, int, str], Group] = {}
        for row, starts_at, total, values, minutes in parts_of(rows, group_by, grouping.zone):
            channel = starts_at, row.register_id, row.unit
            if channel not in groups:
                groups[channel] = grouping.group(*channel, "", INTERVAL)
            groups[channel].add(total, values, 0 if row.occurrence else minutes)
        yield from sorted(groups.values(), key=lambda group: group.key)

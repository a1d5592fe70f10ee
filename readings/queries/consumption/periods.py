"""Periods for which consumption is summed: half hours, hours, days, weeks and months."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from enum import Enum
from typing import Final


class GroupBy(str, Enum):
    """The length of the periods. A week begins on Monday."""

    HALF_HOUR = "half-hour"
    HOUR = "hour"
    DAY = "day"
    WEEK = "week"
    MONTH = "month"


#: Minutes of the periods that are shorter than a day.
MINUTES: Final = {GroupBy.HALF_HOUR: 30, GroupBy.HOUR: 60}
#: Days of the other periods, approximately.
DAYS: Final = {GroupBy.DAY: 1, GroupBy.WEEK: 7, GroupBy.MONTH: 30}


def start_of(moment: datetime, group_by: GroupBy) -> datetime:
    """Return the start of the period that holds a moment, by the clock of the moment's zone."""
    if minutes := MINUTES.get(group_by):
        return moment.replace(minute=moment.minute // minutes * minutes, second=0, microsecond=0)
    midnight = moment.replace(hour=0, minute=0, second=0, microsecond=0, fold=0)
    if group_by is GroupBy.WEEK:
        return midnight - timedelta(midnight.weekday())
    return midnight.replace(day=1) if group_by is GroupBy.MONTH else midnight


def end_of(start: datetime, group_by: GroupBy) -> datetime:
    """Return the end of the period that begins at a moment, by the clock of its zone."""
    if minutes := MINUTES.get(group_by):
        if start.tzinfo is None:
            return start + timedelta(minutes=minutes)
        return (start.astimezone(timezone.utc) + timedelta(minutes=minutes)).astimezone(start.tzinfo)
    if group_by is GroupBy.MONTH:
        return (start + timedelta(31)).replace(day=1)
    return start + timedelta(DAYS[group_by])


def in_order(moment: datetime) -> datetime:
    """Return a moment that sorts by time, even in the hour that clocks repeat."""
    return moment if moment.tzinfo is None else moment.astimezone(timezone.utc)

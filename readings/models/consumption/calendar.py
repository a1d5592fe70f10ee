"""Months and weekends of the days that are summed."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from typing import Final

_SATURDAY: Final = 5


def next_month(day: date) -> date:
    """Return the first day of the month after that of a day."""
    return (day.replace(day=1) + timedelta(31)).replace(day=1)


def end_of(day: date) -> date:
    """Return the last day of the month of a day."""
    return day.replace(day=monthrange(day.year, day.month)[1])


def months_between(first_day: date, last_day: date) -> Iterator[date]:
    """Yield the first day of each month from that of one day to that of another."""
    month = first_day.replace(day=1)
    while month <= last_day:
        yield month
        month = next_month(month)


def is_weekend(day: date) -> bool:
    """Return whether a day is a Saturday or a Sunday."""
    return day.weekday() >= _SATURDAY

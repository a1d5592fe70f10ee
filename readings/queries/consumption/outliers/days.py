"""Which day to look at: the newest one that is complete, and the days around it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from itertools import groupby
from typing import Final

from django.db.models import Max, Min

from readings.queries.consumption.scope import Scope, groups_in

#: Number of days among which the newest complete one is looked for.
RECENT: Final = 31
#: Share of the meter points, in tenths, with a value on a complete day.
MOST_OF_THEM: Final = 9


@dataclass(frozen=True, slots=True, kw_only=True)
class DayOfMany:
    """A day, and its number of meter points with a value."""

    day: date
    meter_points: int
    #: Whether some meter point has a value in the last half hour.
    reaches_midnight: bool


def newest_complete(scope: Scope) -> date | None:
    """Return the newest day that reaches midnight with values of most meter points; None without values.

    Most is nine of ten of the largest number on a recent day. Without such a day, it is the newest one.
    """
    days = _recent(scope)
    least = max((each.meter_points for each in days), default=0) * MOST_OF_THEM / 10
    complete = (each.day for each in days if each.reaches_midnight and each.meter_points >= least)
    return next(complete, days[0].day if days else None)


def _recent(scope: Scope) -> list[DayOfMany]:
    """Return the newest days, the newest first."""
    found = groups_in(scope).order_by("-day").values_list("day", flat=True).distinct()[:RECENT]
    rows = groups_in(scope).filter(day__in=list(found), occurrence=0).order_by("-day")
    # The rows of one quality count each meter point once.
    number_of = "meter_points" if scope.quality else "further_meter_points"
    recent = []
    for day, of_day in groupby(rows.values_list("day", "half_hours", number_of), key=lambda row: row[0]):
        every = list(of_day)
        number = sum(row[2] for row in every)
        reaches = any(not row[1].endswith(",") for row in every)
        recent.append(DayOfMany(day=day, meter_points=number, reaches_midnight=reaches))
    return recent


def around(scope: Scope, day: date) -> tuple[date | None, date | None]:
    """Return the day with values before a day, and the one after it."""
    rows = groups_in(replace(scope, first_day=None, last_day=None)).order_by()
    before = rows.filter(day__lt=day).aggregate(found=Max("day"))["found"]
    after = rows.filter(day__gt=day).aggregate(found=Min("day"))["found"]
    return before, after

"""The summary of a scope: its totals per month, and per area and tariff."""

from __future__ import annotations

from dataclasses import dataclass, field

from readings.queries.consumption.scope import Scope, meter_points_in
from readings.queries.consumption.totals import Amount, Repeats, Totals, by_day, by_meter_point, without_repeats


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """The totals of a scope, in one unit."""

    totals: Totals
    repeats: Repeats
    #: Number of meter points with a total.
    meter_points: int
    #: Totals by area and tariff; the number of each is that of its meter points.
    groups: dict[tuple[str, str], Amount] = field(default_factory=dict)


def summary_of(scope: Scope) -> Summary:
    """Return the summary of a scope, in a fixed number of queries."""
    totals = by_day(scope)
    of_points = by_meter_point(scope)
    groups: dict[tuple[str, str], Amount] = {}
    for key, area, tariff in meter_points_in(scope).order_by("area", "tariff").values_list("pk", "area", "tariff"):
        if key in of_points:
            before = groups.get((area, tariff), Amount())
            groups[area, tariff] = before + Amount(of_points[key], 1)
    return Summary(
        totals=totals,
        repeats=without_repeats(scope, totals.all.total, totals.unit),
        meter_points=len(of_points),
        groups=groups,
    )

"""The summary: total consumption, charts, and the list of consumers and NMIs."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from readings.presentation.charts import figures
from readings.presentation.charts.figure import Figure
from readings.queries.consumption import profiles
from readings.queries.consumption.scope import Scope
from readings.queries.consumption.totals import Totals, by_day, without_repeats
from readings.web.charts.downloads import csv_of_figure
from readings.web.consumption.consumer_list import ConsumerList
from readings.web.consumption.filters import Choice, address
from readings.web.consumption.frame import PERMISSIONS, frame_of

CHARTS: Final = {"day": "Day", "month": "Month", "half-hour": "Half hour", "typical-day": "Typical day"}


@require_safe
@permission_required(PERMISSIONS, raise_exception=True)
def summary(request: HttpRequest) -> HttpResponseBase:
    """Show the total of the selected meter points, a chart, and the list of meter points."""
    filters, context = frame_of(request, "summary")
    if context["is_wrong"]:
        return render(request, "readings/summary.html", context, status=400)
    if not context["is_empty"]:
        context |= _context(filters.scope(), request.GET)
        if answer := csv_of_figure(request, [context["figure"]], of=request.GET.urlencode()):
            return answer
    return render(request, "readings/summary.html", context)


def _context(scope: Scope, params: QueryDict) -> dict[str, Any]:
    totals = by_day(scope)
    table = ConsumerList(scope, params)
    chart = params.get("chart") if params.get("chart") in CHARTS else "day"
    of_mean = params.get("of") == "mean"
    figure = _figure(scope, totals, str(chart), of_mean=of_mean)
    charts = [Choice(address(params, chart=key), words, key == chart) for key, words in CHARTS.items()]
    means = [
        Choice(address(params, of=key), words, of_mean == bool(key))
        for key, words in (("", "Total"), ("mean", "Mean"))
    ]
    return {
        "scope": scope,
        "totals": totals,
        "facts": list(_facts(totals)),
        "repeats": list(_repeats(scope, totals)),
        "figure": figure,
        "charts": charts,
        "means": means if chart != "typical-day" else [],
        "groups": table.groups(),
        "table": table,
        "columns": list(table.columns()),
        "params": [(name, value) for name, value in params.items() if value and name not in ("q", "after", "before")],
    }


def _figure(scope: Scope, totals: Totals, chart: str, *, of_mean: bool) -> Figure:
    if chart == "half-hour":
        return figures.of_half_hours(profiles.by_half_hour(scope, totals), of_mean=of_mean)
    if chart == "typical-day":
        days = totals.all.days
        rows = profiles.sample(scope, days)
        parts = zip(("Mon–Fri", "Sat, Sun"), profiles.by_weekend(rows), strict=True)
        others = [(name, profiles.typical_day(part, totals.unit, days)) for name, part in parts]
        return figures.of_typical_day(profiles.typical_day(rows, totals.unit, days), others, "All days")
    days_or_months = totals.months if chart == "month" else totals.days
    return figures.of_days(days_or_months, totals.unit, chart, of_mean=of_mean)


def _facts(totals: Totals) -> Iterator[tuple[str, str]]:
    unit, every = totals.unit, totals.all
    yield f"Total ({unit})", figures.amount(every.total)
    yield "Days", f"{len(totals.days):,}"
    yield "Channel-days", f"{every.days:,}"
    for name, some in (("", every), (", Mon–Fri", totals.weekdays), (", Sat and Sun", totals.weekends)):
        yield f"Mean per channel-day{name} ({unit})", figures.mean(some.mean, unit)


def _repeats(scope: Scope, totals: Totals) -> Iterator[tuple[str, str]]:
    repeats = without_repeats(scope, totals)
    yield "all rows", figures.amount(totals.all.total)
    for name in ("first", "last", "mean", "largest"):
        yield f"{name} value of each repeated interval", figures.amount(getattr(repeats, name))
    yield "repeated intervals", f"{repeats.number:,}"

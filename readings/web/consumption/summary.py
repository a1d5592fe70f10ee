"""The summary: what all consumers and NMIs used, and a list of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import render
from django.views.decorators.http import require_safe

from readings.presentation.charts import figures
from readings.queries.consumption import profiles
from readings.queries.consumption.scope import Scope, choices
from readings.queries.consumption.totals import Totals, by_day, without_repeats
from readings.web.consumption.consumer_list import ConsumerList
from readings.web.consumption.filters import Choice, Filters, address

CHARTS: Final = {"day": "Day", "month": "Month", "half-hour": "Half hour", "typical-day": "Typical day"}


@require_safe
@permission_required(("readings.view_meterpoint", "readings.view_intervalday"), raise_exception=True)
def summary(request: HttpRequest) -> HttpResponse:
    """Show the total of what is asked for, a chart, and the list of who used it."""
    offered = choices()
    filters = Filters(request.GET, offered)
    context: dict[str, Any] = {"filters": filters, "is_empty": not offered.measures}
    if not filters.is_valid():
        return render(request, "readings/summary.html", context, status=400)
    if offered.measures:
        context |= _context(filters.scope(), request.GET)
    return render(request, "readings/summary.html", context)


def _context(scope: Scope, asked: QueryDict) -> dict[str, Any]:
    totals = by_day(scope)
    table = ConsumerList(scope, asked)
    shown = asked.get("chart") if asked.get("chart") in CHARTS else "day"
    of_mean = asked.get("of") == "mean"
    figure = _figure(scope, totals, str(shown), of_mean=of_mean)
    charts = [Choice(address(asked, chart=key), words, key == shown) for key, words in CHARTS.items()]
    means = [
        Choice(address(asked, of=key), words, of_mean == bool(key))
        for key, words in (("", "Total"), ("mean", "Mean"))
    ]
    return {
        "scope": scope,
        "totals": totals,
        "facts": list(_facts(totals)),
        "repeats": list(_repeats(scope, totals)),
        "figure": figure,
        "charts": charts,
        "means": means if shown != "typical-day" else [],
        "groups": table.groups(),
        "table": table,
        "columns": list(table.columns()),
        "kept": [(name, value) for name, value in asked.items() if value and name not in ("q", "after", "before")],
    }


def _figure(scope: Scope, totals: Totals, shown: str, *, of_mean: bool) -> figures.Figure:
    if shown == "half-hour":
        return figures.of_half_hours(profiles.by_half_hour(scope, totals), of_mean=of_mean)
    if shown == "typical-day":
        days = totals.all.days
        rows = profiles.sample(scope, days)
        parts = zip(("Mon–Fri", "Sat, Sun"), profiles.by_weekend(rows), strict=True)
        others = [(name, profiles.typical_day(part, totals.unit, days)) for name, part in parts]
        return figures.of_typical_day(profiles.typical_day(rows, totals.unit, days), others, "All days")
    days_or_months = totals.months if shown == "month" else totals.days
    return figures.of_days(days_or_months, totals.unit, shown, of_mean=of_mean)


def _facts(totals: Totals) -> Iterator[tuple[str, str]]:
    unit, every = totals.unit, totals.all
    yield f"Total ({unit})", figures.amount(every.total)
    yield "Days", f"{len(totals.days):,}"
    yield "Days of channels", f"{every.days:,}"
    for name, some in (("", every), (", Mon–Fri", totals.weekdays), (", Sat and Sun", totals.weekends)):
        yield f"Mean of a channel's day{name} ({unit})", figures.mean(some.mean, unit)


def _repeats(scope: Scope, totals: Totals) -> Iterator[tuple[str, str]]:
    found = without_repeats(scope, totals)
    yield "all rows, as they stand", figures.amount(totals.all.total)
    for name in ("first", "last", "mean", "largest"):
        yield f"repeated: {name}", figures.amount(getattr(found, name))
    yield "intervals that stand again", f"{found.number:,}"

"""The overview: a chart, figures, totals by area and tariff, and the list of consumers and NMIs."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from readings.models import MeterPoint
from readings.presentation.charts import over_time
from readings.presentation.charts.figure import Figure
from readings.queries.consumption.scope import Scope, changed_in
from readings.queries.consumption.sums.amounts import added, by_start, rows_of
from readings.queries.consumption.sums.half_hours import MOST_DAYS, half_hours_of
from readings.queries.consumption.sums.spans import Known, Span, span_of
from readings.queries.consumption.sums.table import groups_of
from readings.queries.consumption.sums.typical import typical_days
from readings.web.charts.downloads import csv_of_figure
from readings.web.consumption import frame, overview
from readings.web.consumption.consumer_list import ConsumerList
from readings.web.consumption.filters import address
from readings.web.consumption.overview import Overview

CHARTS: Final = {**frame.CHARTS, "typical-day": "Typical day"}
#: Number of consumers that the note about changes names.
_FEW: Final = 5


@require_safe
@permission_required(frame.PERMISSIONS, raise_exception=True)
def summary(request: HttpRequest) -> HttpResponseBase:
    """Show a chart of the selected meter points, figures, and the list of meter points."""
    filters, context = frame.frame_of(request, "summary")
    if context["is_wrong"]:
        return render(request, "readings/summary.html", context, status=400)
    if not context["is_empty"]:
        scope = filters.scope()
        context["scope"] = scope
        known, note = frame.days_at_first(scope, request.GET)
        context |= note | {"has_period": bool(scope.first_day or scope.last_day)}
        found = _overview(scope, known, request.GET)
        if found and "csv" in request.GET and (answer := _csv(request, found)):
            return answer
        context |= _context(found) if found else {}
    return render(request, "readings/summary.html", context)


def _csv(request: HttpRequest, found: Overview) -> HttpResponseBase | None:
    return csv_of_figure(request, [_figure(found)], of=request.GET.urlencode())


def _overview(scope: Scope, known: Known | None, params: QueryDict) -> Overview | None:
    """Return the amounts of the chosen period, or of the last months with data; None without any."""
    if known is None:
        return None
    if scope.first_day or scope.last_day:
        found = span_of(scope)
    else:
        found, scope = known.latest_months(scope)
    if found is None:
        return None
    chart = frame.chart_of(params, found.days, CHARTS)
    rows = list(rows_of(scope, by_month=True)) if chart != "day" else _days(scope, found)
    unit = over_time.page_unit(added(row.amount for row in rows), scope.measure.family)
    of_mean = params.get("of") == "mean"
    return Overview(
        scope=scope, params=params, every=known.span, span=found, chart=chart, of_mean=of_mean, rows=rows, unit=unit
    )


def _days(scope: Scope, span: Span) -> list[Any]:
    """Return the amounts of the days that a chart shows, and of the months before them."""
    first = _first_shown(span)
    days = list(rows_of(replace(scope, first_day=first), by_month=False))
    if first == span.first_day:
        return days
    return [*rows_of(replace(scope, last_day=first - timedelta(1)), by_month=True), *days]


def _first_shown(span: Span, days: int = frame.MANY_DAYS) -> Any:
    return max(span.first_day, span.last_day - timedelta(days - 1))


def _context(found: Overview) -> dict[str, Any]:
    params, groups = found.params, list(groups_of(found.scope))
    means = {"": "Total", "mean": "Mean per meter point"}
    changed = changed_in(found.scope)
    return {
        "overview": found,
        "figure": _figure(found),
        "charts": frame.choices_of(params, "chart", found.chart, CHARTS),
        "means": frame.choices_of(params, "of", "mean" if found.of_mean else "", means)
        if found.chart != "typical-day"
        else [],
        "spans": list(overview.spans(found)),
        "comparisons": list(overview.comparisons(found)),
        "facts": list(overview.facts(found, groups)),
        "groups": list(overview.group_lines(found, groups)),
        "repeats": list(overview.repeats(found)) if params.get("repeats") == "1" else None,
        "repeats_address": address(params, repeats="1"),
        "changed": changed,
        "changed_few": MeterPoint.objects.filter(pk__in=changed).order_by("identifier")[:_FEW] if changed else [],
        "table": ConsumerList(found.scope, params, found.unit),
    }


def _figure(found: Overview) -> Figure:
    if found.chart == "half-hour":
        span, first = found.span, _first_shown(found.span, MOST_DAYS)
        note = f"The last {MOST_DAYS} days of the period." if first > span.first_day else ""
        days = half_hours_of(replace(found.scope, first_day=first)).get("", [])
        return over_time.of_half_hours(days, found.unit, of_mean=found.of_mean, note=note)
    if found.chart == "typical-day":
        return over_time.of_typical_days(typical_days(found.scope), found.unit)
    amounts = by_start(found.rows)
    note = ""
    if found.chart == "day" and (first := _first_shown(found.span)) > found.span.first_day:
        amounts = {day: amount for day, amount in amounts.items() if day >= first}
        note = f"The last {frame.MANY_DAYS} days of the period."
    return over_time.of_amounts(amounts, found.unit, found.chart, of_mean=found.of_mean, note=note)

"""The page that compares tariffs, areas, or two periods in one chart."""

from __future__ import annotations

from typing import Final

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from readings.web.charts.downloads import csv_of_figure
from readings.web.consumption import frame
from readings.web.consumption.comparison.groups import groups_context
from readings.web.consumption.comparison.periods import periods_context

BY: Final = {"tariff": "Tariffs", "area": "Areas", "period": "Two periods"}
_TEMPLATE: Final = "readings/consumption_compare.html"


@require_safe
@permission_required(frame.PERMISSIONS, raise_exception=True)
def compare(request: HttpRequest) -> HttpResponseBase:
    """Show tariffs, areas or two periods in one chart, and their differences."""
    filters, context = frame.frame_of(request, "consumption-compare")
    params = request.GET
    by = params.get("by", "") if params.get("by") in BY else "tariff"
    context |= {"by": by, "kinds": frame.choices_of(params, "by", by, BY)}
    if context["is_wrong"]:
        return render(request, _TEMPLATE, context, status=400)
    if context["is_empty"]:
        return render(request, _TEMPLATE, context)
    scope = filters.scope()
    known, note = frame.days_at_first(scope, params)
    context |= note | {"scope": scope, "has_period": bool(scope.first_day or scope.last_day), "figure": None}
    if known:
        is_of_periods = by == "period"
        context |= (
            periods_context(scope, known, params) if is_of_periods else groups_context(scope, known, params, by)
        )
    figures = [context["figure"]] if context.get("figure") else []
    if answer := csv_of_figure(request, figures, of=params.urlencode()):
        return answer
    return render(request, _TEMPLATE, context, status=400 if context.get("is_wrong_period") else 200)

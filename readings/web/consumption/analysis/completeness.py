"""The page of completeness: by month, gaps of a month, and who stopped sending."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from readings.models.consumption.calendar import end_of
from readings.presentation import cells
from readings.presentation.analysis import coverage as shown
from readings.queries.consumption.coverage.lacking import lacking_in, lacks
from readings.queries.consumption.coverage.months import Coverage, coverage_of
from readings.queries.consumption.coverage.silent import lines, silent_since
from readings.queries.consumption.scope import Scope
from readings.queries.consumption.sums.spans import Known
from readings.web.charts.downloads import csv_of_figure
from readings.web.consumption.analysis.parts import part_of
from readings.web.consumption.filters import Choice, address
from readings.web.consumption.frame import PERMISSIONS, days_at_first, frame_of

TEMPLATE: Final = "readings/consumption_completeness.html"
#: Values of the parameter `list`.
STOPPED: Final = "stopped"
VIEWS: Final = {"": "By month", STOPPED: "Stopped sending"}
#: Days without a value after which a meter point is listed, unless the user chooses others.
SILENT: Final = 7


class StoppedForm(forms.Form):
    """Form for the list of meter points that stopped sending."""

    days = forms.IntegerField(required=False, min_value=0, max_value=36_500, label="More than … days silent")
    q = forms.CharField(required=False, max_length=40, label="Part of an identifier")


@require_safe
@permission_required(PERMISSIONS, raise_exception=True)
def completeness(request: HttpRequest) -> HttpResponseBase:
    """Show what is missing by month, or which meter points stopped sending."""
    filters, context = frame_of(request, "consumption-completeness")
    if context["is_wrong"]:
        return render(request, TEMPLATE, context, status=400)
    is_stopped = request.GET.get("list") == STOPPED
    context |= {"is_stopped": is_stopped, "views": _views(request.GET, is_stopped=is_stopped)}
    if not context["is_empty"]:
        scope = filters.scope()
        # Completeness is that of all qualities.
        known, note = days_at_first(replace(scope, quality=""), request.GET)
        context |= note | {"has_period": not is_stopped and bool(scope.first_day or scope.last_day)}
        if is_stopped:
            context |= _stopped(scope, known, request.GET)
            return render(request, TEMPLATE, context, status=200 if context["form"].is_valid() else 400)
        found = coverage_of(known.within(scope) if known else scope)
        charts = [shown.completeness(found.months), shown.qualities(found.months)]
        if answer := csv_of_figure(request, charts, of=request.GET.urlencode()):
            return answer
        context |= {"charts": charts} | _by_month(scope, found, request.GET)
    return render(request, TEMPLATE, context)


def _views(params: QueryDict, *, is_stopped: bool) -> list[Choice]:
    return [
        Choice(address(params, list=key, month="", q="", days=""), words, bool(key) == is_stopped)
        for key, words in VIEWS.items()
    ]


def _by_month(scope: Scope, found: Coverage, params: QueryDict) -> dict[str, Any]:
    rows = [
        (
            each,
            f"{address(params, month=f'{each.month:%Y-%m}')}#gaps" if each.missing else "",
            f"{each.meter_points:,}",
            shown.time_of(each.expected),
            shown.time_of(each.covered),
            shown.time_of(each.missing),
            shown.percent(each.covered, each.expected),
            *(shown.percent(each.minutes[quality.value], each.covered) for quality in shown.OTHERS),
        )
        for each in reversed(found.months)
    ]
    earlier = address(params, to=f"{found.earlier}", month="") if found.earlier else ""
    context = {
        "rows": rows,
        "facts": list(shown.facts(found.months)),
        "earlier": earlier,
        "is_of_quality": bool(scope.quality),
    }
    return context | (_gaps(scope, params) if params.get("month") else {})


def _gaps(scope: Scope, params: QueryDict) -> dict[str, Any]:
    """Return the meter points with gaps in the month that the address names."""
    try:
        month = date.fromisoformat(f"{params['month']}-01")
    except ValueError:
        raise Http404("There is no such month.") from None
    part = part_of(lacking_in(scope, month), lacks, params, "gaps")
    first, last = max(month, scope.first_day or month), min(end_of(month), scope.last_day or end_of(month))
    return {
        "month": month,
        "period": urlencode({"from": first, "to": last}),
        "gaps": part,
        "gap_lines": [
            (each, shown.time_of(each.missing), shown.percent(each.expected - each.missing, each.expected))
            for each in part.lines
        ],
    }


def _stopped(scope: Scope, known: Known | None, params: QueryDict) -> dict[str, Any]:
    form = StoppedForm({"days": f"{SILENT}"} | params.dict(), auto_id="stopped-%s", label_suffix="")
    if not form.is_valid():
        return {"form": form}
    days = form.cleaned_data["days"]
    days = SILENT if days is None else days
    if known is None:
        return {"form": form}
    newest = known.span.last_day
    part = part_of(silent_since(scope, newest, days, form.cleaned_data["q"].strip()), lines, params, "stopped")
    return {
        "form": form,
        "silent_days": days,
        "newest": cells.day(newest),
        "stopped": part,
        "stopped_lines": [
            (each, cells.day(each.last_day), (newest - each.last_day).days, cells.day(each.first_day))
            for each in part.lines
        ],
        "kept": [(name, value) for name, value in params.items() if value and name not in ("q", "days", "after")],
    }

"""The page of outliers: whose use on one day is unlike that of their other days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date
from typing import Any, Final
from urllib.parse import urlencode

from django import forms
from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from readings.models.consumption.calendar import end_of
from readings.presentation.analysis import outliers as shown
from readings.presentation.charts.units import written
from readings.queries.consumption.outliers.comparison import Comparison, Numbers, Which
from readings.queries.consumption.outliers.days import around, newest_complete
from readings.queries.consumption.scope import Scope
from readings.web.consumption.analysis.parts import part_of
from readings.web.consumption.filters import Choice, address
from readings.web.consumption.frame import PERMISSIONS, address_of, days_at_first, frame_of

TEMPLATE: Final = "readings/consumption_outliers.html"
LISTS: Final = {
    Which.FURTHEST: "Furthest",
    Which.HIGH: "Higher",
    Which.LOW: "Lower",
    Which.ZERO: "No use",
}


class DayForm(forms.Form):
    """Form for the day."""

    day = forms.DateField(required=False)


@require_safe
@permission_required(PERMISSIONS, raise_exception=True)
def outliers(request: HttpRequest) -> HttpResponseBase:
    """Show the meter points whose total of a day is furthest from the mean of their other days of the month."""
    filters, context = frame_of(request, "consumption-outliers")
    if context["is_wrong"]:
        return render(request, TEMPLATE, context, status=400)
    form = DayForm(request.GET)
    context |= {"form": form, "kept": _kept(request.GET), "chosen": request.GET.get("day", "")}
    if not form.is_valid():
        return render(request, TEMPLATE, context, status=400)
    scope = filters.scope()
    known, note = days_at_first(scope, request.GET)
    day = form.cleaned_data["day"]
    context |= note | {"has_period": bool(day or scope.first_day or scope.last_day)}
    day = day or (newest_complete(known.within(scope)) if known else None)
    if day:
        context |= _context(scope, day, request.GET)
    return render(request, TEMPLATE, context)


def _kept(params: QueryDict) -> list[tuple[str, str]]:
    return [(name, str(value)) for name, value in params.items() if value and name not in ("day", "after")]


def _context(scope: Scope, day: date, params: QueryDict) -> dict[str, Any]:
    which = Which(params["list"]) if params.get("list") in set(Which) else Which.FURTHEST
    comparison = Comparison(scope=replace(scope, first_day=None, last_day=None), day=day)
    numbers = comparison.numbers()
    part = part_of(comparison.listed(which), comparison.lines, params, "list", numbers.of(which))
    unit = shown.unit_of(part.lines, scope.measure.family)
    before, after = around(scope, day)
    return {
        "day": day,
        "chosen": f"{day}",
        "is_newest": not params.get("day"),
        "before": address(params, day=f"{before}") if before else "",
        "after": address(params, day=f"{after}") if after else "",
        "numbers": numbers,
        "left_out": shown.left_out(numbers),
        "lists": list(_lists(params, numbers, which)),
        "is_zero": which is Which.ZERO,
        "part": part,
        "unit": unit,
        "lines": [
            (each, written(each.total, unit), written(each.usual, unit), shown.times(each.ratio))
            for each in part.lines
        ],
        "overview": address_of("summary", params, **{"from": f"{day}", "to": f"{day}"}),
        "period": urlencode({"from": day.replace(day=1), "to": end_of(day)}),
    }


def _lists(params: QueryDict, numbers: Numbers, which: Which) -> Iterator[Choice]:
    for each, words in LISTS.items():
        yield Choice(f"{address(params, list=each.value)}#list", f"{words} ({numbers.of(each):,})", each is which)

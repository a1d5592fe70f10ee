"""The page of the load: its duration, its peaks, and who caused them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from typing import Any, Final

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from readings.formats.packed_day import EXACT, ZERO, clock_at
from readings.formats.text import count
from readings.models.consumption.sums import Quality
from readings.presentation.analysis import load as shown
from readings.presentation.charts.units import Unit, written
from readings.queries.consumption.load import half_hours as loads
from readings.queries.consumption.load.contributors import contributions
from readings.queries.consumption.load.half_hours import HalfHour, Load
from readings.queries.consumption.load.peaks import SinglePeaks, single_peaks
from readings.queries.consumption.scope import Scope
from readings.web.charts.downloads import csv_of_figure
from readings.web.consumption.filters import address
from readings.web.consumption.frame import PERMISSIONS, address_of, days_at_first, frame_of

#: Number of meter points of which the half hour of the peak is read without being asked.
FEW: Final = 1_000
#: More passes of the clock than a day has.
_PASSES: Final = 100
TEMPLATE: Final = "readings/consumption_load.html"


@require_safe
@permission_required(PERMISSIONS, raise_exception=True)
def load(request: HttpRequest) -> HttpResponseBase:
    """Show the load of the selected meter points together."""
    filters, context = frame_of(request, "consumption-load")
    if context["is_wrong"]:
        return render(request, TEMPLATE, context, status=400)
    scope = filters.scope()
    known, note = days_at_first(scope, request.GET)
    context |= note | {"has_period": bool(scope.first_day or scope.last_day)}
    found = loads.load_of(known.within(scope)) if known else None
    if found:
        unit = shown.unit_of(found, scope.measure.family)
        charts = [shown.duration_curve(found, unit), shown.peaks_by_day(found, unit)]
        if answer := csv_of_figure(request, charts, of=request.GET.urlencode()):
            return answer
        context |= _context(scope, found, unit, request.GET) | {"charts": charts}
    return render(request, TEMPLATE, context)


def _context(scope: Scope, found: Load, unit: Unit, params: QueryDict) -> dict[str, Any]:
    scope = replace(scope, first_day=found.first_day, last_day=found.last_day)
    singles = single_peaks(scope, found.first_day, found.last_day)
    by_quality = loads.amounts_by_quality(scope, found.half_hours[: shown.LARGEST])
    return {
        "load": found,
        "unit": unit,
        "facts": list(_facts(found, singles, unit)),
        "singles": singles,
        "period": shown.period(found),
        "largest": [
            (each, _day(params, each.half_hour), _who(params, each.half_hour))
            for each in shown.largest(found, by_quality, unit)
        ],
        "who": _who(params, found.peak),
        "contributors": _contributors(scope, found, unit, params),
    }


def _facts(found: Load, singles: SinglePeaks, unit: Unit) -> Iterator[tuple[str, str, str]]:
    """Yield name, value and note of each fact."""
    yield f"Coincident peak ({unit})", written(found.peak.load, unit), shown.moment(found.peak)
    yield f"Base load ({unit})", written(found.base, unit), "exceeded in 95 % of the half hours"
    yield f"Mean ({unit})", written(found.mean, unit), f"of {len(found.half_hours):,} half hours"
    yield "Load factor", shown.percent(found.factor), "mean as a share of the peak"
    limits = dict.fromkeys(written(each, unit) for each in (singles.low, singles.high))
    yield f"Sum of the single peaks ({unit})", " to ".join(limits), f"of {singles.meter_points:,} meter points"
    factors = [EXACT.divide(found.peak.load, each) for each in (singles.high, singles.low) if each > 0]
    words = dict.fromkeys(map(shown.percent, factors))
    yield "Coincidence factor", " to ".join(words) or shown.percent(None), "coincident peak as a share of that sum"


def _day(params: QueryDict, each: HalfHour) -> str:
    """Return the address of the overview of a half hour's day."""
    return address_of("summary", params, **{"from": f"{each.day}", "to": f"{each.day}", "chart": "half-hour"})


def _who(params: QueryDict, each: HalfHour) -> str:
    """Return the address that names who used most in a half hour."""
    at = f"{each.day}T{clock_at(each.minute)}"
    return f"{address(params, at=at, **{'pass': f'{each.occurrence or str()}'})}#who"


def _contributors(scope: Scope, load: Load, unit: Unit, params: QueryDict) -> dict[str, Any] | None:
    """Return who used most in the half hour that the address names, else in the peak; None if that takes long."""
    if not params.get("at") and load.meter_points[1] > FEW:
        return None
    half_hour = _half_hour(params) if params.get("at") else load.peak
    found = contributions(scope, half_hour.day, half_hour.occurrence, half_hour.place)
    return {
        "moment": shown.moment(half_hour),
        "day": _day(params, half_hour),
        "load": written(found.load, unit),
        "number": count(found.meter_points, "meter point"),
        "lines": [
            (
                each,
                written(each.load, unit),
                shown.percent(shown.share(each.load, found.load)),
                Quality(each.quality).label,
            )
            for each in found.largest
        ],
    }


def _half_hour(params: QueryDict) -> HalfHour:
    """Return the half hour that the address names, without its load."""
    try:
        at = datetime.fromisoformat(params.get("at", ""))
        place, rest = divmod(at.hour * 60 + at.minute, 30)
        occurrence = int(params.get("pass") or 0)
        if rest or at.second or at.tzinfo or not 0 <= occurrence < _PASSES:
            raise ValueError
        return HalfHour(ZERO, at.date(), occurrence, place)
    except ValueError:
        raise Http404("There is no such half hour.") from None

"""The consumption of one consumer or NMI."""

from __future__ import annotations

from collections.abc import Iterator
from time import monotonic
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse, QueryDict
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from readings.imports.summing.update import bring_up_to_date_briefly
from readings.models import MeterPoint, Scheme
from readings.presentation import links, metered
from readings.presentation.charts.figure import Figure
from readings.presentation.charts.point import days as by_day
from readings.presentation.charts.point import loads
from readings.presentation.charts.point.days import Units
from readings.presentation.charts.units import duration
from readings.queries import details
from readings.queries.consumption.point.channels import channels_of
from readings.queries.consumption.point.days import PointDays, between, keys_of, registers_of
from readings.queries.consumption.point.gaps import gaps_in, repeats_in
from readings.queries.consumption.point.life import Life, Window, life_of, window_of
from readings.queries.consumption.point.typical import others_of
from readings.queries.consumption.scope import Scope, measures_of, meter_points_in
from readings.web.charts.downloads import csv_of_figure
from readings.web.consumption import detail_parts as parts
from readings.web.consumption.filters import Choice, Period, address
from readings.web.consumption.frame import PAGES, PERMISSIONS, address_of, tabs
from readings.web.trail.notes import note_look

#: Number of days for which the half hours stand first on the page, at most.
FEW_DAYS: Final = 7
_COMPARISON: Final = "consumption-compare"


@require_safe
@permission_required(PERMISSIONS, raise_exception=True)
def detail(request: HttpRequest, scheme: str, identifier: str) -> HttpResponseBase:
    """Show the consumption of one consumer or NMI."""
    point = _meter_point(scheme, identifier)
    is_summed = bring_up_to_date_briefly(monotonic)
    period = Period(request.GET, measures_of(point))
    context: dict[str, Any] = {"point": point, "name": Scheme(point.scheme).label, "filters": period}
    context |= {"is_summed": is_summed, "is_wrong": not period.is_valid(), "tabs": list(tabs("", request.GET))}
    if context["is_wrong"]:
        return render(request, "readings/detail.html", context, status=400)
    page = _Page(point, period.scope(meter_point=point.pk), request.GET)
    if answer := csv_of_figure(request, page.tables(), meter_points=[point], of=request.GET.urlencode()):
        return answer
    if page.window:
        note_look(request, [point], "consumption")
    context |= page.context(list(period.measures.values()))
    return render(request, "readings/detail.html", context)


@require_safe
@never_cache
@permission_required(PERMISSIONS, raise_exception=True)
def values(request: HttpRequest, scheme: str, identifier: str) -> HttpResponse:
    """Return the half hours on the page of one consumer or NMI as the JSON of their chart."""
    point = _meter_point(scheme, identifier)
    bring_up_to_date_briefly(monotonic)
    period = Period(request.GET, measures_of(point))
    if not period.is_valid():
        return JsonResponse({"problems": period.errors}, status=400)
    page = _Page(point, period.scope(meter_point=point.pk), request.GET)
    note_look(request, [point], "consumption values")
    figure = page.half_hours()
    return JsonResponse(figure.drawing, json_dumps_params={"separators": (",", ":")})


def _meter_point(scheme: str, identifier: str) -> MeterPoint:
    point = meter_points_in(Scope(scheme=scheme)).filter(identifier=identifier).first() if scheme else None
    if point is None:
        raise Http404("No such consumer or NMI.")
    return point


class _Page:
    """The content of the page of one consumer or NMI."""

    def __init__(self, point: MeterPoint, scope: Scope, params: QueryDict) -> None:
        self.point, self.scope, self.params = point, scope, params
        self.life = life_of(scope)
        self.window = window_of(self.life, scope.first_day, scope.last_day) if self.life else None
        self.units = by_day.units_of(self.life, scope.measure.family) if self.life else None

    def days(self, window: Window) -> PointDays:
        """Return the intervals of the window."""
        self.registers = {each.pk: each for each in self._registers()}
        keys = keys_of(self.registers.values())
        rows = between(keys, self.scope.measure, window.first_day, window.last_day)
        return PointDays(rows=rows, quality=self.scope.quality)

    def half_hours(self) -> Figure:
        """Return the chart of half hours; an empty one without values."""
        if self.window is None or self.units is None:
            return Figure(key="half-hours", title="", unit="", axis="time")
        return loads.of_half_hours(self.window, self.days(self.window), self.units)

    def tables(self) -> Iterator[Figure]:
        """Yield the charts with their tables, one by one."""
        if self.life is None or self.window is None or self.units is None:
            return
        yield self._by_day(self.life, self.window, self.units)
        yield by_day.of_months(self.life, self.units.energy)
        days = self.days(self.window)
        yield loads.half_hours_table(days, self.units)
        yield loads.of_load_duration(days, self.units.power)
        yield self._typical(self.window, days, self.units)

    def context(self, measures: list[Any]) -> dict[str, Any]:
        """Return the context of the template."""
        context: dict[str, Any] = {
            "measure": self.scope.measure,
            "quality": self.scope.quality,
            "zone": links.zone_of(self.point),
            "links": list(self._links()),
            "history": metered.history_table(details.history_of(self.point)),
            "channels": [],
        }
        if self.life is None or self.window is None or self.units is None:
            return context | {"life": self.life}
        if self.point.is_nmi:
            context["channels"] = parts.channel_lines(channels_of(self.point), measures, self.params)
        return context | self._of_window(self.life, self.window, self.units)

    def _of_window(self, life: Life, window: Window, units: Units) -> dict[str, Any]:
        days = self.days(window)
        sums = life.sums(window.first_day, window.last_day)
        gaps, repeats = gaps_in(window, days.rows), repeats_in(days.rows)
        half_hours = loads.half_hours_at(self._values_address(), units, is_repeated=bool(repeats))
        return {
            "life": life,
            "window": window,
            "units": units,
            "span": parts.in_words(window),
            "is_short": window.length <= FEW_DAYS,
            "moves": list(parts.moves(life, window, self.params)),
            "compare": self._compare(life, window),
            "facts": list(parts.facts(sums, days, units, self.params, has_quality=self.point.is_nmi)),
            "by_day": self._by_day(life, window, units),
            "by_month": by_day.of_months(life, units.energy),
            "half_hours": half_hours,
            "heat_map": loads.heat_map_of(half_hours),
            "load": loads.of_load_duration(days, units.power),
            "typical": self._typical(window, days, units),
            "years": parts.years(life, units, self.params, has_quality=self.point.is_nmi),
            "year_columns": parts.year_columns(units, has_quality=self.point.is_nmi),
            "gaps": parts.gap_lines(self.point, gaps),
            "number_of_gaps": len(gaps),
            "missing": duration(sum(gap.minutes for gap in gaps)),
            "repeats": parts.repeat_lines(self.point, repeats, self.registers),
            "number_of_repeats": len(repeats),
        }

    def _registers(self) -> Any:
        return registers_of([self.point.pk], self.scope.measure).select_related("meter")

    def _by_day(self, life: Life, window: Window, units: Units) -> Figure:
        is_compared = self.params.get("compare") == "year"
        return by_day.of_days(life, window, units.energy, is_compared=is_compared)

    def _typical(self, window: Window, days: PointDays, units: Units) -> Figure:
        others = others_of(self.point, self.scope.measure, window, self.scope.quality)
        return loads.of_typical_day(days, others, self.point.tariff, units.power)

    def _compare(self, life: Life, window: Window) -> Choice | None:
        """Return the link that compares with the year before, or no longer; None if that has no values."""
        before = by_day.year_before(window.last_day)
        if before is None or before < life.first_day:
            return None
        is_on = self.params.get("compare") == "year"
        words = "Without the year before" if is_on else "Compare with the year before"
        return Choice(address(self.params, compare="" if is_on else "year"), words, is_on)

    def _values_address(self) -> str:
        place = reverse("consumption-values", args=[self.point.scheme, self.point.identifier])
        names = ("measure", "quality", "from", "to")
        params = [(name, value) for name, value in self.params.items() if name in names]
        return f"{place}?{urlencode(params)}" if params else place

    def _links(self) -> Iterator[tuple[str, str, str]]:
        """Yield words, address and permission of the pages about the same."""
        point, window = self.point, self.window
        yield "Meter point", links.address_of(point), "readings.view_reading"
        if window:
            days = {"from": window.first_day.isoformat(), "to": window.last_day.isoformat()}
            listed = parts.interval_days(point, window.first_day, window.last_day)
            yield "Interval days", listed, "readings.view_reading"
            export = {"scheme": point.scheme, "meter-point": point.identifier, **days}
            words = "Export these intervals (CSV)"
            yield words, f"{reverse('export-intervals')}?{urlencode(export)}", "readings.export_readings"
        if point.tariff:
            others = address_of("summary", self.params, scheme=point.scheme, tariff=point.tariff)
            yield f"All of tariff {point.tariff}", others, ""
        if point.tariff and _COMPARISON in PAGES:
            yield "Compare tariffs", address_of(_COMPARISON, self.params, scheme=point.scheme, by="tariff"), ""

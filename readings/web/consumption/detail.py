"""The half hours of one consumer or NMI."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from readings.formats.mdff.catalogue import labels
from readings.formats.packed_day import clock_at, exact_sum
from readings.models import IntervalDay, MeterPoint, Scheme
from readings.presentation import links, metered
from readings.presentation.charts import figures
from readings.presentation.charts.figure import Figure
from readings.queries import details
from readings.queries.consumption import profiles
from readings.queries.consumption.gaps import gaps_in, repeats_in
from readings.queries.consumption.profiles import HalfHour
from readings.queries.consumption.scope import Scope, days_in, measures_of, meter_points_in
from readings.queries.consumption.totals import Totals, by_day
from readings.web.charts.downloads import csv_of_figure
from readings.web.consumption.filters import Period
from readings.web.consumption.frame import PERMISSIONS
from readings.web.trail.notes import note_look

#: Number of days on a page, at most.
MOST_DAYS: Final = 366
#: Number of gaps and of repeats listed, at most.
MOST_LISTED: Final = 100


@require_safe
@permission_required(PERMISSIONS, raise_exception=True)
def detail(request: HttpRequest, scheme: str, identifier: str) -> HttpResponseBase:
    """Show the half hours of one consumer or NMI."""
    point = _meter_point(scheme, identifier)
    period = Period(request.GET, measures_of(point))
    context: dict[str, Any] = {"point": point, "name": Scheme(point.scheme).label, "period": period}
    if not period.is_valid():
        return render(request, "readings/detail.html", context, status=400)
    window = _window(period.scope(meter_point=point.pk))
    context |= {"window": window, "links": _links(point, window)}
    context["history"] = metered.history_table(details.history_of(point))
    if window.days:
        context |= _context(point, window, list(request.GET.items()))
        charts = [context[name] for name in ("by_day", "by_month", "typical")]
        if answer := csv_of_figure(request, charts, meter_points=[point], of=request.GET.urlencode()):
            return answer
        note_look(request, [point], "consumption")
    return render(request, "readings/detail.html", context)


@require_safe
@never_cache
@permission_required(PERMISSIONS, raise_exception=True)
def values(request: HttpRequest, scheme: str, identifier: str) -> HttpResponse:
    """Return the half hours on the page of one consumer or NMI as JSON."""
    point = _meter_point(scheme, identifier)
    period = Period(request.GET, measures_of(point))
    if not period.is_valid():
        return JsonResponse({"problems": period.errors}, status=400)
    window = _window(period.scope(meter_point=point.pk))
    note_look(request, [point], "consumption values")
    figure = figures.of_every_half_hour(window.half_hours(window.rows()), window.totals.unit)
    days = {"first_day": window.first_day, "last_day": window.last_day}
    return JsonResponse({**figure.drawing, **days})


def _meter_point(scheme: str, identifier: str) -> MeterPoint:
    point = meter_points_in(Scope(scheme=scheme)).filter(identifier=identifier).first() if scheme else None
    if point is None:
        raise Http404("No such consumer or NMI.")
    return point


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """The days on the page: the last ones of the period, at most MOST_DAYS."""

    scope: Scope
    totals: Totals
    #: Number of days with values in the period.
    of_days: int

    @property
    def days(self) -> list[date]:
        """Return the days with values, oldest first."""
        return sorted(self.totals.days)

    @property
    def first_day(self) -> date | None:
        """Return the first day with values."""
        return min(self.totals.days, default=None)

    @property
    def last_day(self) -> date | None:
        """Return the last day with values."""
        return max(self.totals.days, default=None)

    @property
    def length(self) -> int:
        """Return the number of days from first to last."""
        return (self.days[-1] - self.days[0]).days + 1 if self.days else 0

    def rows(self) -> list[IntervalDay]:
        """Return the interval days of all channels, oldest first."""
        if not self.days:
            return []
        rows = days_in(replace(self.scope, first_day=self.first_day, last_day=self.last_day))
        return list(rows.select_related("register__meter").order_by("day", "register", "occurrence"))

    def half_hours(self, rows: list[IntervalDay]) -> dict[date, list[HalfHour]]:
        """Return the half hours of each day, summed over all channels."""
        return profiles.half_hours(rows, self.totals.unit, self.days)


def _window(scope: Scope) -> Window:
    totals = by_day(scope)
    last = max(totals.days, default=None)
    days = {day: amount for day, amount in totals.days.items() if last and (last - day).days < MOST_DAYS}
    return Window(scope=scope, totals=Totals(unit=totals.unit, days=days), of_days=len(totals.days))


def _links(point: MeterPoint, window: Window) -> dict[str, str]:
    params = {"scheme": point.scheme, "meter-point": point.identifier}
    period = {"from": window.first_day, "to": window.last_day} if window.days else {}
    return {
        "meter_point": links.address_of(point),
        "export": f"{reverse('export-intervals')}?{urlencode({**params, **period})}",
    }


def _context(point: MeterPoint, window: Window, params: list[tuple[str, Any]]) -> dict[str, Any]:
    rows = window.rows()
    half_hours = window.half_hours(rows)
    gaps, repeats = gaps_in(rows), repeats_in(rows)
    address = reverse("consumption-values", args=[point.scheme, point.identifier])
    address = f"{address}?{urlencode(params)}" if params else address
    every = figures.of_every_half_hour(half_hours, window.totals.unit, address)
    by_day = figures.of_days(window.totals.days, window.totals.unit, "day", of_mean=False)
    by_month = figures.of_days(window.totals.months, window.totals.unit, "month", of_mean=False)
    return {
        "facts": list(_facts(window, half_hours, rows)),
        "zone": links.zone_of(point),
        "by_day": by_day,
        "by_month": by_month,
        "typical": _typical_day(point, window, rows),
        "half_hours": every,
        "heat_map": replace(every, key="heat-map", title="Days by half hours", axis="heat", note=""),
        "gaps": [(gap, figures.duration(gap.minutes), _channel(gap.channel)) for gap in gaps[:MOST_LISTED]],
        "missing": figures.duration(sum(gap.minutes for gap in gaps)),
        "more_gaps": max(len(gaps) - MOST_LISTED, 0),
        "repeats": [(repeat, _channel(repeat.channel)) for repeat in repeats[:MOST_LISTED]],
        "more_repeats": max(len(repeats) - MOST_LISTED, 0),
    }


def _facts(
    window: Window, half_hours: dict[date, list[HalfHour]], rows: list[IntervalDay]
) -> Iterator[tuple[str, str, str]]:
    unit = window.totals.unit
    every = [(day, place, each) for day, row in half_hours.items() for place, each in enumerate(row) if each.values]
    yield f"Total ({unit})", figures.amount(window.totals.all.total), ""
    yield f"Mean per day ({unit})", figures.mean(window.totals.all.total / len(window.days), unit), ""
    if every:
        total = exact_sum(each.total for _, _, each in every)
        number = sum(each.values for _, _, each in every)
        yield f"Mean per half hour ({unit})", figures.mean(total / number, unit), ""
        day, place, largest = _largest(window, rows)
        yield f"Largest half hour ({unit})", figures.amount(largest), f"{day:%d %b %Y} {clock_at(30 * place)}"
    yield "Days", f"{len(window.days):,}", f"{window.first_day:%d %b %Y} to {window.last_day:%d %b %Y}"


def _largest(window: Window, rows: list[IntervalDay]) -> tuple[date, int, Decimal]:
    """Return day, number and consumption of the largest half hour; both passes of a repeated one stand alone."""
    passes = {row.occurrence: [each for each in rows if each.occurrence == row.occurrence] for row in rows}
    half_hours = [
        (day, place, each.total)
        for of_pass in passes.values()
        for day, row in window.half_hours(of_pass).items()
        for place, each in enumerate(row)
        if each.values
    ]
    return max(half_hours, key=lambda each: each[2])


def _typical_day(point: MeterPoint, window: Window, rows: list[IntervalDay]) -> Figure:
    """Return the typical day of one meter point, compared with the others of its tariff."""
    unit = window.totals.unit
    own = profiles.typical_day(rows, unit, sum(not row.occurrence for row in rows))
    parts = zip(("Mon–Fri", "Sat, Sun"), profiles.by_weekend(rows), strict=True)
    compared = [(name, profiles.typical_day(part, unit, len(part))) for name, part in parts]
    note = ""
    if point.tariff:
        others = replace(
            window.scope,
            meter_point=None,
            scheme=point.scheme,
            tariff=point.tariff,
            first_day=window.first_day,
            last_day=window.last_day,
        )
        number = days_in(others).count() - len(rows)
        sample = [row for row in profiles.sample(others, number) if row.meter_point_id != point.pk]
        day = profiles.typical_day(sample, unit, number)
        compared.append((f"others of tariff {point.tariff}", day))
        note = f" The others: {figures.of_how_many(day)}."
    figure = figures.of_typical_day(own, compared, Scheme(point.scheme).label)
    return replace(figure, note=figure.note + note)


def _channel(register: Any) -> str:
    return labels.register(register.register_id, register.suffix, "")

"""The half hours of one consumer or NMI."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from readings.formats.mdff.catalogue import labels
from readings.models import IntervalDay, MeterPoint, Scheme
from readings.presentation import links
from readings.presentation.charts import figures
from readings.presentation.charts.heat_map import heat_map
from readings.queries.consumption import exact, profiles
from readings.queries.consumption.gaps import gaps_in, repeats_in
from readings.queries.consumption.profiles import HalfHour
from readings.queries.consumption.scope import Scope, days_in, measures_of, meter_points_in
from readings.queries.consumption.totals import Totals, by_day
from readings.queries.consumption.values import HALF_HOURS
from readings.queries.intervals import clock_at
from readings.web.consumption.filters import Period

#: So many days are shown at once.
MOST_DAYS: Final = 366
#: So many gaps and repeats are listed.
MOST_LISTED: Final = 100
PERMISSIONS: Final = ("readings.view_meterpoint", "readings.view_intervalday")


@require_safe
@permission_required(PERMISSIONS, raise_exception=True)
def detail(request: HttpRequest, scheme: str, identifier: str) -> HttpResponse:
    """Show what one consumer or NMI used, and when."""
    point = _meter_point(scheme, identifier)
    period = Period(request.GET, measures_of(point))
    context: dict[str, Any] = {"point": point, "name": Scheme(point.scheme).label, "period": period}
    if not period.is_valid():
        return render(request, "readings/detail.html", context, status=400)
    shown = _shown(period.scope(meter_point=point.pk))
    context |= {"shown": shown, "links": _links(point, shown)}
    if shown.days:
        context |= _context(point, shown, list(request.GET.items()))
    return render(request, "readings/detail.html", context)


@require_safe
@never_cache
@permission_required(PERMISSIONS, raise_exception=True)
def values(request: HttpRequest, scheme: str, identifier: str) -> HttpResponse:
    """Answer the half hours of one consumer or NMI as JSON: as many as its page shows."""
    point = _meter_point(scheme, identifier)
    period = Period(request.GET, measures_of(point))
    if not period.is_valid():
        return JsonResponse({"problems": period.errors}, status=400)
    shown = _shown(period.scope(meter_point=point.pk))
    half_hours = shown.half_hours(shown.rows())
    first = shown.first_day
    # Missing days are part of the row of half hours too.
    every = [] if first is None else [first + timedelta(days=place) for place in range(shown.length)]
    amounts = [each for day in every for each in half_hours.get(day, [HalfHour()] * HALF_HOURS)]
    return JsonResponse(
        {
            "unit": shown.totals.unit,
            "first_day": first,
            "last_day": shown.last_day,
            "start": None if first is None else figures.seconds(first),
            "step": 1800,
            "values": [figures.plain(each.total) if each.values else None for each in amounts],
        }
    )


def _meter_point(scheme: str, identifier: str) -> MeterPoint:
    found = meter_points_in(Scope(scheme=scheme)).filter(identifier=identifier).first() if scheme else None
    if found is None:
        raise Http404("no consumer or NMI is called so")
    return found


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """The days of one that are shown: the last of those that were asked for."""

    scope: Scope
    totals: Totals
    #: How many were asked for.
    of_days: int

    @property
    def days(self) -> list[date]:
        """The days of which there is something."""
        return sorted(self.totals.days)

    @property
    def first_day(self) -> date | None:
        """The first of them."""
        return min(self.totals.days, default=None)

    @property
    def last_day(self) -> date | None:
        """The last of them."""
        return max(self.totals.days, default=None)

    @property
    def length(self) -> int:
        """How many days there are from first to last."""
        return (self.days[-1] - self.days[0]).days + 1 if self.days else 0

    def rows(self) -> list[IntervalDay]:
        """Return the days of its channels."""
        if not self.days:
            return []
        rows = days_in(replace(self.scope, first_day=self.first_day, last_day=self.last_day))
        return list(rows.select_related("register__meter").order_by("day", "register", "occurrence"))

    def half_hours(self, rows: list[IntervalDay]) -> dict[date, list[HalfHour]]:
        """Add up its channels."""
        return profiles.half_hours(rows, self.totals.unit, self.days)


def _shown(scope: Scope) -> Shown:
    totals = by_day(scope)
    days = sorted(totals.days)
    kept = {day for day in days if (days[-1] - day).days < MOST_DAYS}
    few = Totals(unit=totals.unit, days={day: amount for day, amount in totals.days.items() if day in kept})
    return Shown(scope=scope, totals=few, of_days=len(days))


def _links(point: MeterPoint, shown: Shown) -> dict[str, str]:
    asked = {"scheme": point.scheme, "meter-point": point.identifier}
    period = {"from": shown.first_day, "to": shown.last_day} if shown.days else {}
    return {
        "meter_point": links.address_of(point),
        "export": f"{reverse('export-intervals')}?{urlencode({**asked, **period})}",
    }


def _context(point: MeterPoint, shown: Shown, asked: list[tuple[str, Any]]) -> dict[str, Any]:
    rows = shown.rows()
    half_hours = shown.half_hours(rows)
    gaps, repeats = gaps_in(rows), repeats_in(rows)
    address = reverse("consumption-values", args=[point.scheme, point.identifier])
    by_day = figures.of_days(shown.totals.days, shown.totals.unit, "day", of_mean=False)
    by_month = figures.of_days(shown.totals.months, shown.totals.unit, "month", of_mean=False)
    return {
        "facts": list(_facts(shown, half_hours)),
        "zone": links.zone_of(point),
        "values_address": f"{address}?{urlencode(asked)}" if asked else address,
        "by_day": by_day,
        "by_month": by_month,
        "typical": _typical_day(point, shown, rows),
        "heat_map": heat_map(half_hours, shown.totals.unit),
        "gaps": [(gap, figures.duration(gap.minutes), _channel(gap.channel)) for gap in gaps[:MOST_LISTED]],
        "missing": figures.duration(sum(gap.minutes for gap in gaps)),
        "more_gaps": max(len(gaps) - MOST_LISTED, 0),
        "repeats": [(repeat, _channel(repeat.channel)) for repeat in repeats[:MOST_LISTED]],
        "more_repeats": max(len(repeats) - MOST_LISTED, 0),
    }


def _facts(shown: Shown, half_hours: dict[date, list[HalfHour]]) -> Iterator[tuple[str, str, str]]:
    unit = shown.totals.unit
    every = [(day, place, each) for day, row in half_hours.items() for place, each in enumerate(row) if each.values]
    yield f"Total ({unit})", figures.amount(shown.totals.all.total), ""
    yield f"Mean of a day ({unit})", figures.mean(shown.totals.all.total / len(shown.days), unit), ""
    if every:
        together = exact.exact_sum(each.total for _, _, each in every)
        number = sum(each.values for _, _, each in every)
        day, place, most = max(every, key=lambda found: found[2].total)
        yield f"Mean of a half hour ({unit})", figures.mean(together / number, unit), ""
        yield f"Largest half hour ({unit})", figures.amount(most.total), f"{day:%d %b %Y} {clock_at(30 * place)}"
    yield "Days", f"{len(shown.days):,}", f"{shown.first_day:%d %b %Y} to {shown.last_day:%d %b %Y}"


def _typical_day(point: MeterPoint, shown: Shown, rows: list[IntervalDay]) -> figures.Figure:
    """Make the typical day of one, beside that of the others of its tariff."""
    unit = shown.totals.unit
    own = profiles.typical_day(rows, unit, sum(not row.occurrence for row in rows))
    parts = zip(("Mon–Fri", "Sat, Sun"), profiles.by_weekend(rows), strict=True)
    beside = [(name, profiles.typical_day(part, unit, len(part))) for name, part in parts]
    note = ""
    if point.tariff:
        others = replace(
            shown.scope,
            meter_point=None,
            scheme=point.scheme,
            tariff=point.tariff,
            first_day=shown.first_day,
            last_day=shown.last_day,
        )
        number = days_in(others).count() - len(rows)
        sample = [row for row in profiles.sample(others, number) if row.meter_point_id != point.pk]
        day = profiles.typical_day(sample, unit, number)
        beside.append((f"others of tariff {point.tariff}", day))
        note = f" The others: {figures.of_how_many(day)}."
    figure = figures.of_typical_day(own, beside, "This one")
    return replace(figure, note=figure.note + note)


def _channel(register: Any) -> str:
    return labels.register(register.register_id, register.suffix, "")

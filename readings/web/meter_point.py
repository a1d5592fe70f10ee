"""The page of one meter point."""

from __future__ import annotations

from datetime import datetime, timedelta, tzinfo
from functools import cached_property, partial
from typing import Any, Final
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_safe

from readings.formats.dtc.catalogue.clock import BRITISH_CLOCK_TIME
from readings.models import MeterPoint, Reading, Scheme
from readings.models.advances import Advance, advances
from readings.presentation import cells, finding_rows, links, metered, reading_rows, speakers, spellings
from readings.presentation.meter_points.charts import Chart, charts_of
from readings.presentation.meter_points.latest import rows_of
from readings.presentation.meter_points.meters import channels_table, meters_table
from readings.presentation.meter_points.names import Names, in_order
from readings.presentation.reading_rows import reading_row, together
from readings.presentation.unknown import why_unknown
from readings.queries import details
from readings.queries import meter_point as queries
from readings.queries import meter_point_files as file_queries
from readings.queries.advances import registers_without_advances
from readings.queries.findings import findings_about
from readings.queries.lists import MomentKey
from readings.queries.meter_points.ends import day_ends_of, disused, ends_of
from readings.queries.meter_points.latest import latest_days_of, latest_of, newest_days
from readings.queries.meter_points.use import Registers, measurements_of
from readings.web.charts.downloads import csv_of_figure
from readings.web.trail.notes import note_look

#: Schemes whose flows state readings of registers, and those whose flows state intervals.
_READ: Final = (Scheme.MPAN, Scheme.TEST_MPAN, Scheme.NMI)
_IN_INTERVALS: Final = (Scheme.NMI, Scheme.CONSUMER)


@require_safe
@permission_required(("readings.view_meterpoint", "readings.view_reading"), raise_exception=True)
def meter_point(request: HttpRequest, identifier: str) -> HttpResponseBase:
    """Show a meter point."""
    candidates = queries.meter_points_called(identifier)
    scheme = request.GET.get("scheme")
    row = next((each for each in candidates if scheme in (None, each.scheme)), None)
    if row is None:
        context = {"identifier": identifier, "why": why_unknown(identifier)}
        return render(request, "readings/meter_point_missing.html", context, status=404)
    if row.identifier != identifier:
        query = request.GET.urlencode()
        return redirect(links.address_of(row).partition("?")[0] + (f"?{query}" if query else ""))
    page = _Page(row, _key(request.GET.get("before")))
    figures = (chart.figure for chart in page.charts)
    if answer := csv_of_figure(request, figures, meter_points=[row], of=request.GET.urlencode()):
        return answer
    others = [links.meter_point(each) for each in candidates if each != row]
    response = render(request, "readings/meter_point.html", {**page.context(), "others": others})
    note_look(request, [row], "meter point")
    return response


class _Page:
    """The content of the page of one meter point."""

    def __init__(self, row: MeterPoint, after: MomentKey | None) -> None:
        self.row = row
        self.after = after
        self.is_nmi = row.is_nmi
        self.zone: tzinfo = settings.NEM_UTC_OFFSET if row.is_nmi else BRITISH_CLOCK_TIME
        meters = queries.meters_of(row)
        self.registers = {each.pk: each for meter in meters for each in meter.registers.all()}
        self.is_read = row.scheme in _READ
        self.ends = ends_of(row, self.registers) if self.is_read else {}
        self.day_ends = day_ends_of(row, self.registers) if row.scheme in _IN_INTERVALS else {}
        disused_meters = disused(meters, self.ends, self.day_ends, self.zone)
        self.names = Names({meter.pk: meter for meter in meters}, self.registers, disused_meters)
        self.order = in_order(meters, disused_meters)
        with_resets = {key for key, ends in self.ends.items() if ends.is_maximum_demand}
        self.without_advances = registers_without_advances(self.registers.values(), with_resets)

    def context(self) -> dict[str, Any]:
        """Return the context of the template."""
        row, files = self.row, file_queries.files_of(self.row)
        accumulations = details.latest_accumulations(row) if self.is_nmi else ()
        days = newest_days(row, self.day_ends, details.FEW) if self.day_ends else ()
        page, following = queries.readings_page(row, self.after) if self.is_read else ([], None)
        stated = self._stated(page)
        return {
            "meter_point": row,
            "scheme": cells.scheme(row),
            "is_test": row.scheme == Scheme.TEST_MPAN,
            "is_nmi": self.is_nmi,
            "is_consumer": row.scheme == Scheme.CONSUMER,
            "zone": links.zone_of(row),
            "meters": self._meters(),
            "spellings": spellings.notes(self.names.meters.values()),
            **stated,
            "older": _address(row, following) if following else "",
            "newest": _address(row, None) if self.after else "",
            "charts": self.charts,
            "accumulations": metered.with_sources(accumulations, metered.accumulation),
            "day_spans": channels_table(self.names, self.day_ends, self.order),
            "days": metered.with_sources(days, metered.day),
            "visits": [reading_rows.visit(each) for each in details.site_visits_at(row)],
            "findings": finding_rows.in_words(findings_about(row), partial(_address_at, row), is_nmi=self.is_nmi),
            "files": [reading_rows.file_lines(each) for each in files[: file_queries.FILES]],
            "history": metered.history_table(details.history_of(row)),
            "consumption": _consumption(row) if self.day_ends else "",
            "has_more_files": len(files) > file_queries.FILES,
        }

    @cached_property
    def charts(self) -> list[Chart]:
        """Return the charts of the use over time."""
        registers = Registers(
            known=self.registers,
            read=self.ends.keys(),
            channels=self.day_ends.keys(),
            without_advances=self.without_advances,
        )
        return charts_of(measurements_of(self.row, registers, self.zone), self.names)

    def _stated(self, page: list[Reading]) -> dict[str, Any]:
        """Return the latest statements of each register, and a page of readings, each with its speaker."""
        latest = latest_of(self.row, self.ends) if self.ends else []
        latest_days = latest_days_of(self.row, self.day_ends) if self.day_ends and self.is_nmi else []
        of_all_kinds = [row for of_register in latest for _, row in of_register.readings]
        beside = queries.readings_beside(self.row, [*page, *of_all_kinds]) if self.is_read else {}
        who = queries.speakers_of(self.row) if self.is_read else []
        rows = rows_of(latest, latest_days, beside, self.names, self.order, is_named=len(who) > 1)
        by_key = self._advances(page)
        words = [
            reading_row(row, by_key.get(row.pk), beside[row.register_id, row.read_at], is_named=len(who) > 1)
            for row in page
        ]
        return {
            "speakers": speakers.names_of(who),
            "latest": [each for each in rows if not each.is_removed],
            "latest_of_removed": [each for each in rows if each.is_removed],
            "readings": together(page, words, self.order),
        }

    def _meters(self) -> list[dict[str, Any]]:
        exchanges = queries.exchanges_of(self.row) if self.ends and not self.is_nmi else []
        return meters_table(self.names, exchanges, self.ends, self.day_ends, self.without_advances, self.zone)

    def _advances(self, page: list[Reading]) -> dict[int, Advance]:
        if not page:
            return {}
        quantities = queries.reported_quantities(self.row) if self.is_nmi else {}
        readings = map(queries.dial_reading, [*queries.actual_readings_before(self.row, page), *page])
        return advances(readings, maximum_demand=self.without_advances, quantities=quantities)


def _consumption(row: MeterPoint) -> str:
    try:
        return reverse("consumption", args=[row.scheme, row.identifier])
    except NoReverseMatch:
        return ""


def _address(row: MeterPoint, key: MomentKey | None) -> str:
    query = {"scheme": row.scheme} if row.scheme == Scheme.TEST_MPAN else {}
    if key:
        query["before"] = key.text
    return f"?{urlencode(query)}#readings"


def _address_at(row: MeterPoint, newest: datetime) -> str:
    """Return the address of the readings up to an instant."""
    return _address(row, MomentKey(newest + timedelta(seconds=1), 0))


def _key(text: str | None) -> MomentKey | None:
    if text is None:
        return None
    try:
        return MomentKey.parsed(text)
    except (ValueError, OverflowError):
        raise Http404("There is no such page of readings.") from None

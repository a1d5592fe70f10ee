"""The page of one meter point."""

from __future__ import annotations

from datetime import datetime, time, timedelta, timezone
from functools import partial
from typing import Any
from urllib.parse import urlencode

from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import NoReverseMatch, reverse
from django.views.decorators.http import require_safe

from readings.formats.dtc.catalogue import labels as dtc_labels
from readings.formats.mdff.catalogue import labels as mdff_labels
from readings.models import MeterPoint, Reading, Register, Scheme
from readings.models.advances import Advance, advances
from readings.presentation import cells, finding_rows, links, metered, reading_rows, speakers, spellings
from readings.presentation.charts.advances import MOST, Stretch, chart_of
from readings.presentation.charts.drawing import Chart
from readings.presentation.unknown import why_unknown
from readings.queries import details
from readings.queries import meter_point as queries
from readings.queries import meter_point_files as file_queries
from readings.queries.advances import registers_without_advances
from readings.queries.findings import findings_about
from readings.queries.lists import MomentKey
from readings.web.trail.notes import note_look


@require_safe
@permission_required(("readings.view_meterpoint", "readings.view_reading"), raise_exception=True)
def meter_point(request: HttpRequest, identifier: str) -> HttpResponse:
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
        self.meters = queries.meters_of(row)
        self.registers = {each.pk: each for meter in self.meters for each in meter.registers.all()}
        self.spans = queries.spans_of(row)
        self.day_spans = queries.day_spans_of(row)
        self.speakers = queries.speakers_of(row)
        self.amounts = queries.reported_quantities(row) if self.is_nmi else {}

    def context(self) -> dict[str, Any]:
        """Return the context of the template."""
        row, files = self.row, file_queries.files_of(self.row)
        accumulations = details.latest_accumulations(row) if self.is_nmi else ()
        days = details.latest_interval_days(row) if self.day_spans else ()
        page, following = queries.readings_page(row, self.after)
        latest = list(details.latest_readings(row))
        self.beside = queries.readings_beside(row, [*page, *latest])
        return {
            "meter_point": row,
            "scheme": cells.scheme(row),
            "is_test": row.scheme == Scheme.TEST_MPAN,
            "is_nmi": self.is_nmi,
            "is_consumer": row.scheme == Scheme.CONSUMER,
            "zone": links.zone_of(row),
            "meters": self._meters(),
            "spellings": spellings.notes(self.meters),
            "speakers": speakers.names_of(self.speakers),
            "latest": [self._reading(each) for each in latest],
            "readings": self._readings(page),
            "older": _address(row, following) if following else "",
            "newest": _address(row, None) if self.after else "",
            "charts": self._charts(),
            "accumulations": metered.with_sources(accumulations, metered.accumulation),
            "day_spans": self._day_spans(),
            "days": metered.with_sources(days, metered.day),
            "visits": [reading_rows.visit(each) for each in details.site_visits_at(row)],
            "findings": finding_rows.in_words(findings_about(row), partial(_address_at, row), is_nmi=self.is_nmi),
            "files": [reading_rows.file_lines(each) for each in files[: file_queries.FILES]],
            "history": metered.history_table(details.history_of(row)),
            "consumption": _consumption(row) if self.day_spans else "",
            "charted": queries.CHARTED,
            "has_more_files": len(files) > file_queries.FILES,
        }

    def _meters(self) -> list[dict[str, Any]]:
        events: dict[int, list[str]] = {}
        for reading in queries.exchanges_of(self.row):
            word = "installed" if reading.reading_type == "I" else "removed"
            event = (
                f"{word} {dtc_labels.british_time(reading.read_at)}, register {reading.register} at {reading.value:f}"
            )
            events.setdefault(reading.register.meter_id, []).append(event)
        meters = [
            {
                "serial": cells.meter(meter),
                "registers": [self._register(each) for each in meter.registers.all()],
                "since": min((span.first for span in spans), default=None),
                "events": events.get(meter.pk, ()),
            }
            for meter in self.meters
            for spans in [[self.spans[each.pk] for each in meter.registers.all() if each.pk in self.spans]]
        ]
        never = datetime.max.replace(tzinfo=timezone.utc)
        return sorted(meters, key=lambda each: each["since"] or never)

    def _register(self, register: Register) -> dict[str, Any]:
        span = self.spans.get(register.pk)
        return {
            "name": cells.register(register),
            "way": mdff_labels.channel(register.suffix),
            "rows": span.rows if span else 0,
            "span": f"{self._day(span.first)} – {self._day(span.last)}" if span else "",
            "is_maximum_demand": register.pk in self._maximum_demand,
        }

    def _day(self, moment: datetime) -> str:
        words = cells.market_instant(moment, is_nmi=self.is_nmi)
        return words[:11]

    @property
    def _maximum_demand(self) -> frozenset[int]:
        """Return the registers without advances."""
        with_resets = {key for key, span in self.spans.items() if span.is_maximum_demand}
        return registers_without_advances(self.registers.values(), with_resets)

    def _readings(self, page: list[Reading]) -> list[reading_rows.ReadingRow]:
        advances_by_key = self._advances([*queries.actual_readings_before(self.row, page), *page])
        rows = [(each.read_at, self._reading(each, advances_by_key.get(each.pk))) for each in page]
        # Of one time, the readings that count are first.
        return [row for _, row in sorted(rows, key=lambda each: (each[0], each[1].counts), reverse=True)]

    def _reading(self, row: Reading, advance: Advance | None = None) -> reading_rows.ReadingRow:
        beside = self.beside.get((row.register_id, row.read_at), ())
        return reading_rows.reading_row(row, advance, beside, is_named=len(self.speakers) > 1)

    def _advances(self, readings: list[Reading]) -> dict[int, Advance]:
        dial_readings = map(queries.dial_reading, readings)
        return advances(dial_readings, maximum_demand=self._maximum_demand, quantities=self.amounts)

    def _charts(self) -> list[Chart]:
        readings = queries.charted_readings(self.row)
        advances_by_key = self._advances(readings)
        stretches: dict[int, list[Stretch]] = {}
        for each in readings:
            if (advance := advances_by_key.get(each.pk)) and advance.per_day is not None:
                stretches.setdefault(each.register_id, []).append(self._stretch(advance))
        charts = [self._chart(key, "units of the register", some) for key, some in stretches.items()]
        return [chart for chart in (*charts, *self._day_charts()) if chart][:MOST]

    def _stretch(self, advance: Advance) -> Stretch:
        words = f"{self._day(advance.since)} – {self._day(advance.until)}: "
        assert advance.per_day is not None
        words += f"{reading_rows.per_day(advance.per_day)} per day, {advance.amount:f} in total"
        return Stretch(advance.since, advance.until, advance.per_day, words)

    def _day_charts(self) -> list[Chart | None]:
        stretches: dict[int, list[Stretch]] = {}
        for register, day, total, unit in queries.charted_days(self.row):
            if mdff_labels.may_be_added_up(unit):
                since = datetime.combine(day, time(), timezone.utc)
                stretch = Stretch(since, since + timedelta(1), total, f"{cells.day(day)}: {total:f} {unit}")
                stretches.setdefault(register, []).append(stretch)
        return [self._chart(key, self.day_spans[key].unit, some) for key, some in stretches.items()]

    def _chart(self, register: int, unit: str, stretches: list[Stretch]) -> Chart | None:
        row = self.registers[register]
        name = " · ".join(filter(None, (row.register_id, row.suffix)))
        unit = row.unit or unit
        title = f"Per day, in {unit}" + (f": register {name}" if name else "")
        return chart_of(title, unit, stretches)

    def _day_spans(self) -> list[dict[str, Any]]:
        return [
            {
                "register": cells.register(self.registers[key]),
                "meter": cells.meter(next(each for each in self.meters if each.pk == self.registers[key].meter_id)),
                "way": mdff_labels.channel(self.registers[key].suffix),
                "span": span,
            }
            for key, span in self.day_spans.items()
        ]


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

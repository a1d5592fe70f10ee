"""Everything about one meter point on one screen."""

from __future__ import annotations

from datetime import datetime, time, timedelta, timezone
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
from readings.models.advances import Advance, Shown, advances
from readings.presentation import cells, links, metered, reading_rows
from readings.presentation.charts.advances import MOST, Stretch, chart_of
from readings.presentation.charts.drawing import Chart
from readings.presentation.unknown import why_unknown
from readings.queries import details
from readings.queries import meter_point as asked
from readings.queries import meter_point_files as stated


@require_safe
@permission_required(("readings.view_meterpoint", "readings.view_reading"), raise_exception=True)
def meter_point(request: HttpRequest, identifier: str) -> HttpResponse:
    """Show a meter point."""
    found = asked.meter_points_called(identifier)
    scheme = request.GET.get("scheme")
    row = next((each for each in found if scheme in (None, each.scheme)), None)
    if row is None:
        why = {"identifier": identifier, "why": why_unknown(identifier)}
        return render(request, "readings/meter_point_missing.html", why, status=404)
    if row.identifier != identifier:
        query = request.GET.urlencode()
        return redirect(links.address_of(row).partition("?")[0] + (f"?{query}" if query else ""))
    page = _Page(row, _key(request.GET.get("before")))
    others = [links.meter_point(each) for each in found if each != row]
    return render(request, "readings/meter_point.html", {**page.context(), "others": others})


class _Page:
    """What stands on the page of one meter point."""

    def __init__(self, row: MeterPoint, behind: asked.Key | None) -> None:
        self.row = row
        self.behind = behind
        self.is_nmi = row.is_nmi
        self.meters = asked.meters_of(row)
        self.registers = {each.pk: each for meter in self.meters for each in meter.registers.all()}
        self.spans = asked.spans_of(row)
        self.day_spans = asked.day_spans_of(row)
        self.amounts = asked.stated_amounts(row) if self.is_nmi else {}

    def context(self) -> dict[str, Any]:
        """Return what the template shows."""
        row, files = self.row, stated.files_of(self.row)
        accumulations = details.latest_accumulations(row) if self.is_nmi else ()
        days = details.latest_interval_days(row) if self.day_spans else ()
        page, following = asked.readings_page(row, self.behind)
        return {
            "meter_point": row,
            "scheme": cells.scheme(row),
            "is_test": row.scheme == Scheme.TEST_MPAN,
            "is_nmi": self.is_nmi,
            "is_consumer": row.scheme == Scheme.CONSUMER,
            "zone": links.zone_of(row),
            "meters": self._meters(),
            "latest": self._latest(),
            "readings": self._readings(page),
            "older": _address(row, following) if following else "",
            "newest": _address(row, None) if self.behind else "",
            "charts": self._charts(),
            "accumulations": [metered.accumulation(each) for each in accumulations],
            "day_spans": self._day_spans(),
            "days": [metered.day(each) for each in days],
            "visits": [reading_rows.visit(each) for each in details.site_visits_at(row)],
            "findings": [reading_rows.finding(each) for each in stated.findings_of(row, files[: stated.FILES])],
            "files": [reading_rows.file_lines(each) for each in files[: stated.FILES]],
            "consumption": _consumption(row) if self.day_spans else "",
            "charted": asked.CHARTED,
            "has_more_files": len(files) > stated.FILES,
        }

    def _meters(self) -> list[dict[str, Any]]:
        events: dict[int, list[str]] = {}
        for reading in asked.exchanges_of(self.row):
            word = "installed" if reading.reading_type == "I" else "removed"
            said = (
                f"{word} {dtc_labels.british_time(reading.read_at)}, register {reading.register} at {reading.value:f}"
            )
            events.setdefault(reading.register.meter_id, []).append(said)
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
        words = cells.nem_instant(moment) if self.is_nmi else dtc_labels.british_time(moment)
        return words[:11]

    @property
    def _maximum_demand(self) -> frozenset[int]:
        """The registers that have no advance: they were reset, are called so, or measure no energy."""
        reset = {key for key, span in self.spans.items() if span.is_maximum_demand}
        named = {key for key, each in self.registers.items() if each.register_id.upper().startswith("MD")}
        demand = {
            key for key, each in self.registers.items() if each.unit and not mdff_labels.may_be_added_up(each.unit)
        }
        return frozenset(reset | named | demand)

    def _latest(self) -> list[reading_rows.ReadingRow]:
        return [reading_rows.reading_row(reading, None, None) for reading in details.latest_readings(self.row)]

    def _readings(self, page: list[Reading]) -> list[reading_rows.ReadingRow]:
        shown = [self._shown(each) for each in (*asked.actual_readings_before(self.row, page), *page)]
        found = advances(shown, maximum_demand=self._maximum_demand, stated=self.amounts)
        replaced = asked.replacements_of(page)
        return [
            reading_rows.reading_row(
                each, found.get(each.pk), replaced.get(each.superseded_by_id or each.withdrawn_by_id or 0)
            )
            for each in page
        ]

    def _shown(self, reading: Reading) -> Shown:
        return asked.as_shown(reading)

    def _charts(self) -> list[Chart]:
        readings = asked.charted_readings(self.row)
        shown = [self._shown(each) for each in readings]
        found = advances(shown, maximum_demand=self._maximum_demand, stated=self.amounts)
        stretches: dict[int, list[Stretch]] = {}
        for each in readings:
            if (advance := found.get(each.pk)) and advance.per_day is not None:
                stretches.setdefault(each.register_id, []).append(self._stretch(advance))
        charts = [self._chart(key, "units of the register", some) for key, some in stretches.items()]
        return [chart for chart in (*charts, *self._day_charts()) if chart][:MOST]

    def _stretch(self, advance: Advance) -> Stretch:
        words = f"{self._day(advance.since)} – {self._day(advance.until)}: "
        assert advance.per_day is not None
        words += f"{reading_rows.per_day(advance.per_day)} a day, {advance.amount:f} in all"
        return Stretch(advance.since, advance.until, advance.per_day, words)

    def _day_charts(self) -> list[Chart | None]:
        stretches: dict[int, list[Stretch]] = {}
        for register, day, total, unit in asked.charted_days(self.row):
            if mdff_labels.may_be_added_up(unit):
                since = datetime.combine(day, time(), timezone.utc)
                stretch = Stretch(since, since + timedelta(1), total, f"{cells.day(day)}: {total:f} {unit}")
                stretches.setdefault(register, []).append(stretch)
        return [self._chart(key, self.day_spans[key].unit, some) for key, some in stretches.items()]

    def _chart(self, register: int, unit: str, stretches: list[Stretch]) -> Chart | None:
        row = self.registers[register]
        name = " · ".join(filter(None, (row.register_id, row.suffix)))
        unit = row.unit or unit
        title = f"A day, in {unit}" + (f": register {name}" if name else "")
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


def _address(row: MeterPoint, key: asked.Key | None) -> str:
    query = {"scheme": row.scheme} if row.scheme == Scheme.TEST_MPAN else {}
    if key:
        query["before"] = f"{key.read_at.isoformat()}_{key.pk}"
    return f"?{urlencode(query)}#readings"


def _key(text: str | None) -> asked.Key | None:
    if text is None:
        return None
    moment, _, pk = text.rpartition("_")
    try:
        return asked.Key(datetime.fromisoformat(moment).astimezone(timezone.utc), int(pk))
    except (ValueError, OverflowError):
        raise Http404("There is no such page of readings.") from None

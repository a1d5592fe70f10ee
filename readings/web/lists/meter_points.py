"""The lists of meter points and meters."""

from __future__ import annotations

from typing import Final

from django.utils.html import format_html
from django.utils.safestring import SafeString

from readings.formats.text import NO_VALUE
from readings.models import Meter, MeterPoint
from readings.presentation import cells, links
from readings.queries.listing import points
from readings.web.lists import fields
from readings.web.lists.described import Column, ListPage


def _registers(row: Meter) -> str:
    names = {" · ".join(filter(None, dict.fromkeys((each.register_id, each.suffix)))) for each in row.registers.all()}
    return ", ".join(sorted(names - {""})) or NO_VALUE


def _meters(row: MeterPoint) -> SafeString:
    meters = sorted(row.meters.all(), key=lambda each: each.pk)
    return cells.lines(*(format_html("{}: {}", cells.meter(each), _registers(each)) for each in meters))


def _serial_number(row: Meter) -> SafeString:
    """Return the serial number with a link to the meters of its meter point."""
    return format_html('<a href="{}#meters">{}</a>', links.address_of(row.meter_point), cells.meter(row))


METER_POINTS: Final = ListPage(
    name="meter-points",
    title="Meter points",
    nouns=("meter point", "meter points"),
    permissions=("readings.view_meterpoint", "readings.view_reading"),
    filters={**fields.SCHEME, "area": fields.text("Area"), "tariff": fields.text("Tariff")},
    columns=(
        Column(heading="Meter point", cell=links.meter_point, order="identifier"),
        Column(heading="Scheme", cell=cells.scheme),
        Column(heading="Area", cell=lambda row: row.area or NO_VALUE),
        Column(heading="Tariff", cell=lambda row: row.tariff or NO_VALUE),
        Column(heading="Meters and their registers", cell=_meters),
    ),
    select=points.select_meter_points,
    rows=points.meter_points,
    admin="admin:readings_meterpoint_changelist",
)
METERS: Final = ListPage(
    name="meters",
    title="Meters",
    nouns=("meter", "meters"),
    permissions=("readings.view_meter", "readings.view_meterpoint", "readings.view_reading"),
    filters={**fields.SCHEME, **fields.METER_POINT},
    columns=(
        Column(heading="Serial number", cell=_serial_number, order="serial-number"),
        Column(heading="Meter point", cell=lambda row: links.meter_point(row.meter_point)),
        Column(heading="Scheme", cell=lambda row: cells.scheme(row.meter_point)),
        Column(heading="Registers", cell=_registers),
    ),
    select=points.select_meters,
    rows=points.meters,
    admin="admin:readings_meter_changelist",
)

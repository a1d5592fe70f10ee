"""The lists of accumulations and interval days."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings

from readings.formats.mdff.catalogue import labels
from readings.formats.packed_day import number_of_values
from readings.formats.text import NO_VALUE
from readings.models import Accumulation, IntervalDay
from readings.presentation import badges, cells, metered
from readings.queries.listing import statements
from readings.queries.listing.pages import Selected
from readings.web.lists import columns, fields
from readings.web.lists.described import Column, FieldMaker, ListPage

_FILTERS: Final[Mapping[str, FieldMaker]] = {
    **fields.DAYS,
    "sender": fields.text("Sender"),
    **fields.METER_POINT,
    **fields.FLOW_FILE,
    **fields.SCHEME,
}


def _select_accumulations(filters: Mapping[str, Any]) -> Selected[Accumulation]:
    return statements.select_accumulations(filters, nem_time=settings.NEM_UTC_OFFSET)


def _day(row: IntervalDay) -> str:
    note = badges.small("the repeated hours") if row.occurrence else ""
    return cells.lines(cells.day(row.day), note) if note else cells.day(row.day)


def _quality(row: IntervalDay) -> str:
    return metered.day_quality(row) if row.quality_method else NO_VALUE


ACCUMULATIONS: Final = ListPage(
    name="accumulations",
    title="Accumulations",
    nouns=("accumulation", "accumulations"),
    permissions=("readings.view_accumulation", "readings.view_meterpoint", "readings.view_reading"),
    lead="Quantities between two reads of a register, as NEM13 files state them. Times are NEM time.",
    filters=_FILTERS,
    columns=(
        *columns.REGISTER,
        Column(heading="Direction", cell=lambda row: labels.direction(row.direction)),
        Column(heading="Previous read", cell=metered.previous_end),
        Column(heading="Current read", cell=metered.current_end, order="time"),
        Column(heading="Quantity", cell=metered.quantity, is_number=True),
        *columns.SOURCE,
    ),
    select=_select_accumulations,
    rows=statements.accumulations,
    admin="admin:readings_accumulation_changelist",
)
INTERVAL_DAYS: Final = ListPage(
    name="interval-days",
    title="Interval days",
    nouns=("interval day", "interval days"),
    permissions=("readings.view_intervalday", "readings.view_meterpoint", "readings.view_reading"),
    lead="The intervals of one channel on one day.",
    filters=_FILTERS,
    columns=(
        *columns.REGISTER,
        Column(heading="Day", cell=_day, order="time", is_time=True),
        Column(heading="Intervals", cell=lambda row: f"{number_of_values(row.values)} × {row.interval_length} min"),
        Column(heading="Sum or mean", cell=metered.day_amount, is_number=True),
        Column(heading="Quality", cell=_quality),
        *columns.SOURCE,
    ),
    select=statements.select_interval_days,
    rows=statements.interval_days,
    admin="admin:readings_intervalday_changelist",
)

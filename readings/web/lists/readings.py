"""The list of readings."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.conf import settings
from django.utils.html import format_html
from django.utils.safestring import SafeString

from readings.formats.dtc.catalogue import labels
from readings.formats.dtc.catalogue.codes import READING_TYPES
from readings.models import Reading
from readings.models.register_readings import Flag, Kind
from readings.presentation import badges, cells, links
from readings.queries.listing import statements
from readings.queries.listing.pages import Selected
from readings.web.lists import columns, fields
from readings.web.lists.described import Column, ListPage, as_text

_TYPES: Final = [(code, labels.kind_of_reading(code)) for code in READING_TYPES]


def _select(filters: Mapping[str, Any]) -> Selected[Reading]:
    return statements.select_readings(filters, nem_time=settings.NEM_UTC_OFFSET)


def _read_at(row: Reading) -> SafeString:
    """Return the time, with a link to the readings of the meter point from there on."""
    words, line_break, note = cells.read_at(row, linked=False).partition("<br>")
    link = format_html('<a href="{}">{}</a>', links.address_of_reading(row), cells.in_two_lines(words))
    return SafeString(f"{link}{line_break}{note}")


def _read_at_in_words(row: Reading) -> str:
    return as_text(cells.read_at(row, linked=False))


LIST: Final = ListPage(
    name="readings",
    title="Readings",
    nouns=("reading", "readings"),
    permissions=("readings.view_meterpoint", "readings.view_reading"),
    lead="What files state about registers, with what was superseded or withdrawn since. British times are clock "
    "time; Australian ones are NEM time.",
    filters={
        "kind": fields.choice("Kind of reading", (*Kind.choices, *_TYPES)),
        "flag": fields.choice("Flag", Flag.choices),
        **fields.DAYS,
        "sender": fields.text("Sender"),
        **fields.METER_POINT,
        **fields.FLOW_FILE,
        **fields.SCHEME,
    },
    columns=(
        *columns.REGISTER,
        Column(heading="Read at", cell=_read_at, words=_read_at_in_words, order="time", is_time=True),
        Column(heading="Value", cell=cells.value, is_number=True),
        Column(heading="Kind of reading", cell=cells.kind),
        Column(heading="Flag", cell=badges.flag),
        *columns.SOURCE,
    ),
    select=_select,
    rows=statements.readings,
    admin="admin:readings_reading_changelist",
)

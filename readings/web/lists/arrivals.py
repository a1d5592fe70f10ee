"""The list of arrivals."""

from __future__ import annotations

from typing import Final

from django.utils.html import format_html
from django.utils.safestring import SafeString

from readings.formats.text import NO_VALUE
from readings.models import Arrival, Channel, Outcome
from readings.presentation import badges, cells, links
from readings.queries.listing import files
from readings.web.lists import columns, fields
from readings.web.lists.described import Column, ListPage

_OUTCOMES: Final = tuple((each.word, str(each.label)) for each in Outcome)
_CHANNELS: Final = tuple((value.lower(), words) for value, words in Channel.choices)


def _file(row: Arrival) -> SafeString:
    """Return the name with a link to the content, and the zip that contained it."""
    zip_ = row.container
    note = format_html("in {}", links.flow_file(zip_.flow_file, zip_.name)) if zip_ else ""
    return cells.lines(links.flow_file(row.flow_file, row.name), badges.small(note) if note else "")


def _put_away(row: Arrival) -> str:
    return cells.in_two_lines(cells.instant(row.settled_at, "Not yet"))


LIST: Final = ListPage(
    name="arrivals",
    title="Arrivals",
    nouns=("arrival", "arrivals"),
    permissions=("readings.view_arrival", "readings.view_flowfile"),
    lead="Each delivery or upload of a file, also where its content was known already.",
    filters={
        "outcome": fields.choice("Outcome", _OUTCOMES),
        "channel": fields.choice("Channel", _CHANNELS),
        **fields.HEADER,
        **fields.DAYS,
    },
    columns=(
        Column(heading="File", cell=_file),
        Column(heading="Outcome", cell=lambda row: badges.outcome(row.outcome, row.get_outcome_display())),
        Column(heading="Format", cell=lambda row: row.flow_file.format or NO_VALUE),
        Column(heading="Sender", cell=lambda row: links.sender(row.flow_file)),
        Column(heading="Channel", cell=lambda row: row.get_channel_display()),
        Column(heading="By whom", cell=lambda row: row.by_whom or NO_VALUE),
        columns.RECEIVED,
        Column(heading="Put away", cell=_put_away, is_time=True),
    ),
    select=files.select_arrivals,
    rows=files.arrivals,
    admin="admin:readings_arrival_changelist",
)

"""The list of flow files."""

from __future__ import annotations

from typing import Final

from django.utils.safestring import SafeString

from readings.formats.text import NO_VALUE, count
from readings.models import FlowFile, Status
from readings.presentation import badges, cells, links
from readings.presentation.badges import small
from readings.queries.listing import files
from readings.web.lists import columns, fields
from readings.web.lists.described import Column, ListPage

OUTCOMES: Final = tuple((each.word, str(each.label)) for each in Status)


def _flow(row: FlowFile) -> str:
    return f"{row.format}{row.version}" or NO_VALUE


def _outcome(row: FlowFile) -> SafeString:
    return badges.outcome(row.status, row.get_status_display())


def _created(row: FlowFile) -> str:
    return cells.in_two_lines(cells.market_instant(row.created_at, is_nmi=row.is_of_nmis))


def _readings(row: FlowFile) -> str:
    """Return the number of new readings, with a link to them."""
    return links.to_list("readings", f"{row.readings:,}", flow_file=row.sha256) if row.readings else "0"


def _others(row: FlowFile) -> str:
    """Return the new accumulations and interval days, with links to them, the repeats and the superseded rows."""
    amounts = (
        ("accumulations", row.accumulations, "accumulation"),
        ("interval-days", row.interval_days, "interval day"),
    )
    listed = [
        links.to_list(name, count(number, one), flow_file=row.sha256) for name, number, one in amounts if number
    ]
    plain = ((count(row.repeats, "repeat"), row.repeats), (f"{row.superseded:,} superseded", row.superseded))
    listed += [small(words) for words, number in plain if number]
    return cells.lines(*listed) if listed else NO_VALUE


def _problems(row: FlowFile) -> str:
    """Return the numbers of errors and of warnings, with links to them."""
    listed = [
        links.to_list("problems", count(number, severity), severity=severity, flow_file=row.sha256)
        for severity, number in (("error", row.errors), ("warning", row.warnings))
        if number
    ]
    return cells.lines(*listed) if listed else NO_VALUE


LIST: Final = ListPage(
    name="flow-files",
    title="Files",
    nouns=("file", "files"),
    permissions=("readings.view_flowfile", "readings.view_reading"),
    lead="Each file once, even if it arrived several times.",
    filters={
        "outcome": fields.choice("Outcome", OUTCOMES),
        **fields.HEADER,
        **fields.DAYS,
        "code": fields.text("Code of a problem"),
    },
    columns=(
        Column(heading="File", cell=links.flow_file),
        Column(heading="Outcome", cell=_outcome),
        Column(heading="Flow", cell=_flow),
        Column(heading="Sender", cell=links.sender, order="sender"),
        Column(heading="Created", cell=_created, is_time=True),
        columns.RECEIVED,
        Column(heading="Readings", cell=_readings, is_number=True),
        Column(heading="Other rows", cell=_others),
        Column(heading="Problems", cell=_problems),
    ),
    select=files.select_flow_files,
    rows=files.flow_files,
    admin="admin:readings_flowfile_changelist",
)

"""The list of problems."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from django.utils.safestring import SafeString

from readings.formats.text import NO_VALUE
from readings.models import Problem, Severity
from readings.presentation import badges, cells, links
from readings.queries import details
from readings.queries.listing import files
from readings.web.lists import fields
from readings.web.lists.described import Column, ListPage

_SEVERITIES: Final = tuple((value.lower(), words) for value, words in Severity.choices)


def _find_meter_points(rows: Sequence[Problem]) -> None:
    """Give each problem the stored meter point that it concerns."""
    found = details.meter_points_of(rows)
    for row in rows:
        row.__dict__["meter_point"] = found.get((row.scheme, row.identifier))


def _meter_point(row: Problem) -> str:
    """Return the meter point, with a link if it is stored."""
    found = row.__dict__.get("meter_point")
    return links.meter_point(found) if found else row.identifier or NO_VALUE


def _severity(row: Problem) -> SafeString:
    return badges.outcome(row.severity, row.get_severity_display())


LIST: Final = ListPage(
    name="problems",
    title="Problems",
    nouns=("problem", "problems"),
    permissions=("readings.view_problem", "readings.view_flowfile"),
    lead="Errors and warnings, line by line. Of many with one code in a file, only the first are stored. Notes about "
    "other flows are listed by their code, other-flow.",
    filters={
        "severity": fields.choice("Severity", _SEVERITIES),
        "code": fields.text("Code"),
        **fields.HEADER,
        **fields.DAYS,
        **fields.FLOW_FILE,
    },
    columns=(
        Column(heading="File", cell=lambda row: links.flow_file(row.flow_file)),
        Column(heading="Line", cell=lambda row: cells.line(row.line), order="line", is_number=True),
        Column(heading="Severity", cell=_severity),
        Column(heading="Code", cell=lambda row: links.to_list("problems", row.code, code=row.code)),
        Column(heading="Record", cell=lambda row: row.record or NO_VALUE),
        Column(heading="Field", cell=lambda row: row.field or NO_VALUE),
        Column(heading="Value", cell=lambda row: cells.as_sent(row.value)),
        Column(heading="Message", cell=lambda row: row.message),
        Column(heading="Meter point", cell=_meter_point),
        Column(heading="Sender", cell=lambda row: links.sender(row.flow_file)),
    ),
    select=files.select_problems,
    rows=files.problems,
    prepare=_find_meter_points,
    admin="admin:readings_problem_changelist",
)

"""The page of one flow file: its header, its outcome, and its problems with the lines as sent."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from django.contrib.auth.decorators import permission_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from readings.formats.dtc.catalogue import labels
from readings.formats.text import as_bytes
from readings.imports.places import is_candidate
from readings.models import Arrival, FlowFile, Outcome, Reading, Status
from readings.presentation import badges, cells, links, metered, reading_rows
from readings.presentation.flow_files import facts
from readings.presentation.flow_files.sender_text import sender_text
from readings.queries import details, lists
from readings.queries.flow_files import corrections
from readings.queries.flow_files.problems import Group
from readings.queries.upkeep import put_away
from readings.web.flow_files import problems
from readings.web.flow_files.chosen import MAY_VIEW, candidates
from readings.web.flow_files.problems import Choice

#: Number of characters in a line of the text for the sender.
LINE: Final = 80


@require_safe
@permission_required(MAY_VIEW, raise_exception=True)
def flow_file(request: HttpRequest, sha256: str) -> HttpResponse:
    """Show a flow file; list the candidates if the start of a hash, or a hash without subject, matches several."""
    chosen = candidates(request, sha256)
    if len(chosen) > 1:
        listed = [(links.flow_file(each), badges.outcome(each.status, each.get_status_display())) for each in chosen]
        return render(request, "readings/flow_files.html", {"sha256": sha256, "flow_files": listed})
    if chosen[0].sha256 != sha256:
        query = request.GET.urlencode()
        return redirect(reverse("flow-file", args=[chosen[0].sha256]) + (f"?{query}" if query else ""))
    return render(request, "readings/flow_file.html", _context(chosen[0], Choice.of(request)))


def _context(row: FlowFile, choice: Choice) -> dict[str, Any]:
    arrivals = list(details.arrivals_of(row))
    members = list(details.members_of(row))
    found = problems.context(row, arrivals, choice)
    name = lists.name_of(row)
    return {
        **found,
        "flow_file": row,
        "name": name,
        "outcome": badges.outcome(row.status, row.get_status_display()),
        "lead": facts.lead(row, has_members=bool(members)),
        "is_test": labels.is_test(row.test_flag),
        "header": list(facts.header(row)),
        "counts": facts.counts(row),
        "arrivals": [facts.arrival(arrival) for arrival in arrivals],
        "members": [facts.member(member) for member in members],
        **_for_sender(row, name, found["groups"], arrivals),
        "put_back": _put_back(row, arrivals),
        "downloads": _downloads(row) if arrivals else {},
        **_corrections(row, arrivals),
        **_statements(row),
    }


def _for_sender(row: FlowFile, name: str, groups: Sequence[Group], arrivals: Sequence[Arrival]) -> dict[str, Any]:
    """Return the text about a rejected file for its sender, and its number of lines."""
    if row.status != Status.REJECTED:
        return {}
    rejected = [each.received_at for each in arrivals if each.outcome == Outcome.REJECTED]
    text = sender_text(row, name, groups, rejected[-1] if rejected else None)
    rows = sum(1 + len(line) // LINE for line in text.split("\n"))
    return {"sender_text": text, "sender_text_rows": rows + 1}


def _put_back(row: FlowFile, arrivals: Sequence[Arrival]) -> dict[str, str]:
    """Return what a form needs to put a file back, or the zip that it is in; nothing if it is not there."""
    for arrival in reversed(arrivals):
        file = arrival.container or arrival
        if put_away.is_unread_and_present(file) and is_candidate(as_bytes(file.name)):
            zipped = file.name if arrival.container else ""
            address = links.address_of_file(row)
            return {"name": file.name, "sha256": file.flow_file.sha256, "zip": zipped, "next": address}
    return {}


def _downloads(row: FlowFile) -> dict[str, str]:
    """Return the addresses of the report and of the bytes of a file."""
    views = {"text": "flow-file-report", "document": "flow-file-report-json", "original": "flow-file-original"}
    return {name: links.address_of_file(row, view) for name, view in views.items()}


def _corrections(row: FlowFile, arrivals: Sequence[Arrival]) -> dict[str, Any]:
    """Return the file that corrects a rejected one, and the rejected ones that a file corrects."""
    correction = corrections.correction_of(row, arrivals)
    attempts = corrections.earlier_attempts(row, arrivals)
    return {
        "correction": _link(correction) if correction else None,
        "attempts": [_link(attempt) for attempt in attempts],
    }


def _link(arrival: Arrival) -> tuple[str, str]:
    return links.flow_file(arrival.flow_file, arrival.name), cells.instant(arrival.received_at)


def _statements(row: FlowFile) -> dict[str, Any]:
    """Return the first statements of a file, and the address of the list of estimates."""
    days, accumulations = details.interval_days_in(row), details.accumulations_in(row)
    return {
        "readings": [_reading(each) for each in details.readings_in(row)] if row.readings else [],
        "accumulations": [metered.accumulation(each) for each in accumulations] if row.accumulations else [],
        "interval_days": [metered.day(each) for each in days] if row.interval_days else [],
        "most": details.MOST_STATEMENTS,
        "estimates": links.listing("readings", flow_file=row.sha256, kind="estimate"),
    }


def _reading(row: Reading) -> dict[str, Any]:
    return {
        "line": row.line,
        "meter_point": links.meter_point(row.meter_point),
        "row": reading_rows.reading_row(row),
    }

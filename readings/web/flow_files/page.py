"""The page of one flow file: its header, its outcome, and its problems with the lines as sent."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib.auth.decorators import permission_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.html import format_html
from django.views.decorators.http import require_safe

from readings.formats.dtc.catalogue import labels
from readings.formats.raw_lines import Marked, lines_at, mark
from readings.formats.recognition import find_format
from readings.formats.text import NO_VALUE, count
from readings.imports.kept_files import NotThere, open_content
from readings.models import Arrival, FlowFile, MeterPoint, Outcome, Problem, Reading, Surplus
from readings.presentation import badges, cells, links, metered, reading_rows
from readings.queries import details, lists


@require_safe
@permission_required(("readings.view_flowfile", "readings.view_reading"), raise_exception=True)
def flow_file(request: HttpRequest, sha256: str) -> HttpResponse:
    """Show a flow file; list the candidates if the start of a hash, or a hash without subject, matches several."""
    candidates = details.flow_files_of(sha256.lower())
    subject = request.GET.get("subject")
    chosen = [each for each in candidates if subject in (None, each.subject)]
    if not chosen:
        raise Http404("No flow file has this hash.")
    if len(chosen) > 1:
        listed = [(links.flow_file(each), badges.outcome(each.status, each.get_status_display())) for each in chosen]
        return render(request, "readings/flow_files.html", {"sha256": sha256, "flow_files": listed})
    if chosen[0].sha256 != sha256:
        query = request.GET.urlencode()
        return redirect(links.address_of_file(chosen[0]).partition("?")[0] + (f"?{query}" if query else ""))
    return render(request, "readings/flow_file.html", _context(chosen[0], _key(request.GET.get("after"))))


def _context(row: FlowFile, after: tuple[int, int] | None) -> dict[str, Any]:
    arrivals = list(details.arrivals_of(row))
    problems, following = details.problems_page(row, after)
    module = find_format(row.format)
    fields = module.FIELDS if module else {}
    meter_points = details.meter_points_of(problems)
    lines, why_none = _lines(row, arrivals, {problem.line for problem in problems} - {0})
    return {
        "flow_file": row,
        "name": lists.name_of(row),
        "outcome": badges.outcome(row.status, row.get_status_display()),
        "is_test": labels.is_test(row.test_flag),
        "header": list(_header(row)),
        "counts": [(words, number) for words, number in _counts(row) if number],
        "arrivals": [_arrival(arrival) for arrival in arrivals],
        "members": [_member(member) for member in details.members_of(row)],
        "problems": [
            {
                **_problem(each, lines.get(each.line), fields.get(each.record, ())),
                "meter_point": _meter_point(each, meter_points),
            }
            for each in problems
        ],
        "why_no_lines": why_none,
        "earlier": _address(row, None) if after else "",
        "more": _address(row, following) if following else "",
        "unlisted": [_unlisted(each) for each in details.surpluses_of(row)],
        "readings": [_reading(each) for each in details.readings_in(row)] if row.readings else [],
        "accumulations": [metered.accumulation(each) for each in details.accumulations_in(row)]
        if row.accumulations
        else [],
        "interval_days": [metered.day(each) for each in details.interval_days_in(row)] if row.interval_days else [],
        "most": details.MOST_STATEMENTS,
    }


def _lines(row: FlowFile, arrivals: Iterable[Arrival], numbers: set[int]) -> tuple[dict[int, bytes], str]:
    """Return the lines with these numbers as sent, or the reason why they cannot be shown."""
    if not numbers:
        return {}, ""
    try:
        with open_content(row, arrivals, (settings.ARCHIVE_DIR, settings.REJECTED_DIR)) as stream:
            lines = lines_at(stream, numbers)
    except (NotThere, OSError) as error:
        return {}, str(error)
    return lines, "" if len(lines) == len(numbers) else "the last ones are too far down in a large file"


def _problem(problem: Problem, line: bytes | None, names: Sequence[str]) -> dict[str, Any]:
    """Return a problem for the template; `names` are the field names of its record."""
    marked: Marked | None = None
    if line is not None:
        marked = mark(line, names=names, record=problem.record, field=problem.field, value=problem.value)
    return {
        "severity": badges.outcome(problem.severity, problem.get_severity_display()),
        "problem": problem,
        "where": cells.line(problem.line),
        "marked": marked,
    }


def _meter_point(problem: Problem, meter_points: Mapping[tuple[str, str], MeterPoint]) -> str:
    """Return the meter point that a problem concerns, with a link if it is stored; empty if there is none."""
    row = meter_points.get((problem.scheme, problem.identifier))
    return links.meter_point(row) if row else problem.identifier


def _unlisted(row: Surplus) -> str:
    what = row.code or f"{row.get_severity_display().lower()}s"
    return f"{row.number:,} more {what} {'was' if row.number == 1 else 'were'} counted but not stored."


def _header(row: FlowFile) -> Iterable[tuple[str, str]]:
    yield "Flow", f"{row.format}{row.version}" or NO_VALUE
    if row.subject:
        yield "Subject", row.subject
    yield "File identifier", row.file_identifier or NO_VALUE
    yield "From", links.sender(row)
    yield "To", labels.participant(row.recipient, row.recipient_role)
    yield "Created", cells.market_instant(row.created_at, is_nmi=row.is_of_nmis)
    yield "Test data flag", row.test_flag or NO_VALUE
    yield "Received", cells.instant(row.received_at)
    yield "Imported", cells.instant(row.imported_at, "Not imported")
    yield "Size", count(row.size, "byte")
    yield "SHA-256", format_html('<span class="id">{}</span>', row.sha256)
    if row.importer_version:
        yield "Importer", row.importer_version
    if row.attempts:
        yield "Attempts", f"{row.attempts}"
    if row.last_error:
        yield "Last error", row.last_error


def _counts(row: FlowFile) -> Iterable[tuple[str, int]]:
    """Yield the counts of a file with their labels; the caller drops zeros."""
    yield "Errors", row.errors
    yield "Warnings", row.warnings
    yield "Meter points", row.meter_points
    yield "Meters", row.meters
    yield "Registers", row.registers
    yield "New readings", row.readings
    yield "New accumulations", row.accumulations
    yield "New interval days", row.interval_days
    yield "Intervals", row.intervals
    yield "Repeats", row.repeats
    yield "Superseded", row.superseded
    yield "Withdrawn", row.withdrawn
    yield "Completed days", row.completed


def _arrival(arrival: Arrival) -> dict[str, Any]:
    container = arrival.container
    return {
        "name": arrival.name,
        "channel": arrival.get_channel_display(),
        "by_whom": arrival.by_whom or NO_VALUE,
        "received": cells.instant(arrival.received_at),
        "outcome": badges.outcome(arrival.outcome, arrival.get_outcome_display()),
        "place": links.flow_file(container.flow_file, container.name) if container else arrival.resting_place,
        "is_member": container is not None,
        "put_away": cells.instant(arrival.settled_at, "Not yet"),
    }


def _member(arrival: Arrival) -> dict[str, Any]:
    return {
        "name": links.flow_file(arrival.flow_file, arrival.name),
        "outcome": badges.outcome(arrival.outcome, arrival.get_outcome_display()),
        "brought": "" if arrival.outcome == Outcome.DUPLICATE else _brought(arrival.flow_file),
        "errors": arrival.flow_file.errors if arrival.outcome == Outcome.REJECTED else 0,
    }


def _brought(row: FlowFile) -> str:
    """Return the numbers of new rows from a member of a zip."""
    counts = ((row.readings, "reading"), (row.accumulations, "accumulation"), (row.interval_days, "interval day"))
    return ", ".join(count(number, one) for number, one in counts if number)


def _reading(row: Reading) -> dict[str, Any]:
    return {
        "line": row.line,
        "meter_point": links.meter_point(row.meter_point),
        "row": reading_rows.reading_row(row),
    }


def _address(row: FlowFile, after: tuple[int, int] | None) -> str:
    query = {"subject": row.subject} if row.subject else {}
    if after:
        query["after"] = "{}_{}".format(*after)
    return f"?{urlencode(query)}#problems"


def _key(text: str | None) -> tuple[int, int] | None:
    if text is None:
        return None
    try:
        line, pk = map(int, text.split("_"))
    except ValueError:
        raise Http404("There is no such page of problems.") from None
    return line, pk

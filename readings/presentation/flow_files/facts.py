"""Header, counts and arrivals of a flow file in words, for the templates."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.utils.html import format_html

from readings.formats.dtc.catalogue import labels
from readings.formats.text import NO_VALUE, count
from readings.models import Arrival, FlowFile, Outcome, Status
from readings.presentation import badges, cells, links


def lead(row: FlowFile, *, has_members: bool) -> str:
    """Return in a sentence what became of a file; empty if its badge says enough."""
    if row.status == Status.OTHER_FLOW:
        return "Set aside: this flow is not read here. Nobody needs to do anything."
    if row.status == Status.REJECTED:
        return "Its valid members were stored." if has_members else "Nothing was stored."
    return "It is not imported yet." if row.status == Status.RECEIVED else ""


def header(row: FlowFile) -> Iterable[tuple[str, str]]:
    """Yield the facts about a file with their labels, without what its header does not state."""
    stated = (
        ("Flow", f"{row.format}{row.version}"),
        ("Subject", row.subject),
        ("File identifier", row.file_identifier),
        ("From", links.sender(row) if row.sender else ""),
        ("To", labels.participant(row.recipient, row.recipient_role) if row.recipient else ""),
        ("Created", cells.market_instant(row.created_at, is_nmi=row.is_of_nmis) if row.created_at else ""),
        ("Test data flag", row.test_flag),
    )
    yield from ((words, value) for words, value in stated if value)
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


def counts(row: FlowFile) -> list[tuple[str, int]]:
    """Return the counts of a file with their labels, without zeros; nothing of one that was set aside."""
    if row.status == Status.OTHER_FLOW:
        return []
    every = (
        ("Errors", row.errors),
        ("Warnings", row.warnings),
        ("Meter points", row.meter_points),
        ("Meters", row.meters),
        ("Registers", row.registers),
        ("New readings", row.readings),
        ("New accumulations", row.accumulations),
        ("New interval days", row.interval_days),
        ("Intervals", row.intervals),
        ("Repeats", row.repeats),
        ("Superseded", row.superseded),
        ("Withdrawn", row.withdrawn),
        ("Completed days", row.completed),
    )
    return [(words, number) for words, number in every if number]


def arrival(row: Arrival) -> dict[str, Any]:
    """Return an arrival for the template."""
    container = row.container
    return {
        "name": row.name,
        "channel": row.get_channel_display(),
        "by_whom": row.by_whom or NO_VALUE,
        "received": cells.instant(row.received_at),
        "outcome": badges.outcome(row.outcome, row.get_outcome_display()),
        "place": links.flow_file(container.flow_file, container.name) if container else row.resting_place,
        "is_member": container is not None,
        "put_away": cells.instant(row.settled_at, "Not yet"),
    }


def member(row: Arrival) -> dict[str, Any]:
    """Return a member of a zip for the template."""
    return {
        "name": links.flow_file(row.flow_file, row.name),
        "outcome": badges.outcome(row.outcome, row.get_outcome_display()),
        "brought": "" if row.outcome == Outcome.DUPLICATE else _brought(row.flow_file),
        "errors": row.flow_file.errors if row.outcome == Outcome.REJECTED else 0,
    }


def _brought(row: FlowFile) -> str:
    """Return the numbers of new rows from a member of a zip."""
    numbers = ((row.readings, "reading"), (row.accumulations, "accumulation"), (row.interval_days, "interval day"))
    return ", ".join(count(number, one) for number, one in numbers if number)

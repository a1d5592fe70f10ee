"""Flow files: what came, what became of it, and why."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString

from readings.admin.filters import ByOutcome
from readings.admin.read_only import ReadOnlyAdmin
from readings.formats.dtc.catalogue import labels
from readings.formats.text import NOT_SAID, count
from readings.models import Arrival, FlowFile, Outcome, Problem
from readings.presentation import badges, cells
from readings.presentation.tables import Table
from readings.queries import details, lists, narrowing
from readings.queries.search import Search

#: What doors call a zip. It brings nothing but its members.
ZIP = "ZIP"
HEADER = ("flow", "file_identifier", "shown_sender", "shown_recipient", "created", "test")


@admin.register(FlowFile)
class FlowFileAdmin(ReadOnlyAdmin[FlowFile]):
    """Contents, each once, whatever the names it came under."""

    rows = lists.flow_files
    list_filter = (ByOutcome,)
    list_display = (
        *("name", "flow", "outcome", "route", "created", "new_readings", "repeated", "corrected"),
        *("warned", "failed", "received"),
    )
    search_help_text = "A file name, a file identifier, or the start of a SHA-256 (12 digits or more), in full."
    fieldsets = (
        ("What became of it", {"fields": ("outcome", "received", "imported", "counts", "trouble")}),
        ("Header", {"fields": HEADER}),
        ("Content", {"fields": ("sha256", "bytes", "importer_version")}),
    )

    def narrow(self, rows: QuerySet[FlowFile], search: Search) -> QuerySet[FlowFile]:
        """Leave the flow files that a search asks for."""
        return narrowing.narrow_flow_files(rows, search)

    def heading(self, row: FlowFile) -> str:
        """Name a flow file as it came first."""
        return lists.name_of(row)

    def links(self, row: FlowFile) -> Iterator[SafeString]:
        """Lead to the readings that the file brought."""
        for listed, number, one in _brought(row):
            text = f"Its {count(number, one)}"
            yield cells.found_in(listed, text, is_test=labels.is_test(row.test_flag), q=row.sha256[:12])

    def tables(self, row: FlowFile) -> Iterator[Table]:
        """Give the problems and the arrivals of a file, and what came in it."""
        if members := list(details.members_of(row)):
            yield Table(
                title="Members",
                columns=("Name", "Outcome", "It brought", "Received"),
                rows=[_member(member) for member in members],
                note="Each file in the zip is imported for itself.",
            )
        problems = list(details.problems_of(row))
        total = row.errors + row.warnings
        some = f"The first {len(problems)} of {total:,}." if total > len(problems) else ""
        yield Table(
            title="Problems",
            columns=("Severity", "Line", "Record", "Field", "Code", "Value", "Message"),
            rows=[_problem(problem) for problem in problems],
            note=some,
            numbers=1,
        )
        yield Table(
            title="Arrivals",
            columns=("Name", "Channel", "By whom", "Received", "Outcome", "Where it lies", "Put away"),
            rows=[_arrival(arrival) for arrival in details.arrivals_of(row)],
        )

    @admin.display(description="File")
    def name(self, row: FlowFile) -> SafeString:
        """Link to the page of the file."""
        return cells.flow_file(row)

    @admin.display(description="Flow")
    def flow(self, row: FlowFile) -> str:
        """Show format and version."""
        return f"{row.format}{row.version}" or NOT_SAID

    @admin.display(description="Outcome")
    def outcome(self, row: FlowFile) -> SafeString:
        """Show what became of the file."""
        return badges.outcome(row.status, row.get_status_display())

    @admin.display(description="From → to")
    def route(self, row: FlowFile) -> str:
        """Show sender and recipient."""
        sender, recipient = row.sender or NOT_SAID, row.recipient or NOT_SAID
        return f"{sender} → {recipient}"

    @admin.display(description="From")
    def shown_sender(self, row: FlowFile) -> str:
        """Show the sender and its role."""
        return labels.participant(row.sender, row.sender_role)

    @admin.display(description="To")
    def shown_recipient(self, row: FlowFile) -> str:
        """Show the recipient and its role."""
        return labels.participant(row.recipient, row.recipient_role)

    @admin.display(description="Created")
    def created(self, row: FlowFile) -> str:
        """Show when the sender made the file, by the clock of its market."""
        is_nem = row.format.startswith("NEM")
        return cells.nem_instant(row.created_at) if is_nem else cells.instant(row.created_at)

    @admin.display(description="Readings")
    def new_readings(self, row: FlowFile) -> SafeString:
        """Show how many readings it brought, and what else."""
        others = [badges.small(count(number, one)) for _, number, one in _brought(row) if one != "reading"]
        return cells.lines(NOT_SAID if row.format == ZIP else f"{row.readings:,}", *others)

    @admin.display(description="Repeats")
    def repeated(self, row: FlowFile) -> str:
        """Show how many of its readings were stored already."""
        return f"{row.repeats:,}"

    @admin.display(description="Superseded")
    def corrected(self, row: FlowFile) -> str:
        """Show how many stored readings it corrected."""
        return f"{row.superseded:,}"

    @admin.display(description="Warnings")
    def warned(self, row: FlowFile) -> str:
        """Show how many warnings there are."""
        return f"{row.warnings:,}"

    @admin.display(description="Errors")
    def failed(self, row: FlowFile) -> str:
        """Show how many errors there are."""
        return f"{row.errors:,}"

    @admin.display(description="Received")
    def received(self, row: FlowFile) -> str:
        """Show when it came first."""
        return cells.instant(row.received_at)

    @admin.display(description="Imported")
    def imported(self, row: FlowFile) -> str:
        """Show when it was imported."""
        return cells.instant(row.imported_at)

    @admin.display(description="Counts")
    def counts(self, row: FlowFile) -> str:
        """Say what it brought."""
        if row.format == ZIP:
            return "Its members count for themselves."
        metered = [count(number, f"new {one}") for _, number, one in _brought(row) if one != "reading"]
        if row.intervals:
            metered[-1] += f" with {count(row.intervals, 'interval')}"
        # A line of the Australian flows states readings and what was metered between them; it takes nothing back.
        is_nem = row.format.startswith("NEM")
        stated = "statement" if is_nem else "reading"
        brought = (
            *([] if metered and not row.readings else [count(row.readings, "new reading")]),
            *metered,
            f"{count(row.repeats, stated)} that were already stored",
            f"{count(row.superseded, f'stored {stated}')} corrected",
            *([] if is_nem else [f"{count(row.withdrawn, 'stored reading')} taken back"]),
            f"it names {count(row.meter_points, 'meter point')}, "
            f"{count(row.meters, 'meter')}, {count(row.registers, 'register')}",
        )
        return "; ".join(brought)

    @admin.display(description="Attempts")
    def trouble(self, row: FlowFile) -> str:
        """Show how often it was tried, and what stopped it."""
        return f"{row.attempts}: {row.last_error}" if row.last_error else f"{row.attempts}"

    @admin.display(description="Test data flag")
    def test(self, row: FlowFile) -> str:
        """Show whether it is test data."""
        if labels.is_test(row.test_flag):
            return format_html("{} {}", row.test_flag, badges.test_data())
        return row.test_flag or NOT_SAID

    @admin.display(description="Size")
    def bytes(self, row: FlowFile) -> str:
        """Show the size."""
        return count(row.size, "byte")


def _brought(row: FlowFile) -> list[tuple[str, int, str]]:
    """Return what a file brought: the list where it stands, how many there are, and what one is called."""
    brought = (
        ("reading", row.readings, "reading"),
        ("accumulation", row.accumulations, "accumulation"),
        ("intervalday", row.interval_days, "interval day"),
    )
    return [(listed, number, one) for listed, number, one in brought if number]


def _member(arrival: Arrival) -> tuple[str, ...]:
    row = arrival.flow_file
    brought = ", ".join(count(number, one) for _, number, one in _brought(row))
    if arrival.outcome == Outcome.DUPLICATE:
        brought = "nothing that was not there"
    elif row.errors:
        brought = f"nothing: {count(row.errors, 'error')}"
    return (
        cells.page_of(row, arrival.name),
        badges.outcome(arrival.outcome, arrival.get_outcome_display()),
        brought or "nothing",
        cells.instant(arrival.received_at),
    )


def _problem(problem: Problem) -> tuple[str, ...]:
    return (
        badges.outcome(problem.severity, problem.get_severity_display()),
        cells.line(problem.line),
        problem.record or NOT_SAID,
        problem.field or NOT_SAID,
        problem.code,
        cells.as_sent(problem.value),
        problem.message,
    )


def _arrival(arrival: Arrival) -> tuple[str, ...]:
    return (
        arrival.name,
        arrival.get_channel_display(),
        arrival.by_whom or NOT_SAID,
        cells.instant(arrival.received_at),
        badges.outcome(arrival.outcome, arrival.get_outcome_display()),
        cells.place(arrival),
        cells.instant(arrival.settled_at, "Not yet"),
    )

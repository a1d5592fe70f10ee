"""Flow files and their outcomes."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.safestring import SafeString

from readings.admin.filters import ByOutcome
from readings.admin.lists import ZIP
from readings.admin.read_only import ReadOnlyAdmin
from readings.formats.text import NO_VALUE, count
from readings.models import FlowFile
from readings.presentation import badges, cells, links
from readings.queries import lists, narrowing
from readings.queries.search import Search


@admin.register(FlowFile)
class FlowFileAdmin(ReadOnlyAdmin[FlowFile]):
    """List of flow files; the page of a file is in `web`."""

    rows = lists.flow_files
    page = "flow-files"
    list_filter = (ByOutcome,)
    list_display = (
        *("name", "flow", "outcome", "route", "created", "new_readings", "repeated", "corrected"),
        *("warned", "failed", "received"),
    )
    search_help_text = "A complete file name or file identifier, or at least the first 12 digits of a SHA-256."

    def narrow(self, rows: QuerySet[FlowFile], search: Search) -> QuerySet[FlowFile]:
        """Return the flow files that match a search."""
        return narrowing.narrow_flow_files(rows, search)

    def address_of(self, row: FlowFile) -> str:
        """Return the address of the page of a file."""
        return links.address_of_file(row)

    @admin.display(description="File")
    def name(self, row: FlowFile) -> SafeString:
        """Link to the page of the file."""
        return links.flow_file(row)

    @admin.display(description="Flow")
    def flow(self, row: FlowFile) -> str:
        """Show format and version."""
        return f"{row.format}{row.version}" or NO_VALUE

    @admin.display(description="Outcome")
    def outcome(self, row: FlowFile) -> SafeString:
        """Show the outcome."""
        return badges.outcome(row.status, row.get_status_display())

    @admin.display(description="From → to")
    def route(self, row: FlowFile) -> str:
        """Show sender and recipient."""
        sender, recipient = row.sender or NO_VALUE, row.recipient or NO_VALUE
        return f"{sender} → {recipient}"

    @admin.display(description="Created")
    def created(self, row: FlowFile) -> str:
        """Show the time of creation, in the clock time of the file's market."""
        return cells.market_instant(row.created_at, is_nmi=row.is_of_nmis)

    @admin.display(description="Readings")
    def new_readings(self, row: FlowFile) -> SafeString:
        """Show the number of new readings, accumulations and interval days."""
        others = [badges.small(count(number, one)) for _, number, one in _brought(row) if one != "reading"]
        return cells.lines(NO_VALUE if row.format == ZIP else f"{row.readings:,}", *others)

    @admin.display(description="Repeats")
    def repeated(self, row: FlowFile) -> str:
        """Show the number of repeats."""
        return f"{row.repeats:,}"

    @admin.display(description="Superseded")
    def corrected(self, row: FlowFile) -> str:
        """Show the number of superseded rows."""
        return f"{row.superseded:,}"

    @admin.display(description="Warnings")
    def warned(self, row: FlowFile) -> str:
        """Show the number of warnings."""
        return f"{row.warnings:,}"

    @admin.display(description="Errors")
    def failed(self, row: FlowFile) -> str:
        """Show the number of errors."""
        return f"{row.errors:,}"

    @admin.display(description="Received")
    def received(self, row: FlowFile) -> str:
        """Show the time of the first arrival."""
        return cells.instant(row.received_at)


def _brought(row: FlowFile) -> list[tuple[str, int, str]]:
    """Return list name, number and noun of each kind of new row in a file."""
    brought = (
        ("reading", row.readings, "reading"),
        ("accumulation", row.accumulations, "accumulation"),
        ("intervalday", row.interval_days, "interval day"),
    )
    return [(listed, number, one) for listed, number, one in brought if number]

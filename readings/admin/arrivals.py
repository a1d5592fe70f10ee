"""Arrivals of files, and the problems in them."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.safestring import SafeString

from readings.admin.read_only import ReadOnlyAdmin
from readings.models import Arrival, Problem
from readings.presentation import badges, cells, links
from readings.queries import lists, narrowing
from readings.queries.search import Search


@admin.register(Arrival)
class ArrivalAdmin(ReadOnlyAdmin[Arrival]):
    """List and pages of arrivals."""

    rows = lists.arrivals
    page = "arrivals"
    list_display = ("file", "outcome_badge", "channel", "by_whom", "received", "put_away", "place")
    fields = list_display

    def narrow(self, rows: QuerySet[Arrival], search: Search) -> QuerySet[Arrival]:
        """Return the arrivals that match a search."""
        return narrowing.narrow_arrivals(rows, search)

    @admin.display(description="File")
    def file(self, row: Arrival) -> SafeString:
        """Link to the flow file."""
        return links.flow_file(row.flow_file, row.name)

    @admin.display(description="Outcome")
    def outcome_badge(self, row: Arrival) -> SafeString:
        """Show the outcome."""
        return badges.outcome(row.outcome, row.get_outcome_display())

    @admin.display(description="Received")
    def received(self, row: Arrival) -> str:
        """Show the time of arrival."""
        return cells.instant(row.received_at)

    @admin.display(description="Put away")
    def put_away(self, row: Arrival) -> str:
        """Show the time at which the file was put away."""
        return cells.instant(row.settled_at, "Not yet")

    @admin.display(description="Location")
    def place(self, row: Arrival) -> str:
        """Show the location of the file."""
        return links.place(row)


@admin.register(Problem)
class ProblemAdmin(ReadOnlyAdmin[Problem]):
    """List and pages of problems."""

    rows = lists.problems
    page = "problems"
    list_display = (
        "file",
        "severity_badge",
        "at_line",
        "record",
        "field",
        "code",
        "as_sent",
        "message",
    )
    fields = list_display

    def narrow(self, rows: QuerySet[Problem], search: Search) -> QuerySet[Problem]:
        """Return the problems that match a search."""
        return narrowing.narrow_problems(rows, search)

    @admin.display(description="File")
    def file(self, row: Problem) -> SafeString:
        """Link to the flow file."""
        return links.flow_file(row.flow_file)

    @admin.display(description="Severity")
    def severity_badge(self, row: Problem) -> SafeString:
        """Show whether it is an error or a warning."""
        return badges.outcome(row.severity, row.get_severity_display())

    @admin.display(description="Line")
    def at_line(self, row: Problem) -> str:
        """Show the line of the file."""
        return cells.line(row.line)

    @admin.display(description="Value")
    def as_sent(self, row: Problem) -> SafeString:
        """Show the value as sent."""
        return cells.as_sent(row.value)

"""Arrivals of files, and the problems that were found in them."""

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
    """Files and uploads as they came."""

    rows = lists.arrivals
    list_display = ("file", "shown_outcome", "channel", "by_whom", "received", "put_away", "place")
    fields = list_display

    def narrow(self, rows: QuerySet[Arrival], search: Search) -> QuerySet[Arrival]:
        """Leave the arrivals that a search asks for."""
        return narrowing.narrow_arrivals(rows, search)

    @admin.display(description="File")
    def file(self, row: Arrival) -> SafeString:
        """Link to the flow file."""
        return links.flow_file(row.flow_file, row.name)

    @admin.display(description="Outcome")
    def shown_outcome(self, row: Arrival) -> SafeString:
        """Show what became of it."""
        return badges.outcome(row.outcome, row.get_outcome_display())

    @admin.display(description="Received")
    def received(self, row: Arrival) -> str:
        """Show when it came."""
        return cells.instant(row.received_at)

    @admin.display(description="Put away")
    def put_away(self, row: Arrival) -> str:
        """Show when it was put away."""
        return cells.instant(row.settled_at, "Not yet")

    @admin.display(description="Where it lies")
    def place(self, row: Arrival) -> str:
        """Show its resting place."""
        return links.place(row)


@admin.register(Problem)
class ProblemAdmin(ReadOnlyAdmin[Problem]):
    """Findings about files, line by line."""

    rows = lists.problems
    list_display = (
        "file",
        "shown_severity",
        "at_line",
        "record",
        "field",
        "code",
        "found",
        "message",
    )
    fields = list_display

    def narrow(self, rows: QuerySet[Problem], search: Search) -> QuerySet[Problem]:
        """Leave the problems that a search asks for."""
        return narrowing.narrow_problems(rows, search)

    @admin.display(description="File")
    def file(self, row: Problem) -> SafeString:
        """Link to the flow file."""
        return links.flow_file(row.flow_file)

    @admin.display(description="Severity")
    def shown_severity(self, row: Problem) -> SafeString:
        """Show whether it is an error or a warning."""
        return badges.outcome(row.severity, row.get_severity_display())

    @admin.display(description="Line")
    def at_line(self, row: Problem) -> str:
        """Show the line of the file."""
        return cells.line(row.line)

    @admin.display(description="Value")
    def found(self, row: Problem) -> SafeString:
        """Show what was found there."""
        return cells.as_sent(row.value)

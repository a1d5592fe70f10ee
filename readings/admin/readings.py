"""Readings, the main list."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.contrib import admin
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.safestring import SafeString

from readings.admin.filters import LiveOrTest
from readings.admin.read_only import ReadOnlyAdmin
from readings.admin.site_visits import visits_table
from readings.formats.dtc.catalogue import labels as dtc_labels
from readings.formats.dtc.catalogue.codes import WITHDRAWN
from readings.formats.mdff.catalogue import labels as mdff_labels
from readings.models import Reading, Scheme
from readings.presentation import badges, cells, links
from readings.presentation.metered import accumulations_table
from readings.presentation.tables import Table
from readings.queries import details, lists, narrowing
from readings.queries.search import Search

READING_COLUMNS = ("Meter", "Register", "Read at", "Value", "Kind of reading", "Flag", "File")


@admin.register(Reading)
class ReadingAdmin(ReadOnlyAdmin[Reading]):
    """List and pages of readings."""

    rows = lists.readings
    page = "readings"
    list_filter = (LiveOrTest,)
    list_display = ("mpan", "meter", "its_register", "when", "digits", "kind", "flag_in_words", "file")
    search_help_text = (
        "An MPAN, an NMI (its check digit may follow), a meter's serial number (spaces are ignored) "
        "or a file name, each in full. If you enter several, all must match."
    )
    british = (
        ("Reading", {"fields": ("mpan", "meter", "its_register", "when_read", "digits", "kind")}),
        ("Data quality", {"fields": ("flag_in_words", "validation", "reason", "how_read")}),
        ("Maximum demand", {"fields": ("md_reset", "md_resets")}),
        ("Source", {"fields": ("file", "at_line", "version")}),
    )
    australian = (
        ("Reading", {"fields": ("mpan", "meter", "its_register", "when_read", "digits", "kind", "reason")}),
        ("Source", {"fields": ("file", "at_line", "version", "updated")}),
    )

    def narrow(self, rows: QuerySet[Reading], search: Search) -> QuerySet[Reading]:
        """Return the readings that match a search."""
        return narrowing.narrow_readings(rows, search)

    def get_fieldsets(self, request: HttpRequest, obj: Reading | None = None) -> Any:
        """Return the fields of the reading's market."""
        return self.australian if obj and obj.meter_point.is_nmi else self.british

    def heading(self, row: Reading) -> str:
        """Return meter point, serial number, register and time."""
        return cells.heading(row, f"{row.register}", cells.time_of(row))

    def links(self, row: Reading) -> Iterator[SafeString]:
        """Yield links to the reading on the page of its meter point, and to all readings of the meter point."""
        words = f"On the page of {cells.scheme(row.meter_point)} {row.meter_point}"
        yield format_html('<a href="{}">{}</a>', links.address_of_reading(row), words)
        text = f"All readings of {cells.scheme(row.meter_point)} {row.meter_point}"
        yield all_readings(row.meter_point.identifier, is_test=is_test(row), text=text)

    def tables(self, row: Reading) -> Iterator[Table]:
        """Yield the tables of versions, withdrawals and site visits, or of accumulations."""
        versions = list(details.versions_of(row))
        yield Table(
            title="Versions",
            columns=("Version", "Reading", "Value", "Kind of reading", "Flag", "File", "Line"),
            rows=[_version(version, row) for version in versions],
            note="All versions for this register, time and reading type. Superseded versions are struck through.",
            numbers=2,
        )
        if row.meter_point.is_nmi:
            rows = details.accumulations_between(row)
            yield accumulations_table(rows, "Accumulations that begin or end at this reading")
            return
        withdrawals = list(details.withdrawals_of(row))
        if withdrawals or row.reading_type == WITHDRAWN:
            yield Table(
                title="Withdraws" if row.reading_type == WITHDRAWN else "Withdrawn by",
                columns=READING_COLUMNS,
                rows=[reading_cells(reading) for reading in withdrawals],
                nothing="No stored reading.",
                numbers=3,
            )
        visits = details.site_visits_about(row)
        yield visits_table(visits, nothing="The file states no site visit for this reading.")

    @admin.display(description="Meter point")
    def mpan(self, row: Reading) -> SafeString:
        """Link to the meter point."""
        return links.meter_point(row.meter_point)

    @admin.display(description="Meter")
    def meter(self, row: Reading) -> SafeString:
        """Show the serial number."""
        return cells.meter(row.register.meter)

    @admin.display(description="Register")
    def its_register(self, row: Reading) -> SafeString:
        """Show the register."""
        return cells.register(row.register)

    @admin.display(description="Read at")
    def when(self, row: Reading) -> SafeString:
        """Show the time of the reading, and link to its page."""
        return cells.read_at(row)

    @admin.display(description="Read at")
    def when_read(self, row: Reading) -> SafeString:
        """Show the time of the reading."""
        return cells.read_at(row, linked=False)

    @admin.display(description="Value")
    def digits(self, row: Reading) -> SafeString:
        """Show the value."""
        return cells.value(row)

    @admin.display(description="Kind of reading")
    def kind(self, row: Reading) -> SafeString:
        """Show the kind of reading."""
        return cells.kind(row)

    @admin.display(description="Flag")
    def flag_in_words(self, row: Reading) -> SafeString:
        """Show the flag."""
        return badges.flag(row)

    @admin.display(description="File")
    def file(self, row: Reading) -> SafeString:
        """Link to the flow file."""
        return links.flow_file(row.flow_file)

    @admin.display(description="Line")
    def at_line(self, row: Reading) -> str:
        """Show the line of the file."""
        return cells.line(row.line)

    @admin.display(description="BSC validation status")
    def validation(self, row: Reading) -> str:
        """Show the BSC validation status."""
        return dtc_labels.validation_status(row.validation_status)

    @admin.display(description="Reason")
    def reason(self, row: Reading) -> str:
        """Show the reason of the validation failure, or of the quality."""
        if row.meter_point.is_nmi:
            return mdff_labels.reason(row.reason_code, row.reason_description)
        return dtc_labels.reason(row.reason_code)

    @admin.display(description="Reading method")
    def how_read(self, row: Reading) -> str:
        """Show the reading method."""
        return dtc_labels.reading_method(row.method)

    @admin.display(description="Last reset")
    def md_reset(self, row: Reading) -> str:
        """Show the time of the last reset of the maximum demand register."""
        return cells.instant(row.md_reset_at)

    @admin.display(description="UpdateDateTime")
    def updated(self, row: Reading) -> str:
        """Show the UpdateDateTime of this version."""
        return cells.nem_instant(row.updated_at)


def is_test(row: Reading) -> bool:
    """Return whether a reading is test data."""
    return row.meter_point.scheme == Scheme.TEST_MPAN


def all_readings(term: str, *, is_test: bool = False, text: str = "Readings") -> SafeString:
    """Return a link to the readings that match a term."""
    return cells.search_link("reading", text, is_test=is_test, q=term)


def reading_cells(row: Reading) -> tuple[str, ...]:
    """Return the cells of a reading in a table."""
    return (
        cells.meter(row.register.meter),
        cells.register(row.register),
        cells.read_at(row),
        cells.value(row),
        cells.kind(row),
        badges.flag(row),
        links.flow_file(row.flow_file),
    )


def _version(version: Reading, current: Reading) -> tuple[str, ...]:
    here = "this page" if version.pk == current.pk else cells.page_of(version, "open")
    return (
        f"{version.version}",
        here,
        cells.value(version),
        cells.kind(version),
        badges.flag(version),
        links.flow_file(version.flow_file),
        cells.line(version.line),
    )

"""Readings, the main list, and the site visits that explain some of them."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.safestring import SafeString

from readings import names, queries
from readings.admin import cells
from readings.admin.filters import LiveOrTest
from readings.admin.pages import ReadOnlyAdmin, Table
from readings.codes import WITHDRAWN
from readings.models import Reading, Scheme, SiteVisit

READING_COLUMNS = ("Meter", "Register", "Read at", "Value", "Kind of reading", "Flag", "File")


@admin.register(Reading)
class ReadingAdmin(ReadOnlyAdmin[Reading]):
    """The list that support staff searches."""

    rows = queries.readings
    list_filter = (LiveOrTest,)
    list_display = ("mpan", "meter", "its_register", "when", "digits", "kind", "found", "file")
    search_help_text = (
        "An MPAN, a meter's serial number (blanks do not matter) or a file name, in full. Of several, all must match."
    )
    fieldsets = (
        ("Reading", {"fields": ("mpan", "meter", "its_register", "when_read", "digits", "kind")}),
        ("How good it is", {"fields": ("found", "validation", "reason", "how_read")}),
        ("Maximum demand", {"fields": ("md_reset", "md_resets")}),
        ("Where it is stated", {"fields": ("file", "at_line", "version")}),
    )

    def narrow(self, rows: QuerySet[Reading], search: queries.Search) -> QuerySet[Reading]:
        """Leave the readings that a search asks for."""
        return queries.narrow_readings(rows, search)

    def heading(self, row: Reading) -> str:
        """Name a reading by its place and time."""
        meter = row.register.meter.serial_number
        return f"{row.meter_point} · {meter} · {row.register} · {names.british_time(row.read_at)}"

    def links(self, row: Reading) -> Iterator[SafeString]:
        """Lead to the other readings."""
        text = f"All readings of MPAN {row.meter_point}"
        yield all_readings(row.meter_point.identifier, is_test=is_test(row), text=text)

    def tables(self, row: Reading) -> Iterator[Table]:
        """Give the versions, the withdrawal and the site visits of a reading."""
        versions = list(queries.versions_of(row))
        yield Table(
            title="Versions",
            columns=("Version", "Reading", "Value", "Kind of reading", "Flag", "File", "Line"),
            rows=[_version(version, row) for version in versions],
            note="All that was stated for this register, time and type. What is struck through counts no more.",
            numbers=2,
        )
        withdrawals = list(queries.withdrawals_of(row))
        if withdrawals or row.reading_type == WITHDRAWN:
            takes_back = row.reading_type == WITHDRAWN
            yield Table(
                title="Takes back" if takes_back else "Taken back by",
                columns=READING_COLUMNS,
                rows=[reading_cells(reading) for reading in withdrawals],
                nothing="No reading that is stored.",
                numbers=3,
            )
        visits = queries.site_visits_about(row)
        yield visits_table(visits, nothing="The file says nothing about a visit for this reading.")

    @admin.display(description="MPAN")
    def mpan(self, row: Reading) -> SafeString:
        """Link to the meter point."""
        return cells.page_of(row.meter_point, row.meter_point.identifier)

    @admin.display(description="Meter")
    def meter(self, row: Reading) -> SafeString:
        """Show the serial number."""
        return cells.meter(row.register.meter)

    @admin.display(description="Register")
    def its_register(self, row: Reading) -> str:
        """Show the register."""
        return row.register.register_id

    @admin.display(description="Read at")
    def when(self, row: Reading) -> SafeString:
        """Say when it was read, and link to the reading."""
        return cells.read_at(row)

    @admin.display(description="Read at")
    def when_read(self, row: Reading) -> SafeString:
        """Say when it was read."""
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
    def found(self, row: Reading) -> SafeString:
        """Show the flag."""
        return cells.flag(row)

    @admin.display(description="File")
    def file(self, row: Reading) -> SafeString:
        """Link to the flow file."""
        return cells.flow_file(row.flow_file)

    @admin.display(description="Line")
    def at_line(self, row: Reading) -> str:
        """Show the line of the file."""
        return cells.line(row.line)

    @admin.display(description="BSC validation status")
    def validation(self, row: Reading) -> str:
        """Show the validation status of the block."""
        return names.validation_status(row.validation_status)

    @admin.display(description="Reason")
    def reason(self, row: Reading) -> str:
        """Show what validation found."""
        return names.reason(row.reason_code)

    @admin.display(description="Reading method")
    def how_read(self, row: Reading) -> str:
        """Show how it was read."""
        return names.reading_method(row.method)

    @admin.display(description="Last reset")
    def md_reset(self, row: Reading) -> str:
        """Show when the maximum demand register was reset."""
        return cells.instant(row.md_reset_at)


@admin.register(SiteVisit)
class SiteVisitAdmin(ReadOnlyAdmin[SiteVisit]):
    """What agents found on site."""

    rows = queries.site_visits
    list_filter = (LiveOrTest,)
    list_display = ("mpan", "meter_shown", "found", "additional_information", "file", "line")
    fields = list_display
    search_help_text = "An MPAN, a meter's serial number or a file name, in full."

    def narrow(self, rows: QuerySet[SiteVisit], search: queries.Search) -> QuerySet[SiteVisit]:
        """Leave the site visits that a search asks for."""
        return queries.narrow_site_visits(rows, search)

    @admin.display(description="MPAN")
    def mpan(self, row: SiteVisit) -> SafeString:
        """Link to the meter point."""
        return cells.meter_point(row.meter_point)

    @admin.display(description="Meter")
    def meter_shown(self, row: SiteVisit) -> str:
        """Show the serial number, where the visit is about a meter."""
        return cells.meter(row.meter) if row.meter else names.NOT_SAID

    @admin.display(description="Found on site")
    def found(self, row: SiteVisit) -> str:
        """Show what was found."""
        return names.site_visit_check(row.check_code)

    @admin.display(description="File")
    def file(self, row: SiteVisit) -> SafeString:
        """Link to the flow file."""
        return cells.flow_file(row.flow_file)


def is_test(row: Reading) -> bool:
    """Tell whether a reading is test data."""
    return row.meter_point.scheme == Scheme.TEST_MPAN


def all_readings(term: str, *, is_test: bool = False, text: str = "Its readings") -> SafeString:
    """Link to the readings that a term finds."""
    return cells.found_in("reading", text, is_test=is_test, q=term)


def reading_cells(row: Reading) -> tuple[str, ...]:
    """Show a reading in a table."""
    return (
        cells.meter(row.register.meter),
        row.register.register_id,
        cells.read_at(row),
        cells.value(row),
        cells.kind(row),
        cells.flag(row),
        cells.flow_file(row.flow_file),
    )


def visits_table(visits: QuerySet[SiteVisit], nothing: str = "None.") -> Table:
    """Show site visits in a table."""
    return Table(
        title="Site visits",
        columns=("Found on site", "Additional information", "About", "File", "Line"),
        rows=[
            (
                names.site_visit_check(visit.check_code),
                visit.additional_information or names.NOT_SAID,
                _about(visit),
                cells.flow_file(visit.flow_file),
                cells.line(visit.line),
            )
            for visit in visits
        ],
        nothing=nothing,
    )


def _about(visit: SiteVisit) -> str:
    meter = f"Meter {visit.meter}" if visit.meter else "The meter point"
    return f"{meter}, the reading in line {visit.reading_line:,}" if visit.reading_line else meter


def _version(version: Reading, shown: Reading) -> tuple[str, ...]:
    here = "this one" if version.pk == shown.pk else cells.page_of(version, "see")
    return (
        f"{version.version}",
        here,
        cells.value(version),
        cells.kind(version),
        cells.flag(version),
        cells.flow_file(version.flow_file),
        cells.line(version.line),
    )

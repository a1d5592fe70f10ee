"""Site visits."""

from __future__ import annotations

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.safestring import SafeString

from readings.admin.filters import LiveOrTest
from readings.admin.read_only import ReadOnlyAdmin
from readings.formats import text
from readings.formats.dtc.catalogue import labels
from readings.models import SiteVisit
from readings.presentation import cells, links
from readings.presentation.tables import Table
from readings.queries import lists, narrowing
from readings.queries.search import Search


@admin.register(SiteVisit)
class SiteVisitAdmin(ReadOnlyAdmin[SiteVisit]):
    """List and pages of site visits."""

    rows = lists.site_visits
    list_filter = (LiveOrTest,)
    list_display = ("mpan", "serial", "check_result", "additional_information", "file", "line")
    fields = list_display
    search_help_text = "An MPAN, a meter's serial number or a file name, in full."

    def narrow(self, rows: QuerySet[SiteVisit], search: Search) -> QuerySet[SiteVisit]:
        """Return the site visits that match a search."""
        return narrowing.narrow_site_visits(rows, search)

    @admin.display(description="MPAN")
    def mpan(self, row: SiteVisit) -> SafeString:
        """Link to the meter point."""
        return links.meter_point(row.meter_point)

    @admin.display(description="Meter")
    def serial(self, row: SiteVisit) -> str:
        """Show the serial number, if the visit concerns a meter."""
        return cells.meter(row.meter) if row.meter else text.NO_VALUE

    @admin.display(description="Found on site")
    def check_result(self, row: SiteVisit) -> str:
        """Show the result of the site visit check."""
        return labels.site_visit_check(row.check_code)

    @admin.display(description="File")
    def file(self, row: SiteVisit) -> SafeString:
        """Link to the flow file."""
        return links.flow_file(row.flow_file)


def visits_table(visits: QuerySet[SiteVisit], nothing: str = "None.") -> Table:
    """Return a table of site visits."""
    return Table(
        title="Site visits",
        columns=("Found on site", "Additional information", "About", "File", "Line"),
        rows=[
            (
                labels.site_visit_check(visit.check_code),
                visit.additional_information or text.NO_VALUE,
                _about(visit),
                links.flow_file(visit.flow_file),
                cells.line(visit.line),
            )
            for visit in visits
        ],
        nothing=nothing,
    )


def _about(visit: SiteVisit) -> str:
    meter = f"Meter {visit.meter}" if visit.meter else "The meter point"
    return f"{meter}, the reading in line {visit.reading_line:,}" if visit.reading_line else meter

"""Common parts of the lists and pages of accumulations and interval days."""

from __future__ import annotations

from typing import Final, TypeAlias

from django.contrib import admin
from django.utils.safestring import SafeString

from readings.admin.read_only import ReadOnlyAdmin, Row
from readings.formats import text
from readings.models.metered_amounts import MeteredAmount
from readings.presentation import cells, links

#: Heading, and the fields below it.
Facts: TypeAlias = tuple[str, dict[str, tuple[str, ...]]]

SEARCH = (
    "An NMI (its check digit may follow), a meter's serial number (spaces are ignored) or a file name, each in full. "
    "If you enter several, all must match."
)
#: Source of a metered amount.
SOURCE: Final[Facts] = ("Source", {"fields": ("file", "at_line", "version", "updated", "loaded")})
SITE: Final[Facts] = ("Site", {"fields": ("nmi_configuration", "mdm_stream", "next_read")})


class MeteredAmountAdmin(ReadOnlyAdmin[Row]):
    """Common base of the lists and pages of accumulations and interval days."""

    search_help_text = SEARCH

    @admin.display(description="NMI")
    def nmi(self, row: MeteredAmount) -> SafeString:
        """Link to the meter point."""
        return links.meter_point(row.meter_point)

    @admin.display(description="Meter")
    def meter(self, row: MeteredAmount) -> SafeString:
        """Show the serial number."""
        return cells.meter(row.register.meter)

    @admin.display(description="File")
    def file(self, row: MeteredAmount) -> SafeString:
        """Link to the flow file."""
        return links.flow_file(row.flow_file)

    @admin.display(description="Line")
    def at_line(self, row: MeteredAmount) -> str:
        """Show the line of the file."""
        return cells.line(row.line)

    @admin.display(description="UpdateDateTime")
    def updated(self, row: MeteredAmount) -> str:
        """Show the UpdateDateTime of this version."""
        return cells.nem_instant(row.updated_at)

    @admin.display(description="MSATSLoadDateTime")
    def loaded(self, row: MeteredAmount) -> str:
        """Show the time at which MSATS loaded the data."""
        return cells.nem_instant(row.msats_load_at)

    @admin.display(description="MDM data stream")
    def mdm_stream(self, row: MeteredAmount) -> str:
        """Show the data stream."""
        return row.mdm_data_stream or text.NO_VALUE

    @admin.display(description="Next scheduled read")
    def next_read(self, row: MeteredAmount) -> str:
        """Show the day of the next scheduled read."""
        return cells.day(row.next_scheduled_read_date) if row.next_scheduled_read_date else text.NO_VALUE

"""What lists, pages and tables of metered amounts have in common: accumulations and interval days."""

from __future__ import annotations

from typing import Final, TypeAlias

from django.contrib import admin
from django.utils.safestring import SafeString

from readings.admin.read_only import ReadOnlyAdmin, Row
from readings.formats import text
from readings.models.metered_amounts import MeteredAmount
from readings.presentation import cells, links

#: A heading, and the fields below it.
Facts: TypeAlias = tuple[str, dict[str, tuple[str, ...]]]

SEARCH = (
    "An NMI (its check digit may follow), a meter's serial number (blanks do not matter) or a file name, in full. "
    "Of several, all must match."
)
#: Where a metered amount is stated, and what is said of that.
STATED: Final[Facts] = ("Where it is stated", {"fields": ("file", "at_line", "version", "updated", "loaded")})
SITE: Final[Facts] = ("The site", {"fields": ("nmi_configuration", "mdm_stream", "next_read")})


class MeteredAmountAdmin(ReadOnlyAdmin[Row]):
    """What a line states of a register or channel in Australia."""

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
        """Show when the sender made this version."""
        return cells.nem_instant(row.updated_at)

    @admin.display(description="MSATSLoadDateTime")
    def loaded(self, row: MeteredAmount) -> str:
        """Show when the market's system took it in."""
        return cells.nem_instant(row.msats_load_at)

    @admin.display(description="MDM data stream")
    def mdm_stream(self, row: MeteredAmount) -> str:
        """Show the data stream."""
        return row.mdm_data_stream or text.NOT_SAID

    @admin.display(description="Next scheduled read")
    def next_read(self, row: MeteredAmount) -> str:
        """Show when the meter is to be read next."""
        return cells.day(row.next_scheduled_read_date) if row.next_scheduled_read_date else text.NOT_SAID

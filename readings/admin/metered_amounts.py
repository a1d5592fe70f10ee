"""What lists, pages and tables of metered amounts have in common: accumulations and interval days."""

from __future__ import annotations

import json
from collections.abc import Iterable
from decimal import Decimal
from typing import Final, TypeAlias

from django.contrib import admin
from django.utils.safestring import SafeString

from readings.admin import cells
from readings.admin.pages import ReadOnlyAdmin, Row, Table
from readings.formats import text
from readings.formats.mdff.catalogue import labels
from readings.models import Accumulation, IntervalDay
from readings.models.metered_amounts import MeteredAmount
from readings.queries import intervals

#: A heading, and the fields below it.
Facts: TypeAlias = tuple[str, dict[str, tuple[str, ...]]]

SEARCH = (
    "An NMI (its check digit may follow), a meter's serial number (blanks do not matter) or a file name, in full. "
    "Of several, all must match."
)
#: Where a metered amount is stated, and what is said of that.
STATED: Final[Facts] = ("Where it is stated", {"fields": ("file", "at_line", "version", "updated", "loaded")})
SITE: Final[Facts] = ("The site", {"fields": ("nmi_configuration", "mdm_stream", "next_read")})

ACCUMULATION_COLUMNS = ("Meter", "Register", "Direction", "Previous read", "Current read", "Quantity", "File")
DAY_COLUMNS = ("Meter", "Channel", "Day", "Sum or mean", "Quality", "File")


class MeteredAmountAdmin(ReadOnlyAdmin[Row]):
    """What a line states of a register or channel in Australia."""

    search_help_text = SEARCH

    @admin.display(description="NMI")
    def nmi(self, row: MeteredAmount) -> SafeString:
        """Link to the meter point."""
        return cells.meter_point(row.meter_point)

    @admin.display(description="Meter")
    def meter(self, row: MeteredAmount) -> SafeString:
        """Show the serial number."""
        return cells.meter(row.register.meter)

    @admin.display(description="File")
    def file(self, row: MeteredAmount) -> SafeString:
        """Link to the flow file."""
        return cells.flow_file(row.flow_file)

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


def end_of(read: str, read_at: SafeString, quality: SafeString) -> SafeString:
    """Write one end of an accumulation: what the dial showed, when, and how good that is."""
    return cells.lines(read, read_at, quality)


def previous_end(row: Accumulation) -> SafeString:
    """Write the end that comes first."""
    quality = cells.quality([row.previous_quality_method])
    return end_of(row.previous_read, cells.nem_read_at(row.previous_read_at), quality)


def current_end(row: Accumulation, *, linked: bool = False) -> SafeString:
    """Write the end that comes last."""
    read_at = cells.nem_read_at(row.current_read_at)
    quality = cells.quality([row.current_quality_method], row)
    return end_of(row.current_read, cells.page_of(row, read_at) if linked else read_at, quality)


def quantity(row: Accumulation) -> SafeString:
    """Write what was metered between the reads."""
    return cells.amount(f"{text.digits(row.quantity)} {row.unit}", row)


def why_it_differs(row: Accumulation) -> str:
    """Say how the quantity comes from the reads, where it is not their difference."""
    return labels.why_it_differs(row.previous_read, row.current_read, row.quantity, row.unit)


def day_amount(row: IntervalDay) -> SafeString:
    """Write the sum of a day, or the mean where values of the unit have no sum."""
    if labels.may_be_added_up(row.unit):
        return cells.amount(f"{text.digits(row.total)} {row.unit}", row)
    mean = intervals.mean_of(row)
    return cells.amount(text.NOT_SAID if mean is None else f"mean {_rounded(mean)} {row.unit}", row)


def day_quality(row: IntervalDay) -> SafeString:
    """Say of what quality a day is; where that varies, with the badges of its parts."""
    parts = [quality for _, _, quality, *_ in json.loads(row.events or "[]")]
    return cells.together(cells.quality([row.quality_method], row), *cells.quality_marks(parts))


def accumulations_table(rows: Iterable[Accumulation], title: str, note: str = "") -> Table:
    """Show accumulations in a table."""
    return Table(
        title=title,
        columns=ACCUMULATION_COLUMNS,
        rows=[
            (
                cells.meter(row.register.meter),
                cells.register(row.register),
                labels.direction(row.direction),
                previous_end(row),
                current_end(row, linked=True),
                quantity(row),
                cells.flow_file(row.flow_file),
            )
            for row in rows
        ],
        note=note,
        numbers=5,
    )


def days_table(rows: Iterable[IntervalDay], title: str, note: str = "") -> Table:
    """Show interval days in a table."""
    return Table(
        title=title,
        columns=DAY_COLUMNS,
        rows=[
            (
                cells.meter(row.register.meter),
                cells.register(row.register),
                cells.page_of(row, cells.day(row.day)),
                day_amount(row),
                day_quality(row),
                cells.flow_file(row.flow_file),
            )
            for row in rows
        ],
        note=note,
        numbers=3,
    )


def _rounded(mean: Decimal) -> str:
    return f"{mean:.4f}".rstrip("0").rstrip(".")

"""Accumulations: quantities metered between two reads of a register (NEM13)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any, ClassVar

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.html import format_html
from django.utils.safestring import SafeString

from readings.admin.metered_amounts import SITE, SOURCE, MeteredAmountAdmin
from readings.formats import text
from readings.formats.mdff.catalogue import labels
from readings.models import Accumulation
from readings.presentation import badges, cells, links, metered
from readings.presentation.tables import Table
from readings.queries import details, lists, narrowing
from readings.queries.search import Search


@admin.register(Accumulation)
class AccumulationAdmin(MeteredAmountAdmin[Accumulation]):
    """List and pages of accumulations."""

    rows = lists.accumulations
    page = "accumulations"
    title = "Accumulations (NEM13)"
    list_display = ("nmi", "meter", "register_and_way", "previous_end", "current_end", "amount", "file")
    fieldsets: ClassVar[Any] = (
        ("Between two reads", {"fields": ("nmi", "meter", "its_register", "way", "amount", "how_it_comes")}),
        SOURCE,
        ("Previous read", {"fields": ("previous_read", "previous_at", "previous_quality", "previous_reason")}),
        ("Current read", {"fields": ("current_read", "current_at", "current_quality", "current_reason")}),
        SITE,
    )

    def narrow(self, rows: QuerySet[Accumulation], search: Search) -> QuerySet[Accumulation]:
        """Return the accumulations that match a search."""
        return narrowing.narrow_accumulations(rows, search)

    def heading(self, row: Accumulation) -> str:
        """Return NMI, serial number, suffix, and the time of the current read."""
        return cells.heading(row, row.register.suffix, f"to {cells.nem_instant(row.current_read_at)}")

    def links(self, row: Accumulation) -> Iterator[SafeString]:
        """Yield links to all accumulations and readings of the NMI."""
        nmi = row.meter_point.identifier
        yield cells.search_link("accumulation", f"All accumulations of NMI {nmi}", q=nmi)
        yield cells.search_link("reading", f"All readings of NMI {nmi}", q=nmi)

    def tables(self, row: Accumulation) -> Iterator[Table]:
        """Yield the tables of versions and of the reasons for the reads."""
        yield Table(
            title="Versions",
            columns=("Version", "Accumulation", "Quantity", "Quality", "UpdateDateTime", "File", "Line"),
            rows=[_version(version, row) for version in details.versions_of_accumulation(row)],
            note="All versions for the time between these two reads. Superseded versions are struck through.",
            numbers=2,
        )
        yield Table(
            title="Reasons for the reads",
            columns=("Previous read", "Service order", "Current read", "Service order"),
            rows=[_transaction(*fields) for fields in json.loads(row.transactions or "[]")],
            nothing="Not stated in the file.",
        )

    @admin.display(description="Register")
    def its_register(self, row: Accumulation) -> SafeString:
        """Show the register."""
        channel = labels.register("", row.register.suffix, row.unit)
        return cells.lines(row.register.register_id or text.NO_VALUE, badges.small(channel))

    @admin.display(description="Register")
    def register_and_way(self, row: Accumulation) -> SafeString:
        """Show the register and the direction of energy flow."""
        return cells.lines(self.its_register(row), badges.small(labels.direction(row.direction)))

    @admin.display(description="Direction")
    def way(self, row: Accumulation) -> str:
        """Show the direction of energy flow."""
        return labels.direction(row.direction)

    @admin.display(description="Previous read")
    def previous_end(self, row: Accumulation) -> SafeString:
        """Show the previous read."""
        return metered.previous_end(row)

    @admin.display(description="Current read")
    def current_end(self, row: Accumulation) -> SafeString:
        """Show the current read, and link to the accumulation."""
        return metered.current_end(row, linked=True)

    @admin.display(description="Quantity")
    def amount(self, row: Accumulation) -> SafeString:
        """Show the quantity, with a note if it is not the difference of the reads."""
        differs = badges.small("not the difference") if metered.why_it_differs(row) else ""
        return cells.lines(metered.quantity(row), differs)

    @admin.display(description="From the reads")
    def how_it_comes(self, row: Accumulation) -> str:
        """Explain how the quantity follows from the reads."""
        return metered.why_it_differs(row) or "The quantity is the difference of the reads."

    @admin.display(description="Taken at")
    def previous_at(self, row: Accumulation) -> SafeString:
        """Show when the previous read was taken."""
        return cells.nem_read_at(row.previous_read_at)

    @admin.display(description="Quality")
    def previous_quality(self, row: Accumulation) -> SafeString:
        """Show the quality of the previous read."""
        return cells.quality([row.previous_quality_method])

    @admin.display(description="Reason")
    def previous_reason(self, row: Accumulation) -> str:
        """Show the reason for the quality."""
        return labels.reason(row.previous_reason_code, row.previous_reason_description)

    @admin.display(description="Taken at")
    def current_at(self, row: Accumulation) -> SafeString:
        """Show when the current read was taken."""
        return cells.nem_read_at(row.current_read_at)

    @admin.display(description="Quality")
    def current_quality(self, row: Accumulation) -> SafeString:
        """Show the quality of the current read."""
        return cells.quality([row.current_quality_method], row)

    @admin.display(description="Reason")
    def current_reason(self, row: Accumulation) -> str:
        """Show the reason for the quality."""
        return labels.reason(row.current_reason_code, row.current_reason_description)


def _transaction(before: str, its_order: str, now: str, current_order: str) -> tuple[str, ...]:
    fields = labels.trans_code(before), its_order, labels.trans_code(now), current_order
    return tuple(words or text.NO_VALUE for words in fields)


def _version(version: Accumulation, current: Accumulation) -> tuple[str, ...]:
    ends = cells.quality([version.previous_quality_method]), cells.quality([version.current_quality_method], version)
    return (
        f"{version.version}",
        "this page" if version.pk == current.pk else cells.page_of(version, "open"),
        metered.quantity(version),
        format_html("{} → {}", *ends),
        cells.nem_instant(version.updated_at),
        links.flow_file(version.flow_file),
        cells.line(version.line),
    )

"""Meter points, their meters and registers."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from readings.admin.filters import LiveOrTest, LiveOrTestMeterPoint
from readings.admin.read_only import ReadOnlyAdmin
from readings.admin.readings import all_readings
from readings.models import Meter, MeterPoint, Register, Scheme
from readings.presentation import cells, links
from readings.queries import lists, narrowing
from readings.queries.search import Search

_SEARCH = "An MPAN, an NMI or a meter's serial number (spaces are ignored), in full."


@admin.register(MeterPoint)
class MeterPointAdmin(ReadOnlyAdmin[MeterPoint]):
    """List of meter points; the page of a meter point is in `web`."""

    rows = lists.meter_points
    page = "meter-points"
    list_filter = (LiveOrTestMeterPoint,)
    list_display = ("mpan", "meters", "its_readings")
    search_help_text = _SEARCH

    def narrow(self, rows: QuerySet[MeterPoint], search: Search) -> QuerySet[MeterPoint]:
        """Return the meter points that match a search."""
        return narrowing.narrow_meter_points(rows, search)

    def address_of(self, row: MeterPoint) -> str:
        """Return the address of the page of a meter point."""
        return links.address_of(row)

    @admin.display(description="Meter point")
    def mpan(self, row: MeterPoint) -> SafeString:
        """Link to the page of the meter point."""
        return links.meter_point(row)

    @admin.display(description="Meters and their registers")
    def meters(self, row: MeterPoint) -> SafeString:
        """Show the meters with their registers."""
        meters = ((cells.meter(meter), _registers(meter)) for meter in row.meters.all())
        return format_html_join("\n", '<span class="line">{} ({})</span>', meters)

    @admin.display(description="Readings")
    def its_readings(self, row: MeterPoint) -> SafeString:
        """Link to the readings, accumulations and interval days."""
        return cells.lines(*_lists_of(row))


@admin.register(Meter)
class MeterAdmin(ReadOnlyAdmin[Meter]):
    """List and pages of meters."""

    rows = lists.meters
    page = "meters"
    list_filter = (LiveOrTest,)
    list_display = ("serial", "mpan", "its_registers", "its_readings")
    fields = list_display
    search_help_text = _SEARCH

    def narrow(self, rows: QuerySet[Meter], search: Search) -> QuerySet[Meter]:
        """Return the meters that match a search."""
        return narrowing.narrow_meters(rows, search)

    @admin.display(description="Serial number")
    def serial(self, row: Meter) -> SafeString:
        """Show the serial number."""
        return cells.meter(row)

    @admin.display(description="Meter point")
    def mpan(self, row: Meter) -> SafeString:
        """Link to the meter point."""
        return links.meter_point(row.meter_point)

    @admin.display(description="Registers")
    def its_registers(self, row: Meter) -> str:
        """Show the registers."""
        return _registers(row)

    @admin.display(description="Readings")
    def its_readings(self, row: Meter) -> SafeString:
        """Link to the readings."""
        return cells.lines(*_lists_of(row.meter_point, row.serial_number))


def _registers(meter: Meter) -> str:
    names_of_registers = sorted(_register(register) for register in meter.registers.all())
    if not names_of_registers:
        return "no register"
    words = "register" if len(names_of_registers) == 1 else "registers"
    return f"{words} {', '.join(names_of_registers)}"


def _register(register: Register) -> str:
    return " · ".join(filter(None, dict.fromkeys((register.register_id, register.suffix))))


def _lists_of(row: MeterPoint, serial_number: str = "") -> Iterator[SafeString]:
    term = f"{row.identifier} {serial_number}".strip()
    yield all_readings(term, is_test=row.scheme == Scheme.TEST_MPAN)
    if row.is_nmi:
        yield cells.search_link("accumulation", "Accumulations", q=term)
        yield cells.search_link("intervalday", "Interval days", q=term)

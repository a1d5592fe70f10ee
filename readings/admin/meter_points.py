"""Meter points, their meters and registers."""

from __future__ import annotations

from collections.abc import Iterator

from django.contrib import admin
from django.db.models import QuerySet
from django.utils.html import format_html_join
from django.utils.safestring import SafeString

from readings.admin.filters import LiveOrTest, LiveOrTestMeterPoint
from readings.admin.read_only import ReadOnlyAdmin
from readings.admin.readings import READING_COLUMNS, all_readings, reading_cells
from readings.admin.site_visits import visits_table
from readings.models import Meter, MeterPoint, Register, Scheme
from readings.presentation import cells
from readings.presentation.metered import accumulations_table, days_table
from readings.presentation.tables import Table
from readings.queries import details, lists, narrowing
from readings.queries.search import Search

_SEARCH = "An MPAN, an NMI or a meter's serial number (blanks do not matter), in full."


@admin.register(MeterPoint)
class MeterPointAdmin(ReadOnlyAdmin[MeterPoint]):
    """MPAN cores and NMIs."""

    rows = lists.meter_points
    list_filter = (LiveOrTestMeterPoint,)
    list_display = ("mpan", "meters", "its_readings")
    fields = ("meters",)
    search_help_text = _SEARCH

    def narrow(self, rows: QuerySet[MeterPoint], search: Search) -> QuerySet[MeterPoint]:
        """Leave the meter points that a search asks for."""
        return narrowing.narrow_meter_points(rows, search)

    def heading(self, row: MeterPoint) -> str:
        """Name a meter point, and say so where it is test data."""
        return f"{row} (test data)" if row.scheme == Scheme.TEST_MPAN else f"{row}"

    def links(self, row: MeterPoint) -> Iterator[SafeString]:
        """Lead to the readings, and to what was metered."""
        yield from _lists_of(row)

    def tables(self, row: MeterPoint) -> Iterator[Table]:
        """Give the latest readings, what was metered last, and the site visits."""
        is_test = row.scheme == Scheme.TEST_MPAN
        yield Table(
            title="Latest reading of each register",
            columns=READING_COLUMNS,
            rows=[reading_cells(reading) for reading in details.latest_readings(row)],
            nothing="Test data does not count." if is_test else "None that counts.",
            note="Left out: what is superseded, withdrawn, suspect or of failed validation.",
            numbers=3,
        )
        if row.is_nmi:
            note = f"The last {details.FEW} at most, without what is superseded; the link above leads to all."
            yield accumulations_table(details.latest_accumulations(row), "Latest accumulations (NEM13)", note)
            yield days_table(details.latest_interval_days(row), "Latest interval days (NEM12)", note)
        else:
            yield visits_table(details.site_visits_at(row))

    @admin.display(description="Meter point")
    def mpan(self, row: MeterPoint) -> SafeString:
        """Link to the page of the meter point."""
        return cells.meter_point(row)

    @admin.display(description="Meters and their registers")
    def meters(self, row: MeterPoint) -> SafeString:
        """Name the meters."""
        named = ((cells.meter(meter), _registers(meter)) for meter in row.meters.all())
        return format_html_join("\n", '<span class="line">{} ({})</span>', named)

    @admin.display(description="Readings")
    def its_readings(self, row: MeterPoint) -> SafeString:
        """Link to the readings, and to what was metered."""
        return cells.lines(*_lists_of(row))


@admin.register(Meter)
class MeterAdmin(ReadOnlyAdmin[Meter]):
    """Serial numbers, each at one meter point."""

    rows = lists.meters
    list_filter = (LiveOrTest,)
    list_display = ("serial", "mpan", "its_registers", "its_readings")
    fields = list_display
    search_help_text = _SEARCH

    def narrow(self, rows: QuerySet[Meter], search: Search) -> QuerySet[Meter]:
        """Leave the meters that a search asks for."""
        return narrowing.narrow_meters(rows, search)

    @admin.display(description="Serial number")
    def serial(self, row: Meter) -> SafeString:
        """Show the serial number."""
        return cells.meter(row)

    @admin.display(description="Meter point")
    def mpan(self, row: Meter) -> SafeString:
        """Link to the meter point."""
        return cells.meter_point(row.meter_point)

    @admin.display(description="Registers")
    def its_registers(self, row: Meter) -> str:
        """Name the registers."""
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
        yield cells.found_in("accumulation", "Its accumulations", q=term)
        yield cells.found_in("intervalday", "Its interval days", q=term)

"""The rows of a search as CSV."""

from __future__ import annotations

from typing import Final

from readings.formats.dtc.catalogue import labels
from readings.presentation import cells
from readings.queries import lists
from readings.web.search.lines import Line

COLUMNS: Final = (
    *("searched", "found", "scheme", "meter_point", "meter"),
    *("latest_read_at", "value", "reading_kind", "last_interval_day", "file", "file_status"),
)


def cells_of(line: Line) -> list[str]:
    """Return the cells of a line, in the order of the columns."""
    point, reading = line.meter_point, line.latest
    kind = ""
    if reading:
        is_nmi = point is not None and point.is_nmi
        kind = reading.flag + reading.method if is_nmi else labels.kind_of_reading(reading.reading_type)
    return [
        line.searched,
        f"Nothing: {line.why}" if line.why else f"{line.kind}: {line.how}" if line.how else line.kind,
        point.scheme if point else "",
        point.identifier if point else "",
        line.meter.serial_number if line.meter else "",
        cells.time_of(reading) if reading else "",
        f"{reading.value:f}" if reading else "",
        kind,
        line.last_day.isoformat() if line.last_day else "",
        line.name or lists.name_of(line.flow_file) if line.flow_file else "",
        line.flow_file.status if line.flow_file else "",
    ]

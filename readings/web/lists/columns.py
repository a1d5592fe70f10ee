"""Columns that several lists share."""

from __future__ import annotations

from typing import Any, Final

from readings.models import Scheme
from readings.presentation import cells, links
from readings.queries.lists import name_of
from readings.web.lists.described import Column


def _meter_point(row: cells.AnyStatement) -> str:
    point = row.meter_point
    return f"{point.identifier} Test data" if point.scheme == Scheme.TEST_MPAN else point.identifier


#: About which register.
REGISTER: Final[tuple[Column[Any], ...]] = (
    Column(
        heading="Meter point",
        cell=lambda row: links.meter_point(row.meter_point),
        words=_meter_point,
        order="meter-point",
    ),
    Column(heading="Meter", cell=lambda row: cells.meter(row.register.meter)),
    Column(heading="Register", cell=lambda row: cells.register(row.register)),
)
#: Who states it, and where.
SOURCE: Final[tuple[Column[Any], ...]] = (
    Column(heading="Sender", cell=lambda row: links.sender(row.flow_file)),
    Column(
        heading="File",
        cell=lambda row: links.flow_file(row.flow_file),
        words=lambda row: name_of(row.flow_file),
        order="file",
    ),
    Column(heading="Line", cell=lambda row: cells.line(row.line), order="line", is_number=True),
)
#: When a file arrived.
RECEIVED: Final[Column[Any]] = Column(
    heading="Received",
    cell=lambda row: cells.in_two_lines(cells.instant(row.received_at)),
    order="received",
    is_time=True,
)

"""What the text of a filter names."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Final

from readings.formats.dtc.catalogue.clock import BRITISH_CLOCK_TIME
from readings.models import FlowFile, MeterPoint
from readings.queries.details import flow_files_of
from readings.queries.lists import flow_files
from readings.queries.meter_point import meter_points_called
from readings.queries.selection import NothingThere, WrongSelection

#: Digits with which the start of a hash names a file, at least.
_FEWEST: Final = 12


def files_called(sha256: str) -> list[FlowFile]:
    """Return the flow files with a hash, or with a start of it that only they have; raise WrongSelection."""
    name = sha256.lower()
    files = list(flow_files().filter(sha256=name).order_by("pk"))
    if not files and len(name) >= _FEWEST:
        files = flow_files_of(name)
    if not files:
        raise NothingThere("No stored file has this SHA-256.", "flow_file")
    if len({file.sha256 for file in files}) > 1:
        raise WrongSelection("Several files have a SHA-256 with this start: enter all of it.", "flow_file")
    return files


def points_called(identifier: str, scheme: str = "") -> list[MeterPoint]:
    """Return the meter points with an identifier, in any scheme or in one; raise NothingThere."""
    points = [each for each in meter_points_called(identifier) if scheme in ("", each.scheme)]
    if not points:
        raise NothingThere("No such meter point.", "meter_point")
    return points


def british_midnight(day: date) -> datetime:
    """Return the begin of a day in British clock time."""
    return datetime.combine(day, time(), BRITISH_CLOCK_TIME)

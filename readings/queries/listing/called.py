"""What the text of a filter names."""

from __future__ import annotations

from datetime import date, datetime, time
from typing import Final

from readings.formats.dtc.catalogue.clock import BRITISH_CLOCK_TIME
from readings.models import Arrival, FlowFile, MeterPoint
from readings.queries.details import flow_files_of
from readings.queries.lists import flow_files
from readings.queries.meter_point import meter_points_called
from readings.queries.selection import NothingThere, WrongSelection

#: Digits with which the start of a hash names a file, at least.
_FEWEST: Final = 12
#: Files of a name that are compared, at most.
_FEW: Final = 100


def files_called(text: str) -> list[FlowFile]:
    """Return the flow files with a hash, the start of one, or a name; raise WrongSelection if several differ."""
    sha256 = text.lower()
    files = list(flow_files().filter(sha256=sha256).order_by("pk"))
    if not files and len(sha256) >= _FEWEST:
        files = flow_files_of(sha256)
    if not files:
        named = Arrival.objects.filter(name=text).values("flow_file")
        files = list(flow_files().filter(pk__in=named).order_by("pk")[:_FEW])
    if not files:
        raise NothingThere("No stored file has this name or SHA-256.", "flow_file")
    if len({file.sha256 for file in files}) > 1:
        raise WrongSelection("Several files are called so: enter the whole SHA-256 of one.", "flow_file")
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

"""Which readings the filters of their list select, and by which index."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta, tzinfo
from typing import Any, Final

from django.db.models import QuerySet

from readings.models import FlowFile, MeterPoint, Reading
from readings.models.register_readings import ReadingQuerySet
from readings.queries.details import flow_files_of
from readings.queries.listing.pages import STORED, STRETCH, Order, Selected, moment, name, number
from readings.queries.lists import first_arrival, name_of
from readings.queries.meter_point import meter_points_called
from readings.queries.selection import NothingThere, WrongSelection, by_clock

#: Files of one sender that an index may find one by one, at most.
_FEW_FILES: Final = 1_000

_BY_LINE: Final = Order(
    name="line",
    columns=("line", "pk"),
    kinds=(number, number),
    words="line, first to last",
    words_descending="line, last to first",
)
_BY_FILE: Final = Order(
    name="file",
    columns=("flow_file_id", "line", "pk"),
    kinds=(number, number, number),
    words="file, oldest first",
    words_descending="file, newest first",
)
_BY_TIME: Final = Order(
    name="time",
    columns=("read_at", "pk"),
    kinds=(moment, number),
    words="time, oldest first",
    words_descending="time, newest first",
)
_BY_METER_POINT: Final = Order(
    name="meter-point",
    columns=("meter_point_id", "register_id", "read_at", "reading_type", "version"),
    kinds=(number, number, moment, name, number),
    words="meter point, first stored first",
    words_descending="meter point, last stored first",
)


@dataclass(slots=True)
class Scope:
    """The rows that an index finds: of a file, a meter point, or a sender of few files."""

    rows: ReadingQuerySet
    orders: tuple[Order, ...]
    default: str
    words: dict[str, str] = field(default_factory=dict)
    meter_points: list[MeterPoint] = field(default_factory=list)
    #: Whether filters must examine the rows one by one.
    is_long: bool = False
    #: Whether the scope includes the filter of senders.
    is_of_sender: bool = False


def readings() -> QuerySet[Reading]:
    """Return readings with the related rows that a line needs."""
    rows = Reading.objects.select_related("meter_point", "register__meter", "flow_file")
    return rows.prefetch_related(first_arrival("flow_file__"))


def select_readings(filters: Mapping[str, Any], *, nem_time: tzinfo) -> Selected[Reading]:
    """Return the readings that the filters of an address select; raise WrongSelection."""
    scope = _scope(filters)
    rows = scope.rows
    if filters["kind"]:
        rows = rows.of_kind(filters["kind"])
    if filters["flag"]:
        rows = rows.with_flag(filters["flag"])
    if filters["scheme"]:
        rows = rows.filter(meter_point__scheme=filters["scheme"])
    if filters["from"]:
        rows = rows.filter(by_clock("gte", filters["from"], nem_time))
    if filters["to"]:
        rows = rows.filter(by_clock("lt", filters["to"] + timedelta(1), nem_time))
    if filters["sender"] and not scope.is_of_sender:
        rows = rows.filter(flow_file__sender=filters["sender"])
    is_filtered = rows is not scope.rows
    return Selected(
        rows=rows,
        orders=scope.orders[:1] if is_filtered and scope.is_long else scope.orders,
        default=scope.default,
        scope=scope.rows if is_filtered and scope.is_long else None,
        words=scope.words,
        meter_points=scope.meter_points,
    )


def _scope(filters: Mapping[str, Any]) -> Scope:
    every = Reading.objects.all()
    files = files_called(filters["flow_file"]) if filters["flow_file"] else []
    words = {"flow_file": name_of(files[0])} if files else {}
    if filters["meter_point"]:
        points = points_called(filters["meter_point"], filters["scheme"])
        rows = every.filter(meter_point__in=points)
        if files:
            rows = rows.filter(flow_file__in=files)
        return Scope(rows, (_BY_TIME,), "-time", words, points)
    if files:
        return Scope(every.filter(flow_file__in=files), (_BY_LINE,), "line", words, is_long=True)
    if filters["sender"] and (few := _few_files_of(filters["sender"])) is not None:
        return Scope(every.filter(flow_file__in=few), (_BY_FILE,), "-file", is_of_sender=True)
    return Scope(every, (STORED, _BY_METER_POINT), "-stored", is_long=True)


def _few_files_of(sender: str) -> list[int] | None:
    """Return the files of a sender, if they have no more readings than a page may examine; else None."""
    files = list(FlowFile.objects.filter(sender=sender).values_list("pk", "readings")[: _FEW_FILES + 1])
    if len(files) > _FEW_FILES or sum(readings for _, readings in files) > STRETCH:
        return None
    return [pk for pk, readings in files if readings]


def files_called(sha256: str) -> list[FlowFile]:
    """Return the flow files with a hash, or with a start of it that only they have; raise WrongSelection."""
    files = flow_files_of(sha256.lower()) if len(sha256) >= 12 else []
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

"""Readings: a list of all, which flow files and meter points have too, each of its own."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime, timezone
from typing import Any, Final

from django.conf import settings
from django.db.models.functions import Coalesce
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from typing_extensions import TypedDict

from readings.api.authentication import READING, require
from readings.api.errors import WrongParameters
from readings.api.openapi import list_responses
from readings.api.pages import ListOf, key_after, list_answer, look, part_of
from readings.api.parameters import AtMeterPoints, InFlowFile, OfReadingType, StatementFilters, selection_of
from readings.formats.dtc.catalogue.clock import BRITISH_CLOCK_TIME
from readings.models import MeterPoint, Reading, Scheme
from readings.queries import details
from readings.queries.lists import after, sources
from readings.queries.selection import NothingThere, Selection, readings_in

router = Router(tags=["Readings"])

MAY_VIEW: Final = ("readings.view_meterpoint", "readings.view_reading")
#: Unique keys, in the order of an index: of all readings, and of those of one file.
_ORDER: Final = ("meter_point_id", "register_id", "read_at", "reading_type", "version")
_ORDER_IN_FILE: Final = ("flow_file_id", "line", "pk")
_KINDS: Final = (int, int, datetime.fromisoformat, str, int)
_KINDS_IN_FILE: Final = (int, int, int)

#: File and line of the last statement of a reading.
_SOURCE: Final = (Coalesce("restated_in_id", "flow_file_id"), Coalesce("restated_line", "line"))
#: Columns with which a row begins after its source, and those that the answer has as stored under their own names.
_FIELDS: Final = (
    *("meter_point__scheme", "meter_point__identifier", "register__meter__serial_number"),
    *("register__register_id", "register__suffix", "register__unit"),
    *("read_at", "value", "md_reset_at"),
)
_AS_STORED: Final = (
    *("reading_type", "flag", "method", "reason_code", "reason_description"),
    *("validation_status", "reading_status", "md_resets", "read_at_as_sent"),
)


class Channel(TypedDict):
    """A register or channel."""

    scheme: str
    meter_point: str
    serial_number: str
    register_id: str
    suffix: str
    unit: str


class ReadingItem(Channel):
    """One reading of a register, as a line of a flow file states it."""

    read_at: str
    value: str
    md_reset_at: str | None
    reading_type: str
    flag: str
    method: str
    reason_code: str
    reason_description: str
    validation_status: str
    reading_status: str
    md_resets: int | None
    read_at_as_sent: str
    counts: bool
    file: str
    sha256: str
    line: int


class ReadingFilters(StatementFilters, AtMeterPoints, InFlowFile, OfReadingType):
    """Which readings."""


READINGS: Final = ListOf(ReadingItem)


@router.get("/readings", auth=READING, response=list_responses(ReadingItem), summary="List readings")
def list_readings(request: HttpRequest, filters: Query[ReadingFilters]) -> HttpResponse:
    """List the readings of all meter points by meter point, register and time; those of one file by line.

    The period and the reading type narrow the list of a meter point, a serial number or a flow file.
    """
    selection = selection_of(filters)
    response = readings_answer(request, filters, selection)
    if selection.meter_points:
        look(request, MeterPoint.objects.filter(identifier__in=selection.meter_points, scheme=selection.scheme))
    return response


def readings_answer(request: HttpRequest, filters: StatementFilters, selection: Selection) -> HttpResponse:
    """Return a page of the readings of a selection."""
    require(request, *MAY_VIEW)
    narrowing: dict[str, object] = {"from": selection.first_day, "to": selection.last_day}
    narrowing |= {name: getattr(selection, name) for name in ("reading_type", "area", "tariff")}
    if not selection.is_of_few and any(narrowing.values()):
        reason = "needs mpan, nmi, consumer, serial_number or flow_file: no index finds it among all readings"
        raise WrongParameters(*((name, f"{name} {reason}") for name, value in narrowing.items() if value))
    order, kinds = (_ORDER_IN_FILE, _KINDS_IN_FILE) if selection.file else (_ORDER, _KINDS)
    columns = [*_FIELDS, *_AS_STORED, *(() if selection.only_what_counts else ("counts",))]
    columns += [name for name in order if name not in columns]
    key = key_after(request, filters.cursor, kinds)
    rows = _rows(selection, order, columns, key, filters.limit + 1)
    part = part_of(rows, filters.limit, lambda row: _key(order, dict(zip(columns, row[len(_SOURCE) :], strict=True))))
    return list_answer(request, READINGS, part, lambda few: list(_items(few, settings.NEM_UTC_OFFSET, columns)))


def _key(order: Sequence[str], fields: Mapping[str, Any]) -> tuple[Any, ...]:
    """Return the key of a row, as a cursor stores it."""
    values = [fields[name] for name in order]
    return tuple(value.isoformat() if isinstance(value, datetime) else value for value in values)


def _rows(
    selection: Selection, order: Sequence[str], columns: Sequence[str], key: Sequence[Any] | None, most: int
) -> list[tuple[Any, ...]]:
    """Return the source and the columns of each reading after a key."""
    try:
        rows = readings_in(selection, nem_time=settings.NEM_UTC_OFFSET)
    except NothingThere:
        return []
    if "counts" in columns:
        rows = rows.with_counts()
    ordered = rows.order_by(*order).values_list(*_SOURCE, *columns)
    if not key:
        return list(ordered[:most])
    if not selection.file:
        return list(ordered.filter(after(order, key))[:most])
    # A file may have millions of readings: an index begins with the file and the line.
    of_this_file = list(ordered.filter(flow_file=key[0]).filter(after(order[1:], key[1:]))[:most])
    return of_this_file + list(ordered.filter(flow_file__gt=key[0])[: most - len(of_this_file)])


def latest_readings(meter_point: MeterPoint) -> list[dict[str, Any]]:
    """Return the latest countable reading of each register, by meter and register."""
    rows = Reading.objects.filter(pk__in=[row.pk for row in details.latest_readings(meter_point)])
    ordered = rows.order_by("register__meter", "register__register_id", "pk")
    columns = (*_FIELDS, *_AS_STORED)
    return list(_items(ordered.values_list(*_SOURCE, *columns), settings.NEM_UTC_OFFSET, columns))


def _items(rows: Iterable[tuple[Any, ...]], nem_time: timezone, columns: Sequence[str]) -> Iterator[dict[str, Any]]:
    """Yield the items of rows: of their source and of columns that begin with the fields."""
    rows = list(rows)
    files = sources({row[0] for row in rows})
    counts = columns.index("counts") - len(_FIELDS) if "counts" in columns else None
    for file, line, scheme, identifier, meter, register, suffix, unit, read_at, value, reset_at, *stored in rows:
        zone = nem_time if scheme == Scheme.NMI else BRITISH_CLOCK_TIME
        name, sha256 = files[file]
        yield {
            "scheme": scheme,
            "meter_point": identifier,
            "serial_number": meter,
            "register_id": register,
            "suffix": suffix,
            "unit": unit,
            "read_at": read_at.astimezone(zone).isoformat(),
            "value": f"{value:f}",
            "md_reset_at": reset_at.astimezone(zone).isoformat() if reset_at else None,
            **dict(zip(_AS_STORED, stored, strict=False)),
            "counts": True if counts is None else stored[counts],
            "file": name,
            "sha256": sha256,
            "line": line,
        }

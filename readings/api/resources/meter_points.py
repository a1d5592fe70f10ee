"""Meter points, their meters and their readings."""

from __future__ import annotations

from typing import Any, Final

from django.http import Http404, HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field, TypeAdapter
from typing_extensions import TypedDict

from readings.api.authentication import READING, require
from readings.api.openapi import list_responses, responses
from readings.api.pages import ListOf, answer, key_after, list_answer, look, part_of
from readings.api.parameters import (
    InFlowFile,
    MeterPointChoice,
    Mpan,
    Nmi,
    OfReadingType,
    Page,
    StatementFilters,
    Text,
    selection_of,
)
from readings.api.resources.readings import MAY_VIEW, ReadingItem, latest_readings, readings_answer
from readings.models import Meter, MeterPoint
from readings.presentation.unknown import likely_reason
from readings.queries import details, lists, meter_point, search

router = Router(tags=["Meter points"])


class MeterPointItem(TypedDict):
    """An MPAN core, an NMI or a consumer; only consumers have an area and a tariff."""

    scheme: str
    identifier: str
    area: str
    tariff: str


class DetailsItem(TypedDict):
    """Area and tariff of a consumer from one time on."""

    area: str
    tariff: str
    since: str | None


class MeterPointResource(MeterPointItem):
    """A meter point with the latest reading of each register, and the history of its area and tariff."""

    latest_readings: list[ReadingItem]
    history: list[DetailsItem]


class RegisterItem(TypedDict):
    """A register or channel."""

    register_id: str
    suffix: str
    unit: str
    direction: str


class MeterItem(TypedDict):
    """A meter at a meter point; the serial number is empty where files do not state it."""

    scheme: str
    meter_point: str
    serial_number: str
    registers: list[RegisterItem]


class MeterPointFilters(Page, MeterPointChoice):
    """Which meter points."""

    mpan: Mpan | None = Field(None, description="MPAN core.")
    nmi: Nmi | None = Field(None, description="NMI, with or without its check digit.")
    area: Text | None = Field(None, description="Area of consumers.")
    tariff: Text | None = Field(None, description="Tariff of consumers.")


class MeterFilters(Page):
    """Which meters."""

    serial_number: Text | None = Field(None, description="Meter serial number; blanks and capitals do not matter.")


class MetersOfOne(Page, MeterPointChoice):
    """Which meters of one meter point."""


class ReadingsOfOne(StatementFilters, InFlowFile, OfReadingType, MeterPointChoice):
    """Which readings of one meter point."""


METER_POINTS: Final = ListOf(MeterPointItem)
METERS: Final = ListOf(MeterItem)
_METER_POINT: Final = TypeAdapter(MeterPointResource)


@router.get("/meter-points", auth=READING, response=list_responses(MeterPointItem), summary="List meter points")
def list_meter_points(request: HttpRequest, filters: Query[MeterPointFilters]) -> HttpResponse:
    """List the meter points by identifier."""
    require(request, *MAY_VIEW)
    rows = MeterPoint.objects.order_by("identifier", "scheme")
    stored = {name: getattr(filters, name) for name in ("scheme", "area", "tariff")}
    rows = rows.filter(**{name: value for name, value in stored.items() if value})
    for scheme, identifier in (("MPAN", filters.mpan), ("NMI", filters.nmi)):
        if identifier:
            rows = rows.filter(identifier=identifier, scheme=scheme)
    if key := key_after(request, filters.cursor, (str, str)):
        rows = rows.filter(lists.after(("identifier", "scheme"), key))
    part = part_of(list(rows[: filters.limit + 1]), filters.limit, lambda row: (row.identifier, row.scheme))
    return list_answer(request, METER_POINTS, part, lambda few: [_item(row) for row in few])


@router.get(
    "/meter-points/{identifier}",
    auth=READING,
    response=responses(MeterPointResource, 404),
    summary="Get a meter point",
)
def get_meter_point(request: HttpRequest, identifier: str, choice: Query[MeterPointChoice]) -> HttpResponse:
    """Return a meter point with the latest reading of each register that is neither suspect nor null data."""
    row = chosen(request, identifier, choice)
    history = [
        {"area": each.area, "tariff": each.tariff, "since": each.since.isoformat() if each.since else None}
        for each in details.history_of(row)
    ]
    resource = {**_item(row), "latest_readings": latest_readings(row), "history": history}
    return answer(request, _METER_POINT, resource)


@router.get(
    "/meter-points/{identifier}/meters",
    auth=READING,
    response=list_responses(MeterItem, 404),
    summary="List the meters of a meter point",
)
def list_meters_of_meter_point(request: HttpRequest, identifier: str, filters: Query[MetersOfOne]) -> HttpResponse:
    """List the meters with their registers, in order of arrival."""
    rows = Meter.objects.filter(meter_point=chosen(request, identifier, filters))
    return _meters(request, filters, rows)


@router.get(
    "/meter-points/{identifier}/readings",
    auth=READING,
    response=list_responses(ReadingItem, 404),
    summary="List the readings of a meter point",
)
def list_readings_of_meter_point(
    request: HttpRequest, identifier: str, filters: Query[ReadingsOfOne]
) -> HttpResponse:
    """List the readings by register and time."""
    row = chosen(request, identifier, filters)
    return readings_answer(request, filters, selection_of(filters, meter_points=(row.identifier,), scheme=row.scheme))


@router.get("/meters", auth=READING, response=list_responses(MeterItem), summary="List meters")
def list_meters(request: HttpRequest, filters: Query[MeterFilters]) -> HttpResponse:
    """List the meters with their registers, in order of arrival."""
    require(request, *MAY_VIEW)
    rows = Meter.objects.all()
    if filters.serial_number:
        rows = rows.filter(searchable=search.compact(filters.serial_number))
    return _meters(request, filters, rows)


def chosen(request: HttpRequest, identifier: str, choice: MeterPointChoice) -> MeterPoint:
    """Return the meter point with an identifier, and note the look at it; raise Http404."""
    require(request, *MAY_VIEW)
    rows = meter_point.meter_points_called(identifier)
    rows = [row for row in rows if choice.scheme in (None, row.scheme)]
    if not rows:
        reason = likely_reason(identifier) or "use the complete MPAN core, NMI or name of the consumer"
        raise Http404(f"There is no meter point {identifier!r}: {reason}.")
    look(request, rows[:1])
    return rows[0]


def _meters(request: HttpRequest, filters: Page, rows: Any) -> HttpResponse:
    rows = rows.select_related("meter_point").prefetch_related("registers").order_by("pk")
    if key := key_after(request, filters.cursor, (int,)):
        rows = rows.filter(pk__gt=key[0])
    part = part_of(list(rows[: filters.limit + 1]), filters.limit, lambda row: (row.pk,))
    return list_answer(request, METERS, part, lambda few: [_meter(row) for row in few])


def _item(row: MeterPoint) -> dict[str, Any]:
    return {"scheme": row.scheme, "identifier": row.identifier, "area": row.area, "tariff": row.tariff}


def _meter(row: Meter) -> dict[str, Any]:
    names = ("register_id", "suffix", "unit", "direction")
    registers = [{name: getattr(register, name) for name in names} for register in row.registers.all()]
    return {
        "scheme": row.meter_point.scheme,
        "meter_point": row.meter_point.identifier,
        "serial_number": row.serial_number,
        "registers": registers,
    }

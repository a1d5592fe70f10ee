"""Intervals of a meter point, and its consumption per period."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, tzinfo
from typing import Annotated, Any, Final, Literal

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from readings.api.authentication import READING, require
from readings.api.errors import WrongParameters
from readings.api.openapi import list_responses
from readings.api.pages import ListOf, key_after, list_answer, part_of
from readings.api.parameters import Days, MeterPointChoice, Page, check_period
from readings.api.resources.meter_points import chosen
from readings.api.resources.readings import Channel
from readings.models import MeterPoint, Register
from readings.presentation.csv_rows import CLOCK_TIME
from readings.queries.consumption.day_parts import IntervalTooLong
from readings.queries.consumption.groups import Group, Grouping, GroupKey, groups_after, zone_of
from readings.queries.consumption.periods import GroupBy
from readings.queries.consumption.windows import Span, span_of
from readings.queries.interval_list import IntervalKey, ListedInterval, intervals_after
from readings.queries.lists import sources

router = Router(tags=["Meter points"])

MAY_VIEW_INTERVALS: Final = ("readings.view_meterpoint", "readings.view_intervalday")


class FiguresOfOne(Days, MeterPointChoice, Page):
    """Which figures of one meter point."""


class ConsumptionFilters(FiguresOfOne):
    """Which consumption."""

    group_by: GroupBy = Field(GroupBy.DAY, description="Length of the periods; weeks begin on Monday.")


class IntervalItem(Channel):
    """One interval, with the file and line that state it."""

    starts_at: str
    ends_at: str
    zone: str
    occurrence: Annotated[int, Field(description="1 for the hour that clocks show again, else 0.")]
    value: Annotated[str | None, Field(description="Decimal as sent; null for null data.")]
    quality_method: str
    reason_code: str
    reason_description: str
    file: str
    sha256: str
    line: int


class ConsumptionItem(Channel):
    """The consumption of one channel in one period."""

    direction: Annotated[str, Field(description="Direction that a NEM13 states.")]
    starts_at: str
    ends_at: str
    zone: str
    counted_by: Annotated[
        Literal["interval", "end of advance"],
        Field(description="`end of advance`: what lies between two readings counts in the period of the second."),
    ]
    total: Annotated[str | None, Field(description="Exact sum; null for units that may not be summed, as volts.")]
    values: Annotated[int, Field(description="Number of intervals or advances in the sum.")]
    complete: Annotated[
        bool | None, Field(description="Whether each interval of the period has a value; null for advances.")
    ]


INTERVALS: Final = ListOf(IntervalItem)
CONSUMPTION: Final = ListOf(ConsumptionItem)


@router.get(
    "/meter-points/{identifier}/intervals",
    auth=READING,
    response=list_responses(IntervalItem, 404),
    summary="List the intervals of a meter point",
)
def list_intervals(request: HttpRequest, identifier: str, filters: Query[FiguresOfOne]) -> HttpResponse:
    """List the intervals of an NMI or a consumer by day, register and time, with the values as sent."""
    require(request, *MAY_VIEW_INTERVALS)
    check_period(filters)
    span, zone = _span(request, identifier, filters)
    key = key_after(request, filters.cursor, (date.fromisoformat, int, int, int))
    rows = intervals_after(span, zone, IntervalKey(*key) if key else None, filters.limit + 1)
    part = part_of(rows, filters.limit, lambda row: (row.key.day.isoformat(), *row.key[1:]))
    return list_answer(request, INTERVALS, part, lambda few: list(_intervals(span, few, _in_words(zone))))


@router.get(
    "/meter-points/{identifier}/consumption",
    auth=READING,
    response=list_responses(ConsumptionItem, 404),
    summary="List the consumption of a meter point",
)
def list_consumption(request: HttpRequest, identifier: str, filters: Query[ConsumptionFilters]) -> HttpResponse:
    """List exact sums per period and channel, by the clock of the meter point.

    Intervals count in the period in which they lie: both passes of a repeated hour, without null data. An advance
    between two readings counts in the period in which it ends, as no file states how it is distributed.
    """
    require(request, *MAY_VIEW_INTERVALS)
    check_period(filters)
    span, zone = _span(request, identifier, filters)
    key = key_after(request, filters.cursor, (datetime.fromisoformat, int, str, str, str))
    grouping = Grouping(span=span, group_by=filters.group_by, zone=zone)
    try:
        rows = groups_after(grouping, GroupKey(*key) if key else None, filters.limit + 1)
    except IntervalTooLong as error:
        raise WrongParameters(("group_by", str(error))) from error
    part = part_of(rows, filters.limit, lambda row: (row.key.start.isoformat(), *row.key[1:]))
    return list_answer(request, CONSUMPTION, part, lambda few: list(_groups(span, few, _in_words(zone))))


def channel(meter_point: MeterPoint, register: Register, unit: str) -> dict[str, Any]:
    """Return the members of a register, with the unit of a statement about it."""
    return {
        "scheme": meter_point.scheme,
        "meter_point": meter_point.identifier,
        "serial_number": register.meter.serial_number,
        "register_id": register.register_id,
        "suffix": register.suffix,
        "unit": unit,
    }


def _span(request: HttpRequest, identifier: str, filters: FiguresOfOne) -> tuple[Span, tzinfo | None]:
    row = chosen(request, identifier, filters)
    return span_of(row, filters.first_day, filters.last_day), zone_of(row.scheme, settings.NEM_UTC_OFFSET)


def _in_words(zone: tzinfo | None) -> str:
    return CLOCK_TIME if zone is None else str(zone)


def _intervals(span: Span, rows: Sequence[ListedInterval], zone: str) -> Iterator[dict[str, Any]]:
    files = sources({row.flow_file for row in rows})
    for row in rows:
        yield {
            **channel(span.meter_point, span.registers[row.key.register], row.unit),
            "starts_at": row.starts_at.isoformat(),
            "ends_at": row.ends_at.isoformat(),
            "zone": zone,
            "occurrence": row.key.occurrence,
            "value": row.value or None,
            "quality_method": row.quality_method,
            "reason_code": row.reason_code,
            "reason_description": row.reason_description,
            "file": files[row.flow_file].name,
            "sha256": files[row.flow_file].sha256,
            "line": row.line,
        }


def _groups(span: Span, rows: Sequence[Group], zone: str) -> Iterator[dict[str, Any]]:
    for row in rows:
        yield {
            **channel(span.meter_point, span.registers[row.key.register], row.key.unit),
            "direction": row.key.direction,
            "starts_at": row.starts_at.isoformat(),
            "ends_at": row.ends_at.isoformat(),
            "zone": zone,
            "counted_by": row.key.counted_by,
            "total": None if row.total is None else f"{row.total:f}",
            "values": row.values,
            "complete": row.is_complete,
        }

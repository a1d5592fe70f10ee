"""Advances of a meter point: how far its registers moved."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timedelta, timezone, tzinfo
from typing import Annotated, Any, Final, Literal

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router
from pydantic import Field

from readings.api.authentication import READING
from readings.api.openapi import list_responses
from readings.api.pages import ListOf, key_after, list_answer, part_of
from readings.api.parameters import check_period
from readings.api.resources.consumption import FiguresOfOne, channel
from readings.api.resources.meter_points import chosen
from readings.api.resources.readings import Channel
from readings.models import MeterPoint, Register
from readings.queries.advances import AdvanceKey, End, ListedAdvance, Selected, advances_after
from readings.queries.consumption.groups import zone_of
from readings.queries.consumption.windows import registers_of
from readings.queries.lists import Source, sources

router = Router(tags=["Meter points"])


class AdvanceFilters(FiguresOfOne):
    """Which advances: those that end in the period."""

    order: Literal["oldest-first", "newest-first"] = Field("oldest-first", description="Order of their ends.")


class AdvanceItem(Channel):
    """How far a register moved between two readings, or the quantity that a NEM13 states between them."""

    direction: Annotated[str, Field(description="Direction that a NEM13 states.")]
    starts_at: str
    ends_at: str
    value: str
    basis: Annotated[
        Literal["readings", "statement"],
        Field(description="Whether the value is the difference of the readings, or stated by the file."),
    ]
    quality: Annotated[Literal["actual", "estimate"], Field(description="Quality of the reading at the end.")]
    counts: Annotated[
        bool,
        Field(description="Whether sums include it: the next actual reading also covers an advance to an estimate."),
    ]
    note: Annotated[str, Field(description="Explanation of a difference that is negative or was corrected.")]
    start_value: str
    start_reading_type: str
    start_quality_method: str
    start_file: str
    start_sha256: str
    start_line: int
    end_value: str
    end_reading_type: str
    end_quality_method: str
    end_file: str
    end_sha256: str
    end_line: int


ADVANCES: Final = ListOf(AdvanceItem)


@router.get(
    "/meter-points/{identifier}/advances",
    auth=READING,
    response=list_responses(AdvanceItem, 404),
    summary="List the advances of a meter point",
)
def list_advances(request: HttpRequest, identifier: str, filters: Query[AdvanceFilters]) -> HttpResponse:
    """List how far each register moved from reading to reading; of an NMI, the quantities that NEM13 files state.

    No advance leads to the first reading of a new meter, and registers of maximum demand have none. Where the dial
    rolled over the value is corrected, with a note.
    """
    check_period(filters)
    row = chosen(request, identifier, filters)
    zone = zone_of(row.scheme, settings.NEM_UTC_OFFSET) or timezone.utc
    selected = Selected(
        meter_point=row,
        since=_midnight(filters.first_day, zone),
        until=_midnight(filters.last_day, zone, later=1),
        newest_first=filters.order == "newest-first",
    )
    key = key_after(request, filters.cursor, (datetime.fromisoformat, int))
    registers = registers_of(row)
    rows = advances_after(selected, registers, AdvanceKey(*key) if key else None, filters.limit + 1)
    part = part_of(rows, filters.limit, lambda each: (each.key.until.isoformat(), each.key.pk))
    return list_answer(request, ADVANCES, part, lambda few: list(_items(row, registers, few, zone)))


def _midnight(day: date | None, zone: tzinfo, later: int = 0) -> datetime | None:
    return datetime.combine(day + timedelta(later), time(), zone) if day else None


def _items(
    meter_point: MeterPoint, registers: dict[int, Register], rows: Sequence[ListedAdvance], zone: tzinfo
) -> Iterator[dict[str, Any]]:
    files = sources({end.flow_file for row in rows for end in (row.previous, row.current)})
    for row in rows:
        yield {
            **channel(meter_point, registers[row.register], row.unit),
            "direction": row.direction,
            "starts_at": row.previous.read_at.astimezone(zone).isoformat(),
            "ends_at": row.current.read_at.astimezone(zone).isoformat(),
            "value": f"{row.value:f}",
            "basis": "statement" if row.is_stated else "readings",
            "quality": "estimate" if row.is_estimated else "actual",
            "counts": row.counts,
            "note": row.note,
            **_end("start", row.previous, files),
            **_end("end", row.current, files),
        }


def _end(name: str, end: End, files: dict[int, Source]) -> dict[str, Any]:
    return {
        f"{name}_value": end.value,
        f"{name}_reading_type": end.reading_type,
        f"{name}_quality_method": end.quality_method,
        f"{name}_file": files[end.flow_file].name,
        f"{name}_sha256": files[end.flow_file].sha256,
        f"{name}_line": end.line,
    }

"""Who used how much in one half hour."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, localcontext
from itertools import groupby
from typing import Any, Final, NamedTuple

from django.db.models import F

from readings.formats.packed_day import EXACT
from readings.models.consumption.half_hours import HALF_HOUR, AmountsByUnit, half_hours_of, intervals_of
from readings.queries.consumption.load.half_hours import PER_HOUR
from readings.queries.consumption.scope import Scope, days_in

#: Number of meter points that are named.
MOST: Final = 10
_COLUMNS: Final = (
    *("meter_point__scheme", "meter_point__identifier"),
    *("interval_length", "values", "unit", "quality_method", "events"),
)
_AT_ONCE: Final = 2_000


class _Part(NamedTuple):
    """The intervals of one channel in the half hour, in the form of a day."""

    scheme: str
    identifier: str
    interval_length: int
    values: str
    unit: str
    quality_method: str
    events: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contribution:
    """The power of one meter point, in kW, and its quality."""

    scheme: str
    identifier: str
    load: Decimal
    quality: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contributions:
    """The meter points with a value in a half hour."""

    #: The largest ones, largest first, the same ones in order of their identifiers.
    largest: list[Contribution]
    meter_points: int
    #: Power of all, in kW.
    load: Decimal


def contributions(scope: Scope, day: date, occurrence: int, place: int) -> Contributions:
    """Return who used how much in one half hour of one pass of the clock."""
    rows = days_in(replace(scope, first_day=day, last_day=day)).filter(
        occurrence=occurrence,
        # With the meter point of the register, the index finds the day of each channel.
        register__meter__meter_point=F("meter_point"),
    )
    found = rows.order_by("meter_point").values_list(*_COLUMNS).iterator(_AT_ONCE)
    with localcontext(EXACT):
        every = list(_contributions(found, place, scope.quality))
        load = sum((each.load for each in every), start=Decimal(0))
    every.sort(key=lambda each: (-each.load, each.identifier, each.scheme))
    return Contributions(largest=every[:MOST], meter_points=len(every), load=load)


def _contributions(rows: Iterable[tuple[Any, ...]], place: int, quality: str) -> Iterator[Contribution]:
    amounts = AmountsByUnit()
    for (scheme, identifier), channels in groupby(rows, key=lambda row: row[:2]):
        parts = [part for row in channels if (part := _part(row, place))]
        half_hours = half_hours_of(intervals_of(parts, amounts)) if parts else None
        amount = half_hours.amounts[0] if half_hours else None
        if half_hours and amount is not None and quality in ("", half_hours.qualities):
            yield Contribution(
                scheme=scheme, identifier=identifier, load=amount * PER_HOUR, quality=half_hours.qualities
            )


def _part(row: tuple[Any, ...], place: int) -> _Part | None:
    """Return the intervals of a channel in a half hour; None if its intervals are longer."""
    scheme, identifier, length, values, unit, quality_method, events = row
    number, rest = divmod(HALF_HOUR, length)
    if rest or not number:
        return None
    first = place * number
    some = ",".join(values.split(",", first + number)[first : first + number])
    inside = _inside(json.loads(events), first, number) if events else []
    return _Part(scheme, identifier, length, some, unit, quality_method, json.dumps(inside) if inside else "")


def _inside(events: Iterable[list[Any]], first: int, number: int) -> list[list[Any]]:
    """Return the parts of events in some intervals, counted from the first of these."""
    moved = ([max(begin - first, 1), min(end - first, number), *rest] for begin, end, *rest in events)
    return [event for event in moved if event[0] <= event[1]]

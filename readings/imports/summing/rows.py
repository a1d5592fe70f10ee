"""Interval days as the sums read them: by meter point, day and kind of channel."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from itertools import groupby
from typing import Any, Final, NamedTuple

from django.db.models import F, Q

from readings.models import IntervalDay, Scheme
from readings.models.consumption.units import family_of

#: Letter under which consumers are summed, as the NMI channels of energy that is consumed.
CONSUMED: Final = "E"
_COLUMNS: Final = (
    *("meter_point", "day", "occurrence", "interval_length", "values", "unit", "quality_method", "events"),
    *("register__suffix", "meter_point__scheme"),
)
_AT_ONCE: Final = 2_000


class DayRow(NamedTuple):
    """The columns of one interval day."""

    meter_point: int
    day: date
    occurrence: int
    interval_length: int
    values: str
    unit: str
    quality_method: str
    events: str
    suffix: str
    scheme: str


class Kind(NamedTuple):
    """A kind of channel: the first letter of its suffix, and the family of its unit."""

    letter: str
    family: str


class PointDay(NamedTuple):
    """The days of the channels of one kind at one meter point, by pass of the clock."""

    meter_point: int
    day: date
    kind: Kind
    passes: dict[int, list[DayRow]]


def point_days(condition: Q, first_day: date, last_day: date) -> Iterator[PointDay]:
    """Yield what counts of some meter points between two days, by meter point and day."""
    rows = IntervalDay.objects.current().filter(condition, day__gte=first_day, day__lte=last_day)
    # With the meter point of the register, the index finds the days of each channel.
    rows = rows.filter(register__meter__meter_point=F("meter_point"))
    found = rows.order_by("meter_point", "day", "occurrence", "pk").values_list(*_COLUMNS)
    for (meter_point, day), of_day in groupby(_rows(found.iterator(_AT_ONCE)), lambda row: row[:2]):
        kinds: defaultdict[Kind, dict[int, list[DayRow]]] = defaultdict(dict)
        for row in of_day:
            if kind := _kind_of(row):
                kinds[kind].setdefault(row.occurrence, []).append(row)
        for kind, passes in kinds.items():
            yield PointDay(meter_point, day, kind, passes)


def _rows(found: Iterable[tuple[Any, ...]]) -> Iterator[DayRow]:
    return (DayRow(*row) for row in found)


def _kind_of(row: DayRow) -> Kind | None:
    """Return the kind of a channel; None if its values are not summed."""
    family = family_of(row.unit)
    letter = CONSUMED if row.scheme == Scheme.CONSUMER else row.suffix[:1].upper()
    return Kind(letter, family) if family and letter.isalpha() else None

"""The interval days of one meter point in a window of days, its channels added up."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, localcontext
from functools import cached_property
from typing import Any, Final, NamedTuple

from django.db.models import Q, QuerySet

from readings.formats.packed_day import EXACT
from readings.models import IntervalDay, Register
from readings.models.consumption.half_hours import (
    HALF_HOUR,
    NO_VALUE,
    AmountsByUnit,
    Intervals,
    half_hours_of,
    intervals_of,
)
from readings.models.consumption.units import FAMILIES
from readings.queries.consumption.point.life import Peak, largest
from readings.queries.consumption.scope import Measure

_COLUMNS: Final = (
    *("meter_point", "register", "day", "occurrence", "interval_length"),
    *("values", "unit", "quality_method", "events"),
)


class DayRow(NamedTuple):
    """The columns of an interval day that are read here."""

    meter_point: int
    register: int
    day: date
    occurrence: int
    interval_length: int
    values: str
    unit: str
    quality_method: str
    events: str


class Pass(NamedTuple):
    """One pass of the clock of one day: 0, or 1 and more for hours that it repeats."""

    day: date
    occurrence: int


def registers_of(meter_points: Iterable[int], measure: Measure) -> QuerySet[Register]:
    """Return the channels of one measure of some meter points."""
    return Register.objects.filter(measure.channels, meter__meter_point__in=list(meter_points))


def day_rows(registers: Sequence[tuple[int, int]], measure: Measure, days: Q) -> list[DayRow]:
    """Return what counts of some channels on some days: primary keys of each channel and its meter point."""
    points, channels = {point for _, point in registers}, [register for register, _ in registers]
    # The index begins with the meter point and the register, in front of the day.
    rows = IntervalDay.objects.current().filter(days, meter_point__in=points, register__in=channels)
    rows = rows.filter(unit__in=FAMILIES[measure.family]).order_by("meter_point", "day", "occurrence", "register")
    return [DayRow(*row) for row in rows.values_list(*_COLUMNS)]


def between(registers: Sequence[tuple[int, int]], measure: Measure, first_day: date, last_day: date) -> list[DayRow]:
    """Return what counts of some channels between two days, by day, pass and channel."""
    return day_rows(registers, measure, Q(day__gte=first_day, day__lte=last_day))


@dataclass(frozen=True, kw_only=True)
class PointDays:
    """The intervals of a meter point by day and pass, in order."""

    rows: Sequence[DayRow]
    #: Quality to which the amounts are limited; empty for all.
    quality: str = ""
    amounts: AmountsByUnit = field(default_factory=AmountsByUnit)

    @cached_property
    def _every(self) -> dict[Pass, Intervals]:
        passes: defaultdict[Pass, list[DayRow]] = defaultdict(list)
        for row in self.rows:
            passes[Pass(row.day, row.occurrence)].append(row)
        with localcontext(EXACT):
            return {key: intervals_of(rows, self.amounts) for key, rows in sorted(passes.items())}

    @cached_property
    def intervals(self) -> dict[Pass, Intervals]:
        """Return the intervals of each day and pass."""
        return {key: self._limited(intervals) for key, intervals in self._every.items()}

    @cached_property
    def half_hours(self) -> dict[Pass, Intervals]:
        """Return the same in half hours, without days whose intervals are longer."""
        with localcontext(EXACT):
            found = ((key, half_hours_of(intervals)) for key, intervals in self._every.items())
            return {key: self._limited(half_hours) for key, half_hours in found if half_hours}

    @property
    def loads(self) -> list[Decimal]:
        """Return the mean power of each half hour with a value, in kW; each pass is a half hour of its own."""
        hourly = 60 // HALF_HOUR
        every = (amount for each in self.half_hours.values() for amount in each.amounts)
        return [amount * hourly for amount in every if amount is not None]

    @property
    def mean_power(self) -> Decimal | None:
        """Return the mean power of all intervals, in kW; None without values."""
        total, minutes = Decimal(0), 0
        with localcontext(EXACT):
            for each in self.intervals.values():
                present = [amount for amount in each.amounts if amount is not None]
                total += sum(present, start=Decimal(0))
                minutes += len(present) * each.length
        return total * 60 / minutes if minutes else None

    @property
    def peak(self) -> Peak | None:
        """Return the largest mean power of one interval; None without values."""
        return largest(self._peaks())

    @property
    def longest(self) -> int:
        """Return the minutes of the longest interval; 0 without values."""
        return max((each.length for each in self.intervals.values()), default=0)

    def _peaks(self) -> Iterator[Peak]:
        for (day, _), each in self.intervals.items():
            present = [amount for amount in each.amounts if amount is not None]
            if present:
                most = max(present)
                minute = each.amounts.index(most) * each.length
                yield Peak(power=most * 60 / each.length, day=day, minute=minute)

    def _limited(self, intervals: Intervals) -> Intervals:
        if not self.quality or set(intervals.qualities) <= {self.quality, NO_VALUE}:
            return intervals
        pairs = list(zip(intervals.amounts, intervals.qualities, strict=True))
        return Intervals(
            length=intervals.length,
            amounts=[amount if quality == self.quality else None for amount, quality in pairs],
            qualities="".join(quality if quality == self.quality else NO_VALUE for _, quality in pairs),
            minutes=intervals.minutes,
        )


def keys_of(registers: Iterable[Any]) -> list[tuple[int, int]]:
    """Return the primary keys of channels, each with that of its meter point."""
    return [(register.pk, register.meter.meter_point_id) for register in registers]

"""Interval days of a meter point in windows of whole days, so that memory stays flat.

The index has the register before the day: the rows of a window are found in it and sorted, never those of all days.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import date

from django.db.models import Min, OuterRef, Subquery

from readings.models import IntervalDay, MeterPoint, Register
from readings.models.statements import StatementQuerySet


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """The current interval days of a meter point from one day to another, inclusive; None for no limit."""

    meter_point: MeterPoint
    first_day: date | None = None
    last_day: date | None = None
    #: Registers of the meter point by primary key, with their meters.
    registers: dict[int, Register] = field(default_factory=dict)

    def rows(self) -> StatementQuerySet[IntervalDay]:
        """Return the rows, without an order."""
        rows = IntervalDay.objects.filter(meter_point=self.meter_point, register__in=list(self.registers)).current()
        rows = rows.filter(day__gte=self.first_day) if self.first_day else rows
        return rows.filter(day__lte=self.last_day) if self.last_day else rows

    def next_day(self, day: date) -> date | None:
        """Return the first day with a row, from a day on; None if there is no more."""
        rows = IntervalDay.objects.filter(meter_point=self.meter_point, register=OuterRef("pk")).current()
        first = rows.filter(day__gte=max(day, self.first_day or day)).order_by("day").values("day")[:1]
        registers = Register.objects.filter(pk__in=list(self.registers)).annotate(first=Subquery(first))
        found: date | None = registers.aggregate(Min("first"))["first__min"]
        return None if found and self.last_day and found > self.last_day else found


def span_of(meter_point: MeterPoint, first_day: date | None, last_day: date | None) -> Span:
    """Return the interval days of a meter point between two days, with its registers."""
    registers = registers_of(meter_point)
    return Span(meter_point=meter_point, first_day=first_day, last_day=last_day, registers=registers)


def registers_of(meter_point: MeterPoint) -> dict[int, Register]:
    """Return the registers of a meter point by primary key, with their meters."""
    return Register.objects.filter(meter__meter_point=meter_point).select_related("meter").in_bulk()


def days_at_once(span: Span, wanted: int, per_day: int = 1, most: int = 4_000) -> int:
    """Return the number of days that hold about the wanted number of items, of at most `most` rows."""
    rows = min(-(-wanted // per_day), most)
    return max(1, rows // max(1, len(span.registers)))


def windows(span: Span, begin: date, end: Callable[[date], date]) -> Iterator[StatementQuerySet[IntervalDay]]:
    """Yield the rows of each window that has some, from a day on; `end` returns the day after a window's last day."""
    day = span.next_day(begin)
    while day is not None:
        following = end(day)
        yield span.rows().filter(day__gte=day, day__lt=following)
        day = span.next_day(following)

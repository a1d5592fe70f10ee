"""Sums of the intervals of days by the periods in which they lie."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, time, timedelta, tzinfo
from decimal import Decimal
from typing import Final, NamedTuple

from django.db.models import Case, F, TextField, Value, When

from readings.formats.packed_day import Amounts
from readings.models import IntervalDay
from readings.models.statements import StatementQuerySet
from readings.queries.consumption.periods import MINUTES, GroupBy, start_of
from readings.queries.consumption.totals import MINUTES as MINUTES_WITH_A_VALUE
from readings.queries.consumption.values import MAY_HOLD_NULL_DATA, counted_values

#: Columns of a day that its sums need, besides its values.
_COLUMNS: Final = ("pk", "register", "day", "occurrence", "unit", "interval_length", "quality_method", "events")
_AT_ONCE: Final = 500


class IntervalTooLong(ValueError):
    """Intervals do not fit into the periods; the text states both lengths."""


class DayPart(NamedTuple):
    """The intervals of a day in one period: null data has no value."""

    row: IntervalDay
    #: Start of the period.
    starts_at: datetime
    total: Decimal
    #: Number of intervals with a value, and their minutes.
    values: int
    minutes: int


def parts_of(rows: StatementQuerySet[IntervalDay], group_by: GroupBy, zone: tzinfo | None) -> Iterator[DayPart]:
    """Yield the parts of days, by day; whole days from their stored totals.

    Raise IntervalTooLong if intervals do not fit into the periods.
    """
    rows = rows.order_by("day", "register", "occurrence")
    if minutes := MINUTES.get(group_by):
        amounts = Amounts()
        for row in rows.only(*_COLUMNS, "values").iterator(_AT_ONCE):
            yield from _shorter_than_a_day(row, minutes, zone, amounts)
    else:
        yield from _whole_days(rows, group_by, zone)


def _shorter_than_a_day(row: IntervalDay, minutes: int, zone: tzinfo | None, amounts: Amounts) -> Iterator[DayPart]:
    number, rest = divmod(minutes, row.interval_length)
    if rest:
        words = f"the intervals of {row.day} have {row.interval_length} minutes"
        raise IntervalTooLong(f"{words}, which cannot be summed per {minutes} minutes")
    midnight = datetime.combine(row.day, time(), zone)
    values = counted_values(row)
    for first in range(0, len(values), number):
        present = list(filter(None, values[first : first + number]))
        if present:
            starts_at = midnight + timedelta(minutes=first * row.interval_length)
            total = amounts.sum_of(present)
            yield DayPart(row, starts_at, total, len(present), len(present) * row.interval_length)


def _whole_days(rows: StatementQuerySet[IntervalDay], group_by: GroupBy, zone: tzinfo | None) -> Iterator[DayPart]:
    """Yield one part for each day with a value; only days that may hold null data are unpacked."""
    values = Case(When(MAY_HOLD_NULL_DATA, then=F("values")), default=Value(""), output_field=TextField())
    annotated = rows.annotate(minutes=MINUTES_WITH_A_VALUE, unpacked=values).only(*_COLUMNS, "total")
    for row in annotated.iterator(_AT_ONCE):
        number = row.minutes // row.interval_length
        if row.unpacked:
            row.values = row.unpacked
            number = sum(map(bool, counted_values(row)))
        if number:
            starts_at = start_of(datetime.combine(row.day, time(), zone), group_by)
            yield DayPart(row, starts_at, row.total, number, number * row.interval_length)

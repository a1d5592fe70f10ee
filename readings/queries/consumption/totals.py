"""Totals of days, months, areas and meter points, and what they would be if repeated hours counted once.

All of them come from the totals that the import keeps of each day, so they count every row that stands.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, localcontext
from typing import Any

from django.db.models import Case, Count, F, IntegerField, Max, Min, Q, Sum, TextField, Value, When
from django.db.models.functions import Concat, Length, Replace

from readings.formats.packed_day import EXACT
from readings.models import IntervalDay
from readings.queries.consumption.exact import ZERO, ExactSum, common_unit, converted, exact_sum
from readings.queries.consumption.scope import Scope, days_in
from readings.queries.consumption.values import MAY_HOLD_NULL_DATA, counted_values

_SATURDAY = 5


@dataclass(slots=True)
class Amount:
    """A total, and how many days of channels it is made from."""

    total: Decimal = ZERO
    days: int = 0

    @property
    def mean(self) -> Decimal | None:
        """The mean of a channel's day."""
        return self.total / self.days if self.days else None

    def __add__(self, other: Amount) -> Amount:
        return Amount(exact_sum((self.total, other.total)), self.days + other.days)


@dataclass(slots=True, kw_only=True)
class Totals:
    """Totals of each day, in one unit."""

    unit: str
    days: dict[date, Amount]

    @property
    def all(self) -> Amount:
        """All of it."""
        return _together(self.days.values())

    @property
    def months(self) -> dict[date, Amount]:
        """By the first of each month."""
        return self._grouped((day.replace(day=1), amount) for day, amount in self.days.items())

    @property
    def weekdays(self) -> Amount:
        """Monday to Friday."""
        return _together(amount for day, amount in self.days.items() if day.weekday() < _SATURDAY)

    @property
    def weekends(self) -> Amount:
        """Saturday and Sunday."""
        return _together(amount for day, amount in self.days.items() if day.weekday() >= _SATURDAY)

    @staticmethod
    def _grouped(pairs: Iterable[tuple[date, Amount]]) -> dict[date, Amount]:
        groups: defaultdict[date, Amount] = defaultdict(Amount)
        for key, amount in pairs:
            groups[key] += amount
        return dict(groups)


def by_day(scope: Scope) -> Totals:
    """Add up each day; a channel whose day has an hour twice counts as one."""
    rows: list[tuple[Any, ...]] = list(
        days_in(scope)
        .values("day", "unit")
        .annotate(amount=ExactSum("total"), channels=Count("pk", filter=Q(occurrence=0)))
        .order_by("day")
        .values_list("day", "unit", "amount", "channels")
    )
    unit = common_unit(unit for _, unit, _, _ in rows)
    days: defaultdict[date, Amount] = defaultdict(Amount)
    for day, own_unit, amount, channels in rows:
        days[day] += Amount(converted(amount, own_unit, unit), channels)
    return Totals(unit=unit, days=dict(days))


@dataclass(slots=True, kw_only=True)
class MeterPointTotal:
    """What a meter point used, and over which time."""

    total: Decimal = ZERO
    first_day: date | None = None
    last_day: date | None = None
    #: The days from first to last, of each channel.
    days: int = 0
    #: Minutes of which there is a value; None where that was not asked.
    minutes: int | None = None
    #: The same, an hour that comes twice counted twice.
    all_minutes: int = 0

    def count(self, minutes: int = 0, *, occurrence: int) -> None:
        """Add minutes of which there is a value."""
        self.all_minutes += minutes
        if self.minutes is not None and not occurrence:
            self.minutes += minutes

    @property
    def mean(self) -> Decimal | None:
        """The mean of a half hour."""
        return self.total * 30 / self.all_minutes if self.all_minutes else None

    @property
    def missing_minutes(self) -> int | None:
        """Minutes without a value between the first day and the last, of each channel."""
        return None if self.minutes is None else self.days * 24 * 60 - self.minutes


@dataclass(slots=True, kw_only=True)
class MeterPointTotals:
    """Totals of each meter point by its primary key, in one unit."""

    unit: str
    rows: dict[int, MeterPointTotal] = field(default_factory=dict)


def by_meter_point(scope: Scope, *, count_values: bool) -> MeterPointTotals:
    """Add up each meter point; to count its values too, which the mean and the gaps need, takes much longer."""
    columns = ["meter_point", "register", "unit", "occurrence"]
    sums: dict[str, Any] = {"amount": ExactSum("total"), "first": Min("day"), "last": Max("day")}
    if count_values:
        sums["minutes"] = Sum(_MINUTES)
    found: Iterable[tuple[Any, ...]] = (
        days_in(scope).values(*columns).annotate(**sums).order_by().values_list(*columns, *sums)
    )
    channels = list(found)
    unit = common_unit(row[2] for row in channels)
    totals = MeterPointTotals(unit=unit)
    spans: dict[tuple[int, int], tuple[date, date]] = {}
    for key, register, own_unit, occurrence, amount, first, last, *minutes in channels:
        row = totals.rows.setdefault(key, MeterPointTotal(minutes=0 if count_values else None))
        row.total = exact_sum((row.total, converted(amount, own_unit, unit)))
        row.first_day = min(first, row.first_day or first)
        row.last_day = max(last, row.last_day or last)
        before = spans.get((key, register), (first, last))
        spans[key, register] = min(first, before[0]), max(last, before[1])
        row.count(*minutes, occurrence=occurrence)
    for (key, _), (first, last) in spans.items():
        totals.rows[key].days += (last - first).days + 1
    if count_values:
        _count_beside_null_data(scope, totals)
    return totals


def _text(text: str) -> Value:
    return Value(text, output_field=TextField())


_MARKED = Concat(_text("<"), Replace("values", _text(","), _text("><")), _text(">"), output_field=TextField())
_FIELDS = Length("values") - Length(Replace("values", _text(","), _text(""))) + 1
_EMPTY = (Length(_MARKED) - Length(Replace(_MARKED, _text("<>"), _text("")))) / 2
_HAS_EMPTY = Q(values__contains=",,") | Q(values__startswith=",") | Q(values__endswith=",") | Q(values="")
#: Minutes of a day of which there is a value. A whole day is told at a glance; null data is left to be looked at.
_MINUTES = Case(
    When(MAY_HOLD_NULL_DATA, then=0),
    When(_HAS_EMPTY, then=(_FIELDS - _EMPTY) * F("interval_length")),
    default=24 * 60,
    output_field=IntegerField(),
)


def _count_beside_null_data(scope: Scope, totals: MeterPointTotals) -> None:
    for day in days_in(scope).filter(MAY_HOLD_NULL_DATA):
        minutes = day.interval_length * sum(map(bool, counted_values(day)))
        totals.rows[day.meter_point_id].count(minutes, occurrence=day.occurrence)


@dataclass(slots=True, kw_only=True)
class Repeats:
    """Four further totals: each counts an interval once that stands more than once."""

    #: How many intervals stand again.
    number: int
    unit: str
    first: Decimal
    last: Decimal
    mean: Decimal
    largest: Decimal


def without_repeats(scope: Scope, totals: Totals) -> Repeats:
    """Find what the total would be if of the rows for one time only the first counted, or the last, or …"""
    ways = dict.fromkeys(("first", "last", "mean", "largest"), totals.all.total)
    repeats = Repeats(number=0, unit=totals.unit, **ways)
    with localcontext(EXACT):
        for values, unit in _repeated(scope):
            amounts = [converted(value, unit, totals.unit) for value in values]
            stands = sum(amounts, start=ZERO)
            repeats.number += len(amounts) - 1
            repeats.first += amounts[0] - stands
            repeats.last += amounts[-1] - stands
            repeats.mean += stands / len(amounts) - stands
            repeats.largest += max(amounts) - stands
    return repeats


def _repeated(scope: Scope) -> Iterable[tuple[Sequence[Decimal], str]]:
    """Give the values of each interval that stands more than once, in the order in which they stand."""
    twice = set(days_in(scope).filter(occurrence__gt=0).values_list("meter_point", "register", "day"))
    of_days: defaultdict[tuple[Any, ...], list[IntervalDay]] = defaultdict(list)
    rows = days_in(scope).filter(meter_point__in={key[0] for key in twice}, day__in={key[2] for key in twice})
    for row in rows.order_by("occurrence"):
        of_days[row.meter_point_id, row.register_id, row.day].append(row)
    for key in twice:
        for values in zip(*map(counted_values, of_days[key]), strict=True):
            there = [Decimal(value) for value in values if value]
            if len(there) > 1:
                yield there, of_days[key][0].unit


def _together(amounts: Iterable[Amount]) -> Amount:
    several = list(amounts)
    return Amount(exact_sum(amount.total for amount in several), sum(amount.days for amount in several))

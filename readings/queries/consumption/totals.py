"""Totals of days, months, areas and meter points, with and without repeated intervals.

They are sums of the daily totals that the import stores, so they include every current row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal, localcontext
from typing import Any, Final

from django.db.models import Case, Count, F, IntegerField, Max, Min, Q, Sum, TextField, Value, When
from django.db.models.functions import Concat, Length, Replace

from readings.formats.packed_day import EXACT, ZERO, exact_sum
from readings.models import IntervalDay
from readings.models.consumption.exact import ExactSum
from readings.models.consumption.units import common_unit, converted
from readings.queries.consumption.scope import Scope, days_in
from readings.queries.consumption.values import MAY_HOLD_NULL_DATA, counted_values

_SATURDAY = 5


@dataclass(slots=True)
class Amount:
    """A total, and its number of channel-days."""

    total: Decimal = ZERO
    days: int = 0

    @property
    def mean(self) -> Decimal | None:
        """Return the mean per channel-day; None without days."""
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
        """Return the total of all days."""
        return _sum(self.days.values())

    @property
    def months(self) -> dict[date, Amount]:
        """Return the totals by the first day of each month."""
        return self._grouped((day.replace(day=1), amount) for day, amount in self.days.items())

    @property
    def weekdays(self) -> Amount:
        """Return the total of Monday to Friday."""
        return _sum(amount for day, amount in self.days.items() if day.weekday() < _SATURDAY)

    @property
    def weekends(self) -> Amount:
        """Return the total of Saturday and Sunday."""
        return _sum(amount for day, amount in self.days.items() if day.weekday() >= _SATURDAY)

    @staticmethod
    def _grouped(pairs: Iterable[tuple[date, Amount]]) -> dict[date, Amount]:
        groups: defaultdict[date, Amount] = defaultdict(Amount)
        for key, amount in pairs:
            groups[key] += amount
        return dict(groups)


def by_day(scope: Scope) -> Totals:
    """Return the totals of each day; a channel with a repeated hour counts as one channel-day."""
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
    """The total of a meter point, and its period."""

    total: Decimal = ZERO
    first_day: date | None = None
    last_day: date | None = None
    #: Number of days from first to last, summed over the channels.
    days: int = 0
    #: Number of minutes with a value; None if not counted.
    minutes: int | None = None
    #: Number of minutes with a value, including repeated hours.
    all_minutes: int = 0

    def count(self, minutes: int = 0, *, occurrence: int) -> None:
        """Add minutes with a value."""
        self.all_minutes += minutes
        if self.minutes is not None and not occurrence:
            self.minutes += minutes

    @property
    def mean(self) -> Decimal | None:
        """Return the mean per half hour; None without values."""
        return self.total * 30 / self.all_minutes if self.all_minutes else None

    @property
    def missing_minutes(self) -> int | None:
        """Return the minutes without a value between first and last day, summed over the channels."""
        return None if self.minutes is None else self.days * 24 * 60 - self.minutes


@dataclass(slots=True, kw_only=True)
class MeterPointTotals:
    """Totals by the primary key of the meter point, in one unit."""

    unit: str
    rows: dict[int, MeterPointTotal] = field(default_factory=dict)


def by_meter_point(scope: Scope, *, count_values: bool) -> MeterPointTotals:
    """Return the totals of each meter point; counting values, for means and gaps, takes much longer."""
    columns = ["meter_point", "register", "unit", "occurrence"]
    sums: dict[str, Any] = {"amount": ExactSum("total"), "first": Min("day"), "last": Max("day")}
    if count_values:
        sums["minutes"] = Sum(MINUTES)
    rows: Iterable[tuple[Any, ...]] = (
        days_in(scope).values(*columns).annotate(**sums).order_by().values_list(*columns, *sums)
    )
    channels = list(rows)
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
        _count_days_with_null_data(scope, totals)
    return totals


def _text(text: str) -> Value:
    return Value(text, output_field=TextField())


_MARKED = Concat(_text("<"), Replace("values", _text(","), _text("><")), _text(">"), output_field=TextField())
_FIELDS = Length("values") - Length(Replace("values", _text(","), _text(""))) + 1
_EMPTY = (Length(_MARKED) - Length(Replace(_MARKED, _text("<>"), _text("")))) / 2
_HAS_EMPTY = Q(values__contains=",,") | Q(values__startswith=",") | Q(values__endswith=",") | Q(values="")
#: Minutes of a day with a value; 0 for days that may hold null data, which Python counts.
MINUTES: Final = Case(
    When(MAY_HOLD_NULL_DATA, then=0),
    When(_HAS_EMPTY, then=(_FIELDS - _EMPTY) * F("interval_length")),
    default=24 * 60,
    output_field=IntegerField(),
)


def _count_days_with_null_data(scope: Scope, totals: MeterPointTotals) -> None:
    for day in days_in(scope).filter(MAY_HOLD_NULL_DATA):
        minutes = day.interval_length * sum(map(bool, counted_values(day)))
        totals.rows[day.meter_point_id].count(minutes, occurrence=day.occurrence)


@dataclass(slots=True, kw_only=True)
class Repeats:
    """Four further totals, each of which counts a repeated interval once."""

    #: Number of repeated intervals.
    number: int
    unit: str
    first: Decimal
    last: Decimal
    mean: Decimal
    largest: Decimal


def without_repeats(scope: Scope, total: Decimal, unit: str) -> Repeats:
    """Return a total with only the first, last, mean or largest value of each repeated interval."""
    ways = dict.fromkeys(("first", "last", "mean", "largest"), total)
    repeats = Repeats(number=0, unit=unit, **ways)
    with localcontext(EXACT):
        for values, own_unit in _repeated(scope):
            amounts = [converted(value, own_unit, unit) for value in values]
            both = sum(amounts, start=ZERO)
            repeats.number += len(amounts) - 1
            repeats.first += amounts[0] - both
            repeats.last += amounts[-1] - both
            repeats.mean += both / len(amounts) - both
            repeats.largest += max(amounts) - both
    return repeats


def _repeated(scope: Scope) -> Iterable[tuple[Sequence[Decimal], str]]:
    """Yield the values of each repeated interval in file order, with their unit."""
    twice = set(days_in(scope).filter(occurrence__gt=0).values_list("meter_point", "register", "day"))
    of_days: defaultdict[tuple[Any, ...], list[IntervalDay]] = defaultdict(list)
    rows = days_in(scope).filter(meter_point__in={key[0] for key in twice}, day__in={key[2] for key in twice})
    for row in rows.order_by("occurrence"):
        of_days[row.meter_point_id, row.register_id, row.day].append(row)
    for key in twice:
        for values in zip(*map(counted_values, of_days[key]), strict=True):
            present = [Decimal(value) for value in values if value]
            if len(present) > 1:
                yield present, of_days[key][0].unit


def _sum(amounts: Iterable[Amount]) -> Amount:
    parts = list(amounts)
    return Amount(exact_sum(amount.total for amount in parts), sum(amount.days for amount in parts))

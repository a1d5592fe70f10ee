"""Totals of days, months, areas and meter points, with and without repeated intervals.

They are sums of the daily totals that the import stores, so they include every current row.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, localcontext
from typing import Any, Final

from django.db.models import Case, Count, F, IntegerField, Q, TextField, Value, When
from django.db.models.functions import Concat, Length, Replace

from readings.formats.packed_day import EXACT, ZERO, exact_sum
from readings.models import IntervalDay
from readings.models.consumption.calendar import is_weekend
from readings.models.consumption.exact import ExactSum
from readings.models.consumption.units import common_unit, converted
from readings.queries.consumption.scope import Scope, days_in
from readings.queries.consumption.values import MAY_HOLD_NULL_DATA, counted_values


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
        return _sum(amount for day, amount in self.days.items() if not is_weekend(day))

    @property
    def weekends(self) -> Amount:
        """Return the total of Saturday and Sunday."""
        return _sum(amount for day, amount in self.days.items() if is_weekend(day))

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


def by_meter_point(scope: Scope) -> dict[int, Decimal]:
    """Return the total of each meter point by its primary key, in the unit of `by_day`."""
    rows = days_in(scope).values("meter_point", "unit").annotate(amount=ExactSum("total")).order_by()
    found: list[tuple[Any, ...]] = list(rows.values_list("meter_point", "unit", "amount"))
    unit = common_unit(unit for _, unit, _ in found)
    totals: defaultdict[int, Decimal] = defaultdict(Decimal)
    for key, own_unit, amount in found:
        totals[key] = exact_sum((totals[key], converted(amount, own_unit, unit)))
    return dict(totals)


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

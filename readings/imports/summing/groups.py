"""Sums of each group of meter points per day."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, localcontext
from typing import Any, Final

from django.db.models import Max, Min, Q

from readings.formats.packed_day import EXACT
from readings.imports.loading.insertion import insert
from readings.imports.summing.months import present_of
from readings.imports.summing.rows import Kind, PointDay, point_days
from readings.models import MeterPoint
from readings.models.consumption.calendar import next_month
from readings.models.consumption.half_hours import HALF_HOURS, NO_VALUE, AmountsByUnit, half_hours_of, intervals_of
from readings.models.consumption.sums import GroupDay, StaleGroup

_COLUMNS: Final = (
    *("letter", "family", "quality", "total", "scheme", "area", "tariff", "day", "occurrence", "half_hours"),
    *("meter_points", "further_meter_points"),
)
#: Number of days of meter points that are summed in one transaction, about.
POINT_DAYS: Final = 6_000
_ZERO: Final = Decimal(0)


@dataclass(slots=True)
class _Day:
    """The values of one quality on one day, in one pass of the clock."""

    total: Decimal = _ZERO
    half_hours: list[Decimal | None] = field(default_factory=lambda: [None] * HALF_HOURS)
    meter_points: int = 0
    further: int = 0

    def add(self, amounts: Sequence[Decimal | None]) -> None:
        """Add the half hours of a meter point."""
        self.half_hours = [
            before if amount is None else amount if before is None else before + amount
            for before, amount in zip(self.half_hours, amounts, strict=True)
        ]


def sum_stale_group() -> None:
    """Sum stale days of one group in one month, as many as take a short time; inside a transaction."""
    first = StaleGroup.objects.order_by("pk")[0]
    group = {"scheme": first.scheme, "area": first.area, "tariff": first.tariff}
    month = first.first_day.replace(day=1)
    end = next_month(month)
    notes = StaleGroup.objects.filter(**group, first_day__gte=month, first_day__lt=end)
    keys = list(notes.values_list("pk", flat=True))
    span = StaleGroup.objects.filter(pk__in=keys).aggregate(first=Min("first_day"), last=Max("last_day"))
    days = max(1, POINT_DAYS // max(1, MeterPoint.objects.filter(**group).count()))
    last_day = min(span["last"], span["first"] + timedelta(days - 1))
    _sum(group, span["first"], last_day)
    StaleGroup.objects.filter(pk__in=keys).delete()
    if last_day < span["last"]:
        StaleGroup.objects.create(**group, first_day=last_day + timedelta(1), last_day=span["last"])


def _sum(group: dict[str, str], first_day: date, last_day: date) -> None:
    condition = Q(**{f"meter_point__{name}": value for name, value in group.items()})
    days: dict[tuple[Kind, date, int, str], _Day] = {}
    amounts = AmountsByUnit()
    with localcontext(EXACT):
        for each in point_days(condition, first_day, last_day):
            _add(days, each, amounts)
    GroupDay.objects.filter(**group, day__gte=first_day, day__lte=last_day).delete()
    rows = [
        (
            *(*kind, quality, f"{each.total:f}", *group.values(), day.isoformat(), occurrence),
            ",".join("" if amount is None else f"{amount:f}" for amount in each.half_hours),
            *(each.meter_points, each.further),
        )
        for (kind, day, occurrence, quality), each in days.items()
    ]
    insert(GroupDay._meta.db_table, _COLUMNS, rows)


def _add(days: dict[tuple[Kind, date, int, str], _Day], point_day: PointDay, amounts: AmountsByUnit) -> None:
    is_counted = False
    for occurrence, rows in point_day.passes.items():
        intervals = intervals_of(rows, amounts)
        half_hours = half_hours_of(intervals)
        for quality in sorted(set(intervals.qualities) - {NO_VALUE}):
            day = days.setdefault((point_day.kind, point_day.day, occurrence, quality), _Day())
            day.total += sum(present_of(intervals, quality).values(), start=_ZERO)
            day.meter_points += 1
            day.further += not is_counted
            is_counted = True
            if half_hours:
                day.add(_of_quality(half_hours, quality))


def _of_quality(half_hours: Any, quality: str) -> Sequence[Decimal | None]:
    if half_hours.qualities == quality * HALF_HOURS:
        return list(half_hours.amounts)
    present = present_of(half_hours, quality)
    return [present.get(place) for place in range(HALF_HOURS)]

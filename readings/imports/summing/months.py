"""Sums of each meter point per month."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, localcontext
from typing import Any, Final

from django.db.models import Max, Min, Q

from readings.formats.packed_day import EXACT, exact_sum
from readings.imports.loading.insertion import insert
from readings.imports.summing.rows import Kind, PointDay, point_days
from readings.models import IntervalDay, MeterPoint
from readings.models.consumption.calendar import end_of, months_between, next_month
from readings.models.consumption.half_hours import NO_VALUE, AmountsByUnit, Intervals, intervals_of
from readings.models.consumption.sums import MonthSum, StaleGroup, StaleMonths

#: Number of meter points that are summed in one transaction, of their months together, and of months read at once.
POINTS: Final = 100
POINT_MONTHS: Final = 120
MONTHS: Final = 12
_COLUMNS: Final = (
    *("letter", "family", "quality", "total", "meter_point_id", "month", "totals", "minutes", "minutes_of_days"),
    *("days", "first_day", "last_day", "peak", "peak_day", "peak_minute", "repeats"),
)


@dataclass(slots=True)
class _Month:
    """The values of one quality in one month."""

    totals: defaultdict[date, list[Decimal]] = field(default_factory=lambda: defaultdict(list))
    minutes: Counter[date] = field(default_factory=Counter)
    days: set[date] = field(default_factory=set)
    peak: tuple[Decimal, date, int] = (Decimal("-Infinity"), date.min, 0)
    repeats: int = 0

    def row(self, meter_point: int, kind: Kind, month: date, quality: str) -> tuple[Any, ...]:
        """Return the row to be stored."""
        days = [month + timedelta(days) for days in range(end_of(month).day)]
        totals = {day: exact_sum(amounts) for day, amounts in self.totals.items()}
        peak, day, minute = self.peak
        return (
            *(*kind, quality, _text(exact_sum(totals.values())), meter_point, _text(month)),
            ",".join(_text(totals[each]) if each in totals else "" for each in days),
            sum(self.minutes.values()),
            ",".join(str(self.minutes[each] or "") for each in days),
            ",".join("1" if each in self.days else "" for each in days),
            *(_text(min(totals)), _text(max(totals)), _text(peak), _text(day), minute, self.repeats),
        )


def sum_stale_months() -> None:
    """Sum the months of some meter points that are stale, and note their groups as stale; inside a transaction."""
    points = list(
        StaleMonths.objects.order_by("meter_point").values_list("meter_point", flat=True).distinct()[:POINTS]
    )
    marks = StaleMonths.objects.filter(meter_point__in=points)
    spans = list(marks.values_list("pk", "meter_point", "first_day", "last_day"))
    stale, later = _first_months(_stale_months([each[1:] for each in spans]))
    by_months: defaultdict[tuple[date, ...], list[int]] = defaultdict(list)
    for meter_point, months in stale.items():
        for some in _runs(sorted(months)):
            by_months[some].append(meter_point)
    for months_at_once, meter_points in by_months.items():
        _sum(meter_points, months_at_once)
    _note_groups([each[1:] for each in spans], stale)
    StaleMonths.objects.filter(pk__in=[each[0] for each in spans]).delete()
    _note_months([each[1:] for each in spans], later)


def _stale_months(spans: Iterable[tuple[int, date | None, date | None]]) -> dict[int, set[date]]:
    """Return the first days of the stale months of each meter point."""
    spans = list(spans)
    everything = {point for point, first, _ in spans if first is None}
    stored: dict[int, tuple[date, date]] = {}
    for model, first, last in ((MonthSum, "first_day", "last_day"), (IntervalDay, "day", "day")):
        rows = model._default_manager.filter(meter_point__in=everything).order_by().values("meter_point")
        for point, low, high in rows.annotate(low=Min(first), high=Max(last)).values_list(
            "meter_point", "low", "high"
        ):
            before = stored.get(point, (low, high))
            stored[point] = min(low, before[0]), max(high, before[1])
    stale: defaultdict[int, set[date]] = defaultdict(set)
    for point, first_day, last_day in spans:
        span = (first_day, last_day) if first_day and last_day else stored.get(point)
        stale[point].update(months_between(*span) if span else ())
    return stale


def _first_months(stale: Mapping[int, set[date]]) -> tuple[dict[int, set[date]], dict[int, set[date]]]:
    """Return the months for this transaction, at least one, and those for later ones."""
    now: dict[int, set[date]] = {}
    later: dict[int, set[date]] = {}
    room = POINT_MONTHS
    for point, months in stale.items():
        in_order = sorted(months)
        now[point], later[point] = set(in_order[:room]), set(in_order[room:])
        room -= len(now[point])
    return now, later


def _note_months(
    spans: Iterable[tuple[int, date | None, date | None]], later: Mapping[int, Collection[date]]
) -> None:
    """Note again the days of the months that are left."""
    rows = [
        (point, _text(max(first_day or month, month)), _text(min(last_day or end, end)))
        for point, first_day, last_day in spans
        if later[point]
        for month, end in [(min(later[point]), end_of(max(later[point])))]
        if last_day is None or last_day >= month
    ]
    insert(StaleMonths._meta.db_table, ("meter_point_id", "first_day", "last_day"), rows)


def _runs(months: Sequence[date]) -> Iterator[tuple[date, ...]]:
    """Yield consecutive months, not too many at once."""
    run: list[date] = []
    for month in months:
        if run and (next_month(run[-1]) != month or len(run) == MONTHS):
            yield tuple(run)
            run = []
        run.append(month)
    if run:
        yield tuple(run)


def _sum(meter_points: Sequence[int], months: Sequence[date]) -> None:
    sums: dict[tuple[int, Kind, date, str], _Month] = {}
    amounts = AmountsByUnit()
    with localcontext(EXACT):
        for each in point_days(Q(meter_point__in=meter_points), months[0], end_of(months[-1])):
            _add(sums, each, amounts)
    MonthSum.objects.filter(meter_point__in=meter_points, month__in=months).delete()
    insert("readings_monthsum", _COLUMNS, [month.row(*key) for key, month in sums.items()])


def _add(sums: dict[tuple[int, Kind, date, str], _Month], point_day: PointDay, amounts: AmountsByUnit) -> None:
    meter_point, day, kind, passes = point_day
    is_counted = False
    for occurrence, rows in passes.items():
        intervals = intervals_of(rows, amounts)
        for quality in sorted(set(intervals.qualities) - {NO_VALUE}):
            month = sums.setdefault((meter_point, kind, day.replace(day=1), quality), _Month())
            present = present_of(intervals, quality)
            if not is_counted:
                month.days.add(day)
                is_counted = True
            month.totals[day].append(sum(present.values(), start=Decimal(0)))
            if occurrence:
                month.repeats += len(present)
            else:
                month.minutes[day] += intervals.minutes[quality]
            place = max(present, key=present.__getitem__)
            power = present[place] * 60 / intervals.length
            if power > month.peak[0]:
                month.peak = power, day, place * intervals.length


def present_of(intervals: Intervals, quality: str) -> dict[int, Decimal]:
    """Return the amounts of one quality by place."""
    if intervals.qualities.count(quality) == len(intervals.qualities):
        return {place: amount for place, amount in enumerate(intervals.amounts) if amount is not None}
    pairs = zip(intervals.amounts, intervals.qualities, strict=True)
    return {place: amount for place, (amount, own) in enumerate(pairs) if own == quality and amount is not None}


def _note_groups(
    spans: Iterable[tuple[int, date | None, date | None]], stale: Mapping[int, Collection[date]]
) -> None:
    """Note the days of the groups, month by month; several meter points of one group have one note."""
    points = MeterPoint.objects.filter(pk__in=list(stale)).values_list("pk", "scheme", "area", "tariff")
    groups = {key: tuple(group) for key, *group in points}
    notes: dict[tuple[Any, ...], tuple[date, date]] = {}
    for point, first_day, last_day in spans:
        for month in stale[point] if point in groups else ():
            end = end_of(month)
            first, last = max(month, first_day or month), min(end, last_day or end)
            if first <= last:
                key = (*groups[point], month)
                before = notes.get(key, (first, last))
                notes[key] = min(first, before[0]), max(last, before[1])
    columns = ("scheme", "area", "tariff", "first_day", "last_day")
    insert(StaleGroup._meta.db_table, columns, [(*key[:3], *map(_text, span)) for key, span in notes.items()])


def _text(value: Decimal | date) -> str:
    """Return a value in the form that both databases accept."""
    return f"{value:f}" if isinstance(value, Decimal) else value.isoformat()

"""The figures of the configured store: of its queries, and of its stored sums."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import date
from decimal import Decimal
from typing import Final, TypeAlias

from readings.formats.packed_day import exact_sum
from readings.models import MeterPoint, MonthSum, Scheme
from readings.models.consumption.sums import Quality
from readings.models.consumption.units import converted
from readings.queries.advances import Selected, listed_advances
from readings.queries.consumption.scope import SCHEMES, Scope, choices, groups_in, months_in
from readings.queries.consumption.totals import Totals, by_day
from readings.queries.consumption.windows import registers_of

#: Figures by subject and name, as the script of pandas prints them.
Figures: TypeAlias = dict[str, dict[str, str]]
_SUBJECTS: Final = {Scheme.NMI: "NMI", Scheme.CONSUMER: "CONSUMER", Scheme.MPAN: "MPAN", Scheme.TEST_MPAN: "MPAN"}


def figures() -> Figures:
    """Return the figures of all meter points, of the groups, and of all together."""
    found: Figures = {}
    for point in MeterPoint.objects.order_by("pk"):
        name = subject_of(point)
        if point.scheme in SCHEMES and (totals := by_day(Scope(meter_point=point.pk))).days:
            found[name] = dict(of_one(point, totals))
        if point.scheme != Scheme.CONSUMER:
            found |= of_advances(point, name)
    offered = choices()
    for area in offered.areas:
        found[f"area {area}"] = dict(of_group(Scope(area=area)))
    for tariff in offered.tariffs:
        found[f"tariff {tariff}"] = dict(of_group(Scope(tariff=tariff)))
    return found | {"all": dict(of_group(Scope()))}


def subject_of(point: MeterPoint) -> str:
    """Return the name under which the figures of a meter point are."""
    return f"{_SUBJECTS[Scheme(point.scheme)]} {point.identifier}"


def of_one(point: MeterPoint, totals: Totals) -> Iterator[tuple[str, str]]:
    """Yield the figures of a consumer or NMI."""
    yield from of_totals(totals)
    yield "first day", str(min(totals.days))
    yield "last day", str(max(totals.days))
    yield "days", str(len(totals.days))
    sums = list(months_in(Scope(meter_point=point.pk)).order_by("month", "quality"))
    yield from _qualities((each.quality, each.total) for each in sums)
    minutes: defaultdict[date, int] = defaultdict(int)
    for each in sums:
        minutes[each.month] += each.minutes
    for month, number in minutes.items():
        yield f"minutes {month:%Y-%m}", str(number)
    yield from _peak(sums)


def _peak(sums: Iterable[MonthSum]) -> Iterator[tuple[str, str]]:
    peaks = [(each.peak, each.peak_day, each.peak_minute) for each in sums]
    power, day, minute = min((-peak, day, minute) for peak, day, minute in peaks if peak is not None and day)
    yield "peak", text(-power)
    yield "peak at", f"{day} {(minute or 0) // 60:02}:{(minute or 0) % 60:02}"


def of_group(scope: Scope) -> Iterator[tuple[str, str]]:
    """Yield the figures of several consumers and NMIs together."""
    yield from of_totals(by_day(scope))
    rows = list(groups_in(scope).order_by("day", "occurrence"))
    yield from _qualities((each.quality, each.total) for each in rows)
    halves: defaultdict[tuple[date, int, int], list[Decimal]] = defaultdict(list)
    for row in rows:
        for place, amount in enumerate(row.half_hours.split(",")):
            if amount:
                halves[row.day, place, row.occurrence].append(Decimal(amount))
    if halves:
        sums = {key: exact_sum(some) for key, some in halves.items()}
        day, place, _ = largest = max(sums, key=sums.__getitem__)
        yield "peak", text(sums[largest] * 2)
        yield "peak at", f"{day} {place // 2:02}:{place % 2 * 30:02}"
    points = months_in(scope).values("meter_point").distinct().count()
    yield "subjects", str(points)


def of_totals(totals: Totals) -> Iterator[tuple[str, str]]:
    """Yield the totals of a scope."""
    yield "total", text(converted(totals.all.total, totals.unit, "kWh"))
    for month, amount in totals.months.items():
        yield f"total {month:%Y-%m}", text(converted(amount.total, totals.unit, "kWh"))


def _qualities(amounts: Iterable[tuple[str, Decimal]]) -> Iterator[tuple[str, str]]:
    sums: defaultdict[str, list[Decimal]] = defaultdict(list)
    for quality, amount in amounts:
        sums[quality].append(amount)
    for letter in Quality.values:
        yield f"total {letter}", text(exact_sum(sums[letter]))


def of_advances(point: MeterPoint, name: str) -> Figures:
    """Return the total of the advances of a meter point: of an NMI by suffix, else over all registers."""
    registers = registers_of(point)
    amounts: defaultdict[str, list[Decimal]] = defaultdict(list)
    for each in listed_advances(Selected(meter_point=point), registers):
        if each.counts and each.is_stated == point.is_nmi and each.unit.upper() in ("", "WH", "KWH", "MWH"):
            amount = converted(each.value, each.unit, "kWh") if each.unit else each.value
            amounts[registers[each.register].suffix].append(amount)
    if point.is_nmi and not amounts:
        return {}
    if point.is_nmi:
        return {f"{name} quantities": {f"total {suffix}": text(exact_sum(some)) for suffix, some in amounts.items()}}
    return {name: {"total": text(exact_sum(amount for some in amounts.values() for amount in some))}}


def text(value: Decimal) -> str:
    """Write a decimal without an exponent and without zeros at its end."""
    return f"{value.normalize():f}" if value else "0"

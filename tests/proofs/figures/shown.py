"""The figures of the configured store, as its queries return them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from decimal import Decimal
from typing import Final, TypeAlias

from readings.models import MeterPoint, Scheme
from readings.queries.advances import Selected, listed_advances
from readings.queries.consumption.exact import converted, exact_sum
from readings.queries.consumption.scope import CONSUMPTION, SCHEMES, Scope, choices, measures_of
from readings.queries.consumption.totals import Totals, by_day
from readings.queries.consumption.windows import registers_of

#: Figures by subject and name, as the script of pandas prints them.
Figures: TypeAlias = dict[str, dict[str, str]]
_SUBJECTS: Final = {Scheme.NMI: "NMI", Scheme.CONSUMER: "CONSUMER", Scheme.MPAN: "MPAN", Scheme.TEST_MPAN: "MPAN"}


def figures() -> Figures:
    """Return the figures of all meter points, of the groups, and of all together."""
    found: Figures = {}
    for point in MeterPoint.objects.order_by("pk"):
        name = f"{_SUBJECTS[Scheme(point.scheme)]} {point.identifier}"
        if point.scheme in SCHEMES and CONSUMPTION in measures_of(point):
            found[name] = dict(of_one(point))
        if point.scheme != Scheme.CONSUMER:
            found |= of_advances(point, name)
    offered = choices()
    for area in offered.areas:
        found[f"area {area}"] = dict(of_totals(by_day(Scope(area=area))))
    for tariff in offered.tariffs:
        found[f"tariff {tariff}"] = dict(of_totals(by_day(Scope(tariff=tariff))))
    return found | {"all": dict(of_totals(by_day(Scope())))}


def of_one(point: MeterPoint) -> Iterator[tuple[str, str]]:
    """Yield the figures of a consumer or NMI."""
    totals = by_day(Scope(meter_point=point.pk))
    if totals.days:
        yield from of_totals(totals)
        yield "first day", str(min(totals.days))
        yield "last day", str(max(totals.days))
        yield "days", str(len(totals.days))


def of_totals(totals: Totals) -> Iterator[tuple[str, str]]:
    """Yield the totals of a scope."""
    yield "total", text(converted(totals.all.total, totals.unit, "kWh"))
    for month, amount in totals.months.items():
        yield f"total {month:%Y-%m}", text(converted(amount.total, totals.unit, "kWh"))


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
    return {name: {"total": text(exact_sum(_all(amounts.values())))}}


def text(value: Decimal) -> str:
    """Write a decimal without an exponent and without zeros at its end."""
    return f"{value.normalize():f}"


def _all(lists: Iterable[list[Decimal]]) -> Iterator[Decimal]:
    for some in lists:
        yield from some

"""Sums in plain Python of every interval that counts, for comparison with the stored sums."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

from readings.imports.summing.update import bring_up_to_date
from readings.models import IntervalDay, MeterPoint
from tests.making.consumption import consumer, days, users
from tests.making.mdff import NMI, OTHER_NMI, channel, day, nem12
from tests.running.imported import deliver

_LETTERS = {"A": "A", "S": "S", "F": "S", "E": "E", "": "A"}
_RANK = "ASE"


class Interval(NamedTuple):
    """A half hour of one pass of the clock of a meter point, its channels added up."""

    point: MeterPoint
    day: date
    occurrence: int
    place: int
    amount: Decimal
    quality: str


def fill() -> None:
    """Import consumers of three groups, with gaps, a repeated hour, and NMIs of mixed quality and two channels."""
    users()
    autumn = days("2016-10-28", 5, value="250.0")
    consumer("3000", *autumn[:100], ("2016-10-30 01:00", "40.0"), ("2016-10-30 01:30", "77.5"), *autumn[100:])
    consumer("3001", *days("2016-08-30", 6, value="125.5"))
    consumer("3002", *days("2016-09-01", 3, value="900.0"), *days("2016-10-30", 3, value="1000.0")[:-7])
    consumer("3003", *days("2016-10-31", 1, value="125.5"))
    values = ",".join(["0.5"] * 48)
    first = [day("20161030", values=values, quality="E52"), day("20161031", values=values, quality="V")]
    first += ["400,1,30,A,,", "400,31,40,F14,76,", "400,41,48,E52,,"]
    second = [day("20161031", values=values), day("20161101", values=values, quality="S53", reason="76")]
    channels = [channel(*first), channel(*second, register="2", suffix="E2"), channel(*second, nmi=OTHER_NMI)]
    assert deliver(nem12(*channels), "nem12.csv").outcome == "IMPORTED"
    bring_up_to_date()


def intervals(identifier: str = "") -> list[Interval]:
    """Return every interval that counts, of all meter points or of one."""
    found: defaultdict[tuple[Any, ...], list[tuple[Decimal, str]]] = defaultdict(list)
    rows = IntervalDay.objects.filter(superseded_by=None).select_related("meter_point")
    for row in rows.filter(meter_point__identifier=identifier) if identifier else rows:
        for place, (amount, quality) in enumerate(_values(row)):
            if amount is not None:
                found[row.meter_point, row.day, row.occurrence, place].append((amount, quality))
    return [
        Interval(point, day, occurrence, place, sum((amount for amount, _ in each), Decimal(0)), _worst(each))
        for (point, day, occurrence, place), each in found.items()
    ]


def _worst(values: list[tuple[Decimal, str]]) -> str:
    return max((quality for _, quality in values), key=_RANK.index)


def _values(row: IntervalDay) -> Iterator[tuple[Decimal | None, str]]:
    letters = [row.quality_method[:1]] * 48
    for first, last, quality, *_ in json.loads(row.events or "[]"):
        letters[first - 1 : last] = [quality[:1]] * (last - first + 1)
    factor = Decimal("0.001") if row.unit == "Wh" else Decimal(1)
    for value, letter in zip(row.values.split(","), letters, strict=True):
        yield (Decimal(value) * factor if value else None), _LETTERS[letter]


def total(some: list[Interval]) -> Decimal:
    """Return the sum of the amounts."""
    return sum((each.amount for each in some), Decimal(0))


def loads() -> dict[tuple[date, int, int], Decimal]:
    """Return the sum of all meter points in each half hour of each pass."""
    found: defaultdict[tuple[date, int, int], Decimal] = defaultdict(Decimal)
    for each in intervals():
        found[each.day, each.occurrence, each.place] += each.amount
    return found


__all__ = ["NMI", "OTHER_NMI", "Interval", "fill", "intervals", "loads", "total"]

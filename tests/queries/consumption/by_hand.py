"""A store with a little of everything that sums must get right, and its intervals in plain Python."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date
from decimal import Decimal
from typing import NamedTuple

from readings.imports.summing.update import bring_up_to_date
from readings.models import IntervalDay
from readings.queries.consumption.scope import Scope
from tests.making import mdff
from tests.making.consumption import consumer, days, users
from tests.running.imported import deliver

KILO = {"Wh": Decimal("0.001"), "kWh": Decimal(1), "MWh": Decimal(1000)}
#: Letter of each quality flag, from the best to the worst.
QUALITIES = {"": "A", "A": "A", "F": "S", "S": "S", "E": "E"}
CLOCKS_GO_BACK = date(2016, 10, 30)


class Point(NamedTuple):
    """A meter point, as lists name it."""

    scheme: str
    identifier: str
    area: str
    tariff: str


class Interval(NamedTuple):
    """An interval of a meter point, its channels added up."""

    point: Point
    day: date
    occurrence: int
    #: Minute of the day at which it begins, and its length in minutes.
    begins_at: int
    length: int
    quality: str
    #: In kWh.
    amount: Decimal


def fill() -> None:
    """Import consumers with a repeated hour, gaps and an early end; NMIs with an exchange at noon and null data."""
    users()
    rows = days("2016-10-28", 4)
    rows[20:24] = [(moment, f"{37 * place % 11}.5") for place, (moment, _) in enumerate(rows[20:24])]
    consumer("3000", *rows[:100], ("2016-10-30 01:00", "9.5"), ("2016-10-30 01:30", "14.0"), *rows[100:])
    gappy = days("2016-10-28", 10, "3.0")
    consumer("3001", *gappy[:60], *gappy[67:330], *gappy[400:])
    consumer("3002", *days("2016-09-20", 25, "3.0"))
    deliver(mdff.nem12(*_exchange(), *_quarters(), *_estimates()), "nem12.csv")
    assert bring_up_to_date()


def _values(number: int, step: int) -> str:
    return ",".join(f"{(step * place) % 17 / 1000:.3f}" for place in range(1, number + 1))


def _exchange() -> list[list[str]]:
    """Return a NMI whose channel changes at noon of a day."""
    first = mdff.channel(
        mdff.day("20161028", values=_values(48, 3)),
        mdff.day("20161029", values=_values(48, 5), quality="V"),
        "400,1,24,A,,",
        "400,25,48,N,,",
    )
    second = mdff.channel(
        mdff.day("20161029", values=_values(48, 7), quality="V"),
        "400,1,24,N,,",
        "400,25,48,E52,,",
        mdff.day("20161030", values=_values(48, 11)),
        suffix="E2",
        serial_number="SN0067890",
    )
    return [first, second]


def _quarters() -> list[list[str]]:
    """Return a NMI with two channels of quarters of an hour, one of them substituted for an hour and a quarter."""
    one = mdff.channel(
        mdff.day("20161030", values=_values(96, 3), quality="V"),
        "400,1,21,A,,",
        "400,22,26,S14,,",
        "400,27,96,A,,",
        nmi=mdff.OTHER_NMI,
        length=15,
    )
    other = mdff.channel(mdff.day("20161030", values=_values(96, 5)), nmi=mdff.OTHER_NMI, suffix="E2", length=15)
    return [one, other]


def _estimates() -> list[list[str]]:
    """Return a NMI with a day of estimates, and one of which a part is null data."""
    lines = (
        mdff.day("20161028", values=_values(48, 2), quality="E64"),
        mdff.day("20161029", values=_values(48, 4)),
        mdff.day("20161101", values=_values(48, 6), quality="V"),
        "400,1,30,A,,",
        "400,31,48,N,,",
    )
    return [mdff.channel(*lines, nmi="NAAAMYS582")]


def intervals(scope: Scope | None = None) -> list[Interval]:
    """Return the intervals of energy consumed in a scope, without regard to its quality."""
    scope = scope or Scope()
    channels: defaultdict[tuple[Point, date, int, int, int], list[tuple[str, Decimal]]] = defaultdict(list)
    rows = IntervalDay.objects.current().filter(unit__in=KILO).select_related("register", "meter_point")
    for row in rows:
        owner = row.meter_point
        point = Point(owner.scheme, owner.identifier, owner.area, owner.tariff)
        if _is_in(scope, point, row.day) and (row.register.suffix or "E").startswith("E"):
            for place, (quality, amount) in enumerate(_values_of(row)):
                if quality:
                    key = (point, row.day, row.occurrence, place * row.interval_length, row.interval_length)
                    channels[key].append((quality, amount))
    return [
        Interval(*key, max((each for each, _ in some), key="ASE".index), sum((each for _, each in some), Decimal(0)))
        for key, some in channels.items()
    ]


def _is_in(scope: Scope, point: Point, day: date) -> bool:
    wanted = (scope.scheme, "", scope.area, scope.tariff)
    return all(own == want for own, want in zip(point, wanted, strict=True) if want) and (
        (scope.first_day or day) <= day <= (scope.last_day or day)
    )


def _values_of(row: IntervalDay) -> list[tuple[str, Decimal]]:
    """Return quality and amount of each interval; the quality is empty without a value."""
    values = row.values.split(",")
    methods = [row.quality_method] * len(values)
    for first, last, method, *_ in json.loads(row.events or "[]"):
        methods[first - 1 : last] = [method] * (last - first + 1)
    return [
        (QUALITIES[method[:1]], Decimal(value) * KILO[row.unit]) if value and method[:1] != "N" else ("", Decimal(0))
        for value, method in zip(values, methods, strict=True)
    ]

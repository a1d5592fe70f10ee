"""Outliers of a day, compared with the totals of every day in plain Python."""

from __future__ import annotations

from collections import Counter, defaultdict
from datetime import date
from decimal import Decimal

import pytest

from readings.imports.summing.update import bring_up_to_date
from readings.queries.consumption.outliers.comparison import Comparison, Which
from readings.queries.consumption.outliers.days import around, newest_complete
from readings.queries.consumption.scope import Scope
from tests.making.consumption import consumer, days
from tests.queries.consumption.by_hand import Point, fill, intervals

pytestmark = pytest.mark.django_db
SCOPES = (Scope(), Scope(area="a1"), Scope(tariff="t2"), Scope(scheme="NMI"), Scope(quality="A"), Scope(quality="E"))


def compared(scope: Scope, day: date) -> dict[Point, tuple[Decimal, Decimal]]:
    """Return the total of the day and the mean of the others of each meter point that can be compared."""
    totals: defaultdict[Point, defaultdict[date, Decimal]] = defaultdict(lambda: defaultdict(Decimal))
    minutes: defaultdict[Point, Counter[date]] = defaultdict(Counter)
    for each in intervals(scope):
        if scope.quality in ("", each.quality) and each.day.replace(day=1) == day.replace(day=1):
            totals[each.point][each.day] += each.amount
            minutes[each.point][each.day] += 0 if each.occurrence else each.length
    found = {}
    for point, of_days in totals.items():
        others = minutes[point].total() - minutes[point][day]
        if minutes[point][day] >= 1380 and others >= 1440:
            rest = sum((total for each, total in of_days.items() if each != day), Decimal(0))
            found[point] = (of_days[day], rest * 1440 / others)
    return found


def test_comparison_is_that_of_every_day() -> None:
    fill()
    for scope in SCOPES:
        for number in (29, 30):
            by_hand = compared(scope, date(2016, 10, number))
            comparison = Comparison(scope=scope, day=date(2016, 10, number))
            found = comparison.lines(comparison.listed(Which.FURTHEST))
            assert {Point(each.scheme, each.identifier, each.area, each.tariff) for each in found} == {
                point for point, (total, usual) in by_hand.items() if total > 0 and total != usual
            }
            for each in found:
                total, usual = by_hand[Point(each.scheme, each.identifier, each.area, each.tariff)]
                assert each.total == total
                assert each.usual.quantize(Decimal("1e-20")) == usual.quantize(Decimal("1e-20"))
            distances = [max(each.ratio, 1 / each.ratio) for each in found if each.ratio]
            assert distances == sorted(distances, reverse=True)
            numbers = comparison.numbers()
            assert numbers.compared == len(by_hand)
            assert numbers.of(Which.FURTHEST) == len(found)


@pytest.fixture
def many() -> Comparison:
    """Import consumers with other uses on the last of three days, and return their comparison."""
    uses = {"3000": "4", "3001": "1", "3002": "0", "3003": "2", "3004": "1", "3005": "8", "3006": "16"}
    for identifier, use in uses.items():
        consumer(identifier, *days("2016-10-01", 2, "2.0"), *days("2016-10-03", value=f"{use}.0"))
    consumer("3007", *days("2016-10-01", 2, "0.0"), *days("2016-10-03", value="1.0"))
    consumer("3008", *days("2016-10-01", 3, "0.0"))
    consumer("3009", *days("2016-10-01", 2, "2.0"), *days("2016-10-03", value="2.0")[:40])
    consumer("3010", *days("2016-10-03", value="2.0"))
    consumer("3011", *days("2016-10-01", 2, "2.0"))
    bring_up_to_date()
    return Comparison(scope=Scope(), day=date(2016, 10, 3))


@pytest.mark.parametrize(
    ("which", "identifiers"),
    [
        (Which.FURTHEST, "3007 3006 3005 3000 3001 3004"),
        (Which.HIGH, "3007 3006 3005 3000"),
        (Which.LOW, "3001 3004"),
        (Which.ZERO, "3002 3008"),
    ],
)
def test_lists_are_sorted_by_ratio_and_identifier(many: Comparison, which: Which, identifiers: str) -> None:
    rows = many.listed(which)
    assert [each.identifier for each in many.lines(rows)] == identifiers.split()
    assert [each.identifier for each in many.lines(rows[1:2])] == identifiers.split()[1:2]
    assert many.numbers().of(which) == len(identifiers.split())


def test_meter_points_that_cannot_be_compared_are_counted(many: Comparison) -> None:
    numbers = many.numbers()
    assert (numbers.compared, numbers.partial, numbers.alone) == (9, 1, 1)


def test_use_after_none_has_no_ratio(many: Comparison) -> None:
    first = many.lines(many.listed(Which.HIGH)[:1])[0]
    assert (first.total, first.usual) == (Decimal("0.0480"), Decimal(0))
    assert first.ratio is None


def test_newest_complete_day_has_most_meter_points_until_midnight() -> None:
    for number in range(3000, 3010):
        consumer(f"{number}", *days("2016-10-01", 4 if number < 3005 else 3)[: 190 if number == 3000 else None])
    consumer("3010", *days("2016-10-05"))
    bring_up_to_date()
    assert newest_complete(Scope()) == date(2016, 10, 3)
    assert around(Scope(), date(2016, 10, 3)) == (date(2016, 10, 2), date(2016, 10, 4))
    assert around(Scope(), date(2016, 10, 5)) == (date(2016, 10, 4), None)
    assert newest_complete(Scope(quality="A", last_day=date(2016, 10, 2))) == date(2016, 10, 2)
    assert newest_complete(Scope(quality="E")) is None


def test_newest_day_is_shown_if_none_is_complete() -> None:
    consumer("3000", *days("2016-10-01")[:20])
    bring_up_to_date()
    assert newest_complete(Scope()) == date(2016, 10, 1)

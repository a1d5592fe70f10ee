"""Completeness, gaps and early ends, compared with every minute in plain Python."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date, timedelta

import pytest

from readings.imports.summing.update import bring_up_to_date
from readings.queries.consumption.coverage.lacking import lacking_in, lacks
from readings.queries.consumption.coverage.months import MOST, coverage_of
from readings.queries.consumption.coverage.silent import lines, silent_since
from readings.queries.consumption.scope import Scope
from tests.making.consumption import consumer, days
from tests.queries.consumption.by_hand import Point, fill, intervals

pytestmark = pytest.mark.django_db
SCOPES = (
    Scope(),
    Scope(area="a1"),
    Scope(scheme="NMI"),
    Scope(quality="E"),
    Scope(first_day=date(2016, 10, 3), last_day=date(2016, 10, 29)),
    Scope(first_day=date(2016, 9, 25)),
    Scope(tariff="t2", last_day=date(2016, 11, 2)),
)
MONTHS = (date(2016, 9, 1), date(2016, 10, 1), date(2016, 11, 1))


def minutes_of_points(scope: Scope) -> dict[Point, dict[date, Counter[str]]]:
    """Return the minutes with a value by meter point, day and quality; a repeated hour counts once."""
    found: defaultdict[Point, dict[date, Counter[str]]] = defaultdict(dict)
    for each in intervals(replace(scope, first_day=None, last_day=None)):
        minutes = found[each.point].setdefault(each.day, Counter())
        if not each.occurrence:
            minutes[each.quality] += each.length
    return found


def expected_of(scope: Scope) -> dict[date, dict[Point, tuple[int, Counter[str]]]]:
    """Return expected minutes and those with a value of each meter point by month."""
    months: defaultdict[date, dict[Point, tuple[int, Counter[str]]]] = defaultdict(dict)
    for point, of_days in minutes_of_points(scope).items():
        first, last = max(min(of_days), scope.first_day or date.min), min(max(of_days), scope.last_day or date.max)
        for number in range((last - first).days + 1):
            day = first + timedelta(number)
            minutes, covered = months[day.replace(day=1)].get(point, (0, Counter()))
            months[day.replace(day=1)][point] = (minutes + 1440, covered + of_days.get(day, Counter()))
    return months


def test_coverage_is_that_of_every_minute() -> None:
    fill()
    for scope in SCOPES:
        by_hand = expected_of(scope)
        found = coverage_of(scope)
        assert [each.month for each in found.months] == sorted(by_hand)
        for month in found.months:
            points = by_hand[month.month].values()
            assert month.meter_points == len(points)
            assert month.expected == sum(minutes for minutes, _ in points)
            assert +month.minutes == sum((covered for _, covered in points), Counter())
            assert month.missing == month.expected - month.covered


def test_meter_points_with_gaps_are_those_of_every_minute() -> None:
    fill()
    for scope in SCOPES:
        by_hand = expected_of(scope)
        for month in MONTHS:
            rows = lacking_in(scope, month)
            lacking = [
                (minutes - covered.total(), point, minutes)
                for point, (minutes, covered) in by_hand.get(month, {}).items()
                if covered.total() < minutes
            ]
            lacking.sort(key=lambda each: (-each[0], each[1].identifier))
            assert [
                (each.missing, Point(each.scheme, each.identifier, each.area, each.tariff), each.expected)
                for each in lacks(rows)
            ] == lacking
            assert rows.count() == len(lacking)


def test_change_of_channel_at_noon_is_not_missing() -> None:
    fill()
    scope = Scope(scheme="NMI", last_day=date(2016, 10, 30))
    assert "6123456789" not in {each.identifier for each in lacks(lacking_in(scope, date(2016, 10, 1)))}


def test_month_without_a_value_between_others_is_missing_whole() -> None:
    consumer("3000", *days("2016-10-31"), *days("2016-12-01"))
    bring_up_to_date()
    months = coverage_of(Scope()).months
    assert [(each.month.month, each.expected, each.covered) for each in months] == [
        (10, 1440, 1440),
        (11, 30 * 1440, 0),
        (12, 1440, 1440),
    ]
    (lack,) = lacks(lacking_in(Scope(), date(2016, 11, 1)))
    assert lack.missing == 30 * 1440


def test_earlier_months_than_fit_are_cut() -> None:
    consumer("3000", *days("2013-03-15"), *days("2016-12-01"))
    bring_up_to_date()
    found = coverage_of(Scope())
    assert len(found.months) == MOST
    assert (found.months[0].month, found.earlier) == (date(2015, 1, 1), date(2014, 12, 31))
    before = coverage_of(Scope(last_day=found.earlier))
    assert (before.months[0].month, before.earlier) == (date(2013, 3, 1), None)


def test_silent_meter_points_come_by_last_day_and_identifier() -> None:
    for identifier, number in (("3000", 20), ("3004", 12), ("3001", 12), ("3003", 13), ("3002", 5)):
        consumer(identifier, *days("2016-10-01", number))
    bring_up_to_date()
    newest = date(2016, 10, 20)
    rows = silent_since(Scope(), newest, 7)
    assert [(each.identifier, each.last_day.day) for each in lines(rows)] == [("3002", 5), ("3001", 12), ("3004", 12)]
    assert [each.identifier for each in lines(rows[1:2])] == ["3001"]
    assert rows.count() == 3
    assert [each.identifier for each in lines(silent_since(Scope(), newest, 6, "3"))] == [
        "3002",
        "3001",
        "3004",
        "3003",
    ]
    assert [each.identifier for each in lines(silent_since(Scope(), newest, 0, "004"))] == ["3004"]


def test_scope_without_half_hours_has_no_months() -> None:
    assert coverage_of(Scope()).months == []


def test_months_after_the_newest_day_do_not_end_a_silence() -> None:
    consumer("3000", *days("2016-10-01", 20))
    consumer("3001", *days("2016-10-01", 2), *days("2099-03-01"))
    bring_up_to_date()
    (found,) = lines(silent_since(Scope(), date(2016, 10, 20), 7))
    assert (found.identifier, found.last_day) == ("3001", date(2016, 10, 2))

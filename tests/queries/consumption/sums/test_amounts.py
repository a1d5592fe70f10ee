"""Amounts over time, groups and coverage, compared with sums in plain Python."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from decimal import Decimal
from itertools import product

import pytest

from readings.queries.consumption.scope import Scope
from readings.queries.consumption.sums.amounts import Amount, added, by_start, rows_of
from readings.queries.consumption.sums.half_hours import coincident_peak, half_hours_of
from readings.queries.consumption.sums.spans import Span, span_of
from readings.queries.consumption.sums.table import coverage_of, groups_of, number_of_points
from readings.queries.consumption.sums.typical import spread, typical_days
from tests.queries.consumption.sums.plain import Interval, fill, intervals, loads, total

pytestmark = pytest.mark.django_db
#: From within a month to within another.
PART = Scope(first_day=date(2016, 9, 2), last_day=date(2016, 10, 30))


@pytest.fixture(autouse=True)
def _store() -> None:
    fill()


def amount(some: list[Interval]) -> Amount:
    return Amount(
        total=total(some),
        substituted=total([each for each in some if each.quality == "S"]),
        estimated=total([each for each in some if each.quality == "E"]),
        days=len({each.day for each in some}),
        point_days=len({(each.point, each.day) for each in some}),
    )


def selected(scope: Scope) -> list[Interval]:
    return [
        each
        for each in intervals()
        if (scope.first_day or date.min) <= each.day <= (scope.last_day or date.max)
        and scope.quality in ("", each.quality)
        and scope.tariff in ("", each.point.tariff)
        and scope.scheme in ("", each.point.scheme)
    ]


SCOPES = [
    Scope(),
    PART,
    Scope(tariff="t1"),
    Scope(scheme="NMI"),
    Scope(quality="E"),
    Scope(quality="S", first_day=date(2016, 10, 31)),
    Scope(quality="A", last_day=date(2016, 10, 31)),
]


def test_amounts_by_day_and_month_equal_the_sums_of_their_intervals() -> None:
    for scope, by_month in product(SCOPES, (True, False)):
        expected: defaultdict[date, list[Interval]] = defaultdict(list)
        for each in selected(scope):
            expected[each.day.replace(day=1) if by_month else each.day].append(each)
        found = by_start(rows_of(scope, by_month=by_month))
        assert found == {start: amount(some) for start, some in sorted(expected.items())}, scope
        weekend = added(row.amount for row in rows_of(scope, by_month=by_month) if row.is_weekend)
        assert weekend == amount([each for each in selected(scope) if each.day.weekday() >= 5]), scope


def test_groups_add_up_to_the_whole_and_count_their_meter_points() -> None:
    for scope in SCOPES:
        expected: defaultdict[tuple[str, str, str], list[Interval]] = defaultdict(list)
        for each in selected(scope):
            expected[each.point.scheme, each.point.area, each.point.tariff].append(each)
        found = {(group.scheme, group.area, group.tariff): group for group in groups_of(scope)}
        assert {key: group.amount for key, group in found.items()} == {
            key: amount(it) for key, it in expected.items()
        }
        for key, group in found.items():
            assert group.meter_points == len({each.point for each in expected[key]})
        assert number_of_points(scope) == sum(group.meter_points for group in found.values())
        rows = list(rows_of(scope, by_month=True, group="tariff"))
        assert {row.group for row in rows} == {tariff for _, _, tariff in expected}
        assert added(row.amount for row in rows).total == total(selected(scope))


def test_coverage_expects_whole_days_from_the_first_to_the_last_of_each_meter_point() -> None:
    for scope in (Scope(), PART, Scope(scheme="NMI"), Scope(quality="E")):
        found = coverage_of(scope)
        assert (found.covered, found.expected) == covered_and_expected(scope), scope


def covered_and_expected(scope: Scope) -> tuple[int, int]:
    days: defaultdict[str, list[date]] = defaultdict(list)
    covered = set()
    first_day, last_day = scope.first_day or date.min, scope.last_day or date.max
    for each in intervals():
        if scope.scheme in ("", each.point.scheme):
            days[each.point.identifier].append(each.day)
            if first_day <= each.day <= last_day:
                covered.add((each.point, each.day, each.place))
    spans = ((max(min(own), first_day), min(max(own), last_day)) for own in days.values())
    return 30 * len(covered), 1440 * sum(max((last - first).days + 1, 0) for first, last in spans)


def test_peak_is_the_largest_half_hour_of_all_meter_points_in_one_pass() -> None:
    largest = max(loads().items(), key=lambda each: each[1])
    peak = coincident_peak(Scope())
    assert peak
    assert ((peak.day, peak.occurrence, peak.place), peak.amount) == largest
    assert peak.power == 2 * largest[1]
    assert coincident_peak(Scope(first_day=date(2020, 1, 1))) is None


def test_half_hours_keep_the_passes_of_a_repeated_hour_apart() -> None:
    found = {
        (day.day, day.occurrence, place): each.total
        for day in half_hours_of(Scope())[""]
        for place, each in enumerate(day.half_hours)
        if each
    }
    assert found == loads()
    (again,) = (day for day in half_hours_of(Scope())[""] if day.occurrence)
    assert [each.total for each in again.half_hours if each] == [Decimal("0.0400"), Decimal("0.0775")]
    by_tariff = half_hours_of(Scope(), "tariff")
    assert set(by_tariff) == {"", "t1", "t2", "t3"}


def test_span_is_that_of_the_data_in_the_period() -> None:
    assert span_of(Scope()) == Span(first_day=date(2016, 8, 30), last_day=date(2016, 11, 1))
    assert span_of(Scope(tariff="t1")) == Span(first_day=date(2016, 10, 28), last_day=date(2016, 11, 1))
    assert span_of(Scope(first_day=date(2020, 1, 1))) is None


def test_typical_day_has_the_quantiles_of_each_half_hour_without_repeats() -> None:
    found = typical_days(Scope(scheme="CONSUMER", first_day=date(2016, 10, 28)))
    values = sorted(
        each.amount
        for each in selected(Scope(scheme="CONSUMER", first_day=date(2016, 10, 28)))
        if each.place == 2 and not each.occurrence
    )
    assert found.every.days == len(values)
    assert found.every.bands[2]
    low, median, high = found.every.bands[2]
    assert median == (values[(len(values) - 1) // 2] + values[len(values) // 2]) / 2
    assert values[0] <= low <= median <= high <= values[-1]
    assert found.weekdays.days + found.weekends.days == found.every.days
    of_estimates = typical_days(Scope(quality="E"))
    assert of_estimates.every.bands[47] == (Decimal("0.55"), Decimal("0.75"), Decimal("0.95"))


def test_sample_is_spread_evenly_over_all() -> None:
    assert spread(range(5), 9) == [0, 1, 2, 3, 4]
    some = spread(range(1000), 20)
    assert len(some) == 20
    assert all(any(first <= each < first + 100 for each in some) for first in range(0, 1000, 100))

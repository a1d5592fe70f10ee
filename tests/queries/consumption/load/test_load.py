"""The load, compared with that of every interval in plain Python."""

from __future__ import annotations

from collections import Counter, defaultdict
from dataclasses import replace
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from statistics import quantiles

import pytest

from readings.imports.summing.update import bring_up_to_date
from readings.queries.consumption.load.contributors import contributions
from readings.queries.consumption.load.half_hours import LONGEST, amounts_by_quality, load_of
from readings.queries.consumption.load.peaks import single_peaks
from readings.queries.consumption.scope import Scope
from tests.making.consumption import consumer, days
from tests.queries.consumption.by_hand import CLOCKS_GO_BACK, Point, fill, intervals

pytestmark = pytest.mark.django_db
SCOPES = (
    Scope(),
    Scope(area="a1"),
    Scope(tariff="t3"),
    Scope(scheme="NMI"),
    Scope(quality="A"),
    Scope(quality="S"),
    Scope(quality="E"),
    Scope(scheme="NMI", quality="A", first_day=date(2016, 10, 29), last_day=date(2016, 10, 30)),
)
Key = tuple[date, int, int]


def of_points(scope: Scope) -> dict[Key, dict[Point, Decimal]]:
    """Return the power of each meter point by day, pass of the clock and half hour."""
    parts = defaultdict(list)
    for each in intervals(scope):
        parts[each.point, (each.day, each.occurrence, each.begins_at // 30)].append(each)
    loads: defaultdict[Key, dict[Point, Decimal]] = defaultdict(dict)
    for (point, key), some in parts.items():
        quality = max((each.quality for each in some), key="ASE".index)
        if sum(each.length for each in some) == 30 and scope.quality in ("", quality):
            loads[key][point] = 2 * sum((each.amount for each in some), Decimal(0))
    return loads


def test_load_is_that_of_every_half_hour() -> None:
    fill()
    for scope in SCOPES:
        by_hand = {key: sum(some.values(), Decimal(0)) for key, some in of_points(scope).items()}
        load = load_of(scope)
        assert load is not None
        assert {each[1:]: each.load for each in load.half_hours} == by_hand
        assert list(load.half_hours) == sorted(load.half_hours, key=lambda each: (-each.load, *each[1:]))
        assert (load.first_day, load.last_day) == (min(by_hand)[0], max(by_hand)[0])
        assert load.days == len({day for day, _, _ in by_hand})
        assert _rounded(load.mean) == _rounded(sum(by_hand.values(), Decimal(0)) / len(by_hand))
        assert _rounded(load.factor) == _rounded(load.mean / max(by_hand.values()))
        amounts = amounts_by_quality(scope, load.half_hours)
        assert {each: sum(amounts[each].values()) for each in load.half_hours} == {
            each: each.load for each in load.half_hours
        }


def _rounded(value: Decimal | None) -> Decimal | None:
    return value and value.quantize(Decimal("1e-20"))


def test_curve_is_the_quantiles_of_the_half_hours() -> None:
    fill()
    load = load_of(Scope())
    assert load is not None
    loads = [Fraction(each.load) for each in load.half_hours]
    cuts = [min(loads), *quantiles(loads, n=1000, method="inclusive"), max(loads)]
    assert [Fraction(load.exceeded_in(place)) for place in range(1001)] == cuts[::-1]
    assert Fraction(load.base) == cuts[50]


def test_number_of_meter_points_counts_each_once_a_day() -> None:
    fill()
    for scope in SCOPES:
        points = defaultdict(set)
        for each in intervals(scope):
            if scope.quality in ("", each.quality):
                points[each.day].add(each.point)
        load = load_of(scope)
        assert load is not None
        numbers = Counter({day: len(some) for day, some in points.items()})
        assert load.meter_points == (min(numbers.values()), max(numbers.values()))


def test_repeated_hour_is_two_hours_and_does_not_double_a_peak() -> None:
    fill()
    load = load_of(Scope(tariff="t1"))
    assert load is not None
    passes = [each.load for each in load.half_hours if each.day == CLOCKS_GO_BACK and each.place in (2, 3)]
    assert sorted(passes) == [Decimal("0.0190"), Decimal("0.0200"), Decimal("0.0200"), Decimal("0.0280")]
    assert (load.peak.load, load.peak.day, load.peak.occurrence, load.peak.minute) == (
        Decimal("0.0280"),
        CLOCKS_GO_BACK,
        1,
        90,
    )
    assert len(load.half_hours) == 4 * 48 + 2
    (peak,) = [each for each in load.peaks_of_days if each.day == CLOCKS_GO_BACK]
    assert peak == load.peak


def test_sum_of_the_single_peaks_is_that_of_the_intervals() -> None:
    fill()
    for scope in SCOPES:
        load = load_of(scope)
        assert load is not None
        peaks: dict[Point, Decimal] = {}
        for each in intervals(replace(scope, first_day=load.first_day, last_day=load.last_day)):
            if scope.quality in ("", each.quality):
                peaks[each.point] = max(peaks.get(each.point, Decimal(0)), each.amount * 60 / each.length)
        found = single_peaks(scope, load.first_day, load.last_day)
        assert found.low <= sum(peaks.values()) <= found.high
        assert found.meter_points == len(peaks)
        if not scope.first_day:
            assert found.is_exact


def test_single_peak_outside_of_a_period_within_its_month_gives_limits() -> None:
    consumer("3000", *days("2016-10-01", value="8.0"), *days("2016-10-10", value="5.0"))
    consumer("3001", *days("2016-10-10", value="1.0"), *days("2016-10-11", value="2.0"))
    bring_up_to_date()
    found = single_peaks(Scope(), date(2016, 10, 10), date(2016, 10, 12))
    assert (found.low, found.high, found.is_exact) == (Decimal("0.004"), Decimal("0.020"), False)


def test_contributions_are_those_of_every_meter_point() -> None:
    fill()
    for scope in SCOPES:
        for key, by_hand in list(of_points(scope).items())[::101]:
            found = contributions(scope, *key)
            assert found.load == sum(by_hand.values())
            assert found.meter_points == len(by_hand)
            ordered = sorted(by_hand.items(), key=lambda each: (-each[1], each[0].identifier))[:10]
            assert [(each.identifier, each.load) for each in found.largest] == [
                (point.identifier, amount) for point, amount in ordered
            ]


def test_half_hour_without_a_value_has_no_contributions() -> None:
    fill()
    assert contributions(Scope(), date(2015, 1, 1), 0, 0).largest == []


@pytest.mark.slow
def test_long_period_is_cut_to_its_last_days_from_the_first_of_a_month() -> None:
    first = date(2014, 12, 10)
    consumer("3000", *days(f"{first}", 400, "1.0"))
    bring_up_to_date()
    load = load_of(Scope())
    assert load is not None
    last = first + timedelta(399)
    assert (load.first_day, load.last_day, load.is_cut) == (date(2015, 1, 1), last, True)
    assert load.days == (last - load.first_day).days + 1 >= LONGEST
    later = load_of(Scope(first_day=date(2015, 1, 13)))
    assert later is not None
    assert (later.first_day, later.days, later.is_cut) == (date(2015, 1, 13), 366, False)


def test_scope_without_half_hours_has_no_load() -> None:
    assert load_of(Scope()) is None

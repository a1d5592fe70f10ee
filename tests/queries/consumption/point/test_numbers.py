"""Numbers of one meter point, compared with sums of each minute in plain Python."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest

from readings.imports.summing.update import bring_up_to_date
from readings.models import MeterPoint
from readings.models.consumption.calendar import is_weekend
from readings.queries.consumption.point.days import PointDays, between, keys_of, registers_of
from readings.queries.consumption.point.gaps import gaps_in, repeats_in
from readings.queries.consumption.point.life import Life, Window, life_of, window_of
from readings.queries.consumption.point.loads import base_load, duration_curve
from readings.queries.consumption.point.typical import typical_day
from readings.queries.consumption.scope import CONSUMPTION, Scope
from tests.making.consumption import consumer, days
from tests.making.mdff import channel, day, nem12
from tests.queries.consumption.point import by_hand
from tests.running.imported import deliver

pytestmark = pytest.mark.django_db


def numbers(count: int, seed: int) -> str:
    """Return values that vary."""
    return ",".join(f"{(place * 7 + seed * 13) % 41 / 10 + seed / 100:.3f}" for place in range(count))


def dates(first: str, number: int) -> list[str]:
    """Return consecutive days as a file writes them."""
    start = date.fromisoformat(first)
    return [f"{start + timedelta(place):%Y%m%d}" for place in range(number)]


def plain(first: str, number: int, *, count: int = 48, quality: str = "A") -> list[str]:
    """Return the lines of some days."""
    return [day(each, values=numbers(count, seed), quality=quality) for seed, each in enumerate(dates(first, number))]


def half(date: str, *, is_morning: bool, seed: int = 3) -> list[str]:
    """Return the lines of a day that has values before or after noon; the rest is null data."""
    morning, evening = ("A", "N") if is_morning else ("N", "A")
    return [day(date, values=numbers(48, seed), quality="V"), f"400,1,24,{morning},,", f"400,25,48,{evening},,"]


def exchange() -> None:
    old = channel(*plain("2026-01-01", 3), *half("20260104", is_morning=True), serial_number="OLD")
    new = channel(*half("20260104", is_morning=False), *plain("2026-01-05", 3), serial_number="NEW")
    deliver(nem12(old, new), "exchange.csv")


def change_at_noon() -> None:
    first = channel(*plain("2026-01-01", 3), *half("20260104", is_morning=True))
    second = channel(*half("20260104", is_morning=False), *plain("2026-01-05", 4), suffix="E2", register="2")
    deliver(nem12(first, second), "noon.csv")


def hole() -> None:
    first, second = channel(*plain("2026-01-01", 3)), channel(*plain("2026-01-08", 3), suffix="E2", register="2")
    deliver(nem12(first, second), "hole.csv")


def repeated_hour() -> None:
    rows = [(moment, f"{place % 37}.5") for place, (moment, _) in enumerate(days("2016-10-29", 3))]
    again = [("2016-10-30 01:00", "99.0"), ("2016-10-30 01:30", "3.25")]
    consumer("3000", *rows[: 48 + 4], *again, *rows[48 + 4 : -5])


def five_minutes() -> None:
    deliver(nem12(channel(*plain("2026-01-02", 2, count=288), length=5)), "five.csv")


def mixed_lengths() -> None:
    fine = channel(*plain("2026-01-02", 2, count=288), length=5)
    middle = channel(*plain("2026-01-02", 3, count=96), suffix="E2", register="2", length=15)
    coarse = channel(*half("20260104", is_morning=True), *plain("2026-01-05", 1), suffix="E3", register="3")
    deliver(nem12(fine, middle, coarse), "mixed.csv")


def null_data() -> None:
    whole = day("20260105", values=numbers(48, 4), quality="N")
    deliver(nem12(channel(*plain("2026-01-03", 2), whole, *half("20260106", is_morning=False))), "null.csv")


def estimates() -> None:
    some = [day("20260105", values=numbers(48, 5), quality="V"), "400,1,12,A,,", "400,13,30,S15,,", "400,31,48,E52,,"]
    lines = [*plain("2026-01-03", 2), *some, *plain("2026-01-06", 2, quality="E52"), *plain("2026-01-08", 1)]
    other = channel(*plain("2026-01-04", 3, quality="S15"), suffix="E2", register="2")
    deliver(nem12(channel(*lines), other), "estimates.csv")


def correction() -> None:
    deliver(nem12(channel(*plain("2026-01-03", 4, quality="E52"))), "first.csv")
    again = day("20260105", values=numbers(48, 9), updated="20260401021500")
    deliver(nem12(channel(again), created="202604010215"), "second.csv")


SCENARIOS = [
    exchange,
    change_at_noon,
    hole,
    repeated_hour,
    five_minutes,
    mixed_lengths,
    null_data,
    estimates,
    correction,
]


def window(quality: str = "") -> tuple[Life, Window, PointDays]:
    """Return the life, the window of all days, and its intervals, of the only meter point."""
    bring_up_to_date()
    point = MeterPoint.objects.get()
    life = life_of(Scope(meter_point=point.pk, quality=quality))
    assert life
    found = window_of(life, None, None)
    assert found
    keys = keys_of(registers_of([point.pk], CONSUMPTION).select_related("meter"))
    rows = between(keys, CONSUMPTION, found.first_day, found.last_day)
    return life, found, PointDays(rows=rows, quality=quality)


@pytest.mark.parametrize(
    ("scenario", "quality"), [*((each, "") for each in SCENARIOS), (estimates, "E"), (correction, "E"), (hole, "S")]
)
def test_sums_of_a_window_are_those_of_its_minutes(scenario: Callable[[], None], quality: str) -> None:
    scenario()
    life, found, intervals = window(quality)
    minutes = by_hand.minutes_of()
    blocks = {
        (day, occurrence, first): (energy * 60 / one.longest, energy, own)
        for (day, occurrence), one in minutes.items()
        for first, energy, own in one.blocks(one.longest)
        if quality in ("", own)
    }
    sums = life.sums(found.first_day, found.last_day)
    assert (found.first_day, found.last_day) == (min(minutes)[0], max(minutes)[0])
    assert Fraction(sums.total) == sum(energy for _, energy, _ in blocks.values())
    for letter in "ASE":
        own = sum(energy for _, energy, of_block in blocks.values() if of_block == letter)
        assert Fraction(sums.totals.get(letter, Decimal(0))) == own
        if blocks:
            assert sums.share(letter) == pytest.approx(Decimal(float(100 * own / Fraction(sums.total))))
    assert sums.days == len({day for day, *_ in blocks})
    missing = by_hand.gaps_of(minutes)
    assert sums.missing == sum(duration for *_, duration in missing)
    assert life.all().totals == sums.totals
    assert (life.all().days, life.all().covered) == (sums.days, sums.covered)
    peaks = [(power, -key[0].toordinal(), -key[2]) for key, (power, *_) in blocks.items()]
    for peak in (intervals.peak, life.all().peak):
        assert (peak and (Fraction(peak.power), -peak.day.toordinal(), -peak.minute)) == max(peaks, default=None)


@pytest.mark.parametrize(("scenario", "quality"), [*((each, "") for each in SCENARIOS), (estimates, "A")])
def test_loads_and_typical_days_take_each_half_hour_for_itself(scenario: Callable[[], None], quality: str) -> None:
    scenario()
    _, _, intervals = window(quality)
    half_hours = [
        (day, first, 2 * energy)
        for (day, _), one in by_hand.minutes_of().items()
        for first, energy, own in one.half_hours()
        if quality in ("", own)
    ]
    loads = [load for _, _, load in half_hours]
    assert sorted(map(Fraction, intervals.loads)) == sorted(loads)
    base = base_load(intervals.loads)
    assert (base and Fraction(base)) == (by_hand.quantile(loads, Fraction(5, 100)) if loads else None)
    for share, load in duration_curve(intervals.loads):
        assert Fraction(load) == by_hand.quantile(loads, 1 - Fraction(share, 1000))
    for has in (lambda day: True, is_weekend):
        typical = typical_day(intervals.half_hours, has)
        for place in range(48):
            of_place = [load for day, first, load in half_hours if first == 30 * place and has(day)]
            for line, share in ((typical.low, 10), (typical.median, 50), (typical.high, 90)):
                expected = by_hand.quantile(of_place, Fraction(share, 100)) if of_place else None
                value = line[place]
                assert (None if value is None else Fraction(value)) == expected


@pytest.mark.parametrize("scenario", SCENARIOS)
def test_gaps_are_what_no_channel_covers(scenario: Callable[[], None]) -> None:
    scenario()
    life, found, intervals = window()
    gaps = gaps_in(found, intervals.rows)
    by_minute = by_hand.gaps_of(by_hand.minutes_of())
    assert [
        (gap.begins_at.date(), 60 * gap.begins_at.hour + gap.begins_at.minute, gap.minutes) for gap in gaps
    ] == by_minute
    assert sum(gap.minutes for gap in gaps) == life.sums(found.first_day, found.last_day).missing


@pytest.mark.parametrize("scenario", [exchange, change_at_noon])
def test_a_change_of_meter_or_channel_at_noon_is_no_gap(scenario: Callable[[], None]) -> None:
    scenario()
    _, found, intervals = window()
    assert gaps_in(found, intervals.rows) == []


def test_the_time_between_two_channels_is_a_gap() -> None:
    hole()
    life, found, intervals = window()
    (gap,) = gaps_in(found, intervals.rows)
    assert (gap.begins_at, gap.ends_at) == (datetime(2026, 1, 4), datetime(2026, 1, 8))
    assert life.sums(found.first_day, found.last_day).missing == gap.minutes == 4 * 24 * 60


def test_gap_across_midnight_and_missing_days_is_one_gap() -> None:
    consumer("3000", *days("2016-09-02")[:46], *days("2016-09-05")[1:])
    life, found, intervals = window()
    (gap,) = gaps_in(found, intervals.rows)
    assert (gap.begins_at, gap.ends_at) == (datetime(2016, 9, 2, 23), datetime(2016, 9, 5, 0, 30))
    assert gap.minutes == life.all().missing == 49 * 60 + 30


def test_repeats_are_listed_with_their_values_in_the_order_of_the_file() -> None:
    repeated_hour()
    _, _, intervals = window()
    first, second = repeats_in(intervals.rows)
    assert (first.begins_at, first.values) == (datetime(2016, 10, 30, 1), ("13.5", "99.0"))
    assert (second.begins_at, second.values) == (datetime(2016, 10, 30, 1, 30), ("14.5", "3.25"))


def test_the_second_pass_of_an_hour_does_not_double_its_peak() -> None:
    consumer("3000", *days("2016-10-30")[:4], ("2016-10-30 01:30", "12.0"), *days("2016-10-30")[4:])
    life, _, intervals = window()
    assert intervals.peak
    assert intervals.peak == life.all().peak
    assert (intervals.peak.power, intervals.peak.minute) == (Decimal("0.024"), 90)


def test_a_window_has_the_last_year_of_a_long_period() -> None:
    consumer("3000", *days("2015-01-01", 10), *days("2016-02-04"))
    life, found, _ = window()
    assert (found.first_day, found.last_day, found.length) == (date(2015, 2, 4), date(2016, 2, 4), 366)
    assert (found.of_first_day, found.of_days) == (date(2015, 1, 1), 400)
    early = window_of(life, None, date(2015, 1, 10))
    assert early
    assert (early.first_day, early.last_day) == (date(2015, 1, 1), date(2015, 1, 10))
    assert window_of(life, date(2016, 3, 1), None) is None


def test_a_window_opens_where_the_data_is() -> None:
    consumer("3000", *days("2013-01-01", 2), *days("2015-06-01", 2))
    life, found, _ = window()
    assert (found.first_day, found.last_day) == (date(2014, 6, 2), date(2015, 6, 2))
    before = window_of(life, None, date(2015, 5, 1))
    assert before
    assert (before.first_day, before.last_day) == (date(2013, 1, 1), date(2013, 1, 2))
    assert window_of(life, date(2014, 1, 1), date(2014, 2, 1)) is None


def test_years_add_up_to_the_whole_life() -> None:
    consumer("3000", *days("2014-12-30", 4), *days("2015-12-31", 3, value="7.5"))
    life, _, _ = window()
    years = life.years()
    assert [(each.first_day, each.last_day, each.days) for each in years] == [
        (date(2016, 1, 1), date(2016, 1, 2), 2),
        (date(2015, 1, 1), date(2015, 12, 31), 3),
        (date(2014, 12, 30), date(2014, 12, 31), 2),
    ]
    assert sum(each.total for each in years) == life.all().total == Decimal("3.0")
    assert sum(each.missing for each in years) == life.all().missing == 362 * 24 * 60


def test_intervals_of_another_measure_are_left_out() -> None:
    kinds = (("E1", "kWh"), ("B1", "kWh"), ("Q1", "kVArh"))
    channels = [channel(day(), suffix=suffix, register=suffix, unit=unit) for suffix, unit in kinds]
    deliver(nem12(*channels), "nem12.csv")
    life, _, intervals = window()
    assert len(intervals.rows) == 1
    assert life.all().total == sum(Decimal(place) / 10 for place in range(1, 49))

"""Stored sums, compared with sums of every interval in plain Python."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from datetime import date, timedelta
from decimal import Decimal
from itertools import permutations
from typing import Any

import pytest

from readings.imports.rederivation import rederive
from readings.imports.summing import groups, months
from readings.imports.summing.stale import note_all_days
from readings.imports.summing.update import bring_up_to_date, is_up_to_date
from readings.models import GroupDay, IntervalDay, MeterPoint, MonthSum, StaleGroup, StaleMonths
from readings.models.consumption.exact import ExactSum, PackedCount, PackedSum, as_number
from tests.making import mdff
from tests.making.consumption import consumer, days, half_hours, users
from tests.running.imported import deliver
from tests.running.places import SAMPLES

pytestmark = pytest.mark.django_db
KILO = {"Wh": "0.001", "kWh": "1", "MWh": "1000", "VArh": "0.001", "kVArh": "1", "MVArh": "1000"}
LETTERS = {"A": "A", "F": "S", "S": "S", "E": "E", "": "A"}


def intervals() -> dict[tuple[Any, ...], list[tuple[str, Decimal]]]:
    """Return quality and amount of each channel by meter point, kind, day, occurrence, start and length."""
    found: dict[tuple[Any, ...], list[tuple[str, Decimal]]] = defaultdict(list)
    for row in IntervalDay.objects.filter(superseded_by=None).select_related("register", "meter_point"):
        if row.unit not in KILO:
            continue
        letter = row.register.suffix[:1] or "E"
        events = json.loads(row.events or "[]")
        for place, value in enumerate(row.values.split(",")):
            quality = row.quality_method
            for first, last, of_event, *_ in events:
                quality = of_event if first <= place + 1 <= last else quality
            if value and quality[:1] != "N":
                kind = letter, row.unit.removeprefix("k").removeprefix("M")
                begins_at = place * row.interval_length
                key = (row.meter_point, kind, row.day, row.occurrence, begins_at, row.interval_length)
                found[key].append((LETTERS[quality[:1]], Decimal(value) * Decimal(KILO[row.unit])))
    return found


def months_by_hand() -> dict[tuple[Any, ...], dict[str, Any]]:
    """Return the sums of each meter point, kind, month and quality."""
    found: dict[tuple[Any, ...], dict[str, Any]] = {}
    for (point, kind, day, occurrence, begins_at, length), channels in intervals().items():
        quality = max((quality for quality, _ in channels), key="ASE".index)
        amount = sum((amount for _, amount in channels), start=Decimal(0))
        key = (point.pk, *kind, day.replace(day=1), quality)
        each = found.setdefault(key, {"total": Decimal(0), "minutes": 0, "days": {}, "repeats": 0, "peak": (0, 0)})
        each["total"] += amount
        each["minutes"] += 0 if occurrence else length
        each["repeats"] += occurrence > 0
        each["days"][day] = each["days"].get(day, Decimal(0)) + amount
        each["peak"] = max(each["peak"], (amount * 60 / length, -(day.toordinal() * 1440 + begins_at)))
    return found


def check_months() -> None:
    by_hand = months_by_hand()
    stored = {
        (row.meter_point_id, row.letter, row.family, row.month, row.quality): row for row in MonthSum.objects.all()
    }
    assert set(stored) == set(by_hand)
    counted: Counter[tuple[Any, ...]] = Counter()
    for key, row in stored.items():
        expected = by_hand[key]
        assert (row.total, row.minutes, row.repeats) == tuple(
            expected[name] for name in ("total", "minutes", "repeats")
        )
        of_days = dict(zip(days_of(row.month), row.totals.split(","), strict=False))
        assert {day: Decimal(total) for day, total in of_days.items() if total} == expected["days"]
        assert sum(int(minutes or 0) for minutes in row.minutes_of_days.split(",")) == row.minutes
        days = dict(zip(days_of(row.month), row.days.split(","), strict=False))
        counted.update((*key[:3], day) for day, mark in days.items() if mark)
        assert (row.first_day, row.last_day) == (min(expected["days"]), max(expected["days"]))
        place = row.peak_day.toordinal() * 1440 + row.peak_minute
        assert (row.peak, -place) == expected["peak"]
    all_days = {(*key[:3], day) for key, expected in by_hand.items() for day in expected["days"]}
    assert counted == dict.fromkeys(all_days, 1)


def days_of(month: date) -> list[date]:
    return [month + timedelta(number) for number in range(31)]


def check_groups() -> None:
    totals: dict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
    halves: dict[tuple[Any, ...], Decimal] = defaultdict(Decimal)
    points: dict[tuple[Any, ...], set[int]] = defaultdict(set)
    for (point, kind, day, occurrence, begins_at, _length), channels in intervals().items():
        quality = max((quality for quality, _ in channels), key="ASE".index)
        key = (*kind, point.scheme, point.area, point.tariff, day, occurrence, quality)
        amount = sum((amount for _, amount in channels), start=Decimal(0))
        totals[key] += amount
        points[key].add(point.pk)
        halves[(*key, begins_at // 30)] += amount
    rows = {
        (row.letter, row.family, row.scheme, row.area, row.tariff, row.day, row.occurrence, row.quality): row
        for row in GroupDay.objects.all()
    }
    assert {key: row.total for key, row in rows.items()} == totals
    assert {key: row.meter_points for key, row in rows.items()} == {key: len(some) for key, some in points.items()}
    of_day: dict[tuple[Any, ...], set[int]] = defaultdict(set)
    for key, some in points.items():
        of_day[key[:6]] |= some
    further: dict[tuple[Any, ...], int] = defaultdict(int)
    for key, row in rows.items():
        further[key[:6]] += row.further_meter_points
    assert further == {key: len(some) for key, some in of_day.items()}
    stored = {
        (*key, place): Decimal(amount)
        for key, row in rows.items()
        for place, amount in enumerate(row.half_hours.split(","))
        if amount
    }
    assert stored == halves


def check() -> None:
    assert bring_up_to_date()
    check_months()
    check_groups()


def test_sums_of_samples_are_those_of_their_intervals() -> None:
    users()
    for name in ("nem12.csv", "nem12_mixed.csv"):
        if (SAMPLES / name).exists():
            deliver((SAMPLES / name).read_bytes(), name)
    consumer("3000", *days("2016-10-26", 40))
    consumer("3001", *days("2016-10-30", 3, "4.5"))
    check()
    assert GroupDay.objects.filter(area="a1", tariff="t2").exists()


def test_corrections_completions_and_repeats_change_the_sums_of_their_days_only() -> None:
    consumer("3000", *days("2016-10-26", 40))
    check()
    before = {row.pk for row in MonthSum.objects.filter(month=date(2016, 12, 1))}
    consumer("3000", *days("2016-10-28", 2, "7.5"))
    consumer("3000", ("2016-11-02 00:30", "1000.0"))
    assert not is_up_to_date()
    check()
    assert {row.pk for row in MonthSum.objects.filter(month=date(2016, 12, 1))} == before
    assert deliver(half_hours(days("2016-10-26", 40)), "3000.csv").outcome == "DUPLICATE"
    check()


def test_both_passes_of_a_repeated_hour_are_added_and_neither_doubles_a_peak() -> None:
    rows = days("2016-10-30", 1, "100.0")
    consumer("3000", *rows[:4], ("2016-10-30 01:00", "90.0"), ("2016-10-30 01:30", "110.0"), *rows[4:])
    check()
    row = MonthSum.objects.get()
    assert (row.total, row.minutes, row.repeats) == (Decimal("5.0"), 24 * 60, 2)
    assert (row.peak, row.peak_minute) == (Decimal("0.22"), 90)
    second = GroupDay.objects.get(occurrence=1)
    assert (second.total, second.meter_points, second.further_meter_points) == (Decimal("0.2"), 1, 0)


def halves(first: str, second: str) -> str:
    return ",".join([first] * 24 + [second] * 24)


def test_channels_that_take_turns_at_noon_cover_the_day_once() -> None:
    old = mdff.channel(mdff.day(values=halves("1", "0")), serial_number="OLD")
    new = mdff.channel(mdff.day(values=halves("0", "2")), serial_number="NEW")
    other = mdff.channel(mdff.day("20260228", values=",".join(["3"] * 288)), suffix="E2", register="2", length=5)
    deliver(mdff.nem12(old, new, other), "exchange.csv")
    check()
    row = MonthSum.objects.get()
    assert (row.total, row.minutes, row.peak) == (Decimal(24 * 3 + 3 * 288), 2 * 24 * 60, Decimal(36))


def test_channels_of_different_lengths_are_added_in_the_longer_one() -> None:
    long = mdff.channel(mdff.day(values=",".join(["6"] * 48)))
    short = mdff.channel(mdff.day(values=",".join(["1"] * 288)), suffix="E2", register="2", length=5)
    deliver(mdff.nem12(long, short), "lengths.csv")
    assert bring_up_to_date()
    row = MonthSum.objects.get()
    assert (row.total, row.minutes, row.peak) == (Decimal(6 * 48 + 288), 24 * 60, Decimal(24))
    assert GroupDay.objects.get().half_hours == ",".join(["12"] * 48)


def test_quality_of_each_interval_decides_where_it_is_summed() -> None:
    varies = mdff.day(values=",".join(["1"] * 48), quality="V")
    events = ["400,1,10,A,,", "400,11,20,E52,,", "400,21,30,S53,4,", "400,31,40,F56,4,", "400,41,48,N,,"]
    deliver(mdff.nem12(mdff.channel(varies, *events)), "varies.csv")
    check()
    rows = dict(MonthSum.objects.values_list("quality", "total"))
    assert rows == {"A": Decimal(10), "E": Decimal(10), "S": Decimal(20)}


def test_consumer_that_changes_its_tariff_moves_to_another_group() -> None:
    users()
    consumer("3000", *days("2016-10-26", 2))
    consumer("3001", *days("2016-10-26", 2))
    check()
    deliver(b"id,area,tariff\r\n3001,a1,t1\r\n", "later.csv")
    check()
    groups = GroupDay.objects.values_list("tariff", "meter_points")
    assert sorted(groups) == [("t1", 2), ("t1", 2)]


def test_derivation_brings_other_sums() -> None:
    consumer("3000", *days("2016-10-26"))
    consumer("3000", *days("2016-10-26", 1, "20.0"))
    check()
    IntervalDay.objects.update(superseded_by=None)
    note_all_days(MeterPoint.objects.values_list("pk", flat=True))
    for _ in rederive(store=True):
        pass
    check()
    assert MonthSum.objects.get().total == Decimal("0.96")
    assert not StaleMonths.objects.exists()
    assert not StaleGroup.objects.exists()


def test_order_of_arrival_does_not_change_a_sum() -> None:
    statements = (("1", "A", "1"), ("2", "S53", "2"), ("3", "E52", "3"))
    for number, order in enumerate(permutations(statements)):
        for day, quality, value in order:
            of_day = mdff.day(values=",".join([value] * 48), updated=f"2026030{day}021500", quality=quality)
            deliver(mdff.nem12(mdff.channel(of_day, nmi=f"612345678{number}")), f"{number}{day}.csv")
            bring_up_to_date()
    check()
    columns = ("quality", "total", "minutes", "peak")
    assert len(set(MonthSum.objects.values_list(*columns))) == 1
    assert MonthSum.objects.count() == 6


def test_many_notes_are_worked_off_in_steps_and_what_has_no_time_waits() -> None:
    for number in range(3):
        consumer(f"{3000 + number}", *days("2016-10-26", 8))
    turns = iter([True, False])
    assert not bring_up_to_date(lambda: next(turns))
    assert StaleGroup.objects.exists()
    assert not StaleMonths.objects.exists()
    check()


def test_packed_and_exact_sums_are_those_of_decimals() -> None:
    consumer("3000", *days("2016-10-26", 8, "0.1"))
    assert bring_up_to_date()
    rows = MonthSum.objects.order_by("month")
    parts = rows.annotate(part=PackedSum("totals", 27, 28)).values_list("part", flat=True)
    assert list(parts) == [Decimal("0.0096"), None]
    numbers = rows.annotate(number=PackedCount("totals", 27, 31)).values_list("number", flat=True)
    assert list(numbers) == [5, 0]
    assert rows.aggregate(total=ExactSum("total"))["total"] == Decimal("0.0384")
    assert MonthSum.objects.filter(letter="Z").aggregate(total=ExactSum("total"))["total"] is None
    ordered = MonthSum.objects.annotate(number=as_number("total")).order_by("number")
    assert [row.month.month for row in ordered] == [11, 10]


def test_long_spans_and_large_groups_are_summed_in_several_transactions(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(months, "POINT_MONTHS", 2)
    monkeypatch.setattr(groups, "POINT_DAYS", 7)
    for number in range(2):
        consumer(f"{3000 + number}", *days("2016-10-26", 100))
    steps = 0

    def count() -> bool:
        nonlocal steps
        steps += 1
        return True

    assert bring_up_to_date(count)
    assert steps > 20
    check()
    note_all_days(MeterPoint.objects.values_list("pk", flat=True))
    consumer("3001", *days("2016-12-01", 3, "7.0"))
    check()

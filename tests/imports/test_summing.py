"""Stored sums, compared with sums of every interval in plain Python."""

from __future__ import annotations

import json
from collections import defaultdict
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from readings.imports.summing.update import bring_up_to_date
from readings.models import GroupDay, IntervalDay, MonthSum
from tests.making.consumption import consumer, days, users
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
    for key, row in stored.items():
        expected = by_hand[key]
        assert (row.total, row.minutes, row.repeats) == tuple(
            expected[name] for name in ("total", "minutes", "repeats")
        )
        of_days = dict(zip(days_of(row.month), row.totals.split(","), strict=False))
        assert {day: Decimal(total) for day, total in of_days.items() if total} == expected["days"]
        assert sum(int(minutes or 0) for minutes in row.minutes_of_days.split(",")) == row.minutes
        assert (row.first_day, row.last_day) == (min(expected["days"]), max(expected["days"]))
        place = row.peak_day.toordinal() * 1440 + row.peak_minute
        assert (row.peak, -place) == expected["peak"]


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

"""Intervals in pages, compared with the exported rows."""

from __future__ import annotations

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from readings.formats.contract import NEM_TIME
from readings.models import FlowFile, MeterPoint
from readings.queries.consumption.groups import zone_of
from readings.queries.consumption.windows import span_of
from readings.queries.interval_list import ListedInterval, intervals_after
from readings.queries.lists import name_of
from tests.making.consumption import consumer, days, half_hours
from tests.making.mdff import NMI, channel, day, nem12
from tests.proofs.consumption import draw as draw_consumption
from tests.proofs.mdff import draw_nem12
from tests.running.exported import exported
from tests.running.imported import deliver, imported

pytestmark = pytest.mark.django_db


def listed(
    identifier: str, limit: int = 1000, first: date | None = None, last: date | None = None
) -> list[ListedInterval]:
    """Return the intervals of all pages."""
    meter_point = MeterPoint.objects.get(identifier=identifier)
    span, zone = span_of(meter_point, first, last), zone_of(meter_point.scheme, NEM_TIME)
    every: list[ListedInterval] = []
    while page := intervals_after(span, zone, every[-1].key if every else None, limit):
        every += page
    assert [row.key for row in every] == sorted({row.key for row in every})
    return every


def assert_equal_to_the_export(identifier: str, limit: int = 1000) -> None:
    meter_point = MeterPoint.objects.get(identifier=identifier)
    registers = span_of(meter_point, None, None).registers
    files = {row.pk: name_of(row) for row in FlowFile.objects.all()}
    found = []
    for row in listed(identifier, limit):
        register = registers[row.key.register]
        names = register.meter.serial_number, register.register_id, register.suffix
        found.append(
            (
                *(*names, row.starts_at.isoformat(), row.ends_at.isoformat(), str(row.key.occurrence)),
                *(row.value, row.unit, row.quality_method, row.reason_code, row.reason_description),
                *(files[row.flow_file], str(row.line)),
            )
        )
    columns = (
        *("meter", "register", "suffix", "starts_at", "ends_at", "occurrence", "value", "unit"),
        *("quality_method", "reason_code", "reason_description", "file", "line"),
    )
    expected = [tuple(row[name] for name in columns) for row in exported("intervals", "--meter-point", identifier)]
    assert sorted(found) == sorted(expected)


def test_intervals_are_those_of_the_export() -> None:
    mixed = [day("20260228", quality="V"), "400,1,40,A,,", "400,41,47,F14,76,", "400,48,48,N,,"]
    five_minutes = channel(day(values=",".join(["0.5"] * 288)), suffix="E2", register="E2", length=5)
    deliver(nem12(channel(day(), *mixed, day("20260310")), five_minutes), "nem12.csv")
    for limit in (7, 48, 1000):
        assert_equal_to_the_export(NMI, limit)


def test_intervals_of_a_consumer_have_the_repeated_hour_and_files_of_their_own() -> None:
    rows = days("2026-10-25")
    consumer("3000", *rows[:4], ("2026-10-25 01:00", "4.0"), ("2026-10-25 01:30", "40.5"), *rows[4:30])
    deliver(half_hours(rows[30:]), "3000.csv")
    for limit in (5, 1000):
        assert_equal_to_the_export("3000", limit)
    every = listed("3000")
    assert len(every) == 50
    assert {row.starts_at.tzinfo for row in every} == {None}
    assert len({row.flow_file for row in every}) == 2


@pytest.mark.parametrize("seeds", [range(6), pytest.param(range(6, 26), marks=pytest.mark.slow)])
def test_intervals_of_drawn_files_are_those_of_the_export(seeds: range) -> None:
    for seed in seeds:
        for file in draw_consumption(seed).files:
            imported(file.content, "3000.csv")
        for file in draw_nem12(seed).files:
            imported(file.content, "nem12.csv")
        if seed % 10 in (5, 9):
            assert_equal_to_the_export("3000", 13)
            assert_equal_to_the_export(NMI, 31)


def test_period_selects_whole_days() -> None:
    consumer("3000", *days("2026-02-01", 5))
    every = listed("3000", 11, date(2026, 2, 2), date(2026, 2, 3))
    assert len(every) == 96
    assert {row.key.day.day for row in every} == {2, 3}


def test_page_takes_the_same_queries_for_few_days_and_for_many() -> None:
    deliver(nem12(channel(day())), "few.csv")
    numbers = []
    for _ in range(2):
        span = span_of(MeterPoint.objects.get(), None, None)
        with CaptureQueriesContext(connection) as captured:
            intervals_after(span, NEM_TIME, None, 40)
        numbers.append(len(captured))
        first = date(2026, 2, 27)
        deliver(nem12(channel(*(day(f"{first + timedelta(number):%Y%m%d}") for number in range(60)))), "many.csv")
    assert numbers == [2, 2]

"""Consumption per period, compared with sums of the exported rows."""

from __future__ import annotations

import csv
from collections import defaultdict
from datetime import date, datetime, timedelta
from decimal import Decimal
from io import StringIO

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from readings.formats.contract import NEM_TIME
from readings.formats.dtc.catalogue.clock import BRITISH_CLOCK_TIME
from readings.models import MeterPoint
from readings.queries.consumption.day_parts import IntervalTooLong
from readings.queries.consumption.groups import END_OF_ADVANCE, INTERVAL, Group, Grouping, groups_after, zone_of
from readings.queries.consumption.periods import GroupBy, end_of, in_order, start_of
from readings.queries.consumption.windows import registers_of, span_of
from tests.making.consumption import consumer, days
from tests.making.dtc import MPAN, block, flow, reading
from tests.making.mdff import NMI, accumulation, channel, day, nem12, nem13
from tests.proofs.consumption import draw as draw_consumption
from tests.proofs.mdff import draw_nem12
from tests.running.exported import GROUPS, Sum, advances_of, channel_of, exported, period_of, sums_of
from tests.running.imported import deliver, deliver_sample, imported
from tests.running.places import SAMPLES, SHARED

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgresql]


def grouping(identifier: str, group_by: str, first: date | None = None, last: date | None = None) -> Grouping:
    meter_point = MeterPoint.objects.get(identifier=identifier)
    zone = zone_of(meter_point.scheme, NEM_TIME)
    return Grouping(span=span_of(meter_point, first, last), group_by=GroupBy(group_by), zone=zone)


def groups(of: Grouping, limit: int = 1000) -> list[Group]:
    """Return the groups of all pages."""
    every: list[Group] = []
    while page := groups_after(of, every[-1].key if every else None, limit):
        every += page
    return every


def sums(of: Grouping, limit: int = 1000, counted_by: str = INTERVAL) -> dict[tuple[str, ...], Sum]:
    """Return total and number of values of each period and channel."""
    rows = [row for row in groups(of, limit) if row.key.counted_by == counted_by]
    found: dict[tuple[str, ...], Sum] = {}
    for row in rows:
        register = of.span.registers[row.key.register]
        names = register.meter.serial_number, register.register_id, register.suffix, row.key.unit
        assert row.total is not None
        found[(row.starts_at.replace(tzinfo=None).isoformat("T", "minutes"), *names)] = Sum(row.total, row.values)
    assert len(found) == len(rows)
    return found


def assert_equal_to_the_export(identifier: str, *limits: int) -> None:
    rows = exported("intervals", "--meter-point", identifier)
    assert rows
    for group_by in GROUPS:
        for limit in limits or (1000,):
            assert sums(grouping(identifier, group_by), limit) == sums_of(rows, group_by), (identifier, group_by)


def values(value: str, count: int = 48) -> str:
    return ",".join([value] * count)


def test_sums_of_every_channel_are_those_of_the_exported_intervals() -> None:
    mixed = [day("20260228", quality="V"), "400,1,40,A,,", "400,41,48,N,,"]
    channels = (
        channel(day("20260227"), *mixed, day("20260309"), day("20260310", quality="N")),
        channel(day("20260227", values=values("0.125", 288)), suffix="E2", register="E2", length=5),
        channel(day("20260301", values=values("2.5", 96)), suffix="Q1", register="Q1", length=15, unit="kVArh"),
    )
    deliver(nem12(*channels), "nem12.csv")
    corrected = day("20260227", values=values("1.5"), updated="20260401021500")
    deliver(nem12(channel(corrected), created="202604010215"), "later.csv")
    assert_equal_to_the_export(NMI, 50, 1000)


def test_sums_include_both_passes_of_a_repeated_hour_and_partial_days() -> None:
    rows = days("2026-10-25")
    again = [("2026-10-25 01:00", "4.0"), ("2026-10-25 01:30", "40.5")]
    consumer("3000", *rows[:4], *again, *rows[4:], *days("2026-10-26")[:5], *days("2026-12-31", 2))
    assert_equal_to_the_export("3000", 5)
    repeated, _ = [row for row in groups(grouping("3000", "half-hour")) if row.values == 2]
    assert (repeated.starts_at, repeated.total) == (datetime(2026, 10, 25, 1), Decimal("14.0"))
    assert repeated.is_complete
    assert [(row.values, row.is_complete) for row in groups(grouping("3000", "day"))] == [
        *((50, True), (5, False), (48, True), (48, True))
    ]


@pytest.mark.parametrize("seeds", [range(6), pytest.param(range(6, 16), marks=pytest.mark.slow)])
def test_sums_of_drawn_files_are_those_of_the_exported_intervals(seeds: range) -> None:
    for seed in seeds:
        for file in draw_consumption(seed).files:
            imported(file.content, f"{3000 + seed % 4}.csv")
        for file in draw_nem12(seed).files:
            imported(file.content, "nem12.csv")
    for identifier in (NMI, *(f"{3000 + number}" for number in range(4))):
        assert_equal_to_the_export(identifier, 60)


def test_weeks_begin_on_monday_and_months_on_the_first() -> None:
    consumer("3000", *days("2025-12-28", 6))
    weeks = groups(grouping("3000", "week"))
    assert [(row.starts_at.date(), row.ends_at.date(), row.values) for row in weeks] == [
        (date(2025, 12, 22), date(2025, 12, 29), 48),
        (date(2025, 12, 29), date(2026, 1, 5), 240),
    ]
    months = groups(grouping("3000", "month"))
    assert [(row.starts_at.date(), row.ends_at.date(), row.values) for row in months] == [
        (date(2025, 12, 1), date(2026, 1, 1), 192),
        (date(2026, 1, 1), date(2026, 2, 1), 96),
    ]


def test_group_is_complete_if_each_interval_has_a_value() -> None:
    mixed = [day("20260228", quality="V"), "400,1,47,A,,", "400,48,48,N,,"]
    deliver(nem12(channel(day("20260227"), *mixed)), "nem12.csv")
    assert [row.is_complete for row in groups(grouping(NMI, "day"))] == [True, False]
    hours = groups(grouping(NMI, "hour"))
    assert [(row.values, row.is_complete) for row in hours[-2:]] == [(2, True), (1, False)]
    first, last = date(2026, 2, 27), date(2026, 2, 27)
    (month,) = groups(grouping(NMI, "month", first, last))
    assert (month.values, month.is_complete) == (48, False)


def test_values_that_may_not_be_summed_are_only_counted() -> None:
    deliver(nem12(channel(day(values=values("230")), suffix="V1", unit="V")), "nem12.csv")
    (row,) = groups(grouping(NMI, "day"))
    assert (row.total, row.values, row.is_complete) == (None, 48, True)


@pytest.mark.parametrize(
    ("length", "group_by", "fits"), [(60, "half-hour", False), (60, "hour", True), (20, "hour", True)]
)
def test_intervals_are_summed_only_in_periods_of_whole_intervals(length: int, group_by: str, *, fits: bool) -> None:
    count = 1440 // length
    deliver(nem12(channel(day(values=values("1", count)), length=length)), "nem12.csv")
    if fits:
        assert {row.total for row in groups(grouping(NMI, group_by))} == {60 // length}
    else:
        with pytest.raises(IntervalTooLong, match="have 60 minutes, which cannot be summed per 30 minutes"):
            groups(grouping(NMI, group_by))
    assert [row.values for row in groups(grouping(NMI, "day"))] == [count]


def test_advances_are_counted_in_the_period_in_which_they_end() -> None:
    rows = [("100.0", "20260101000000"), ("130.5", "20260301000000"), ("140.5", "20260331013000")]
    estimate = block(reading("150.0", at="20260320000000"), kind="D")
    deliver(flow(block(*(reading(value, at=at) for value, at in rows)), estimate), "d0010.uff")
    found = advances_of(exported("readings", "--meter-point", MPAN))
    expected: dict[tuple[str, ...], Decimal] = {}
    for each in found:
        if not each.is_estimated:
            expected[(period_of(each.current["read_at"], "half-hour"), *channel_of(each.current))] = each.value
    assert {
        key: each.total for key, each in sums(grouping(MPAN, "half-hour"), 1000, END_OF_ADVANCE).items()
    } == expected
    for group_by in GROUPS:
        rows_of = groups(grouping(MPAN, group_by), 1)
        assert {(row.key.counted_by, row.is_complete) for row in rows_of} == {(END_OF_ADVANCE, None)}
        assert sum(row.total or 0 for row in rows_of) == Decimal("40.5")
    (march,) = groups(grouping(MPAN, "month"))
    assert (march.values, f"{march.starts_at:%z}", f"{march.ends_at:%z}") == (2, "+0000", "+0100")


def test_both_passes_of_a_repeated_british_hour_are_periods_of_their_own() -> None:
    passes = [datetime(2026, 10, 25, 1, 40, tzinfo=BRITISH_CLOCK_TIME, fold=fold) for fold in (0, 1)]
    starts = [start_of(moment, GroupBy.HALF_HOUR) for moment in passes]
    assert [start.isoformat() for start in starts] == ["2026-10-25T01:30:00+01:00", "2026-10-25T01:30:00+00:00"]
    ends = [end_of(start, GroupBy.HALF_HOUR) for start in starts]
    assert [end.isoformat() for end in ends] == ["2026-10-25T01:00:00+00:00", "2026-10-25T02:00:00+00:00"]
    assert in_order(starts[0]) < in_order(starts[1])


def test_quantities_and_intervals_of_one_nmi_are_told_apart() -> None:
    deliver(nem13(accumulation()), "nem13.csv")
    deliver(nem12(channel(day("20260210"), serial_number="NEW")), "nem12.csv")
    rows = groups(grouping(NMI, "month"), 1)
    assert [(row.key.counted_by, str(row.total), row.key.direction) for row in rows] == [
        ("end of advance", "65.5", "E"),
        ("interval", "117.6", ""),
    ]


def test_quantities_of_a_nem13_are_summed_as_stated() -> None:
    deliver_sample("nem13.csv")
    stated: defaultdict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    for line in csv.reader(StringIO((SAMPLES / "nem13.csv").read_text())):
        if line[0] == "250":
            stated[line[1], line[4], line[19]] += Decimal(line[18])
    found: defaultdict[tuple[str, str, str], Decimal] = defaultdict(Decimal)
    for row in MeterPoint.objects.filter(scheme="NMI"):
        of = grouping(row.identifier, "month")
        for group in groups(of, 1):
            suffix = of.span.registers[group.key.register].suffix
            found[row.identifier, suffix, group.key.unit] += group.total or 0
    assert found == stated
    assert stated


@pytest.mark.parametrize("group_by", GROUPS)
def test_page_takes_the_same_queries_for_few_days_and_for_many(group_by: str) -> None:
    deliver(nem12(channel(day())), "few.csv")
    numbers = []
    for _ in range(2):
        of = grouping(NMI, group_by)
        with CaptureQueriesContext(connection) as captured:
            groups_after(of, None, 100)
        numbers.append(len(captured))
        first = date(2025, 1, 1)
        every = [day(f"{first + timedelta(number):%Y%m%d}") for number in range(400)]
        deliver(nem12(channel(*every)), "many.csv")
    few, many = numbers
    assert few == 4
    assert many <= few + 2  # One window more.


def test_registers_of_a_meter_point_are_found_with_their_meters_in_one_query() -> None:
    deliver(nem12(channel(day())), "nem12.csv")
    meter_point = MeterPoint.objects.get()
    with CaptureQueriesContext(connection) as captured:
        assert [row.meter.serial_number for row in registers_of(meter_point).values()] == ["SN0012345"]
    assert len(captured) == 1


@pytest.mark.slow
@pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared")
@pytest.mark.parametrize(
    ("patterns", "points"),
    [
        pytest.param(["smap/consumption/*"], 60, marks=pytest.mark.only_on("sqlite")),
        (["nem/*", "field/nem/**/*.csv", "field/**/Q*.csv"], 40),
    ],
)
def test_sums_of_shared_files_are_those_of_the_exported_intervals(patterns: list[str], points: int) -> None:
    for path in (path for pattern in patterns for path in sorted(SHARED.glob(pattern)) if path.is_file()):
        deliver(path.read_bytes(), path.name)
    rows = MeterPoint.objects.filter(scheme__in=("CONSUMER", "NMI"), meters__registers__isnull=False).distinct()
    assert rows.count() >= points
    for row in rows:
        intervals = exported("intervals", "--scheme", row.scheme, "--meter-point", row.identifier)
        for group_by in GROUPS:
            assert sums(grouping(row.identifier, group_by)) == sums_of(intervals, group_by), (row, group_by)

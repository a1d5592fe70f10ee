"""The use of a meter point from its files: readings, stated quantities, and days of intervals."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from readings.formats.dtc.catalogue.clock import BRITISH_CLOCK_TIME
from readings.models import MeterPoint, Register
from readings.queries.meter_points.ends import disused, ends_of
from readings.queries.meter_points.use import Measurement
from tests.making import mdff
from tests.making.consumption import consumer, days
from tests.making.dtc import block, flow, reading
from tests.queries.meter_points.measured import NEM, measured
from tests.running.imported import deliver

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgresql]


def spans(found: Measurement) -> list[tuple[str, int, str, str]]:
    return [
        (f"{each.first:%d%m}", each.days, f"{each.amount.normalize():f}", each.mark) for each in found.series.spans
    ]


def names(found: Measurement) -> list[list[str]]:
    """Return the registers of each change, the old ones and the new ones."""
    known = Register.objects.in_bulk()
    return [
        ["+".join(str(known[each.register]) for each in uses) for uses in (change.old, change.new)]
        for change in found.series.changes
    ]


def stated(*lines: list[str], number: int = 1) -> None:
    assert deliver(flow(*lines, identifier=f"F{number}"), f"{number}.usr").outcome == "IMPORTED"


def test_exchange_of_meters_adds_up() -> None:
    stated(
        block(reading("41000", at="20260101000000"), meter="OLD"),
        block(reading("41300", at="20260131103000"), meter="OLD", kind="F"),
        block(reading("0", at="20260131103000"), meter="NEW", kind="I"),
        block(reading("280", at="20260228090000"), meter="NEW"),
    )
    (found,) = measured()
    assert (found.series.total, found.series.days, found.series.per_day) == (Decimal(580), 58, Decimal(10))
    assert spans(found) == [("0101", 30, "300", "A"), ("3101", 28, "280", "A")]
    assert [change.is_exchange for change in found.series.changes] == [True]
    assert found.last_actual
    assert (found.last_actual.day, found.last_actual.value) == (date(2026, 2, 28), Decimal(280))


def test_change_of_registers_adds_up() -> None:
    day_and_night = [reading("100", at="20260101000000", register=name) for name in ("DY", "NT")]
    final = [reading("300", at="20260131000000", register="DY"), reading("200", at="20260131000000", register="NT")]
    stated(
        block(*day_and_night),
        block(*final, kind="F"),
        block(reading("0", at="20260131000000", register="01"), kind="I"),
        block(reading("280", at="20260228000000", register="01")),
    )
    (found,) = measured()
    assert spans(found) == [("0101", 30, "300", "A"), ("3101", 28, "280", "A")]
    assert names(found) == [["DY+NT", "01"]]
    assert not found.series.changes[0].is_exchange


def test_missing_final_reading_leaves_a_gap() -> None:
    stated(
        block(reading("100", at="20260101000000"), reading("200", at="20260111000000"), meter="OLD"),
        block(reading("0", at="20260121000000"), meter="NEW", kind="I"),
        block(reading("70", at="20260131000000"), meter="NEW"),
    )
    (found,) = measured()
    assert (found.series.total, found.series.days) == (Decimal(170), 20)
    (gap,) = found.series.gaps
    assert (gap.first, gap.end) == (date(2026, 1, 11), date(2026, 1, 21))
    assert not gap.old[0].is_removed
    assert gap.new[0].is_installed


def test_only_the_last_estimate_after_the_last_actual_reading_counts() -> None:
    stated(block(reading("100", at="20260101000000"), reading("200", at="20260201000000")))
    for number, (value, day) in enumerate((("150", "0115"), ("260", "0301"), ("320", "0401")), start=2):
        stated(block(reading(value, at=f"2026{day}000000"), kind="D"), number=number)
    (found,) = measured()
    assert spans(found) == [("0101", 31, "100", "A"), ("0102", 59, "120", "E")]
    assert found.series.total == Decimal(220)


def test_rollover_suspect_reading_and_maximum_demand() -> None:
    stated(
        block(
            reading("99990", at="20260101000000"),
            reading("55555", at="20260105000000", flag="F"),
            reading("10", at="20260111000000"),
            reading("5", at="20260121000000"),
            "030|MD|20260101000000|42.7|20260101000000|1|T|P|",
            "030|MD|20260111000000|50.7|20260111000000|1|T|P|",
        )
    )
    (found,) = measured()
    assert spans(found) == [("0101", 10, "20", "A"), ("1101", 10, "-5", "D")]


def test_clock_changes_do_not_change_the_number_of_days() -> None:
    stated(
        block(
            reading("0", at="20260328000000"),
            reading("20", at="20260330000000"),
            reading("2110", at="20261025235959"),
            reading("2120", at="20261027000000"),
        )
    )
    (found,) = measured()
    assert [each.days for each in found.series.spans] == [2, 210, 1]
    assert [each.per_day for each in found.series.spans] == [Decimal(10), Decimal(2090) / 210, Decimal(10)]


def test_stated_quantities_of_both_meters_are_one_series_by_direction() -> None:
    old = {"previous_at": "20251101093000", "current_at": "20251201093000", "serial_number": "OLD"}
    new = {"previous_at": "20251201093000", "current_at": "20251229093000", "serial_number": "NEW"}
    deliver(
        mdff.nem13(
            mdff.accumulation("0", "300", "300", **old),
            mdff.accumulation("0", "140", "280", current_quality="E64,,", **new),
            mdff.accumulation("0", "7", "7", register="2", suffix="B1", direction="I", **old),
        ),
        "a.csv",
    )
    taken, given = measured(mdff.NMI, NEM)
    assert spans(taken) == [("0111", 30, "300", "A"), ("0112", 28, "280", "E")]
    assert (taken.series.total, taken.series.per_day) == (Decimal(580), Decimal(10))
    assert [change.is_exchange for change in taken.series.changes] == [True]
    assert (given.measured.kind, given.series.total) == ("I", Decimal(7))


def test_intervals_of_both_meters_are_one_series_also_at_noon() -> None:
    morning = ",".join(["1"] * 24 + ["0"] * 24)
    evening = ",".join(["0"] * 24 + ["2"] * 24)
    whole = ",".join(["1"] * 48)
    deliver(
        mdff.nem12(
            mdff.channel(
                mdff.day("20260130", values=whole), mdff.day("20260131", values=morning), serial_number="OLD"
            ),
            mdff.channel(
                mdff.day("20260131", values=evening), mdff.day("20260201", values=whole), serial_number="NEW"
            ),
        ),
        "a.csv",
    )
    (found,) = measured(mdff.NMI, NEM)
    assert spans(found) == [("3001", 1, "48", "A"), ("3101", 1, "72", "A"), ("0102", 1, "48", "A")]
    assert (found.series.days, found.series.per_day) == (3, Decimal(56))
    assert [(change.day, change.is_exchange) for change in found.series.changes] == [(date(2026, 1, 31), True)]


def test_day_of_varying_quality_is_divided_and_null_data_is_a_gap() -> None:
    parts = ["400,1,24,A,,", "400,25,36,F14,76,", "400,37,48,N,,"]
    values = ",".join(["1"] * 48)
    deliver(
        mdff.nem12(
            mdff.channel(
                mdff.day("20260130", values=values),
                mdff.day("20260131", values=values, quality="N"),
                mdff.day("20260201", values=values, quality="V"),
                *parts,
            )
        ),
        "a.csv",
    )
    (found,) = measured(mdff.NMI, NEM)
    assert spans(found) == [("3001", 1, "48", "A"), ("0102", 1, "36", "S")]
    assert found.series.amounts == {"A": Decimal(72), "S": Decimal(12)}
    assert [(gap.first, gap.days) for gap in found.series.gaps] == [(date(2026, 1, 31), 1)]
    assert found.last_actual
    assert found.last_actual.day == date(2026, 1, 30)


def test_directions_and_units_are_apart() -> None:
    of_day = mdff.day("20260130", values=",".join(["1"] * 48))
    deliver(
        mdff.nem12(
            mdff.channel(of_day),
            mdff.channel(of_day, suffix="E2", register="3"),
            mdff.channel(of_day, suffix="B1", register="2"),
            mdff.channel(of_day, suffix="Q1", register="4", unit="kVArh"),
        ),
        "a.csv",
    )
    found = {each.measured.kind: each.series.total for each in measured(mdff.NMI, NEM)}
    assert found == {"E": Decimal(96), "B": Decimal(48), "Q": Decimal(48)}
    assert list(found) == ["E", "B", "Q"]


def test_repeated_hour_of_a_consumer_is_part_of_its_day() -> None:
    rows = days("2016-10-29", 3)
    repeated = rows.index(("2016-10-30 02:00", "10.0"))
    consumer("3000", *rows[:repeated], ("2016-10-30 01:00", "7.0"), ("2016-10-30 01:30", "8.0"), *rows[repeated:])
    (found,) = measured("3000")
    assert spans(found) == [("2910", 1, "480", "A"), ("3010", 1, "495", "A"), ("3110", 1, "480", "A")]
    assert (found.series.days, found.series.per_day) == (3, Decimal(485))


def test_meter_without_final_reading_is_disused_once_another_is_read() -> None:
    stated(
        block(reading("1", at="20260101000000"), reading("5", at="20260111000000"), meter="A"),
        block(reading("9", at="20260111000000"), meter="A", kind="F"),
        block(reading("1", at="20260101000000"), reading("5", at="20260112000000"), meter="B"),
        block(reading("1", at="20260112000000"), reading("5", at="20260121000000"), meter="C"),
    )
    point = MeterPoint.objects.get()
    meters = list(point.meters.prefetch_related("registers"))
    ends = ends_of(point, [row.pk for row in Register.objects.all()])
    found = disused(meters, ends, {}, BRITISH_CLOCK_TIME)
    assert {meter.serial_number: found[meter.pk] for meter in meters if meter.pk in found} == {"A": True, "B": False}


def test_newest_readings_of_all_registers_begin_at_one_time() -> None:
    def of(register: str) -> list[str]:
        return [
            reading(f"{day}0", at=f"2025{day // 28 + 1:02}{day % 28 + 1:02}000000", register=register)
            for day in range(150)
        ]

    stated(block(*of("DY"), *of("NT")))
    (found,) = measured()
    assert found.series.is_cut
    assert {each.amount for each in found.series.spans} == {Decimal(20)}  # of both
    assert len(found.series.spans) == 99

"""Advances in pages, compared with advances computed from the exported readings."""

from __future__ import annotations

from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from readings.formats.dtc.catalogue.clock import BRITISH_CLOCK_TIME
from readings.models import Accumulation, FlowFile, MeterPoint
from readings.queries.advances import ListedAdvance, Selected, advances_after
from readings.queries.consumption.windows import registers_of
from readings.queries.lists import name_of
from tests.making.dtc import MPAN, block, flow, reading
from tests.making.mdff import NMI, accumulation, nem13
from tests.proofs.d0010 import draw
from tests.running.exported import advances_of, differences_of, exported
from tests.running.imported import deliver, imported
from tests.running.places import SAMPLES, SHARED

pytestmark = pytest.mark.django_db

#: A register that rolls over, one with leading zeros, a maximum demand, an estimate, a customer's own reading, an
#: exchange of meters, and a suspect reading.
HISTORY = (
    block(reading("99000.0", at="20260101000000"), reading("7.1", at="20260101000000", register="MD")),
    block(reading("99900.5", at="20260201000000"), reading("12", at="20260201000000", register="T1"), kind="R"),
    block(reading("99950.0", at="20260210000000"), kind="D"),
    block(reading("00140.0", at="20260301000000"), reading("40", at="20260301000000", register="T1")),
    block(reading("99.0", at="20260305000000", flag="F")),
    block(reading("150.0", at="20260310120000"), kind="C"),
    block(reading("200.5", at="20260401090000"), reading("41", at="20260401090000", register="T1"), kind="F"),
    block(reading("0.0", at="20260401090000"), meter="L99 00001", kind="I"),
    block(reading("31.5", at="20260501000000"), meter="L99 00001"),
)


def point(identifier: str = MPAN) -> MeterPoint:
    return MeterPoint.objects.get(identifier=identifier)


def listed(selected: Selected, limit: int = 1000) -> list[ListedAdvance]:
    """Return the advances of all pages."""
    registers = registers_of(selected.meter_point)
    every: list[ListedAdvance] = []
    while page := advances_after(selected, registers, every[-1].key if every else None, limit):
        every += page
    return every


def in_words(rows: list[ListedAdvance]) -> set[tuple[object, ...]]:
    """Return the advances by the files and lines of both readings."""
    files = {row.pk: name_of(row) for row in FlowFile.objects.all()}
    return {
        (
            row.previous.read_at,
            *(files[row.previous.flow_file], row.previous.line, row.previous.value),
            row.current.read_at,
            *(files[row.current.flow_file], row.current.line, row.current.value),
            *(row.value, row.is_estimated),
        )
        for row in rows
    }


def from_export(*arguments: str) -> set[tuple[object, ...]]:
    """Return the same from the exported readings."""

    def end(row: dict[str, str]) -> tuple[object, ...]:
        return datetime.fromisoformat(row["read_at"]), row["file"], int(row["line"]), row["value"]

    found = advances_of(exported("readings", *arguments))
    return {(*end(each.previous), *end(each.current), each.value, each.is_estimated) for each in found}


def assert_equal_to_the_export(meter_point: MeterPoint, limit: int) -> int:
    """Compare advances, and their sums where no register rolled over; return the number of the advances."""
    arguments = "--scheme", meter_point.scheme, "--meter-point", meter_point.identifier
    rows, registers = listed(Selected(meter_point=meter_point), limit), registers_of(meter_point)
    assert in_words(rows) == from_export(*arguments)
    differences = differences_of(exported("readings", *arguments))
    for key, register in registers.items():
        counted = [row for row in rows if row.register == key and row.counts]
        name = register.meter.serial_number, register.register_id
        if name in differences and not any(row.note.startswith("taken as") for row in counted):
            assert sum((row.value for row in counted), Decimal(0)) == differences.pop(name)
    return len(rows)


@pytest.fixture
def history() -> MeterPoint:
    deliver(flow(*HISTORY, created="20260520061500"), "history.uff")
    return point()


def test_advances_are_those_between_the_exported_readings(history: MeterPoint) -> None:
    rows = listed(Selected(meter_point=history))
    assert in_words(rows) == from_export("--meter-point", MPAN)
    assert [(f"{row.current.read_at:%m-%d}", str(row.value), row.is_estimated) for row in rows] == [
        *(("02-01", "900.5", False), ("02-10", "49.5", True)),
        *(("03-01", "239.5", False), ("03-01", "28", False)),
        *(("03-10", "10.0", False), ("04-01", "50.5", False), ("04-01", "1", False), ("04-30", "31.5", False)),
    ]


def test_rollover_has_its_explanation(history: MeterPoint) -> None:
    notes = [row.note for row in listed(Selected(meter_point=history)) if row.note]
    assert notes == ["taken as a rollover: 9xxxx → 0xxxx with 5 digits if the dial has that many"]


@pytest.mark.parametrize("newest_first", [False, True])
def test_pages_of_any_size_hold_every_advance_once(history: MeterPoint, *, newest_first: bool) -> None:
    whole = listed(Selected(meter_point=history))
    expected = whole[::-1] if newest_first else whole
    for limit in (2, len(whole)):
        assert listed(Selected(meter_point=history, newest_first=newest_first), limit) == expected


def test_period_selects_the_advances_that_end_in_it(history: MeterPoint) -> None:
    since = datetime(2026, 3, 1, tzinfo=BRITISH_CLOCK_TIME)
    until = datetime(2026, 4, 1, tzinfo=BRITISH_CLOCK_TIME)
    rows = listed(Selected(meter_point=history, since=since, until=until), 1)
    assert [str(row.value) for row in rows] == ["239.5", "28", "10.0"]


def test_correction_and_withdrawal_change_the_advances(history: MeterPoint) -> None:
    corrected = block(reading("30.0", at="20260501000000"), meter="L99 00001")
    deliver(flow(corrected, identifier="LATER", created="20260601061500"), "later.uff")
    withdrawn = block(reading("150.0", at="20260310120000"), kind="W")
    deliver(flow(withdrawn, identifier="WITHDRAWAL", created="20260602061500"), "withdrawal.uff")
    rows = listed(Selected(meter_point=history))
    assert in_words(rows) == from_export("--meter-point", MPAN)
    assert [str(row.value) for row in rows][-3:] == ["60.5", "1", "30.0"]


def test_advances_of_a_register_add_up_to_its_last_reading_less_its_first(history: MeterPoint) -> None:
    rows = [row for row in listed(Selected(meter_point=history)) if row.counts]
    registers = registers_of(history)
    sums = {
        key: sum((row.value for row in rows if row.register == key), Decimal(0))
        for key, register in registers.items()
        if register.register_id != "MD"
    }
    names = {key: (registers[key].meter.serial_number, registers[key].register_id) for key in sums}
    assert {names[key]: str(amount) for key, amount in sums.items()} == {
        ("K12B 04567", "S"): "1200.5",  # 200.5 - 99000.0, and the dial turned at 100000.
        ("K12B 04567", "T1"): "29",
        ("L99 00001", "S"): "31.5",
    }


@pytest.mark.parametrize("seeds", [range(6), pytest.param(range(6, 26), marks=pytest.mark.slow)])
def test_advances_of_drawn_files_are_those_between_the_exported_readings(seeds: range) -> None:
    seen = 0
    for seed in seeds:
        for file in draw(seed).files:
            imported(file.content, "drawn.usr")
        if seed % 10 in (5, 9):
            seen += assert_equal_to_the_export(point(), 3)
    assert seen


def test_nem13_states_the_quantities_with_both_ends() -> None:
    estimate = accumulation(
        *("001300.0", "001400.0", "200"),
        previous_at="20260227101500",
        current_at="20260529101500",
        current_quality="E64,,",
    )
    deliver(nem13(accumulation(), estimate), "nem13.csv")
    first, second = listed(Selected(meter_point=point(NMI)), 1)
    assert (first.previous.value, first.current.value, first.value) == ("001234.5", "001300.0", Decimal("65.5"))
    assert (first.unit, first.direction, first.previous.line, first.current.line) == ("kWh", "E", 2, 2)
    assert (first.is_estimated, second.is_estimated) == (False, True)
    assert {each.is_stated and each.counts for each in (first, second)} == {True}
    nem_time = timezone(timedelta(hours=10))
    assert first.current.read_at == datetime.combine(date(2026, 2, 27), time(10, 15), nem_time)
    assert second.value == 200  # Not the difference of the reads: only the sender knows the multiplier.


def test_quantity_that_ends_at_null_data_is_not_listed() -> None:
    deliver(nem13(accumulation(current_quality="N,,")), "nem13.csv")
    assert Accumulation.objects.current().count() == 1
    assert listed(Selected(meter_point=point(NMI))) == []


def test_page_takes_the_same_queries_for_few_readings_and_for_many(history: MeterPoint) -> None:
    selected, registers = Selected(meter_point=history), registers_of(history)
    with CaptureQueriesContext(connection) as few:
        advances_after(selected, registers, None, 100)
    days = (datetime(2026, 5, 2) + timedelta(number) for number in range(60))
    rows = [reading(f"{32 + number}", at=f"{day:%Y%m%d}000000") for number, day in enumerate(days)]
    deliver(flow(block(*rows, meter="L99 00001")), "many.uff")
    with CaptureQueriesContext(connection) as many:
        assert len(advances_after(selected, registers, None, 100)) == 68
    assert len(few) == len(many) == 3


def test_page_passes_over_registers_without_advances_at_once(history: MeterPoint) -> None:
    days = (datetime(2026, 5, 2) + timedelta(number) for number in range(30))
    demands = [reading("4.0", at=f"{day:%Y%m%d}000000", register="MD") for day in days]
    deliver(flow(block(*demands, meter="L99 00001")), "demand.uff")
    last = listed(Selected(meter_point=history))[-1]
    with CaptureQueriesContext(connection) as captured:
        assert advances_after(Selected(meter_point=history), registers_of(history), last.key, 1) == []
    assert len(captured) < 10


@pytest.mark.slow
@pytest.mark.only_on("sqlite")  # The drawn files compare both databases.
@pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared")
def test_advances_of_shared_d0010_files_are_those_between_the_exported_readings() -> None:
    for path in (SAMPLES / "d0010.uff", *sorted((SHARED / "d0010").rglob("*.*")), *sorted(SHARED.rglob("*.usr"))):
        if path.is_file():
            deliver(path.read_bytes(), path.name)
    seen = 0
    for row in MeterPoint.objects.filter(scheme="MPAN"):
        seen += assert_equal_to_the_export(row, 2)
    assert seen

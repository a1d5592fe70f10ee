"""Imports of NEM13 and NEM12 files."""

from __future__ import annotations

import json
from collections import defaultdict
from decimal import Decimal
from io import BytesIO

import pytest

from readings.imports.reports import ImportReport
from readings.models import Accumulation, Arrival, FlowFile, IntervalDay, Meter, MeterPoint, Reading, Register
from tests.making.mdff import NMI, accumulation, channel, day, nem12, nem13
from tests.making.one_fault_mdff import FAULTLESS_NEM, ONE_FAULT_NEM, OneFaultNem
from tests.making.public_mdff import ACCEPTED, CHALLENGE, PUBLIC, REFUSED
from tests.running.imported import codes, imported
from tests.running.places import SAMPLES

needs_shared = pytest.mark.skipif(not PUBLIC.exists(), reason="needs ../shared")
pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgresql]

EARLIER, LATER = "20260301021500", "20260302021500"


def stored_rows() -> list[int]:
    return [model.objects.count() for model in (MeterPoint, Meter, Register, Reading, Accumulation, IntervalDay)]


@pytest.mark.parametrize("fault", ONE_FAULT_NEM, ids=lambda fault: fault.name)
def test_fault_rejects_the_file_or_is_stored_as_a_warning(fault: OneFaultNem) -> None:
    report = imported(fault.content)
    assert report.outcome == ("REJECTED" if fault.severity == "ERROR" else "IMPORTED")
    assert (fault.line, fault.record, fault.field, fault.code, fault.severity) in {
        (one.line, one.record, one.field, one.code, one.severity) for one in FlowFile.objects.get().problems.all()
    }
    if report.outcome == "REJECTED":
        assert stored_rows() == [0] * 6


@pytest.mark.parametrize("fault", ONE_FAULT_NEM, ids=lambda fault: fault.name)
def test_strict_import_rejects_some_warnings(fault: OneFaultNem) -> None:
    report = imported(fault.content, is_strict=True, dry_run=True)
    if fault.severity == "ERROR" or fault.strict:
        assert report.outcome == "REJECTED"
    assert stored_rows() == [0] * 6


@pytest.mark.parametrize("name", FAULTLESS_NEM)
def test_unusual_but_valid_files_are_imported(name: str) -> None:
    assert imported(FAULTLESS_NEM[name]).outcome == "IMPORTED"


def test_both_ends_of_an_accumulation_are_readings_with_the_digits_of_the_dial() -> None:
    report = imported(nem13(accumulation("001234.5", "001300.0", "65.5")))
    assert (report.readings, report.accumulations, report.registers) == (2, 1, 1)
    ends = Reading.objects.order_by("read_at").values_list("register_read", "value", "flag", "method", "line")
    assert list(ends) == [("001234.5", Decimal("1234.5"), "A", "", 2), ("001300.0", Decimal("1300.0"), "A", "", 2)]
    row = Accumulation.objects.get()
    assert (row.quantity, row.unit, row.direction) == (Decimal("65.5"), "kWh", "E")
    assert (row.previous_read, row.current_read) == ("001234.5", "001300.0")
    register = Register.objects.get()
    assert (register.suffix, register.unit, register.direction) == ("11", "kWh", "E")
    assert f"{row.current_read_at:%Y-%m-%d %H:%M %Z}" == "2026-02-27 00:15 UTC"


def test_stored_end_of_an_accumulation_is_a_repeat_and_adds_no_row() -> None:
    first = accumulation(current="001300.0", current_at="20260227101500")
    second = accumulation("001300.0", "001400.0", "100.0", previous_at="20260227101500", current_at="20260527101500")
    report = imported(nem13(first, second))
    assert (report.readings, report.accumulations, report.repeats, report.superseded) == (3, 2, 1, 0)
    assert "correction" not in codes(report)
    again = imported(nem13(second, created="202606010000"))
    assert (again.readings, again.accumulations, again.repeats) == (0, 0, 3)


@pytest.mark.parametrize("is_later", [True, False])
def test_latest_update_is_current_in_any_order_of_arrival(is_later: bool) -> None:
    stamps = (EARLIER, LATER) if is_later else (LATER, EARLIER)
    first, second = (
        imported(nem12(channel(day(quality=quality, reason=reason, updated=updated))))
        for quality, reason, updated in (("S14", "24", stamps[0]), ("A", "", stamps[1]))
    )
    assert (first.interval_days, second.interval_days, second.superseded) == (1, 1, int(is_later))
    assert codes(second) == ["correction"]
    current = IntervalDay.objects.get(superseded_by=None)
    assert current.quality_method == ("A" if is_later else "S14")
    assert IntervalDay.objects.count() == 2


@pytest.mark.parametrize("is_later", [True, False])
def test_accumulation_with_the_latest_update_is_current(is_later: bool) -> None:
    stamps = (EARLIER, LATER) if is_later else (LATER, EARLIER)
    for quantity, updated in (("65.5", stamps[0]), ("66.0", stamps[1])):
        imported(nem13(accumulation(quantity=quantity, updated=updated)))
    assert Accumulation.objects.get(superseded_by=None).quantity == Decimal("66.0" if is_later else "65.5")
    assert Reading.objects.count() == 2


def stamped(quality: str, stamp: str, created: str = "202603010215") -> ImportReport:
    """Import the day with a quality and an UpdateDateTime."""
    return imported(nem12(channel(day(quality=quality, reason="24", updated=stamp)), created=created))


def test_repeated_statement_takes_over_the_later_update_time() -> None:
    stamped("S14", "20260301021500")
    again = stamped("S14", "20260303021500")
    assert (again.interval_days, again.repeats) == (0, 1)
    between = stamped("F14", "20260302021500")
    assert (between.interval_days, between.superseded) == (1, 0)
    assert IntervalDay.objects.get(superseded_by=None).quality_method == "S14"


def test_superseded_statement_that_arrives_again_is_a_repeat() -> None:
    stamped("S14", EARLIER)
    stamped("F14", LATER)
    for created in ("202603040000", "202603050000"):
        again = stamped("S14", EARLIER, created)
        assert (again.interval_days, again.repeats, again.superseded) == (0, 1, 0)
    assert IntervalDay.objects.count() == 2


def test_text_with_nul_is_rejected_and_is_no_importer_error() -> None:
    report = imported(nem12(channel(day(), configuration="B1\0")))
    assert report.outcome in ("IMPORTED", "REJECTED")
    assert "\0" not in "".join(FlowFile.objects.get().problems.values_list("message", flat=True))


def test_the_same_day_twice_in_a_file_leaves_one_current() -> None:
    report = imported(nem12(channel(day(updated=LATER)), channel(day(values=",".join(["1"] * 48), updated=EARLIER))))
    assert (report.interval_days, report.intervals) == (2, 96)
    assert IntervalDay.objects.get(superseded_by=None).line == 3
    assert codes(report) == ["correction"]


def test_a_day_is_one_row_with_its_values_as_sent_and_its_exact_total() -> None:
    values = ",".join(["0.10", ".2", *["0"] * 46])
    event = ("400,1,20,A,,", "400,21,48,F14,76,")
    report = imported(nem12(channel(day(values=values, quality="V"), *event, "500,O,SO1,20260227101500,001300")))
    stored = IntervalDay.objects.get()
    assert (stored.values, stored.total, report.intervals) == (values, Decimal("0.30"), 48)
    assert json.loads(stored.events) == [[1, 20, "A", "", ""], [21, 48, "F14", "76", ""]]
    assert json.loads(stored.transactions) == [["O", "SO1", "20260227101500", "001300"]]
    assert (stored.flow_file_id, stored.line) == (FlowFile.objects.get().pk, 3)


def test_channel_without_a_meter_belongs_to_a_meter_without_serial_number() -> None:
    imported(nem12(channel(day(), serial_number="", register="")))
    imported(nem12(channel(day("20260228"), serial_number="", register="")))
    assert list(Meter.objects.values_list("serial_number", flat=True)) == [""]
    assert Register.objects.count() == 1
    assert IntervalDay.objects.count() == 2


def test_nem_file_has_its_sender_and_counts() -> None:
    imported((SAMPLES / "nem12.csv").read_bytes())
    flow_file = FlowFile.objects.get()
    assert (flow_file.format, flow_file.sender, flow_file.recipient) == ("NEM12", "MDPA", "RETB")
    assert (flow_file.interval_days, flow_file.intervals, flow_file.meter_points) == (4, 192, 1)
    assert MeterPoint.objects.get().scheme == "NMI"
    assert MeterPoint.objects.get().identifier == NMI


@needs_shared
@pytest.mark.parametrize("name", sorted([*ACCEPTED, *REFUSED]))
def test_each_public_file_has_its_outcome_and_its_totals(name: str) -> None:
    report = imported((PUBLIC / name).read_bytes(), name)
    assert report.outcome == ("IMPORTED" if name in ACCEPTED else "REJECTED")
    if report.outcome == "REJECTED":
        assert stored_rows() == [0] * 6
        return
    expected = ACCEPTED[name]
    totals = defaultdict[str, Decimal](Decimal)
    for each_day in IntervalDay.objects.filter(superseded_by=None).select_related("register"):
        totals[f"{each_day.register.suffix} {each_day.unit}"] += each_day.total
    for each in Accumulation.objects.filter(superseded_by=None).select_related("register"):
        totals[f"{each.register.suffix} {each.unit}"] += each.quantity
    if "powercor" not in name.lower():  # That file has the same days twice, with other values.
        assert totals == {stream: Decimal(total) for stream, total in expected.totals.items()}
        assert (report.meter_points, report.registers) == (expected.nmis, expected.streams)
        assert report.intervals + report.accumulations == expected.values


@needs_shared
def test_challenge_is_stored_as_documented() -> None:
    report = imported((PUBLIC / CHALLENGE).read_bytes(), CHALLENGE)
    assert (report.meter_points, report.meters, report.registers) == (8, 8, 10)
    assert (report.accumulations, report.readings, report.errors) == (10, 20, 0)
    first = Accumulation.objects.order_by("line").select_related("meter_point", "register__meter").first()
    assert first
    assert (first.meter_point.identifier, first.register.meter.serial_number) == ("2291137510", "R4ZFLS6ZY1UV")
    reading = Reading.objects.get(register=first.register, read_at=first.current_read_at)
    assert (str(reading.value), f"{reading.read_at:%Y%m%d%H%M%S}") == ("56311.0", "20040107000333")
    assert Arrival.objects.get().name == CHALLENGE


def test_stream_gives_the_same_rows_as_a_file() -> None:
    content = (SAMPLES / "nem13.csv").read_bytes()
    assert imported(content).accumulations == imported(content, "again.csv").accumulations + 3
    assert BytesIO(content).read().count(b"\n250,") == Accumulation.objects.count()

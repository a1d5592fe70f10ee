"""D0010 files after public reports of real ones, and what must be stored of them."""

from __future__ import annotations

from decimal import Decimal

import pytest

from readings.imports.reports import ImportReport
from readings.models import Meter, MeterPoint, Reading, Register
from readings.models.advances import advances
from readings.queries.meter_point import dial_reading
from readings.queries.meter_point_files import files_of
from tests.running.imported import codes, imported
from tests.running.places import SHARED

FIELD = SHARED / "field" / "d0010"
pytestmark = [pytest.mark.django_db, pytest.mark.skipif(not FIELD.exists(), reason="needs ../shared")]


def field(*names: str) -> list[ImportReport]:
    reports = [imported((FIELD / name).read_bytes(), name) for name in names]
    assert {report.outcome for report in reports} == {"IMPORTED"}
    return reports


def counting() -> list[tuple[str, str, Decimal]]:
    rows = Reading.objects.current().order_by("register__register_id", "read_at", "reading_type")
    return [(row.register.register_id, row.reading_type, row.value) for row in rows]


def test_reading_that_is_withdrawn_and_stated_again_counts() -> None:
    reports = field("stated-again/1.usr", "stated-again/2.usr", "stated-again/3.usr")
    assert counting() == [("S", "R", Decimal("4310.0"))]
    assert codes(reports[2]) == ["stated-again"]
    current = Reading.objects.current().get()
    assert current.restated_in
    assert current.restated_in.file_identifier == "FQ00000103"
    assert len(files_of(MeterPoint.objects.get())) == 3


def test_file_that_withdraws_and_corrects_keeps_the_correction() -> None:
    (report,) = field("withdrawn-and-corrected.usr")
    assert codes(report) == ["withdrawal-without-match"]
    late = (FIELD / "stated-again" / "1.usr").read_bytes().replace(b"1088000041014", b"1088000041023")
    assert imported(late).withdrawn == 1
    assert counting() == [("S", "R", Decimal("4390.0"))]


@pytest.mark.parametrize("order", [("1", "2"), ("2", "1")])
def test_old_withdrawal_leaves_the_newer_reading(order: tuple[str, str]) -> None:
    field(*(f"old-withdrawal-late/{name}.usr" for name in order))
    assert counting() == [("S", "R", Decimal("4310.0"))]


@pytest.mark.parametrize("order", [("1", "2"), ("2", "1")])
def test_unvalidated_copy_of_another_supplier_leaves_the_validated_reading(order: tuple[str, str]) -> None:
    field(*(f"unvalidated-copy/{name}.usr" for name in order))
    assert counting() == [("S", "R", Decimal("4310.0"))]
    copy = Reading.objects.get(value=Decimal("4350.0"))
    assert copy.flow_file.sender == "QALT"


@pytest.mark.parametrize("order", [("1", "2"), ("2", "1")])
def test_reconfigured_register_keeps_final_initial_and_routine_reading(order: tuple[str, str]) -> None:
    field(*(f"reconfigured/{name}.usr" for name in order))
    assert counting() == [
        ("01", "F", Decimal("61277.0")),
        ("01", "I", Decimal("0.0")),
        ("01", "R", Decimal("214.0")),
    ]
    rows = list(Reading.objects.with_standing())
    by_type = {row.reading_type: row.pk for row in rows}
    result = advances(map(dial_reading, rows))
    assert {key: advance.amount for key, advance in result.items()} == {by_type["R"]: Decimal("214.0")}
    latest = Reading.objects.filter(read_at__lt=rows[0].read_at.replace(year=2025, month=4, day=15)).countable()
    assert [row.reading_type for row in latest.latest_of_each_register()] == ["I"]


def test_meter_points_of_the_distributors_37_and_38_are_known() -> None:
    (report,) = field("D0010_4410000007_1.usr")
    assert "unknown-distributor" not in codes(report)
    assert report.meter_points == 2


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("hhdc-routine-midnight.usr", "hhdc-midnight"),
        ("mop-routine.usr", "unusual-route"),
        ("role-of-two-characters.usr", "long-role-code"),
        ("no-reading-method.usr", "no-reading-method"),
    ],
)
def test_reading_whose_meaning_is_certain_is_imported_with_a_warning(name: str, code: str) -> None:
    (report,) = field(name)
    assert code in codes(report)
    assert counting() == [("S", "R", Decimal("4310.0"))]


@pytest.mark.parametrize(
    ("name", "code", "cure"),
    [("cr-alone.usr", "carriage-return", "LF or CRLF"), ("d0010.xml", "xml", "delimited")],
)
def test_file_in_another_form_is_rejected_with_one_finding_and_its_cure(name: str, code: str, cure: str) -> None:
    report = imported((FIELD / name).read_bytes(), name)
    assert (report.outcome, codes(report)) == ("REJECTED", [code])
    assert cure in report.problems[0].message
    assert not MeterPoint.objects.exists()


def test_doubtful_readings_are_stored_as_sent_and_spellings_are_not_merged() -> None:
    field("odd-but-silent.usr")
    assert Reading.objects.current().count() == 11
    dials = Reading.objects.exclude(register_read="").order_by("pk").values_list("register_read", "value")
    assert list(dials) == [("03170.0", Decimal("3170.0")), ("03900.0", Decimal("3900.0"))]
    meters = Meter.objects.filter(meter_point__identifier="1288000041139")
    assert set(meters.values_list("serial_number", flat=True)) == {"K64B 31177", "K64B31177"}
    registers = Register.objects.filter(meter__serial_number="L31Z060025")
    assert set(registers.values_list("register_id", flat=True)) == {"1", "01"}

"""NEM12 and NEM13 files after public reports of real ones, and what must be stored of them."""

from __future__ import annotations

from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command

from readings.imports.reports import ImportReport
from readings.models import Accumulation, FlowFile, IntervalDay, MeterPoint, Reading
from tests.making.mdff import channel, day, nem12
from tests.running.imported import codes, imported
from tests.running.pages import support_client, text_of
from tests.running.places import SHARED

FIELD = SHARED / "field" / "nem"
pytestmark = [pytest.mark.django_db, pytest.mark.skipif(not FIELD.exists(), reason="needs ../shared")]

BOTH_ORDERS = pytest.mark.parametrize("order", [("1", "2"), ("2", "1")])


def field(name: str, **options: bool) -> ImportReport:
    return imported((FIELD / name).read_bytes(), name, **options)


def in_order(folder: str, order: tuple[str, str]) -> list[ImportReport]:
    reports = [field(f"{folder}/{name}.csv") for name in order]
    assert {report.outcome for report in reports} == {"IMPORTED"}
    return reports


def totals() -> list[tuple[str, str, Decimal]]:
    rows = IntervalDay.objects.current().order_by("register__suffix", "day", "pk")
    return [(row.register.suffix, f"{row.day}", Decimal(row.total)) for row in rows]


@BOTH_ORDERS
def test_two_registers_of_one_stream_are_one_day(order: tuple[str, str]) -> None:
    reports = in_order("two-registers-one-stream", order)
    assert (reports[1].interval_days, reports[1].repeats) == (0, 1)
    assert totals() == [("E1", "2025-03-01", Decimal("36.000"))]
    output = StringIO()
    call_command("export_intervals", "--meter-point", "8899010301", stdout=output)
    assert len(output.getvalue().splitlines()) == 1 + 48


def test_day_of_an_exchange_is_the_sum_of_both_meters() -> None:
    assert field("exchange-day.csv").outcome == "IMPORTED"
    assert sum(total for _, _, total in totals()) == Decimal("100.000")
    assert len(totals()) == 2


def test_negative_zero_of_a_meter_that_was_removed_is_no_measurement() -> None:
    halves = {"SN1": ("1", "-0.0"), "SN2": ("0", "2")}
    days = {name: ",".join([each for each in values for _ in range(24)]) for name, values in halves.items()}
    imported(nem12(*(channel(day(values=values), serial_number=name) for name, values in days.items())))
    assert sum(total for _, _, total in totals()) == Decimal(72)


@BOTH_ORDERS
def test_suffix_in_lower_case_is_the_same_stream(order: tuple[str, str]) -> None:
    reports = in_order("lower-case-suffix", order)
    assert reports[1].repeats == 1
    assert "unusual-suffix" in codes(reports[order.index("2")])
    assert totals() == [("E1", "2025-03-01", Decimal("36.000"))]
    assert "Total (kWh) 36.0" in text_of(support_client().get("/consumption/", {"scheme": "NMI"}).content.decode())


def test_nmi_with_its_right_check_digit_is_the_ten_digits_before_it() -> None:
    report = field("nmi-with-right-check-digit.csv")
    assert (report.outcome, "nmi-with-check-digit" in codes(report)) == ("IMPORTED", True)
    assert MeterPoint.objects.get().identifier == "8899010501"
    assert totals() == [("E1", "2025-03-01", Decimal("36.000"))]


def test_nmi_with_a_wrong_check_digit_is_rejected_with_the_right_one() -> None:
    report = field("nmi-with-wrong-check-digit.csv")
    assert (report.outcome, codes(report)) == ("REJECTED", ["wrong-check-digit"])
    assert "should be 0" in report.problems[0].message
    assert not MeterPoint.objects.exists()


def test_nmi_that_a_spreadsheet_rounded_is_rejected() -> None:
    report = field("nmi-from-a-spreadsheet.csv")
    assert (report.outcome, codes(report)) == ("REJECTED", ["rounded-nmi"])
    assert "spreadsheet" in report.problems[0].message
    assert not MeterPoint.objects.exists()


@BOTH_ORDERS
def test_copy_with_a_damaged_stamp_leaves_the_stamped_day(order: tuple[str, str]) -> None:
    reports = in_order("damaged-stamp", order)
    assert "not-a-date-time" in codes(reports[order.index("2")])
    assert totals() == [("E1", "2025-03-01", Decimal("96.000"))]
    assert IntervalDay.objects.count() == 2


def test_impossible_day_and_unit_are_warnings_and_strict_errors() -> None:
    assert field("impossible-but-silent.csv", is_strict=True).outcome == "REJECTED"
    report = field("impossible-but-silent.csv")
    assert report.outcome == "IMPORTED"
    assert {"future-day", "unit-of-another-kind"} <= set(codes(report))


def test_year_sent_again_with_corrections_is_one_warning_with_its_number() -> None:
    reports = in_order("sent-again-with-corrections", ("1", "2"))
    assert codes(reports[1]).count("correction") == 1
    (problem,) = [problem for problem in reports[1].problems if problem.code == "correction"]
    assert "3 days" in problem.message
    assert [total for _, _, total in totals()] == [Decimal("36.960")] * 3


def test_corrections_that_arrive_first_count_too() -> None:
    in_order("sent-again-with-corrections", ("2", "1"))
    assert sum(total for _, _, total in totals()) == Decimal("110.880")


def test_event_that_the_specification_wants_is_no_warning() -> None:
    report = field("wanted-event.csv")
    assert (report.outcome, "needless-event" in codes(report)) == ("IMPORTED", False)
    assert totals() == [("E1", "2025-03-01", Decimal("36.000"))]


@BOTH_ORDERS
def test_forward_estimate_is_overtaken_by_the_actual_read(order: tuple[str, str]) -> None:
    in_order("forward-estimate", order)
    counting = Accumulation.objects.current().get()
    assert counting.quantity == Decimal("52.0")
    forecast = Accumulation.objects.get(quantity=Decimal("81.5"))
    assert forecast.superseded_by == counting
    ends = Reading.objects.current().order_by("read_at").values_list("value", flat=True)
    assert list(ends) == [Decimal("3000.0"), Decimal("3052.0")]
    assert Reading.objects.count() == 3


def test_portal_file_with_two_digit_length_and_trailing_zeros_has_no_needless_warning() -> None:
    reports = [field("portal-05.csv", is_strict=is_strict) for is_strict in (True, False)]
    assert [report.outcome for report in reports] == ["REJECTED", "IMPORTED"]  # For other reasons: it has no 100.
    for report in reports:
        assert {"unusual-interval-length", "too-many-decimals"}.isdisjoint(codes(report))
    assert totals() == [
        ("B1", "2025-03-01", Decimal("0.9471")),
        ("E1", "2025-03-01", Decimal("0.9471")),
        ("E1", "2025-03-02", Decimal("0.9471")),
    ]


def test_headerless_file_that_arrives_again_is_the_last_word() -> None:
    content = (FIELD / "damaged-stamp" / "2.csv").read_bytes()
    other = content.replace(b"0.750", b"0.800")
    for each in (content, other):
        imported(each)
    again = imported(content)
    assert (again.outcome, again.superseded) == ("DUPLICATE", 1)
    assert totals() == [("E1", "2025-03-01", Decimal("36.000"))]
    assert FlowFile.objects.count() == 2


def test_market_message_is_rejected_by_its_name() -> None:
    report = field("asexml.xml")
    assert (report.outcome, codes(report)) == ("REJECTED", ["xml"])
    assert "aseXML" in report.problems[0].message


def test_download_without_envelope_is_imported_with_warnings_and_refused_if_strict() -> None:
    assert field("portal-without-envelope.csv", is_strict=True).outcome == "REJECTED"
    report = field("portal-without-envelope.csv")
    assert report.outcome == "IMPORTED"
    assert {"no-header", "no-end"} <= set(codes(report))
    assert [total for _, _, total in totals()] == [Decimal("0.9471")] * 3


def test_lines_that_end_with_two_carriage_returns_are_one_warning() -> None:
    report = field("cr-cr-lf.csv")
    assert (report.outcome, codes(report)) == ("IMPORTED", ["doubled-carriage-return"])
    assert totals() == [("E1", "2025-03-01", Decimal("36.000"))]


def test_zip_with_a_letter_is_imported_without_it() -> None:
    report = imported((SHARED / "field" / "zip" / "with-a-letter.zip").read_bytes(), "with-a-letter.zip")
    assert (report.outcome, len(report.members)) == ("IMPORTED", 1)
    left_out = [(problem.severity, problem.code, problem.value) for problem in report.problems]
    assert left_out == [("WARNING", "left-out", "README.txt"), ("WARNING", "left-out", "Terms.pdf")]
    assert totals() == [("E1", "2025-03-01", Decimal("36.000"))]

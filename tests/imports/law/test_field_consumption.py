"""Consumption files after public reports of real ones, and what must be stored of them."""

from __future__ import annotations

import csv
from decimal import Decimal
from io import StringIO

import pytest
from django.core.management import call_command

from readings.imports.reports import ImportReport, as_text
from readings.models import IntervalDay
from tests.running.imported import codes, imported
from tests.running.places import SHARED

FIELD = SHARED / "field" / "consumption"
pytestmark = [pytest.mark.django_db, pytest.mark.skipif(not FIELD.exists(), reason="needs ../shared")]


def field(name: str) -> ImportReport:
    return imported((FIELD / name).read_bytes(), name.rpartition("/")[2])


def total() -> Decimal:
    return sum(IntervalDay.objects.current().values_list("total", flat=True), Decimal(0))


def test_each_row_of_the_export_names_its_own_line() -> None:
    assert field("Q3103.csv").outcome == "IMPORTED"
    assert total() == Decimal("1608")
    output = StringIO()
    call_command("export_intervals", "--meter-point", "Q3103", stdout=output)
    lines = {row["starts_at"][11:16]: row["line"] for row in csv.DictReader(output.getvalue().splitlines())}
    assert (lines["01:30"], lines["23:30"]) == ("5", "49")


def test_values_that_come_back_count_again_and_the_duplicate_says_so() -> None:
    first, second = "values-and-back/1/Q3106.csv", "values-and-back/2/Q3106.csv"
    assert [field(name).outcome for name in (first, second)] == ["IMPORTED", "IMPORTED"]
    again = field(first)
    assert (again.outcome, again.superseded) == ("DUPLICATE", 1)
    assert "count again, in place of 1 statement" in as_text(again)
    assert total() == Decimal("2400")


def test_day_that_was_cut_in_the_repeated_hour_asks_for_the_second_pass() -> None:
    first, second = (field(f"cut-in-the-repeated-hour/{number}/Q3116.csv") for number in "12")
    assert (first.outcome, second.outcome) == ("IMPORTED", "IMPORTED")
    assert "corrected-or-repeated" in codes(second)
    assert total() == Decimal("386")


def test_both_passes_of_a_repeated_hour_count() -> None:
    report = field("Q3113.csv")
    assert (report.outcome, report.intervals) == ("IMPORTED", 50)
    assert total() == Decimal("23200")

"""Problems of imports: each with its meter point, a budget for each code, and the others counted."""

from __future__ import annotations

import json
import tracemalloc
from collections import Counter
from io import BytesIO
from zipfile import ZipFile

import pytest

from readings.formats import content
from readings.formats.contract import ERROR, WARNING
from readings.formats.contract import Problem as ProblemOfFile
from readings.formats.statements import CONSUMER, MPAN, NMI
from readings.imports.arrivals import report_of
from readings.imports.problems import MOST_OF_A_CODE, Problems, Surplus
from readings.imports.reports import ImportReport, as_json_text, as_text
from readings.models import FlowFile, Problem, Severity
from readings.models import Surplus as StoredSurplus
from tests.making import mdff
from tests.making.consumption import days, half_hours
from tests.making.dtc import flow, mpan, reading_of
from tests.making.mdff import OTHER_NMI, channel, day, nem12
from tests.running.imported import codes, imported

pytestmark = pytest.mark.django_db

MANY = 2 * MOST_OF_A_CODE


def suspects(number: int, *others: str) -> bytes:
    """Return a file of suspect readings, each of another meter point, and other groups after them."""
    return flow(*(group for each in range(number) for group in reading_of(each, flag="F")), *others)


def stored_problems() -> list[tuple[str, str, str]]:
    """Return code and meter point of the stored problems, by line."""
    return list(Problem.objects.order_by("line").values_list("code", "scheme", "identifier"))


def surpluses() -> list[tuple[str, str, int]]:
    return list(StoredSurplus.objects.order_by("code").values_list("severity", "code", "number"))


def test_many_problems_of_one_code_are_counted_and_hide_no_other_code() -> None:
    report = imported(suspects(MANY, *reading_of(9999, day="20270101")))
    assert (report.outcome, report.warnings, len(report.problems)) == ("IMPORTED", MANY + 1, MOST_OF_A_CODE + 1)
    assert Counter(codes(report)) == {"suspect-without-reason": MOST_OF_A_CODE, "future-reading": 1}
    assert stored_problems()[-1] == ("future-reading", MPAN, mpan(9999))
    assert surpluses() == [(Severity.WARNING, "suspect-without-reason", MANY - MOST_OF_A_CODE)]


def test_warnings_displace_no_errors_and_errors_no_other_errors() -> None:
    wrong = [group for each in range(MANY) for group in reading_of(each, value="x")]
    report = imported(suspects(MANY, *wrong, *reading_of(9999, value="1.25")))
    assert (report.outcome, report.errors, report.warnings) == ("REJECTED", MANY + 1, MANY)
    assert stored_problems()[-1] == ("too-many-digits", MPAN, mpan(9999))
    assert surpluses() == [
        (Severity.ERROR, "not-a-number", MANY - MOST_OF_A_CODE),
        (Severity.WARNING, "suspect-without-reason", MANY - MOST_OF_A_CODE),
    ]


def test_report_states_for_each_code_how_many_are_not_listed() -> None:
    report = imported(suspects(MOST_OF_A_CODE + 1264))
    assert as_text(report).splitlines()[-1] == "test.uff: 1,264 more suspect-without-reason not listed"
    assert json.loads(as_json_text(report))["unlisted"] == [
        {"severity": "WARNING", "code": "suspect-without-reason", "number": 1264}
    ]
    assert report.arrival_id
    assert report_of(report.arrival_id).unlisted == report.unlisted


def test_file_with_few_problems_lists_all_of_them() -> None:
    report = imported(suspects(MOST_OF_A_CODE))
    assert (len(report.problems), report.unlisted, surpluses()) == (MOST_OF_A_CODE, [], [])
    assert "not listed" not in as_text(report)


def test_another_attempt_replaces_the_counts_of_the_last_one() -> None:
    rejected = suspects(MANY, *reading_of(9999, value="x"))
    assert imported(rejected).unlisted == imported(rejected).unlisted
    assert (surpluses()[0][2], FlowFile.objects.get().problems.count()) == (MANY - MOST_OF_A_CODE, MOST_OF_A_CODE + 1)


@pytest.mark.slow
def test_problems_of_a_code_take_bounded_memory() -> None:
    problems = Problems()
    tracemalloc.start()
    for number in range(100_000):
        for code in ("a", "b"):
            problems.add(ProblemOfFile(severity=WARNING, line=number, code=code, message=f"{number}"))
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < 1_000_000
    assert (problems.errors, problems.warnings, len(problems.by_line())) == (0, 200_000, 2 * MOST_OF_A_CODE)


def test_one_code_with_two_severities_is_counted_for_each() -> None:
    problems = Problems()
    for severity in (WARNING, ERROR):
        for number in range(MANY):
            problems.add(ProblemOfFile(severity=severity, line=number, code="unknown-code", message="x"))
    number = MANY - MOST_OF_A_CODE
    assert problems.surpluses() == [
        Surplus(severity=severity, code="unknown-code", number=number) for severity in (ERROR, WARNING)
    ]


@pytest.mark.slow
def test_rejected_members_of_a_zip_are_counted_too() -> None:
    stream = BytesIO()
    with ZipFile(stream, "w") as archive:
        for number in range(MOST_OF_A_CODE + 5):
            archive.writestr(f"{number}.uff", f"{number}")
    report = imported(stream.getvalue(), "all.zip")
    assert (report.errors, len(report.problems), len(report.members)) == (205, 200, 205)
    assert report.unlisted == [Surplus(severity=ERROR, code="member-rejected", number=5)]


def test_correction_and_withdrawal_name_their_meter_points() -> None:
    imported(flow(*reading_of(1), *reading_of(2), *reading_of(3)))
    withdrawal = reading_of(2, value="7.0", reading_type="W")
    imported(flow(*reading_of(1, value="120.0"), *withdrawal, *reading_of(3), identifier="B"))
    assert stored_problems() == [("correction", MPAN, mpan(1)), ("withdrawal-without-match", MPAN, mpan(2))]


def test_rejected_file_reports_no_correction() -> None:
    imported(flow(*reading_of(1)))
    many = [group for each in range(2 * content.CHUNK // 60) for group in reading_of(each + 2)]
    report = imported(flow(*reading_of(1, value="120.0"), *many, *reading_of(0, value="x"), identifier="B"))
    assert (report.outcome, codes(report)) == ("REJECTED", ["not-a-number"])


def february(quality: str, created: str) -> ImportReport:
    """Import a month of two NMIs."""
    dates = [f"202602{number:02}" for number in range(1, 29)]
    some = [day(date, quality=quality, reason="24", updated=f"{created}00") for date in dates]
    return imported(nem12(channel(*some), channel(*some, nmi=OTHER_NMI), created=created))


@pytest.mark.parametrize("size", [content.CHUNK, 2000])
def test_corrected_days_are_one_warning_for_each_nmi(monkeypatch: pytest.MonkeyPatch, size: int) -> None:
    monkeypatch.setattr(content, "CHUNK", size)
    february("S14", "202603010000")
    report = february("F14", "202603020000")
    assert [(each.code, each.line, each.identifier) for each in report.problems] == [
        ("correction", 3, mdff.NMI),
        ("correction", 32, OTHER_NMI),
    ]
    assert report.problems[1].message.endswith(" (28 days, first in line 32)")
    assert {scheme for _, scheme, _ in stored_problems()} == {NMI}


def test_days_that_are_sent_again_are_no_warning_or_one_if_they_count_again() -> None:
    february("S14", "202603010000")
    assert codes(february("S14", "202603020000")) == []
    february("F14", "202603030000")
    report = february("S14", "202603040000")
    assert (report.repeats, codes(report)) == (56, ["stated-again", "stated-again"])
    assert report.problems[0].message.endswith(" (28 days, first in line 3)")


def test_corrected_day_of_a_consumer_names_it() -> None:
    imported(half_hours(days("2026-03-01")), "3000.csv")
    imported(half_hours(days("2026-03-01", value="11.0")), "3000.csv")
    assert stored_problems() == [("correction", CONSUMER, "3000")]

from __future__ import annotations

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from readings.imports.problems import MOST_OF_A_CODE
from readings.models import FlowFile, MeterPoint, Problem
from readings.models.register_readings import Doubt
from readings.queries.findings import LISTED, Findings, findings_about
from tests.making import mdff
from tests.making.dtc import flow, mpan, reading_of
from tests.making.mdff import OTHER_NMI, accumulation, channel, day, nem12, nem13
from tests.running.imported import deliver

pytestmark = pytest.mark.django_db

MANY = 10 * MOST_OF_A_CODE


def about(identifier: str, **scheme: str) -> Findings:
    return findings_about(MeterPoint.objects.get(identifier=identifier, **scheme))


def found(identifier: str) -> list[tuple[str, int]]:
    """Return code and line of the problems about a meter point."""
    return [(problem.code, problem.line) for problem in about(identifier).problems]


def test_thousands_of_one_code_hide_no_finding_of_another_code() -> None:
    many = [group for each in range(MANY) for group in reading_of(each, flag="F")]
    deliver(flow(*many, *reading_of(99_999, day="20270101")), "f")
    assert found(mpan(99_999)) == [("future-reading", 3 * MANY + 4)]
    assert about(mpan(99_999)).doubtful == []


def test_problems_that_were_only_counted_are_a_finding_of_each_meter_point_of_the_file() -> None:
    many = [group for each in range(MANY) for group in reading_of(each, flag="F")]
    deliver(flow(*many), "many")
    deliver(flow(*reading_of(99_999), identifier="B"), "few")
    for number in (0, MANY - 1):
        [surplus] = about(mpan(number)).surpluses
        assert (surplus.code, surplus.number) == ("suspect-without-reason", MANY - MOST_OF_A_CODE)
        assert surplus.flow_file.arrivals.get().name == "many"
    assert about(mpan(99_999)) == Findings([], [], [], False, False)


def test_meter_point_of_which_a_file_only_repeats_statements_has_its_surplus() -> None:
    deliver(flow(*reading_of(1, flag="F")), "first")
    many = [group for each in range(1, MANY) for group in reading_of(each, flag="F")]
    deliver(flow(*many, identifier="B"), "many")
    assert [surplus.code for surplus in about(mpan(1)).surpluses] == ["suspect-without-reason"]


def test_consumer_whose_changed_tariff_was_only_counted_has_the_surplus() -> None:
    for tariff in ("t1", "t2"):
        rows = "".join(f"C{number},a1,{tariff}\n" for number in range(MOST_OF_A_CODE + 1))
        deliver(f"id,area,tariff\n{rows}".encode(), "user_data.csv")
    findings = about(f"C{MOST_OF_A_CODE}")
    assert findings.problems == []
    assert [(each.code, each.number) for each in findings.surpluses] == [("changed-tariff", 1)]


def test_finding_of_a_rejected_file_is_found_when_its_meter_point_appears() -> None:
    deliver(flow(*reading_of(1, value="x"), *reading_of(2)), "rejected")
    deliver(flow(*reading_of(1), *reading_of(2), identifier="B"), "corrected")
    assert found(mpan(1)) == [("not-a-number", 4)]
    assert found(mpan(2)) == []


def test_findings_of_test_data_are_separate() -> None:
    deliver(flow(*reading_of(1)), "live")
    deliver(flow(*reading_of(1, flag="F"), identifier="T", test_flag="TEST"), "test")
    assert about(mpan(1), scheme="MPAN").problems == []
    assert [each.code for each in about(mpan(1), scheme="TEST_MPAN").problems] == ["suspect-without-reason"]


def test_findings_of_a_nmi_include_its_intervals_accumulations_and_corrections() -> None:
    deliver(nem12(channel(day(values=",".join(["-1"] * 48))), channel(day(), nmi=OTHER_NMI)), "intervals")
    deliver(nem12(channel(day()), created="202603020000"), "correction")
    deliver(nem13(accumulation(previous_quality="E52,,")), "reads")
    assert found(mdff.NMI) == [("estimated-previous-read", 2), ("correction", 3), ("negative-value", 3)]
    assert found(OTHER_NMI) == []


def test_current_readings_in_doubt_are_counted_by_reason() -> None:
    for number, options in enumerate(({"flag": "F"}, {"flag": "F"}, {"status": "F"}, {"flag": "T"}), start=1):
        deliver(flow(*reading_of(1, day=f"2026020{number}", **options), identifier=f"F{number}"), f"f{number}")
    doubtful = {each.doubt: (each.number, f"{each.newest:%d %b}") for each in about(mpan(1)).doubtful}
    assert doubtful == {Doubt.SUSPECT: (2, "02 Feb"), Doubt.FAILED_VALIDATION: (1, "03 Feb")}


def test_reading_of_null_data_is_in_doubt() -> None:
    deliver(nem13(accumulation(current_quality="N,,")), "f")
    assert [(each.doubt, each.number) for each in about(mdff.NMI).doubtful] == [(Doubt.NULL_DATA, 1)]


def test_withdrawn_reading_is_not_in_doubt() -> None:
    deliver(flow(*reading_of(1, flag="F")), "f")
    deliver(flow(*reading_of(1, reading_type="W"), identifier="B", created="20260306061500"), "w")
    assert about(mpan(1)).doubtful == []


def test_problems_are_listed_up_to_a_number_newest_file_first() -> None:
    for number in range(LISTED + 1):
        deliver(flow(*reading_of(1, value=f"x{number}"), identifier=f"F{number}"), f"f{number}")
    deliver(flow(*reading_of(1), identifier="GOOD"), "good")
    findings = about(mpan(1))
    assert (len(findings.problems), findings.has_more_problems) == (LISTED, True)
    assert [problem.value for problem in findings.problems][:2] == [f"x{LISTED}", f"x{LISTED - 1}"]


def test_problems_about_a_meter_point_are_found_by_their_index() -> None:
    flow_file = FlowFile.objects.get(sha256=deliver(flow(*reading_of(1, flag="F")), "f").sha256)
    others = ({"identifier": mpan(number), "scheme": "MPAN", "line": number} for number in range(2, 2_000))
    Problem.objects.bulk_create(Problem(flow_file=flow_file, severity="WARNING", **each) for each in others)
    with CaptureQueriesContext(connection) as queries:
        about(mpan(1))
    [sql] = [query["sql"] for query in queries if query["sql"].startswith('SELECT "readings_problem"')]
    with connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL enable_seqscan = off")
            cursor.execute("ANALYZE readings_problem")
        cursor.execute(f"EXPLAIN {'' if connection.vendor == 'postgresql' else 'QUERY PLAN'} {sql}")
        plan = f"{cursor.fetchall()}"
    assert "problem_by_meter_point" in plan

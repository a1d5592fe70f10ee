"""Which readings count: the cases of the law, each in every order of arrival."""

from __future__ import annotations

from itertools import permutations

import pytest

from readings.formats.content import CHUNK
from readings.models import MeterPoint, Reading
from readings.queries.meter_point import latest_of_each
from tests.making.dtc import MPAN, block, flow, mpan, reading
from tests.proofs.store import empty_the_store
from tests.running.imported import codes, imported

pytestmark = pytest.mark.django_db

FIRST, SECOND, THIRD = "20260302061500", "20260310061500", "20260316061500"


def made(*lines: list[str], at: str, sender: str = "ZZDC", role: str = "D") -> bytes:
    """Return a file of a sender with this creation time."""
    content = flow(*lines, identifier=f"{sender}{at[4:10]}", created=at)
    return content.replace(b"|D|ZZDC|", f"|{role}|{sender}|".encode())


def r(value: str, *, register: str = "S", status: str = "V", flag: str = "T", kind: str = "R") -> list[str]:
    return block(reading(value, register=register, flag=flag), kind=kind, status=status)


def w(value: str, **options: str) -> list[str]:
    return r(value, kind="W", **options)


def counting() -> list[str]:
    return [str(row.value) for row in Reading.objects.current().order_by("reading_type", "register__register_id")]


CASES: dict[str, tuple[list[bytes], list[str]]] = {
    "reading alone": ([made(r("731"), at=FIRST)], ["731"]),
    "withdrawn reading": ([made(r("731"), at=FIRST), made(w("731"), at=SECOND)], []),
    "withdrawn reading, stated again later": (
        [made(r("731"), at=FIRST), made(w("731"), at=SECOND), made(r("731"), at=THIRD)],
        ["731"],
    ),
    "withdrawal and other value in one file": (
        [made(r("731"), at=FIRST), made(w("731"), r("800"), at=SECOND)],
        ["800"],
    ),
    "other value before its withdrawal in one file": ([made(r("800"), w("731"), at=SECOND)], ["800"]),
    "withdrawal of the value that a file states itself": ([made(w("731"), r("731"), at=SECOND)], []),
    "withdrawal made before the reading": ([made(w("731"), at=FIRST), made(r("731"), at=SECOND)], ["731"]),
    "two types of one time, one value withdrawn": (
        [made(r("731"), r("800", kind="C"), at=FIRST), made(w("731"), at=SECOND)],
        ["800"],
    ),
    "withdrawal of a value that nobody stated": ([made(r("731"), at=FIRST), made(w("99"), at=SECOND)], ["731"]),
    "withdrawal in another spelling of the number": (
        [made(r("0731.0"), at=FIRST), made(w("731"), at=SECOND)],
        [],
    ),
    "withdrawal by another party in the same role": (
        [made(r("731"), at=FIRST), made(w("731"), at=SECOND, sender="ZZDB")],
        [],
    ),
    "withdrawal by a party in another role": (
        [made(r("731"), at=FIRST), made(w("731"), at=SECOND, sender="ZZSU", role="X")],
        ["731"],
    ),
    "withdrawn correction brings the first value back": (
        [made(r("731"), at=FIRST), made(r("800"), at=SECOND), made(w("800"), at=THIRD)],
        ["731"],
    ),
    "value, other value, first value again": (
        [made(r("731"), at=FIRST), made(r("800"), at=SECOND), made(r("731"), at=THIRD)],
        ["731"],
    ),
    "unvalidated copy of another value by another party": (
        [made(r("731"), at=FIRST), made(r("800", status="U", flag=""), at=SECOND, sender="ZZSU", role="X")],
        ["731"],
    ),
    "validated reading after an unvalidated one of another party": (
        [made(r("731", status="U"), at=SECOND, sender="ZZSU", role="X"), made(r("800"), at=FIRST)],
        ["800"],
    ),
    "failed reading of the same party replaces its own": (
        [made(r("731"), at=FIRST), made(r("800", status="F"), at=SECOND)],
        ["800"],
    ),
    "suspect reading of another party": (
        [made(r("731", status="U"), at=FIRST), made(r("800", flag="F"), at=SECOND, sender="ZZDB")],
        ["731"],
    ),
    "later of two validated readings of two parties": (
        [made(r("731"), at=FIRST), made(r("800"), at=SECOND, sender="ZZDB")],
        ["800"],
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_case_of_the_law_ends_the_same_in_every_order(name: str) -> None:
    contents, expected = CASES[name]
    for order in permutations(contents):
        empty_the_store()
        for content in order:
            assert imported(content).outcome == "IMPORTED"
        assert counting() == expected, [contents.index(content) for content in order]


def test_withdrawal_without_match_names_another_spelling_of_the_register() -> None:
    imported(made(r("731", register="1"), at=FIRST))
    report = imported(made(w("731", register="01"), at=SECOND))
    assert [problem.code for problem in report.problems] == ["withdrawal-without-match"]
    assert "meter K12B 04567, register 1" in report.problems[0].message
    assert counting() == ["731"]


def test_withdrawal_by_another_party_is_a_warning() -> None:
    imported(made(r("731"), at=FIRST))
    report = imported(made(w("731"), at=SECOND, sender="ZZSU", role="X"))
    assert [problem.code for problem in report.problems] == ["withdrawal-by-another-party"]


def test_old_withdrawal_is_a_warning_about_the_newer_reading() -> None:
    imported(made(r("731"), at=SECOND))
    report = imported(made(w("731"), at=FIRST))
    assert [problem.code for problem in report.problems] == ["withdrawal-without-match"]
    assert "older than the reading" in report.problems[0].message


def test_reading_stated_again_after_its_withdrawal_warns_that_it_counts_again() -> None:
    imported(made(r("731"), at=FIRST))
    imported(made(w("731"), at=SECOND))
    report = imported(made(r("731"), at=THIRD))
    assert (report.readings, report.repeats) == (0, 1)
    assert [problem.code for problem in report.problems] == ["stated-again"]


def test_both_statements_of_two_speakers_stay_stored() -> None:
    imported(made(r("731"), at=FIRST))
    report = imported(made(r("731", status="U"), at=SECOND, sender="ZZSU", role="X"))
    assert (report.readings, report.repeats, report.superseded) == (1, 0, 0)
    assert "better standing" in report.problems[0].message
    copy = Reading.objects.get(validation_status="U")
    assert copy.superseded_by == Reading.objects.get(validation_status="V")


def test_two_batches_of_one_file_know_their_sender_and_time() -> None:
    many = [block(reading("1"), mpan=mpan(number)) for number in range(CHUNK // 60)]
    report = imported(flow(block(reading("731")), *many, block(reading("731")), block(reading("800"))))
    assert (report.repeats, report.superseded) == (1, 1)
    rows = Reading.objects.filter(meter_point__identifier=MPAN).current()
    assert [str(row.value) for row in rows] == ["800"]


def test_reading_of_an_unknown_type_is_no_actual_reading() -> None:
    imported(made(r("731"), r("800", kind="K"), at=FIRST))
    assert counting() == ["800", "731"]
    assert [str(row.value) for row in Reading.objects.actual()] == ["731"]


@pytest.mark.parametrize("kinds", ["FI", "IF"])
def test_latest_reading_at_one_instant_is_the_initial_one_whatever_the_order(kinds: str) -> None:
    for kind in kinds:
        imported(made(r("731" if kind == "F" else "0", kind=kind), at=FIRST))
    latest, _ = latest_of_each(MeterPoint.objects.all())
    assert [row.reading_type for row in latest.values()] == ["I"]


def test_statement_that_its_own_sender_overtook_names_no_standing_that_is_worse() -> None:
    imported(flow(block(reading("900"), status="U"), created="20260301061500", sender="X|ZZSU"))
    imported(flow(block(reading("800"), status="F"), created="20260303061500", identifier="B"))
    [problem] = imported(flow(block(reading("731")), created="20260302061500", identifier="C")).problems
    assert problem.message.startswith(
        "its own sender has reported another value since, and another sender reports 900"
    )


def test_withdrawal_at_the_end_of_a_file_is_judged_with_its_other_lines() -> None:
    report = imported(flow(block(reading("731"), reading("800")), block(reading("800"), kind="W")))
    assert (codes(report), report.superseded, report.withdrawn) == ([], 0, 1)

"""Problems name their meter point, and warnings about the form of a file are reported once."""

from __future__ import annotations

from readings.formats.contract import Problem
from readings.formats.mdff.catalogue.nmi import nmi_check_digit
from readings.formats.statements import CONSUMER, MPAN, NMI, TEST_MPAN
from tests.making import mdff
from tests.making.dtc import block, flow, mpan, reading_of
from tests.making.dtc import reading as british_reading
from tests.making.mdff import OTHER_NMI, accumulation, channel, day, nem12, nem13
from tests.running.parsed import parsed

NO_METHOD = "030|S|20260301000000|100.0|||T||"


def problems(content: bytes, code: str) -> list[Problem]:
    return [problem for problem in parsed(content).problems if problem.code == code]


def subjects(content: bytes, code: str) -> list[tuple[int, str, str]]:
    """Return line and meter point of the problems with a code."""
    return [(each.line, each.scheme, each.identifier) for each in problems(content, code)]


def test_a_problem_of_a_d0010_names_the_mpan_of_its_block() -> None:
    suspects = (*reading_of(1, flag="F"), *reading_of(2), *reading_of(3, value="x"), *reading_of(4, flag="F"))
    content = flow(*suspects, f"026|{mpan(5)}|V|")
    assert subjects(content, "suspect-without-reason") == [(4, MPAN, mpan(1)), (13, MPAN, mpan(4))]
    assert subjects(content, "not-a-number") == [(10, MPAN, mpan(3))]
    assert subjects(content, "no-meter") == [(14, MPAN, mpan(5))]


def test_a_problem_of_a_mpan_core_itself_names_it_if_it_is_usable() -> None:
    assert subjects(
        flow(*reading_of(1), block(british_reading("1"), mpan="9900000000015")), "unknown-distributor"
    ) == [(5, MPAN, "9900000000015")]
    wrong = flow(*reading_of(1), block(british_reading("x"), mpan="3290002209573"))
    assert subjects(wrong, "wrong-check-digit") == [(5, "", "")]
    assert subjects(wrong, "not-a-number") == [(7, "", "")]


def test_a_problem_of_test_data_names_a_meter_point_of_test_data() -> None:
    content = flow(*reading_of(1, flag="F"), test_flag="TEST")
    assert subjects(content, "suspect-without-reason") == [(4, TEST_MPAN, mpan(1))]
    assert subjects(content, "test-data") == [(1, "", "")]


def test_a_problem_of_a_nem12_names_the_nmi_of_its_200() -> None:
    negative = day(values=",".join(["-1"] * 48))
    content = nem12(channel(negative), channel(day(quality="V"), nmi=OTHER_NMI), channel())
    assert subjects(content, "negative-value") == [(3, NMI, mdff.NMI)]
    assert subjects(content, "no-events") == [(5, NMI, OTHER_NMI)]
    assert subjects(content, "no-interval-day") == [(6, NMI, mdff.NMI)]


def test_a_problem_between_two_nmis_names_neither() -> None:
    broken = channel(day(), nmi=OTHER_NMI)
    broken[0] = broken[0].replace(mdff.SERIAL_NUMBER, '"SN,1"')
    assert subjects(nem12(channel(day()), broken), "quoted-comma") == [(4, "", "")]
    assert subjects(nem12(channel(day()), ["201,x"], channel(day())), "unknown-record") == [(4, "", "")]
    assert subjects(mdff.written("100,NEM12,202603010215,A,B", day(), "900"), "no-parent") == [(2, "", "")]


def test_a_problem_of_a_nem13_names_the_nmi_of_its_250() -> None:
    estimated = accumulation(nmi=OTHER_NMI, previous_quality="E52,,")
    content = nem13(accumulation(), "550,Z,,,", estimated, accumulation(quantity="x"), "550,Z,,,")
    assert subjects(content, "unknown-code") == [(3, NMI, mdff.NMI), (6, NMI, mdff.NMI)]
    assert subjects(content, "estimated-previous-read") == [(4, NMI, OTHER_NMI)]
    assert subjects(content, "not-a-number") == [(5, NMI, mdff.NMI)]


def test_a_nmi_with_its_check_digit_is_named_without_it() -> None:
    negative = day(values=",".join(["-1"] * 48))
    content = nem12(channel(negative, nmi=mdff.NMI + nmi_check_digit(mdff.NMI)))
    assert subjects(content, "nmi-with-check-digit") == [(2, NMI, mdff.NMI)]
    assert subjects(content, "negative-value") == [(3, NMI, mdff.NMI)]


def test_a_problem_of_a_consumer_names_it() -> None:
    content = b"datetime,consumption\r\n2026-03-01 00:00:00,x\r\n"
    assert subjects(content, "not-a-number") == [(2, CONSUMER, "3000")]
    users = b"id,area,tariff\r\n3004,a1,t1\r\n3005,,t1\r\n3 6,a1,t1\r\n3004,a2,t1\r\n"
    assert subjects(users, "missing-value") == [(3, CONSUMER, "3005")]
    assert subjects(users, "not-an-id") == [(4, "", "")]
    assert subjects(users, "second-row") == [(5, CONSUMER, "3004")]


def test_a_warning_about_the_form_of_every_line_is_reported_once() -> None:
    blocks = [block(NO_METHOD, mpan=mpan(number)) for number in range(1464)]
    [problem] = problems(flow(*blocks), "no-reading-method")
    assert (problem.line, problem.record, problem.field) == (4, "030", "Reading Method")
    assert problem.message.endswith("the reading is kept without it (1,464 times, first in line 4)")
    assert (problem.scheme, problem.identifier) == ("", "")


def test_a_warning_about_the_form_of_one_line_has_no_number_and_names_its_meter_point() -> None:
    [problem] = problems(flow(*reading_of(1), block(NO_METHOD)), "no-reading-method")
    assert problem.message.endswith("the reading is kept without it")
    assert (problem.line, problem.scheme, problem.identifier) == (7, MPAN, "3190001042118")


def test_warnings_about_the_form_of_different_fields_are_reported_separately() -> None:
    content = flow(
        *reading_of(1, serial_number=" K1"), *reading_of(2, serial_number="K1 "), *reading_of(3, value=" 1.0")
    )
    assert [(each.line, each.field) for each in problems(content, "padded-field")] == [
        (3, "Meter Id (Serial Number)"),
        (10, "Register Reading"),
    ]


def test_too_many_decimals_are_one_warning_and_negative_values_one_per_day() -> None:
    days = [
        day(f"202602{number:02}", values=",".join([*["1"] * number, "-1.00001", *["1"] * (47 - number)]))
        for number in range(1, 4)
    ]
    content = nem12(channel(*days))
    [decimals] = problems(content, "too-many-decimals")
    assert (decimals.line, decimals.field, decimals.identifier) == (3, "IntervalValue2", mdff.NMI)
    assert decimals.message.endswith("; kept as sent (3 times, first in line 3)")
    assert [line for line, *_ in subjects(content, "negative-value")] == [3, 4, 5]


def test_a_suffix_in_lower_case_is_one_warning_and_one_that_does_not_exist_is_not() -> None:
    content = nem12(
        *[channel(day(), suffix="e1", nmi=nmi) for nmi in (mdff.NMI, OTHER_NMI)],
        *[channel(day(), suffix="9Z", nmi=nmi, configuration="9Z") for nmi in (mdff.NMI, OTHER_NMI)],
    )
    assert subjects(content, "unusual-suffix") == [(6, NMI, mdff.NMI), (8, NMI, OTHER_NMI), (2, "", "")]


def test_blank_lines_are_one_warning_in_every_family() -> None:
    british = flow(*reading_of(1), *reading_of(2)).replace(b"\n026", b"\n\n026")
    australian = nem13(accumulation(), "", accumulation(nmi=OTHER_NMI), "")
    consumption = b"datetime,consumption\r\n\r\n2026-03-01 00:00:00,1\r\n\r\n"
    for content, first in ((british, 2), (australian, 3), (consumption, 2)):
        [problem] = problems(content, "blank-line")
        assert problem.line == first
        assert problem.message.endswith(f" (2 times, first in line {first})")

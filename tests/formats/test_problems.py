"""Warnings about the form of a file are reported once."""

from __future__ import annotations

from readings.formats.contract import Problem
from tests.making import mdff
from tests.making.dtc import block, flow, mpan, reading_of
from tests.making.mdff import OTHER_NMI, accumulation, channel, day, nem12, nem13
from tests.running.parsed import parsed

NO_METHOD = "030|S|20260301000000|100.0|||T||"


def problems(content: bytes, code: str) -> list[Problem]:
    return [problem for problem in parsed(content).problems if problem.code == code]


def test_a_warning_about_the_form_of_every_line_is_reported_once() -> None:
    blocks = [block(NO_METHOD, mpan=mpan(number)) for number in range(1464)]
    [problem] = problems(flow(*blocks), "no-reading-method")
    assert (problem.line, problem.record, problem.field) == (4, "030", "Reading Method")
    assert problem.message.endswith("the reading is kept without it (1,464 times, first in line 4)")


def test_a_warning_about_the_form_of_one_line_has_no_number() -> None:
    [problem] = problems(flow(*reading_of(1), block(NO_METHOD)), "no-reading-method")
    assert problem.message.endswith("the reading is kept without it")
    assert problem.line == 7


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
    assert (decimals.line, decimals.field) == (3, "IntervalValue2")
    assert decimals.message.endswith("; kept as sent (3 times, first in line 3)")
    assert [problem.line for problem in problems(content, "negative-value")] == [3, 4, 5]


def test_a_suffix_in_lower_case_is_one_warning_and_one_that_does_not_exist_is_not() -> None:
    content = nem12(
        *[channel(day(), suffix="e1", nmi=nmi) for nmi in (mdff.NMI, OTHER_NMI)],
        *[channel(day(), suffix="9Z", nmi=nmi, configuration="9Z") for nmi in (mdff.NMI, OTHER_NMI)],
    )
    assert [problem.line for problem in problems(content, "unusual-suffix")] == [6, 8, 2]


def test_blank_lines_are_one_warning_in_every_family() -> None:
    british = flow(*reading_of(1), *reading_of(2)).replace(b"\n026", b"\n\n026")
    australian = nem13(accumulation(), "", accumulation(nmi=OTHER_NMI), "")
    consumption = b"datetime,consumption\r\n\r\n2026-03-01 00:00:00,1\r\n\r\n"
    for content, first in ((british, 2), (australian, 3), (consumption, 2)):
        [problem] = problems(content, "blank-line")
        assert problem.line == first
        assert problem.message.endswith(f" (2 times, first in line {first})")

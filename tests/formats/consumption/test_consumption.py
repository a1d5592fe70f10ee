"""User data and half-hourly consumption: valid and invalid rows."""

from __future__ import annotations

from decimal import Decimal
from io import BytesIO

import pytest

from readings.formats.consumption import smap
from readings.formats.consumption.rows import is_complete
from readings.formats.contract import ERROR, WARNING, ParseContext
from readings.formats.recognition import recognize
from readings.formats.statements import CONSUMER
from tests.running.parsed import parsed
from tests.running.places import SAMPLES

ROW = "2026-10-24 22:00:00,39.0"


def rows(*rows: str, names: str = "datetime,consumption") -> bytes:
    return "".join(f"{row}\r\n" for row in (names, *rows)).encode()


def test_a_repeated_hour_becomes_a_second_day_with_an_occurrence_number() -> None:
    whole = parsed((SAMPLES / "consumption" / "3000.csv").read_bytes())
    assert [(day.day, day.occurrence, day.line) for day in whole.interval_days] == [
        ("2026-10-24", 0, 2),
        ("2026-10-25", 0, 6),
        ("2026-10-25", 1, 10),
        ("2026-10-26", 0, 56),
    ]
    repeated = whole.interval_days[2]
    assert [(place, value) for place, value in enumerate(repeated.values.split(",")) if value] == [
        (2, "697.0"),
        (3, "572."),
    ]
    assert repeated.register == (CONSUMER, "3000", "", "", "")
    [problem] = [problem for problem in whole.problems if problem.code == "repeated-half-hour"]
    assert (problem.severity, problem.line) == (WARNING, 10)
    assert problem.message.startswith("2 half hours")


def test_a_day_keeps_its_values_as_sent_and_has_an_exact_total() -> None:
    [day] = parsed(
        rows("2026-03-01 00:00:00,39.0", "2026-03-01 00:30:00,100.", "2026-03-01 23:30:00,0.1")
    ).interval_days
    values = day.values.split(",")
    assert (len(values), values[:2], values[2], values[47]) == (48, ["39.0", "100."], "", "0.1")
    assert Decimal(day.total) == Decimal("139.1")
    assert (day.unit, day.interval_length) == ("Wh", 30)


def test_user_data_yields_area_and_tariff() -> None:
    whole = parsed((SAMPLES / "user_data.csv").read_bytes())
    assert [(each.identifier, each.area, each.tariff) for each in whole.meter_points] == [
        ("3000", "a1", "t2"),
        ("3001", "a2", "t3"),
        ("3002", "a1", "t1"),
    ]


@pytest.mark.parametrize(
    ("row", "code", "field"),
    [
        ("2026-10-24 22:15:00,39.0", "not-a-half-hour", "datetime"),
        ("2026-02-30 22:00:00,39.0", "not-a-half-hour", "datetime"),
        ("24/10/2026 22:00,39.0", "not-a-half-hour", "datetime"),
        ("2026-10-24T22:00:00,39.0", "not-a-half-hour", "datetime"),
        (",39.0", "not-a-half-hour", "datetime"),
        ("2026-W43-6 22:00:00,39.0", "not-a-half-hour", "datetime"),
        ("2026-10-24 22:00:00,", "not-a-number", "consumption"),
        ("2026-10-24 22:00:00,-1.0", "not-a-number", "consumption"),
        ("2026-10-24 22:00:00,1e3", "not-a-number", "consumption"),
        ("2026-10-24 22:00:00,nan", "not-a-number", "consumption"),
        ("2026-10-24 22:00:00,.", "not-a-number", "consumption"),
        ("2026-10-24 22:00:00", "wrong-field-count", ""),
        ("2026-10-24 22:00:00,1,2", "wrong-field-count", ""),
        ("2026-10-24 22:00:00,1\x002.0", "strange-characters", ""),
        ("2026-10-23 22:00:00,39.0", "out-of-order", "datetime"),
        ('2026-10-24 22:30:00,"5"3', "wrong-quotes", ""),
        ('2026-10-24 22:30:00,"' + "5" * 140_000 + '"', "line-too-long", ""),
    ],
)
def test_an_unusable_row_is_reported_by_line_and_field(row: str, code: str, field: str) -> None:
    [problem] = [problem for problem in parsed(rows(ROW, row)).problems if problem.severity == ERROR]
    assert (problem.line, problem.code, problem.field) == (3, code, field)


@pytest.mark.parametrize(
    ("row", "code", "field"),
    [
        ("30 00,a1,t1", "not-an-id", "id"),
        (",a1,t1", "not-an-id", "id"),
        ("3005,,t1", "missing-value", "area"),
        ("3005,a1,", "missing-value", "tariff"),
        ("3005,a1," + "t" * 41, "wrong-length", "tariff"),
        ("3004,a2,t1", "second-row", "id"),
        ("3005,a1", "wrong-field-count", ""),
    ],
)
def test_an_unusable_consumer_is_reported_by_line_and_field(row: str, code: str, field: str) -> None:
    whole = parsed(rows("3004,a1,t1", row, names="id,area,tariff"))
    [problem] = [problem for problem in whole.problems if problem.severity == ERROR]
    assert (problem.line, problem.code, problem.field) == (3, code, field)


def test_quotes_blanks_and_extra_fields_of_a_spreadsheet_are_accepted() -> None:
    whole = parsed(rows('"2026-10-24 22:00:00","39.0"', " 2026-10-24 22:30:00 , 40.0 ,,", ",,"))
    assert [day.total for day in whole.interval_days] == ["79.0"]
    assert [problem.code for problem in whole.problems] == ["blank-padding", "blank-line"]


@pytest.mark.parametrize("cut", range(1, len("23:30:00,4.0\r\n")))
def test_a_cut_last_row_is_an_error(cut: int) -> None:
    content = rows(ROW, "2026-10-24 23:30:00,4.0")[:-cut]
    assert is_complete(content) is False
    assert "truncated" in [problem.code for problem in parsed(content).problems]


def test_a_file_whose_name_is_not_an_id_is_rejected() -> None:
    batches = list(smap.parse(BytesIO(rows(ROW)), ParseContext(encoding="ascii")))
    assert "no-consumer" in [problem.code for batch in batches for problem in batch.problems]


@pytest.mark.parametrize("name", ["3000.csv", "3000.CSV", "3000.csv.0123456789ab", "3000.csv.0123456789ab.2"])
def test_the_consumer_id_is_taken_from_the_file_name(name: str) -> None:
    match = smap.SUBJECT.fullmatch(name)
    assert match
    assert match["subject"] == "3000"


def test_the_first_line_distinguishes_both_formats() -> None:
    assert recognize(b"datetime,consumption\r\n") is not recognize(b"id,area,tariff\r\n")
    assert recognize(b"\xef\xbb\xbfdatetime,consumption\n") is not None
    assert recognize(b"datetime,consumption,extra\n") is None


def test_a_half_hour_repeated_too_often_is_rejected() -> None:
    whole = parsed(rows(*[ROW] * 6))
    [problem, second] = [problem for problem in whole.problems if problem.severity == ERROR]
    assert (problem.code, problem.line, second.line) == ("repeated-too-often", 6, 7)


def test_a_warning_about_many_lines_is_reported_once() -> None:
    [problem] = parsed(rows(ROW, *[""] * 1000)).problems
    assert (problem.code, problem.line) == ("blank-line", 3)
    assert problem.message == "the row has no values; it was skipped (1,000 times, first in line 3)"

from __future__ import annotations

from datetime import datetime, timezone
from typing import Any

import pytest

from readings.formats.contract import ERROR, WARNING
from readings.formats.dtc.catalogue.clock import british_day, british_moment
from readings.formats.dtc.catalogue.mpan import mpan_check_digit, mpan_core
from readings.formats.fields import REMEMBERED, Fault, Field, Memo, characters, code, decimal_number, whole_number


@pytest.mark.parametrize(
    "mpan",
    [
        *("1200023305967", "1900001059816", "1200033197420", "1200031039874", "1591055549625"),
        *("2200031930792", "1200022664056", "1900005260419", "1013044353630", "1900005281720"),
        *("2000055433806", "2099999999993", "2499999999991", "2012345678385", "1000000000003"),
    ],
)
def test_a_real_mpan_core_has_its_check_digit(mpan: str) -> None:
    assert mpan_check_digit(mpan[:12]) == mpan[12]
    assert mpan_core(mpan) == (mpan, ())


@pytest.mark.parametrize(("mpan", "digit"), [("1234567890123", "6"), ("1200023305968", "7")])
def test_a_wrong_check_digit_is_reported_with_the_right_one(mpan: str, digit: str) -> None:
    value, [(severity, fault, message)] = mpan_core(mpan)
    assert (value, severity, fault) == ("", ERROR, "wrong-check-digit")
    assert message.endswith(f"is {digit}")


@pytest.mark.parametrize("place", range(12))
def test_a_wrong_digit_changes_the_check_digit(place: int) -> None:
    """Remainders 10 and 0 of the weighted sum share one check digit."""
    digits = "320987654321"
    others = [digits[:place] + str(number) + digits[place + 1 :] for number in range(10)]
    same = [other for other in others if mpan_check_digit(other) == mpan_check_digit(digits)]
    assert digits in same
    assert len(same) <= 2


def test_a_remainder_of_ten_gives_the_check_digit_zero() -> None:
    assert mpan_core("1200033197420") == ("1200033197420", ())
    assert [fault for _, fault, _ in mpan_core("1200033197421")[1]] == ["wrong-check-digit"]


def test_an_amsid_77_has_a_check_digit_and_an_amsid_78_has_none() -> None:
    assert mpan_core("7712345678901")[1] == ()
    assert codes(mpan_core("7712345678902")) == ["wrong-check-digit"]
    assert [mpan_core(f"781234567890{digit}")[1] for digit in range(10)] == [()] * 10


@pytest.mark.parametrize(
    "text", ["", "120002330596", "12000233059677", "120002330596A", "１２０００２３３０５９６７", "120002330596٧"]
)
def test_an_mpan_core_has_13_digits(text: str) -> None:
    assert codes(mpan_core(text)) == ["not-an-mpan-core"]


@pytest.mark.parametrize(
    ("text", "instant"),
    [
        ("20160222000000", "2016-02-22 00:00:00"),
        ("20160701000000", "2016-06-30 23:00:00"),
        ("20200202235959", "2020-02-02 23:59:59"),
        ("20240229120000", "2024-02-29 12:00:00"),
        ("20000229120000", "2000-02-29 12:00:00"),
        ("19500101000000", "1950-01-01 00:00:00"),
        ("21991231235959", "2199-12-31 23:59:59"),
        # British clock time was an hour ahead for the whole of 1970.
        ("19700101000000", "1969-12-31 23:00:00"),
        # The hours next to both clock changes.
        ("20250330005959", "2025-03-30 00:59:59"),
        ("20250330020000", "2025-03-30 01:00:00"),
        ("20251026005959", "2025-10-25 23:59:59"),
        ("20251026020000", "2025-10-26 02:00:00"),
    ],
)
def test_a_date_time_is_read_as_british_clock_time(text: str, instant: str) -> None:
    expected = datetime.fromisoformat(instant).replace(tzinfo=timezone.utc)
    assert british_moment(text) == ((expected, ""), ())


@pytest.mark.parametrize(
    ("text", "fault", "instant"),
    [
        ("20250330010000", "missing-hour", "2025-03-30 01:00:00"),
        ("20250330013000", "missing-hour", "2025-03-30 01:30:00"),
        ("20250330015959", "missing-hour", "2025-03-30 01:59:59"),
        ("20251026010000", "repeated-hour", "2025-10-26 00:00:00"),
        ("20251026013000", "repeated-hour", "2025-10-26 00:30:00"),
        ("20251026015959", "repeated-hour", "2025-10-26 00:59:59"),
    ],
)
def test_an_ambiguous_date_time_has_a_warning_and_keeps_its_digits(text: str, fault: str, instant: str) -> None:
    moment, faults = british_moment(text)
    assert moment == (datetime.fromisoformat(instant).replace(tzinfo=timezone.utc), text)
    assert [(severity, code) for severity, code, _ in faults] == [(WARNING, fault)]


@pytest.mark.parametrize(
    "text",
    [
        *("", "20250228", "202502280000", "2025022800000", "202502280000000", "2025022800000x"),
        *("20250230000000", "20250229000000", "19000229000000", "20251301000000", "20250001000000"),
        *("20250100000000", "20250101240000", "20250101006000", "20250101000060", "00000101000000"),
        *("19491231235959", "22000101000000", "-2025010100000", "2025-01-01 000", "２０２５０１０１００００００"),
    ],
)
def test_an_invalid_date_time_is_rejected(text: str) -> None:
    moment, faults = british_moment(text)
    assert moment is None
    assert [(severity, code) for severity, code, _ in faults] == [(ERROR, "not-a-date-time")]


def test_a_day_is_in_british_clock_time() -> None:
    assert british_day(datetime(2025, 6, 30, 23, 0, tzinfo=timezone.utc)) == "20250701"
    assert british_day(datetime(2025, 1, 31, 23, 0, tzinfo=timezone.utc)) == "20250131"


@pytest.mark.parametrize(
    ("text", "value"),
    [
        *(("56311.0", "56311.0"), ("78.4", "78.4"), ("8120", "8120"), ("0", "0"), ("0.0", "0.0")),
        *(("99999999.9", "99999999.9"), ("999999999", "999999999"), ("1", "1"), ("0.5", "0.5")),
        *(("00042", "42"), ("007.5", "7.5"), ("000", "0"), ("000000000", "0")),
    ],
)
def test_a_decimal_number_loses_only_leading_zeros(text: str, value: str) -> None:
    assert decimal_number(9, 1)(text) == (value, ())


@pytest.mark.parametrize(("text", "value"), [("56311.", "56311"), (".5", "0.5"), ("00.", "0")])
def test_a_bare_point_is_read_with_a_warning(text: str, value: str) -> None:
    number, faults = decimal_number(9, 1)(text)
    assert number == value
    assert [(severity, code) for severity, code, _ in faults] == [(WARNING, "bare-point")]


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        *(("12345.67", "too-many-digits"), ("1234567890", "too-many-digits"), ("0000000000", "too-many-digits")),
        *(("123456789.0", "too-many-digits"), ("-1", "not-a-number"), ("+1", "not-a-number")),
        *(("1e3", "not-a-number"), ("1,5", "not-a-number"), ("1 000", "not-a-number"), (".", "not-a-number")),
        *(("1.2.3", "not-a-number"), ("NaN", "not-a-number"), ("1_0", "not-a-number"), ("0x1", "not-a-number")),
        *(("１", "not-a-number"), ("٣", "not-a-number"), ("²", "not-a-number"), ("1\n", "not-a-number")),
    ],
)
def test_an_invalid_decimal_number_is_rejected(text: str, fault: str) -> None:
    value, faults = decimal_number(9, 1)(text)
    assert value == ""
    assert [(severity, code) for severity, code, _ in faults] == [(ERROR, fault)]


@pytest.mark.parametrize(("text", "number"), [("0", 0), ("1", 1), ("007", 7), ("999", 999)])
def test_a_whole_number_is_read(text: str, number: int) -> None:
    assert whole_number(3)(text) == (number, ())


@pytest.mark.parametrize("text", ["1000", "-1", "+1", "1.0", "1e1", "x", "１", "1_0", " 1", "1\n"])
def test_an_invalid_whole_number_is_rejected(text: str) -> None:
    assert whole_number(3)(text)[0] is None
    assert codes(whole_number(3)(text)) == ["not-a-number"]


def test_characters_are_kept_as_sent() -> None:
    assert characters(10)("F75A 00802") == ("F75A 00802", ())
    assert codes(characters(10)("F75A  00802")) == ["wrong-length"]
    assert codes(characters(8, shortest=8)("D001000")) == ["wrong-length"]
    assert codes(characters(2, pattern="[A-Z]*")("é")) == ["wrong-characters"]


def test_a_closed_valid_set_rejects_other_codes() -> None:
    read = code({"T": "Valid", "F": "Suspect"})
    assert read("T") == ("T", ())
    assert [codes(read(text)) for text in ("X", "t", "TF")] == [
        ["invalid-code"],
        ["lower-case-code"],
        ["wrong-length"],
    ]


def test_an_open_valid_set_keeps_other_codes_with_a_warning() -> None:
    value, faults = code({"N": "", "P": ""}, unknown=WARNING)("R")
    assert value == "R"
    assert [(severity, name) for severity, name, _ in faults] == [(WARNING, "unknown-code")]
    assert codes(code({"N": ""}, unknown=WARNING)("?")) == ["invalid-code"]


def test_outer_blanks_are_removed_with_a_warning() -> None:
    field = Field(name="Meter Id", item="J0004", kind=characters(10), empty="")
    assert field.read("F75A 00802") == ("F75A 00802", ())
    for text in (" S1", "S1 ", "  S1  "):
        assert field.read(text)[0] == "S1"
        assert codes(field.read(text)) == ["padded-field"]


def test_an_empty_field_is_an_error_unless_it_is_optional() -> None:
    mandatory = Field(name="Meter Id", item="J0004", kind=characters(10), empty="")
    optional = Field(name="Resets", item="J1013", kind=whole_number(3), empty=None, optional=True)
    assert codes(mandatory.read("")) == codes(mandatory.read("  ")) == ["missing-value"]
    assert optional.read("") == (None, ())
    assert codes(optional.read("  ")) == ["padded-field"]


def test_a_memo_reads_a_text_once() -> None:
    calls: list[str] = []

    def read(text: str) -> str:
        calls.append(text)
        return text.lower()

    memo = Memo(read)
    assert [memo["A"], memo["B"], memo["A"]] == ["a", "b", "a"]
    assert calls == ["A", "B"]


def test_a_full_memo_is_cleared() -> None:
    memo = Memo(len)
    for number in range(REMEMBERED + 10):
        assert memo[str(number)] == len(str(number))
    assert len(memo) <= REMEMBERED


def test_a_memo_does_not_store_long_texts() -> None:
    memo = Memo(len)
    assert memo["x" * 1000] == 1000
    assert len(memo) == 0


def codes(result: tuple[Any, tuple[Fault, ...]]) -> list[str]:
    return [code for _, code, _ in result[1]]

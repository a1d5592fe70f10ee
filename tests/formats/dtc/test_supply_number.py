from __future__ import annotations

import pytest

from readings.formats.dtc.catalogue.supply_number import core_in, is_upper_line, separated

CORE = "3888000041070"


@pytest.mark.parametrize("text", [f"01801902{CORE}", f"S01801902{CORE}", f"00111A0B{CORE}"])
def test_core_of_a_supply_number_is_its_last_13_digits(text: str) -> None:
    assert core_in(text) == CORE


@pytest.mark.parametrize("text", [CORE, f"1801902{CORE}", f"T01801902{CORE}", f"01801902{CORE}0", ""])
def test_other_texts_have_no_core(text: str) -> None:
    assert core_in(text) == ""


@pytest.mark.parametrize(
    "text",
    [
        f"01 801 902 {CORE}",
        f"S 01 801 902 {CORE}",
        "S01801902\r\n3888000041070",
        "s\n01 801 902\n38 8800 0041 070",
        "S 01 | 801 | 902\n38 | 8800 0041 | 070",
    ],
)
def test_supply_number_is_one_piece_of_a_text(text: str) -> None:
    pieces = separated(f"36933511\n{text}\n3190001042118")
    assert [is_supply_number for _, is_supply_number in pieces] == [False, True, False]
    assert (pieces[0][0], pieces[2][0]) == ("36933511\n", "\n3190001042118")
    assert core_in("".join(pieces[1][0].split()).upper()) == CORE


@pytest.mark.parametrize("text", [f"36933511\n{CORE}", f"{CORE} {CORE}", "12 345 678", f"01 801 902 {CORE}0"])
def test_serial_number_above_an_mpan_is_no_supply_number(text: str) -> None:
    assert separated(text) == [(text, False)]


def test_upper_line_begins_with_a_profile_class() -> None:
    assert is_upper_line("01801902")
    assert not is_upper_line("36933511")

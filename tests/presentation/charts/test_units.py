"""Units of charts and totals, and their text."""

from decimal import Decimal

import pytest

from readings.presentation.charts.units import Unit, unit_for, written


@pytest.mark.parametrize(
    ("largest", "family", "name"),
    [
        ("9999.999", "Wh", "kWh"),
        ("10000", "Wh", "MWh"),
        ("-10000", "Wh", "MWh"),
        ("0", "VArh", "kVArh"),
        ("123456", "VAh", "MVAh"),
        ("12000", "W", "MW"),
    ],
)
def test_large_amounts_have_the_larger_unit(largest: str, family: str, name: str) -> None:
    assert str(unit_for(Decimal(largest), family)) == name


@pytest.mark.parametrize(
    ("amount", "words"),
    [
        ("1234.5", "1,234.5"),
        ("1234567.89", "1,234,567.9"),
        ("0.347", "0.347"),
        ("9.9994", "9.999"),
        ("9.9996", "10.0"),
        ("-0.5", "-0.500"),
        ("0.00034", "0.0003"),
        ("0", "0.0"),
        ("0E-9", "0.0"),
        (None, "–"),
    ],
)
def test_amounts_have_one_decimal_place_and_small_ones_three(amount: str | None, words: str) -> None:
    assert written(amount and Decimal(amount), unit_for(Decimal(1))) == words  # type: ignore[arg-type]


def test_amounts_of_a_page_in_mwh_are_converted() -> None:
    unit = unit_for(Decimal(12_345))
    assert written(Decimal(12_345), unit) == "12.3"
    assert written(Decimal("0.347"), unit) == "0.0003"
    assert unit.exact(Decimal("12345.678901234")) == "12.345678901234"
    assert unit.exact(None) == ""
    assert Unit("kWh").exact(Decimal("1E+1")) == "10"

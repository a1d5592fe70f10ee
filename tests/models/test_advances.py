from dataclasses import replace
from datetime import datetime, timedelta, timezone
from decimal import Decimal

from readings.models.advances import Advance, DialReading, Standing, advances

FIRST = datetime(2026, 1, 1, tzinfo=timezone.utc)


def reading(
    value: str,
    day: int,
    *,
    register: int = 1,
    standing: Standing = Standing.ACTUAL,
    dial_digits: int = 0,
    reading_type: str = "",
) -> DialReading:
    return DialReading(
        key=day * 10 + register,
        register=register,
        read_at=FIRST + timedelta(day),
        value=Decimal(value),
        standing=standing,
        dial_digits=dial_digits,
        reading_type=reading_type,
    )


def last(*readings: DialReading) -> Advance | None:
    return advances(readings).get(readings[-1].key)


def test_an_advance_is_the_difference_from_the_actual_reading_before() -> None:
    advance = last(reading("100.0", 0), reading("130.5", 10))
    assert advance
    assert (advance.amount, advance.note) == (Decimal("30.5"), "")


def test_order_of_the_readings_does_not_matter() -> None:
    result = advances([reading("130.5", 10), reading("100.0", 0), reading("110.0", 5)])
    assert {key: advance.amount for key, advance in result.items()} == {51: Decimal("10.0"), 101: Decimal("20.5")}


def test_advance_to_an_estimate_is_marked_and_none_begins_at_one() -> None:
    estimate = reading("150.0", 5, standing=Standing.ESTIMATE)
    result = advances([reading("100.0", 0), estimate, reading("130.0", 10)])
    assert result[51].is_estimated
    assert not result[101].is_estimated
    assert (result[51].amount, result[101].amount) == (Decimal("50.0"), Decimal("30.0"))


def test_excluded_reading_neither_ends_nor_begins_an_advance() -> None:
    suspect = reading("900.0", 5, standing=Standing.LEFT_OUT)
    result = advances([reading("100.0", 0), suspect, reading("130.0", 10)])
    assert list(result) == [101]
    assert result[101].since == FIRST


def test_advances_never_cross_registers() -> None:
    assert advances([reading("100", 0), reading("130", 10, register=2)]) == {}


def test_the_first_reading_of_a_meter_as_installed_has_no_advance() -> None:
    result = advances([reading("99998", 0), reading("0", 5, reading_type="I"), reading("7", 6)])
    assert {key: advance.amount for key, advance in result.items()} == {61: Decimal(7)}


def test_maximum_demand_has_no_advance() -> None:
    readings = [reading("42.7", 0), reading("50.1", 10), reading("1", 0, register=2), reading("3", 10, register=2)]
    assert set(advances(readings, maximum_demand=frozenset({1}))) == {102}


def test_plausible_rollover_is_corrected_and_explained() -> None:
    advance = last(reading("99990.0", 0), reading("10.0", 10))
    assert advance
    assert advance.amount == Decimal("20.0")
    assert advance.note == "taken as a rollover: 9xxxx → 0xxxx with 5 digits if the dial has that many"


def test_rollover_with_leading_zeros_has_no_condition() -> None:
    advance = last(reading("999990", 0, dial_digits=6), reading("10", 10, dial_digits=6))
    assert advance
    assert advance.note == "taken as a rollover: 9xxxxx → 0xxxxx with 6 digits"


def test_dial_with_unused_digits_did_not_roll_over() -> None:
    advance = last(reading("99990", 0, dial_digits=6), reading("10", 10, dial_digits=6))
    assert advance
    assert advance.amount == Decimal(-99980)
    assert advance.note == "lower than the previous actual reading; not recognizable as a rollover"


def test_lower_reading_in_the_middle_of_the_dial_is_not_a_rollover() -> None:
    advance = last(reading("20417.0", 0), reading("20410.0", 10))
    assert advance
    assert advance.amount == Decimal("-7.0")


def test_reported_quantity_proves_a_rollover() -> None:
    before, after = reading("85000", 0), reading("120", 10)
    quantities = {(1, before.read_at, after.read_at): Decimal("15120")}
    advance = advances([before, after], quantities=quantities)[after.key]
    assert (advance.amount, advance.note) == (
        Decimal("15120"),
        "rolled over with 5 digits: the sender states this amount",
    )


def test_simultaneous_readings_have_no_advance() -> None:
    twin = DialReading(key=99, register=1, read_at=FIRST, value=Decimal(105), standing=Standing.ACTUAL)
    assert advances([reading("100", 0), twin]) == {}


def test_final_and_initial_reading_of_one_instant_end_and_begin_an_advance_in_any_order_of_storing() -> None:
    for keys in ((1, 2), (2, 1)):
        final, initial = (
            replace(reading(value, 10, reading_type=kind), key=key)
            for value, kind, key in (("61277", "F", keys[0]), ("0", "I", keys[1]))
        )
        result = advances([reading("61000", 0), initial, final, reading("214", 40)])
        assert {key: advance.amount for key, advance in result.items()} == {keys[0]: Decimal(277), 401: Decimal(214)}


def test_actual_reading_is_preferred_to_the_customers_own_of_the_same_instant() -> None:
    own = replace(reading("900", 10, reading_type="C"), key=1)
    result = advances([reading("100", 0), own, reading("130", 10, reading_type="R"), reading("150", 20)])
    assert {key: advance.amount for key, advance in result.items()} == {101: Decimal(30), 201: Decimal(20)}

from datetime import datetime, timedelta, timezone
from decimal import Decimal

from readings.models.advances import Advance, Shown, Standing, advances

FIRST = datetime(2026, 1, 1, tzinfo=timezone.utc)


def shown(
    value: str,
    day: int,
    *,
    register: int = 1,
    standing: Standing = Standing.ACTUAL,
    dial_digits: int = 0,
    is_first: bool = False,
) -> Shown:
    return Shown(
        key=day * 10 + register,
        register=register,
        read_at=FIRST + timedelta(day),
        value=Decimal(value),
        standing=standing,
        dial_digits=dial_digits,
        is_first=is_first,
    )


def last(*readings: Shown) -> Advance | None:
    return advances(readings).get(readings[-1].key)


def test_an_advance_is_the_difference_from_the_actual_reading_before() -> None:
    advance = last(shown("100.0", 0), shown("130.5", 10))
    assert advance
    assert (advance.amount, advance.per_day, advance.note) == (Decimal("30.5"), Decimal("3.05"), "")


def test_the_order_in_which_readings_come_does_not_matter() -> None:
    found = advances([shown("130.5", 10), shown("100.0", 0), shown("110.0", 5)])
    assert {key: advance.amount for key, advance in found.items()} == {51: Decimal("10.0"), 101: Decimal("20.5")}


def test_no_advance_begins_with_an_estimate_and_that_to_one_is_marked() -> None:
    estimate = shown("150.0", 5, standing=Standing.ESTIMATE)
    found = advances([shown("100.0", 0), estimate, shown("130.0", 10)])
    assert found[51].is_estimated
    assert not found[101].is_estimated
    assert (found[51].amount, found[101].amount) == (Decimal("50.0"), Decimal("30.0"))


def test_what_is_left_out_has_no_advance_and_begins_none() -> None:
    suspect = shown("900.0", 5, standing=Standing.LEFT_OUT)
    found = advances([shown("100.0", 0), suspect, shown("130.0", 10)])
    assert list(found) == [101]
    assert found[101].since == FIRST


def test_a_register_has_no_advance_from_another() -> None:
    assert advances([shown("100", 0), shown("130", 10, register=2)]) == {}


def test_the_first_reading_of_a_meter_as_installed_has_no_advance() -> None:
    found = advances([shown("99998", 0), shown("0", 5, is_first=True), shown("7", 6)])
    assert {key: advance.amount for key, advance in found.items()} == {61: Decimal(7)}


def test_maximum_demand_has_no_advance() -> None:
    readings = [shown("42.7", 0), shown("50.1", 10), shown("1", 0, register=2), shown("3", 10, register=2)]
    assert set(advances(readings, maximum_demand=frozenset({1}))) == {102}


def test_a_plausible_rollover_is_taken_as_one_and_says_so() -> None:
    advance = last(shown("99990.0", 0), shown("10.0", 10))
    assert advance
    assert advance.amount == Decimal("20.0")
    assert advance.note == "taken as a rollover: 9xxxx → 0xxxx with 5 digits, if the dial has as many"


def test_a_rollover_of_a_dial_whose_digits_are_known_needs_no_if() -> None:
    advance = last(shown("999990", 0, dial_digits=6), shown("10", 10, dial_digits=6))
    assert advance
    assert advance.note == "taken as a rollover: 9xxxxx → 0xxxxx with 6 digits"


def test_a_dial_that_has_room_above_did_not_roll_over() -> None:
    advance = last(shown("99990", 0, dial_digits=6), shown("10", 10, dial_digits=6))
    assert advance
    assert (advance.amount, advance.per_day) == (Decimal(-99980), None)
    assert advance.note == "lower than the actual reading before it; no rollover can be told"


def test_a_reading_below_the_last_is_no_rollover_in_the_middle_of_the_dial() -> None:
    advance = last(shown("20417.0", 0), shown("20410.0", 10))
    assert advance
    assert (advance.amount, advance.per_day) == (Decimal("-7.0"), None)


def test_an_amount_that_the_sender_states_proves_a_rollover() -> None:
    before, after = shown("85000", 0), shown("120", 10)
    stated = {(1, before.read_at, after.read_at): Decimal("15120")}
    advance = advances([before, after], stated=stated)[after.key]
    assert (advance.amount, advance.note) == (
        Decimal("15120"),
        "rolled over with 5 digits: the sender states this amount",
    )


def test_a_few_hours_have_no_mean_of_a_day() -> None:
    before = shown("100", 0)
    later = Shown(key=5, register=1, read_at=FIRST + timedelta(hours=3), value=Decimal(101), standing=Standing.ACTUAL)
    assert advances([before, later])[5].per_day is None


def test_readings_of_one_moment_have_no_advance_between_them() -> None:
    twin = Shown(key=99, register=1, read_at=FIRST, value=Decimal(105), standing=Standing.ACTUAL)
    assert advances([shown("100", 0), twin]) == {}


def test_a_summer_day_of_clock_changes_counts_by_the_hours_that_passed() -> None:
    midnight = datetime(2026, 3, 29, tzinfo=timezone.utc)
    before = Shown(key=1, register=1, read_at=midnight, value=Decimal(0), standing=Standing.ACTUAL)
    after = Shown(
        key=2, register=1, read_at=midnight + timedelta(hours=23), value=Decimal(23), standing=Standing.ACTUAL
    )
    assert advances([before, after])[2].per_day == Decimal(24)

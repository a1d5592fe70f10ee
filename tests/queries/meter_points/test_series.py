"""One series of use from the stretches of several registers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta, timezone
from decimal import Decimal
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from readings.queries.meter_points.series import Series, series_of
from readings.queries.meter_points.stretches import Stretch, Use, day_of

FIRST = date(2026, 1, 1)
LONDON = ZoneInfo("Europe/London")
NEM = timezone(timedelta(hours=10))


def on(day: int) -> date:
    return FIRST + timedelta(day)


def stretch(amount: str, first: int, end: int, register: int = 1, mark: str = "A") -> Stretch:
    return Stretch(register=register, first=on(first), end=on(end), amounts={mark: Decimal(amount)})


def use(register: int, first: int, end: int, meter: int = 1, kinds: str = "") -> Use:
    return Use(
        register=register,
        meter=meter,
        first=on(first),
        end=on(end),
        is_installed="I" in kinds,
        is_removed="F" in kinds,
    )


def series(stretches: Sequence[Stretch], *uses: Use, most: int = 100) -> Series:
    found = series_of(stretches, uses, most=most)
    assert found
    return found


def bars(found: Series) -> list[tuple[int, int, str]]:
    """Return first day, number of days and amount of each span."""
    return [((each.first - FIRST).days, each.days, f"{each.amount.normalize():f}") for each in found.spans]


def test_exchange_of_meters_is_one_series() -> None:
    found = series(
        [stretch("300", 0, 30), stretch("280", 30, 58, register=2)],
        use(1, 0, 30, kinds="F"),
        use(2, 30, 58, meter=2, kinds="I"),
    )
    assert (found.total, found.days, found.per_day) == (Decimal(580), 58, Decimal(10))
    assert bars(found) == [(0, 30, "300"), (30, 28, "280")]
    assert not found.gaps
    (change,) = found.changes
    assert (change.day, change.is_exchange) == (on(30), True)
    assert ([each.register for each in change.old], [each.register for each in change.new]) == ([1], [2])


def test_two_registers_replaced_by_one_are_added_up() -> None:
    found = series(
        [stretch("200", 0, 30), stretch("100", 0, 30, register=2), stretch("280", 30, 58, register=3)],
        use(1, 0, 30),
        use(2, 0, 30),
        use(3, 30, 58),
    )
    assert bars(found) == [(0, 30, "300"), (30, 28, "280")]
    (change,) = found.changes
    assert not change.is_exchange
    assert [each.register for each in change.old] == [1, 2]
    assert not found.unread


def test_registers_read_on_different_days_are_spread_over_their_days_and_the_total_is_exact() -> None:
    found = series([stretch("30.1", 0, 3), stretch("10", 1, 2, register=2), stretch("5", 2, 7, register=2)])
    assert found.total == Decimal("45.1")
    assert [(first, days) for first, days, _ in bars(found)] == [(0, 1), (1, 1), (2, 1), (3, 4)]
    assert bars(found)[-1] == (3, 4, "4")
    assert found.days == 7


@pytest.mark.parametrize("kinds", [("", "I"), ("F", ""), ("", "")])
def test_missing_final_or_initial_reading_leaves_a_gap(kinds: tuple[str, str]) -> None:
    old, new = use(1, 0, 30, kinds=kinds[0]), use(2, 40, 58, meter=2, kinds=kinds[1])
    found = series([stretch("300", 0, 30), stretch("180", 40, 58, register=2)], old, new)
    assert (found.total, found.days) == (Decimal(480), 48)
    (gap,) = found.gaps
    assert (gap.first, gap.end, list(gap.old), list(gap.new)) == (on(30), on(40), [old], [new])
    assert [change.day for change in found.changes] == [on(40)]


def test_meter_that_was_only_installed_is_an_exchange() -> None:
    old, new = use(1, 0, 30), use(2, 40, 40, meter=2, kinds="I")
    found = series([stretch("300", 0, 30)], old, new)
    assert [(gap.first, gap.end) for gap in found.gaps] == [(on(30), on(40))]
    assert [change.day for change in found.changes] == [on(40)]


def test_register_with_one_reading_so_far_replaces_none() -> None:
    assert not series([stretch("300", 0, 30)], use(1, 0, 30), use(2, 31, 31)).changes


def test_exchange_at_noon_counts_the_day_once() -> None:
    found = series(
        [stretch("10", 0, 1), stretch("4", 1, 2), stretch("5", 1, 2, register=2), stretch("8", 2, 3, register=2)],
        use(1, 0, 2),
        use(2, 1, 3, meter=2),
    )
    assert bars(found) == [(0, 1, "10"), (1, 1, "9"), (2, 1, "8")]
    assert (found.days, found.per_day) == (3, Decimal(9))
    assert [change.day for change in found.changes] == [on(1)]


def test_estimates_have_their_share_of_the_amount_and_of_the_days() -> None:
    found = series([stretch("300", 0, 30), stretch("100", 30, 40, mark="E")], use(1, 0, 40))
    assert (found.share("E"), found.days_of["E"], found.days) == (Decimal(25), 10, 40)
    assert [each.mark for each in found.spans] == ["A", "E"]


def test_parts_of_a_day_have_their_own_shares() -> None:
    day = Stretch(register=1, first=on(0), end=on(1), amounts={"A": Decimal(9), "S": Decimal(1)})
    found = series([day, stretch("10", 1, 2)])
    assert (found.share("S"), found.days_of["S"]) == (Decimal(5), 1)
    assert [each.mark for each in found.spans] == ["S", "A"]


def test_register_that_is_read_no_more_is_named() -> None:
    late = use(2, 0, 20)
    assert series([stretch("300", 0, 30), stretch("90", 0, 20, register=2)], use(1, 0, 30), late).unread == [late]


def test_older_stretches_are_left_out() -> None:
    found = series([stretch("10", day, day + 1) for day in range(50)], use(1, 0, 50), most=20)
    assert (len(found.spans), found.first, found.total, found.is_cut) == (20, on(30), Decimal(200), True)


def test_overlap_of_stated_amounts_is_reported() -> None:
    second = stretch("90", 20, 50)
    found = series([stretch("300", 0, 30), second, stretch("10", 50, 60)])
    assert found.overlaps == [second]
    assert not series([stretch("1", 0, 1), stretch("1", 0, 1)]).overlaps  # a day and its repeated hour


def test_amount_within_a_day_counts_and_has_no_mean() -> None:
    found = series([stretch("3", 0, 0)])
    assert (found.total, found.days, found.per_day) == (Decimal(3), 0, None)
    assert bars(found) == [(0, 1, "3")]


def test_no_stretch_is_no_series() -> None:
    assert series_of([], [use(1, 0, 0)], most=10) is None


@pytest.mark.parametrize(
    ("text", "zone", "day"),
    [
        ("2026-03-28T23:59:59+00:00", LONDON, date(2026, 3, 29)),
        ("2026-03-29T22:59:59+00:00", LONDON, date(2026, 3, 30)),
        ("2026-03-29T22:58:00+00:00", LONDON, date(2026, 3, 29)),
        ("2026-10-24T23:00:00+00:00", LONDON, date(2026, 10, 25)),
        ("2026-02-27T14:00:01+00:00", NEM, date(2026, 2, 28)),
        ("2026-02-27T13:58:00+00:00", NEM, date(2026, 2, 27)),
    ],
)
def test_day_is_that_of_the_clock_and_its_last_minute_the_next_midnight(text: str, zone: ZoneInfo, day: date) -> None:
    assert day_of(datetime.fromisoformat(text), zone) == day


def test_days_over_a_clock_change_are_calendar_days() -> None:
    instants = ("2026-03-28T00:00:00+00:00", "2026-03-29T23:00:00+00:00", "2026-10-25T23:00:00+00:00")
    days = [day_of(datetime.fromisoformat(text), LONDON) for text in instants]
    # The night of 29 March has 23 hours, that of 25 October 25.
    assert [(day - days[0]).days for day in days] == [0, 2, 211]


@st.composite
def chains(draw: st.DrawFn) -> list[Stretch]:
    """Return the stretches of some registers, each of them without gaps."""
    found = []
    for register in range(1, draw(st.integers(1, 4)) + 1):
        day = draw(st.integers(0, 20))
        for _ in range(draw(st.integers(1, 6))):
            end = day + draw(st.integers(1, 40))
            amount = draw(st.decimals(-50, 500, places=3))
            mark = draw(st.sampled_from("ASED"))
            found.append(replace(stretch("0", day, end, register), amounts={mark: amount}))
            day = end
    return found


@given(chains())
def test_any_series_keeps_the_sum_and_covers_each_day_once(stretches: list[Stretch]) -> None:
    found = series(stretches)
    assert found.total == sum(each.amount for each in stretches)
    assert sum(found.amounts.values()) == found.total
    assert abs(sum(each.amount for each in found.spans) - found.total) < Decimal("1e-20")
    covered = {each.first + timedelta(day) for each in stretches for day in range(each.days)}
    drawn = [each.first + timedelta(day) for each in found.spans for day in range(each.days)]
    assert sorted(covered) == drawn
    assert found.days == len(covered)
    assert sum(gap.days for gap in found.gaps) == (found.end - found.first).days - len(covered)


@given(chains())
def test_series_of_any_order_is_the_same(stretches: list[Stretch]) -> None:
    assert series(stretches) == series(stretches[::-1])

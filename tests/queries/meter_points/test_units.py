"""Amounts in several units of one family in one series."""

from __future__ import annotations

from decimal import Decimal

import pytest

from tests.making import mdff
from tests.queries.meter_points.measured import NEM, measured
from tests.running.imported import deliver

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgresql]

ONES = ",".join(["1"] * 48)
THOUSANDTHS = ",".join(["0.001"] * 48)


def totals() -> list[tuple[str, str, Decimal, int]]:
    """Return kind, unit, total and number of days of each series."""
    found = measured(mdff.NMI, NEM)
    return [(*each.measured, each.series.total, each.series.days) for each in found]


def test_channels_in_several_units_are_one_series() -> None:
    in_wh = [mdff.day("20260131", values=ONES), mdff.day("20260201", values=THOUSANDTHS)]
    in_mwh = mdff.day("20260201", values=THOUSANDTHS)
    deliver(
        mdff.nem12(
            mdff.channel(mdff.day("20260130", values=ONES), mdff.day("20260131", values=ONES)),
            mdff.channel(*in_wh, suffix="E2", register="2", unit="Wh"),
            mdff.channel(in_mwh, suffix="E3", register="3", unit="MWh"),
        ),
        "a.csv",
    )
    assert totals() == [("E", "kWh", Decimal("144.048048"), 3)]
    (found,) = measured(mdff.NMI, NEM)
    assert [each.amount for each in found.series.spans] == [Decimal(48), Decimal("48.048"), Decimal("48.000048")]
    assert found.series.amounts == {"A": Decimal("144.048048")}


def test_stated_quantities_in_several_units_are_one_series() -> None:
    old = {"previous_at": "20251101093000", "current_at": "20251201093000", "serial_number": "OLD"}
    new = {"previous_at": "20251201093000", "current_at": "20251229093000", "serial_number": "NEW"}
    deliver(
        mdff.nem13(
            mdff.accumulation("0", "300", "300", **old),
            mdff.accumulation("0", "280123", "280123", unit="Wh", **new),
        ),
        "a.csv",
    )
    assert totals() == [("E", "kWh", Decimal("580.123"), 58)]


def test_single_unit_is_kept_and_other_families_and_letters_are_apart() -> None:
    of_day = mdff.day("20260130", values=ONES)
    deliver(
        mdff.nem12(
            mdff.channel(of_day, unit="Wh"),
            mdff.channel(of_day, suffix="E2", register="2", unit="kVArh"),
            mdff.channel(of_day, suffix="B1", register="3"),
        ),
        "a.csv",
    )
    assert totals() == [("E", "Wh", Decimal(48), 1), ("E", "kVArh", Decimal(48), 1), ("B", "kWh", Decimal(48), 1)]

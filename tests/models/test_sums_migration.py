"""Sums of consumption in a store that an earlier version filled."""

from __future__ import annotations

import pytest
from django.core.management import call_command

from readings.imports.summing.update import bring_up_to_date, is_up_to_date
from readings.models import MonthSum
from tests.making.consumption import consumer, days
from tests.making.dtc import flow, reading_of
from tests.running.imported import deliver

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.slow]


def test_sums_of_a_filled_store_are_computed_after_the_migration() -> None:
    deliver(flow(*reading_of(1)), "own.uff")
    consumer("3000", *days("2016-10-26", 40))
    assert bring_up_to_date()
    columns = ("meter_point__identifier", "month", "total", "minutes", "peak")
    now = list(MonthSum.objects.order_by("month").values_list(*columns))
    assert len(now) == 3
    try:
        call_command("migrate", "readings", "0016", verbosity=0)
    finally:
        call_command("migrate", "readings", verbosity=0)
    assert not MonthSum.objects.exists()
    assert not is_up_to_date()
    assert bring_up_to_date()
    assert list(MonthSum.objects.order_by("month").values_list(*columns)) == now

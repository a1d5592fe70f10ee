"""The watcher renews statistics between two scans."""

from __future__ import annotations

import pytest
from django.db import connection

from readings.imports.planner.outgrown import LEAST
from tests.making.numbered import d0010
from tests.running.imported import imported
from watcher.journey.outgrown import LONG_PAUSE, PAUSE, Outgrown

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.only_on("postgresql")]


class Clock:
    """The time, in seconds since the start."""

    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def are_known() -> bool:
    """Return whether the statistics include the readings."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT reltuples > 0 FROM pg_class WHERE oid = 'readings_reading'::regclass")
        return bool(cursor.fetchone()[0])


def test_statistics_are_looked_at_once_in_a_while() -> None:
    clock = Clock()
    outgrown = Outgrown(monotonic=clock)
    outgrown.renew()
    imported(d0010(meter_points=LEAST))
    outgrown.renew()
    assert not are_known()
    clock.seconds = PAUSE
    outgrown.renew()
    assert are_known()


def test_failure_is_repeated_after_a_long_pause() -> None:
    clock = Clock()
    outgrown = Outgrown(monotonic=clock)
    imported(d0010(meter_points=LEAST))
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 1")
    outgrown.renew()  # The connection is closed, and its setting is gone.
    clock.seconds = PAUSE
    outgrown.renew()
    assert not are_known()
    clock.seconds = LONG_PAUSE
    outgrown.renew()
    assert are_known()

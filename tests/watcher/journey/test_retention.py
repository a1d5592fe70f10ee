"""Old entries leave the trail."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import datetime, timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from pytest_django.fixtures import Settings

from config import environment
from readings.models import Trail
from readings.models.trail import Action, Door, note
from tests.running.box import Box, end, wait_until
from tests.running.imported import NOON
from watcher.journey.retention import DAY, HOUR, Retention


class Clock:
    """The time, in seconds since NOON."""

    seconds = 0.0

    def monotonic(self) -> float:
        return self.seconds

    def retention(self) -> Retention:
        return Retention(days=10, clock=self.now, monotonic=self.monotonic)

    def now(self) -> datetime:
        return NOON + timedelta(seconds=self.seconds)


def add(*ages: float) -> None:
    """Store entries that are some days old at NOON."""
    for days in ages:
        note(Action.VIEW, at=NOON - timedelta(days), door=Door.PAGE, by_whom="bob", subject=f"{days}")


def left() -> list[str]:
    return list(Trail.objects.order_by("pk").values_list("subject", flat=True))


@pytest.mark.django_db
def test_old_entries_are_removed_at_once_and_then_once_a_day() -> None:
    clock = Clock()
    retention = clock.retention()
    add(10.5, 9.9, 0)
    retention.enforce()
    assert left() == ["9.9", "0"]
    clock.seconds = DAY - 1
    retention.enforce()
    assert left() == ["9.9", "0"]
    clock.seconds = DAY
    retention.enforce()
    assert left() == ["0"]


@pytest.mark.django_db
def test_many_entries_are_removed_in_parts() -> None:
    clock = Clock()
    retention = clock.retention()
    at = NOON - timedelta(11)
    Trail.objects.bulk_create(Trail(action=Action.VIEW, door=Door.PAGE, at=at) for _ in range(10_001))
    retention.enforce()
    assert Trail.objects.count() == 1
    retention.enforce()
    assert Trail.objects.count() == 0
    assert retention.next_at == DAY


@pytest.mark.only_on("sqlite")  # PostgreSQL locks no tables for imports.
@pytest.mark.django_db(transaction=True)
def test_locked_database_keeps_old_entries_for_an_hour() -> None:
    clock = Clock()
    retention = clock.retention()
    add(11)
    connection.cursor().execute("PRAGMA busy_timeout = 50")
    with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        retention.enforce()
    assert left() == ["11"]
    assert retention.next_at == HOUR
    clock.seconds = HOUR
    retention.enforce()
    assert left() == []


@pytest.mark.django_db
def test_command_removes_old_entries_and_prints_their_number(settings: Settings) -> None:
    settings.TRAIL_DAYS = 10
    for days in (11, 12, 9):
        note(Action.VIEW, at=timezone.now() - timedelta(days), door=Door.PAGE, by_whom="bob", subject=f"{days}")
    out = StringIO()
    call_command("trail_prune", stdout=out)
    assert out.getvalue() == "removed 2 entries older than 10 days\n"
    assert left() == ["9"]


@pytest.mark.slow
@pytest.mark.slow_on_postgresql
def test_watcher_removes_old_entries_and_logs_their_number(tmp_path: Path, database_url: str) -> None:
    box = Box(tmp_path, database_url, TRAIL_DAYS="10")
    columns = "at, action, door, by_whom, scheme, identifier, sha256, subject, outcome"
    for moment in ("2026-01-01 00:00:00+00:00", "9999-01-01 00:00:00+00:00"):
        values = f"'{moment}', 'VIEW', 'PAGE', 'bob', '', '', '', '', ''"
        box.execute(f"INSERT INTO readings_trail ({columns}) VALUES ({values})")
    with box.watcher() as child:
        wait_until(lambda: box.log("removed old entries of the trail"))
        assert end(child) == 0
    assert [line["entries"] for line in box.log("removed old entries of the trail")] == [1]
    assert box.rows("SELECT count(*) FROM readings_trail") == [(1,)]


@pytest.mark.parametrize("days", ["0", "-1", "soon", "1.5", "36501"])
def test_nonsense_in_trail_days_is_not_understood(monkeypatch: pytest.MonkeyPatch, days: str) -> None:
    monkeypatch.setenv("TRAIL_DAYS", days)
    with pytest.raises(ImproperlyConfigured, match=f"TRAIL_DAYS='{days}' is not understood: expected 1 to 36500"):
        environment.days("TRAIL_DAYS", 730)

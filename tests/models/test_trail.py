"""The trail: entries that never change, and looks that wait for no lock."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection, transaction

from readings.models import MeterPoint, Trail, trail
from readings.models.trail import Action, Door, flush, note, note_views
from tests.running.imported import NOON
from tests.running.places import ROOT

LOOK: dict[str, Any] = {"at": NOON, "door": Door.PAGE, "by_whom": "ann"}


def points(number: int = 1) -> list[MeterPoint]:
    return [MeterPoint(scheme="MPAN", identifier=f"{each:013}") for each in range(1, number + 1)]


def identifiers() -> list[str]:
    return list(Trail.objects.order_by("pk").values_list("identifier", flat=True))


@pytest.mark.django_db
def test_note_stores_all_fields_of_an_entry() -> None:
    fields: dict[str, Any] = {"sha256": "ab" * 32, "subject": "a.uff", "outcome": "IMPORTED", "rows": 3}
    note(Action.IMPORT, **LOOK, meter_point=points()[0], **fields)
    entry = Trail.objects.get()
    assert (entry.action, entry.at, entry.door, entry.by_whom) == ("IMPORT", NOON, "PAGE", "ann")
    assert (entry.scheme, entry.identifier) == ("MPAN", "0000000000001")
    assert {name: getattr(entry, name) for name in fields} == fields


@pytest.mark.django_db
def test_subject_that_no_column_holds_is_stored_cut() -> None:
    note(Action.IMPORT, **LOOK, subject="a\0" + "b" * 2000)
    assert Trail.objects.get().subject == "a" + "b" * 1023


@pytest.mark.django_db
def test_stored_entries_refuse_all_changes() -> None:
    note(Action.VIEW, **LOOK)
    entry = Trail.objects.get()
    same = Trail(pk=entry.pk, action=Action.EXPORT, at=NOON, door=Door.API)
    entry.by_whom = "bob"
    changes = (
        entry.save,
        entry.delete,
        lambda: Trail.objects.update(by_whom="bob"),
        lambda: Trail.objects.filter(pk=entry.pk).delete(),
        lambda: Trail.objects.bulk_update([entry], ["by_whom"]),
        lambda: Trail.objects.update_or_create({"by_whom": "bob"}, pk=entry.pk),
        lambda: Trail.objects.bulk_create(
            [same], update_conflicts=True, unique_fields=["id"], update_fields=["action"]
        ),
    )
    for change in changes:
        with pytest.raises(TypeError, match="append-only"), transaction.atomic():
            change()
    with pytest.raises(Exception, match=r"(?i)unique"), transaction.atomic():
        same.save()
    stored = Trail.objects.get()
    assert (stored.action, stored.by_whom) == ("VIEW", "ann")


@pytest.mark.django_db
def test_retention_drops_only_older_entries() -> None:
    for days in (0, 1, 2):
        note(Action.VIEW, **{**LOOK, "at": NOON - timedelta(days)}, subject=str(days))
    assert Trail.objects.drop_before(NOON - timedelta(1)) == 1
    assert set(Trail.objects.values_list("subject", flat=True)) == {"0", "1"}


@pytest.mark.django_db(transaction=True)
def test_looks_outside_a_transaction_are_stored_at_once() -> None:
    note_views(points(200), **LOOK, subject="list")
    assert identifiers() == [each.identifier for each in points(200)]
    assert flush() == 0


@pytest.mark.django_db(transaction=True)
def test_looks_inside_a_transaction_belong_to_it() -> None:
    with transaction.atomic():
        note_views(points(), **LOOK)
        transaction.set_rollback(True)
    assert identifiers() == []
    with transaction.atomic():
        note_views(points(), **LOOK)
    assert identifiers() == ["0000000000001"]


@contextmanager
def locked() -> Iterator[None]:
    """Hold the write lock of SQLite like an import."""
    with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        yield


#: PostgreSQL locks no tables for imports.
locks_tables = pytest.mark.only_on("sqlite")


@locks_tables
@pytest.mark.django_db(transaction=True)
def test_look_during_an_import_waits_for_the_next_call() -> None:
    Trail.objects.count()
    (patience,) = connection.connection.execute("PRAGMA busy_timeout").fetchone()
    with locked():
        began_at = time.monotonic()
        for each in points(20):
            note_views([each], **LOOK)
        note(Action.EXPORT, **LOOK, rows=7, may_wait=True)
        assert time.monotonic() - began_at < 1
        assert identifiers() == []
        assert flush() == 21
    assert connection.connection.execute("PRAGMA busy_timeout").fetchone() == (patience,)
    assert flush(patient=True) == 0
    assert identifiers() == [*(each.identifier for each in points(20)), ""]


@locks_tables
@pytest.mark.django_db(transaction=True)
def test_looks_beyond_the_memory_are_lost_with_an_error(caplog: pytest.LogCaptureFixture) -> None:
    with locked():
        note_views(points(10_003), **LOOK)
    assert "Entries missing from the trail: 3." in caplog.text
    assert flush(patient=True) == 0
    assert Trail.objects.count() == 10_000


#: A process that looks at a meter point while SQLite is locked, as itself or as a worker of a web server, and ends.
ENDING = """
import multiprocessing, sqlite3, sys
from importlib import import_module

def work():
    import django
    django.setup()
    from datetime import datetime, timezone
    from readings.models import MeterPoint
    trail = import_module(sys.argv[3])

    lock = sqlite3.connect(sys.argv[1], isolation_level=None)
    lock.execute("BEGIN IMMEDIATE")
    at = datetime(2026, 3, 5, tzinfo=timezone.utc)
    trail.note_views([MeterPoint(scheme="MPAN", identifier="1")], at=at, door=trail.Door.PAGE, by_whom="ann")
    assert trail.flush() == 1
    lock.close()

if sys.argv[2] == "worker":
    worker = multiprocessing.get_context("fork").Process(target=work)
    worker.start()
    worker.join()
else:
    work()
"""


@locks_tables
@pytest.mark.slow
@pytest.mark.parametrize("kind", ["program", "worker"])
def test_waiting_looks_are_stored_when_their_process_ends(database_url: str, kind: str) -> None:
    path = database_url.removeprefix("sqlite:///")
    environment = {**os.environ, "DATABASE_URL": database_url, "DJANGO_SETTINGS_MODULE": "config.settings"}
    command = [sys.executable, "-c", ENDING, path, kind, trail.__name__]
    subprocess.run(command, cwd=ROOT, env=environment, check=True)
    with closing(sqlite3.connect(path)) as store:
        assert store.execute("SELECT action, identifier FROM readings_trail").fetchall() == [("VIEW", "1")]

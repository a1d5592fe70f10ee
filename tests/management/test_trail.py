"""Exports by commands: their entries in the trail, and the export of the trail."""

from __future__ import annotations

import csv
import os
import sqlite3
import subprocess
import sys
from contextlib import closing
from datetime import timedelta
from io import StringIO
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import connection

from readings.management.operator import operator
from readings.models import Trail
from readings.models.trail import Action, Door, flush, note
from readings.presentation.exports import TRAIL_COLUMNS
from tests.making.dtc import MPAN, OTHER_MPAN, block, flow, reading
from tests.making.mdff import channel, day, nem12
from tests.running.forks import manage
from tests.running.imported import NOON, deliver
from tests.running.places import ROOT


def exported(name: str, *arguments: str) -> list[dict[str, str]]:
    out = StringIO()
    call_command(f"export_{name}", *arguments, stdout=out)
    return list(csv.DictReader(StringIO(out.getvalue(), newline=""), strict=True))


@pytest.mark.django_db
def test_exports_note_caller_rows_and_meter_points() -> None:
    deliver(flow(block(reading("1.0")), block(reading("2.0"), mpan=OTHER_MPAN)), "two.uff")
    deliver(nem12(channel(day())), "nem12.csv")
    exported("readings")
    exported("readings", "--meter-point", MPAN, "--scheme", "MPAN")
    exported("intervals")
    entries = Trail.objects.filter(door=Door.COMMAND, by_whom=operator()).exclude(action=Action.IMPORT)
    assert list(entries.order_by("pk").values_list("action", "subject", "identifier", "rows")) == [
        ("EXPORT", "readings.csv", "", 2),
        ("VIEW", "readings.csv", MPAN, None),
        ("EXPORT", "readings.csv scheme=MPAN", MPAN, 1),
        ("EXPORT", "intervals.csv", "", 48),
    ]


@pytest.mark.django_db
def test_trail_is_exported_newest_first_with_its_filters() -> None:
    for number, action in enumerate((Action.VIEW, Action.EXPORT, Action.VIEW)):
        note(action, at=NOON + timedelta(number), door=Door.PAGE, by_whom=f"user {number % 2}", subject=f"{number}")
    rows = exported("trail")
    assert tuple(rows[0]) == TRAIL_COLUMNS
    assert [row["subject"] for row in rows] == ["2", "1", "0"]
    # The export above is an entry of its caller.
    assert [row["subject"] for row in exported("trail", "--who", "user 0")] == ["2", "0"]
    assert [row["subject"] for row in exported("trail", "--action", "VIEW", "--from", "2026-03-06")] == ["2"]
    assert [row["subject"] for row in exported("trail", "--to", "2026-03-05")] == ["0"]
    own = Trail.objects.filter(action=Action.EXPORT, by_whom=operator()).order_by("pk")
    assert own.values_list("subject", "rows")[1] == ("trail.csv who=user 0", 2)


@pytest.mark.django_db
def test_wrong_usage_of_export_trail_exits_with_2() -> None:
    with pytest.raises(CommandError, match="the first day, 2026-03-06, is after the last, 2026-03-05") as raised:
        exported("trail", "--from", "2026-03-06", "--to", "2026-03-05")
    assert raised.value.returncode == 2
    with pytest.raises(CommandError, match="invalid choice: 'DANCE'"):
        exported("trail", "--action", "DANCE")


@pytest.mark.slow
def test_closed_pipe_is_noted_with_the_rows_so_far(database_url: str, tmp_path: Path) -> None:
    environment = {**os.environ, "DATABASE_URL": database_url}
    days = (day(f"2026{month:02}{number:02}") for month in (1, 3, 5) for number in range(1, 32))
    path = tmp_path / "nem12.csv"
    path.write_bytes(nem12(channel(*days)))
    assert manage(["import_flow", str(path)], environment).code == 0
    command = [sys.executable, "manage.py", "export_intervals"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, env=environment)
    assert process.stdout
    assert process.stdout.read(6) == b"scheme"
    process.stdout.close()
    assert process.wait(60) == 0
    rows = list(csv.DictReader(StringIO(manage(["export_trail", "--action", "EXPORT"], environment).out)))
    assert 0 < int(rows[-1]["rows"]) < 93 * 48


@pytest.mark.only_on("sqlite")  # PostgreSQL locks no tables for imports.
@pytest.mark.django_db(transaction=True)
def test_export_that_the_trail_lacks_is_logged_and_succeeds(caplog: pytest.LogCaptureFixture) -> None:
    connection.cursor().execute("PRAGMA busy_timeout = 50")
    out = StringIO()
    with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        call_command("export_readings", stdout=out)
    assert out.getvalue().startswith("scheme,")
    assert "Entries missing from the trail: 1." in caplog.text
    assert flush(patient=True) == 0

"""Progress of one import, as other processes see it."""

from __future__ import annotations

import os
import signal
import time
from contextlib import suppress
from datetime import datetime, timezone
from pathlib import Path

import pytest

from readings.formats.samples import d0010
from tests.making.numbered import flow
from tests.running.box import Box, end, wait_until
from tests.running.commands import status
from watcher.disk import under_way
from watcher.disk.under_way import UnderWay
from watcher.journey.progress import Progress

NOW = datetime(2026, 3, 5, 12, tzinfo=timezone.utc)


class Clock:
    seconds = 0.0

    def __call__(self) -> float:
        return self.seconds


def progress(inbox: Path, clock: Clock) -> Progress:
    return Progress(inbox=bytes(inbox), name="a.uff", size=100, clock=lambda: NOW, monotonic=clock)


def notes(inbox: Path) -> list[UnderWay]:
    return under_way.read(bytes(inbox), NOW.timestamp())


def test_import_of_a_second_is_not_noted(tmp_path: Path) -> None:
    clock = Clock()
    with (noting := progress(tmp_path, clock)):
        clock.seconds = 0.9
        noting.advance(50, 5)
        assert list(tmp_path.iterdir()) == []


def test_long_import_is_noted_once_a_second_until_it_ends(tmp_path: Path) -> None:
    clock = Clock()
    seen = []
    with suppress(ZeroDivisionError), (noting := progress(tmp_path, clock)):
        for seconds, position in ((1.0, 10), (1.5, 20), (2.5, 30)):
            clock.seconds = seconds
            noting.advance(position, 2 * position)
            seen += [(note.position, note.values) for note in notes(tmp_path)]
        raise ZeroDivisionError
    assert seen == [(10, 20), (10, 20), (30, 60)]
    assert list(tmp_path.iterdir()) == []


def test_note_that_cannot_be_written_harms_no_import(tmp_path: Path) -> None:
    clock = Clock()
    (tmp_path / os.fsdecode(under_way.FOLDER)).write_text("no folder")
    with (noting := progress(tmp_path, clock)):
        for seconds in (2.0, 4.0):
            clock.seconds = seconds
            noting.advance(10, 1)
    assert notes(tmp_path) == []


@pytest.mark.slow
@pytest.mark.only_on("sqlite")
def test_progress_of_a_real_import_is_seen_until_its_watcher_is_killed(tmp_path: Path, database_url: str) -> None:
    box = Box(tmp_path, database_url)
    content = "".join(d0010(200_000, plain=True)).encode()
    with box.watcher() as child:
        wait_until(lambda: box.log("watching"))
        big = box.drop("big.uff", content)
        wait_until(lambda: [each for each in under_way.read(bytes(box.inbox), time.time()) if each.values])
        [seen] = status(box)[1]["importing"]
        assert (seen["name"], seen["bytes"], 0 < seen["percent"] < 100) == ("big.uff", len(content), True)
        assert seen["readings"] > 0
        assert seen["remaining_seconds"] > 0
        assert "importing big.uff: " in box.manage("inbox_status").out
        end(child, signal.SIGKILL)
        assert status(box)[1]["importing"] == []
    big.unlink()
    with box.watcher() as child:
        box.drop("small.uff", flow(1))
        wait_until(box.outcomes)
        assert list(box.inbox.iterdir()) == []
        assert end(child) == 0

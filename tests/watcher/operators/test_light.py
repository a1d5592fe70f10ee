"""The light: what a short look at the folders tells."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.making.numbered import d0010
from watcher.disk.folders import Folders
from watcher.disk.holders import LOCKS
from watcher.operators import light
from watcher.operators.light import Light, State

needs_list_of_locks = pytest.mark.skipif(not LOCKS.exists(), reason="needs the list of locks of Linux")


@pytest.fixture
def folders(tmp_path: Path) -> Folders:
    for name in ("inbox", "archive", "rejected"):
        (tmp_path / name).mkdir()
    inbox, archive, rejected = (os.fsencode(tmp_path / name) for name in ("inbox", "archive", "rejected"))
    return Folders(inbox=inbox, archive=archive, rejected=rejected)


@contextmanager
def held(folders: Folders) -> Iterator[None]:
    """Hold the inbox like a watcher."""
    descriptor = folders.hold_inbox(alone=True)
    yield
    os.close(descriptor)


def look(folders: Folders, later: float = 0, *, is_elsewhere: bool = False) -> Light:
    return light.look(folders, now=time.time() + later, is_elsewhere=is_elsewhere)


@needs_list_of_locks
def test_watcher_that_holds_the_inbox_runs(folders: Folders) -> None:
    with held(folders):
        assert look(folders) == Light(state=State.GOOD, words="The watcher is running.", waiting=0)
        assert look(folders, is_elsewhere=True).state == State.GOOD
    assert look(folders).state == State.BAD


@needs_list_of_locks
def test_inbox_that_nobody_holds_is_an_alarm_unless_the_watcher_runs_elsewhere(folders: Folders) -> None:
    answer = look(folders)
    assert (answer.state, answer.waiting) == (State.BAD, 0)
    assert "is not running" in answer.words
    assert "manage.py watch_inbox" in answer.cure
    assert look(folders, is_elsewhere=True).state == State.UNKNOWN


@needs_list_of_locks
def test_files_that_wait_too_long_need_attention(folders: Folders) -> None:
    inbox = Path(os.fsdecode(folders.inbox))
    (inbox / "one.uff").write_bytes(d0010())
    (inbox / "unfinished.part").write_bytes(d0010())
    (inbox / "folder").mkdir()
    with held(folders):
        assert (look(folders).state, look(folders).waiting) == (State.GOOD, 1)
        late = look(folders, later=420)
    assert (late.state, late.words) == (State.CARE, "1 file waits, the oldest for 7 minutes.")


@needs_list_of_locks
def test_large_inbox_is_not_listed_to_its_end(folders: Folders, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(light, "MOST_ENTRIES", 3)
    for number in range(5):
        Path(os.fsdecode(folders.inbox), f"{number}.uff").touch()
    with held(folders):
        assert (look(folders).waiting, look(folders).is_more) == (3, True)


def test_missing_folder_is_an_alarm_with_its_cure(folders: Folders) -> None:
    Path(os.fsdecode(folders.archive)).rmdir()
    assert (look(folders).state, "ARCHIVE_DIR" in look(folders).words) == (State.BAD, True)
    Path(os.fsdecode(folders.inbox)).rmdir()
    answer = look(folders)
    assert (answer.state, answer.waiting) == (State.BAD, None)
    assert os.fsdecode(folders.inbox) in answer.cure
    assert "create or mount it" in answer.cure


@needs_list_of_locks
def test_look_takes_no_lock(folders: Folders) -> None:
    look(folders)
    descriptor = os.open(folders.inbox, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    os.close(descriptor)

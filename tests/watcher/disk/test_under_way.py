"""Notes of imports under way: written and read by different processes, beside senders that may write anything."""

from __future__ import annotations

import json
import os
import subprocess
import time
from dataclasses import asdict, replace
from pathlib import Path

import pytest

from watcher.disk import under_way
from watcher.disk.under_way import FOLDER, UnderWay, this_process

HOST, PID = this_process()


@pytest.fixture
def inbox(tmp_path: Path) -> bytes:
    return os.fsencode(tmp_path)


def note(**changes: object) -> UnderWay:
    values = {"name": "a.uff", "size": 200, "position": 50, "values": 30, "seconds": 5.0, "at": time.time()}
    return UnderWay(**{**values, "host": HOST, "pid": PID, **changes})  # type: ignore[arg-type]


def folder(inbox: bytes) -> Path:
    return Path(os.fsdecode(inbox), os.fsdecode(FOLDER))


def ended_process() -> int:
    with subprocess.Popen(["true"]) as child:
        child.wait()
    return child.pid


def test_note_is_read_until_it_is_removed(inbox: bytes) -> None:
    first = note()
    under_way.write(inbox, first)
    under_way.write(inbox, second := replace(first, position=100))
    assert under_way.read(inbox, time.time()) == [second]
    assert (second.percent, second.rate, second.remaining) == (50, 6.0, 5.0)
    under_way.remove(inbox, second)
    assert under_way.read(inbox, time.time()) == []
    assert list(Path(os.fsdecode(inbox)).iterdir()) == []


def test_each_watcher_has_a_note_of_its_own(inbox: bytes) -> None:
    for name, host in (("b.uff", HOST), ("a.uff", "other.example"), ("c.uff", "third.example")):
        under_way.write(inbox, note(name=name, host=host))
    assert [each.name for each in under_way.read(inbox, time.time())] == ["a.uff", "b.uff", "c.uff"]


def test_notes_of_killed_processes_and_old_notes_are_left_out(inbox: bytes) -> None:
    under_way.write(inbox, note(pid=ended_process()))
    under_way.write(inbox, note(host="other.example", at=time.time() - 31))
    assert under_way.read(inbox, time.time()) == []


def test_sweep_removes_the_notes_of_killed_processes_of_this_host(inbox: bytes) -> None:
    under_way.write(inbox, note(pid=ended_process()))
    under_way.sweep(inbox)
    assert list(Path(os.fsdecode(inbox)).iterdir()) == []
    under_way.write(inbox, note())
    under_way.write(inbox, note(host="other.example"))
    under_way.sweep(inbox)
    assert len(under_way.read(inbox, time.time())) == 2


@pytest.mark.parametrize(
    "content",
    [
        *("", "{", "[]", "null", '{"name": "a.uff"}', "9" * 5000),
        json.dumps({**asdict(note()), "size": -1}),
        json.dumps({**asdict(note()), "pid": "1"}),
        json.dumps({**asdict(note()), "name": 7}),
        json.dumps({**asdict(note()), "name": "a\ud800.uff"}),
        json.dumps({**asdict(note()), "host": "a\nb"}),
        "[" * 16_000,
        json.dumps({**asdict(note()), "pid": 2**62}),
        json.dumps({**asdict(note()), "seconds": float("inf")}),
    ],
)
def test_note_that_is_none_is_ignored(inbox: bytes, content: str) -> None:
    folder(inbox).mkdir()
    (folder(inbox) / "x.json").write_text(content)
    (folder(inbox) / "link.json").symlink_to("/etc/passwd")
    os.mkfifo(folder(inbox) / "fifo.json")
    (folder(inbox) / "x.json.json").mkdir()
    assert under_way.read(inbox, time.time()) == []
    under_way.sweep(inbox)


def test_links_of_a_sender_are_not_followed(inbox: bytes, tmp_path: Path) -> None:
    target = tmp_path / "target"
    target.mkdir()
    folder(inbox).symlink_to(target)
    with pytest.raises(NotADirectoryError):
        under_way.write(inbox, note())
    under_way.write(os.fsencode(target), note())
    assert under_way.read(inbox, time.time()) == []
    folder(inbox).unlink()
    folder(inbox).mkdir()
    (tmp_path / "precious").write_text("precious")
    (folder(inbox) / f"{HOST}-{PID}.json.tmp").symlink_to(tmp_path / "precious")
    under_way.write(inbox, note())
    assert (tmp_path / "precious").read_text() == "precious"
    assert under_way.read(inbox, time.time()) == [note(at=under_way.read(inbox, time.time())[0].at)]

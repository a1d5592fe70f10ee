import fcntl
import os
import pwd
import tempfile
import time
from pathlib import Path

import pytest

from tests.making.numbered import d0010
from tests.running.box import Box, wait_until
from tests.running.commands import BAD, run, status
from watcher.disk.holders import LOCKS, holders
from watcher.operators.waiting import scan_backlog

NOBODY = 65534
needs_list_of_locks = pytest.mark.skipif(not LOCKS.exists(), reason="needs the list of locks of Linux")


@pytest.fixture
def box(tmp_path: Path, database_url: str) -> Box:
    return Box(tmp_path, database_url)


def needs(answer: dict[str, list[dict[str, str]]]) -> dict[str, str]:
    return {need["name"]: need["why"] for need in answer["attention"]}


@needs_list_of_locks
def test_status_with_a_watcher_and_an_empty_inbox_is_ok(box: Box) -> None:
    with box.watcher() as child:
        wait_until(lambda: box.log("watching"))
        code, answer = status(box)
    assert (code, answer["verdict"], answer["attention"]) == (0, "ok", [])
    assert answer["inbox"] == str(box.inbox)
    assert answer["backlog"] == 0
    assert answer["watcher"] == {"running": True, "pids": [child.pid]}
    assert [folder["writable"] for folder in answer["folders"]] == [True, True, True]
    assert answer["database"]["ok"]


@needs_list_of_locks
def test_status_without_a_watcher_needs_attention_and_counts_the_backlog(box: Box) -> None:
    box.drop("one.uff", d0010())
    box.drop("two.uff", d0010("2"))
    code, answer = status(box)
    assert (code, answer["backlog"]) == (1, 2)
    assert 0 <= answer["oldest_seconds"] < 60
    assert list(needs(answer)) == ["watcher"]


def test_status_names_incomplete_and_rejected_files_with_an_action(box: Box) -> None:
    box.drop("bad.uff", BAD)
    assert box.once()[0] == 1
    box.drop("cut.uff", d0010()[:-20])
    box.drop("fine.uff", d0010())
    box.drop("unfinished.part", d0010())
    time.sleep(0.3)
    code, answer = status(box)
    assert (code, answer["backlog"], answer["left_alone"], answer["rejected"]) == (1, 2, 1, 1)
    assert "is not complete yet" in needs(answer)["cut.uff"]
    assert ", ".join(answer["last_rejected"][0]["codes"]) in needs(answer)["bad.uff"]
    assert "fine.uff" not in needs(answer)
    cure = next(need["cure"] for need in answer["attention"] if need["name"] == "bad.uff")
    report = cure.removeprefix("read ").partition(";")[0]
    assert "bad.uff: rejected" in Path(report).read_text()
    assert [(row["name"], row["outcome"]) for row in answer["last_outcomes"]] == [("bad.uff", "rejected")]
    ended = run(box, "inbox_status")
    assert ended.code == 1
    assert ended.out.startswith("attention\n")
    for words in ("cut.uff: is not complete yet", "backlog   2 files", "rejected  1 file", "rejected    bad.uff"):
        assert words in ended.out


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, who can take another account")
def test_backlog_lists_an_unreadable_file_with_owner_and_mode() -> None:
    with tempfile.TemporaryDirectory() as inbox:
        Path(inbox).chmod(0o755)
        path = Path(inbox, "secret.uff")
        path.write_bytes(d0010())
        path.chmod(0o600)
        os.chown(path, 1, 1)
        reader, writer = os.pipe()
        child = os.fork()
        if not child:  # a process that gives up root cannot get it back
            os.setgroups([])
            os.setgid(NOBODY)
            os.setuid(NOBODY)
            files = scan_backlog(os.fsencode(inbox), now=time.time(), quiet_seconds=0).files
            os.write(writer, str([(file.name, file.why.name, file.owner, file.mode) for file in files]).encode())
            os._exit(0)
        os.waitpid(child, 0)
        listed = os.read(reader, 1000).decode()
    assert listed == str([("secret.uff", "UNREADABLE", pwd.getpwuid(1).pw_name, "-rw-------")])


def test_status_with_the_database_down_is_broken_and_still_shows_the_folders(box: Box) -> None:
    box.drop("one.uff", d0010())
    down = "sqlite:////nowhere/db.sqlite3" if box.is_sqlite else "postgresql://nobody@127.0.0.1:1/nothing"
    code, answer = status(box, DATABASE_URL=down)
    assert (code, answer["verdict"], answer["backlog"]) == (2, "broken", 1)
    assert not answer["database"]["ok"]
    assert "database" in needs(answer)


def test_status_with_missing_migrations_is_broken(box: Box) -> None:
    box.execute("DELETE FROM django_migrations WHERE app = 'readings'")
    code, answer = status(box)
    assert (code, answer["database"]["ok"]) == (2, False)
    assert "migrations are missing" in needs(answer)["database"]


def test_status_creates_no_database(box: Box, tmp_path: Path) -> None:
    path = tmp_path / "new.sqlite3"
    code, _ = status(box, DATABASE_URL=f"sqlite:///{path}")
    assert code == 2
    assert not path.exists()


def test_status_with_a_missing_folder_is_broken_and_names_it(box: Box) -> None:
    box.archive.rmdir()
    code, answer = status(box)
    assert code == 2
    assert str(box.archive) in needs(answer)["folders"]
    box.inbox.rmdir()
    assert status(box)[0] == 2


@needs_list_of_locks
def test_holders_lists_the_process_with_the_lock(tmp_path: Path) -> None:
    inbox = bytes(tmp_path)
    assert holders(inbox) == []
    descriptor = os.open(inbox, os.O_RDONLY)
    fcntl.flock(descriptor, fcntl.LOCK_SH)
    assert holders(inbox) == [os.getpid()]
    os.close(descriptor)
    assert holders(inbox) == []


def test_holders_without_a_list_of_locks_is_unknown(tmp_path: Path) -> None:
    assert holders(bytes(tmp_path), tmp_path / "missing") is None
    locks = tmp_path / "locks"
    locks.write_text(f"1: FLOCK  ADVISORY  WRITE 7 ff:ff:{tmp_path.stat().st_ino} 0 EOF\n")
    assert holders(bytes(tmp_path), locks) is None

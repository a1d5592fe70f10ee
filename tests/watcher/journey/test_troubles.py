"""Faults outside the file never reject it."""

import fcntl
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from tests.making.numbered import d0010
from tests.running.box import BREAK, MEND, Box, end, files_below, wait_until
from tests.running.places import ROOT

OTHER_FILE_SYSTEM = Path("/dev/shm")


@pytest.fixture
def box(tmp_path: Path, database_url: str) -> Box:
    return Box(tmp_path, database_url)


def test_file_stays_until_the_database_works(box: Box) -> None:
    box.execute("ALTER TABLE readings_reading RENAME TO hidden")
    with box.watcher() as child:
        box.drop("file.uff", d0010())
        wait_until(lambda: box.log("cannot import"))
        assert set(files_below(box.inbox)) == {"file.uff"}
        box.execute("ALTER TABLE hidden RENAME TO readings_reading")
        wait_until(box.outcomes)
        assert end(child) == 0
    assert box.outcomes() == [("file.uff", "IMPORTED")]
    assert box.count_readings() == 1


def test_environment_faults_do_not_count_as_attempts(box: Box) -> None:
    box.drop("file.uff", d0010())
    box.execute("ALTER TABLE readings_reading RENAME TO hidden")
    for _ in range(2):
        assert box.once(MAX_ATTEMPTS="1")[0] == 75
    assert box.rows("SELECT status, attempts FROM readings_flowfile") == [("RECEIVED", 0)]
    box.execute("ALTER TABLE hidden RENAME TO readings_reading")
    assert box.once(MAX_ATTEMPTS="1")[0] == 0
    assert box.outcomes() == [("file.uff", "IMPORTED")]


@pytest.mark.slow
def test_repeated_importer_faults_reject_no_file(box: Box) -> None:
    kind = "sqlite" if box.is_sqlite else "postgresql"
    box.execute(BREAK[kind])
    names = [f"{number}.uff" for number in range(6)]
    for number, name in enumerate(names):
        box.drop(name, d0010(identifier=f"{number:010}"))
    with box.watcher(MAX_ATTEMPTS="2") as child:
        wait_until(lambda: len(box.log("cannot import")) >= 2)
        assert "ImporterBroken" in box.log("cannot import")[0]["error"]
        assert set(files_below(box.inbox)) == set(names)
        box.execute(MEND[kind])
        wait_until(lambda: len(box.outcomes()) == len(names))
        assert end(child) == 0
    assert sorted(box.outcomes()) == [(name, "IMPORTED") for name in names]


@pytest.mark.slow
def test_sigterm_ends_a_retry_pause_at_once(box: Box) -> None:
    box.execute("ALTER TABLE readings_flowfile RENAME TO hidden")
    with box.watcher() as child:
        box.drop("file.uff", d0010())
        wait_until(lambda: any(line["next_try_in"] >= 16 for line in box.log("cannot import")))
        child.terminate()
        assert child.wait(timeout=12) == 0


def test_no_import_starts_if_files_cannot_be_put_away(box: Box) -> None:
    with box.watcher() as child:
        wait_until(lambda: box.log("watching"))
        shutil.rmtree(box.archive)
        box.drop("file.uff", d0010())
        wait_until(lambda: box.log("cannot import"))
        assert "ARCHIVE_DIR" in box.log("cannot import")[0]["error"]
        assert box.rows("SELECT 1 FROM readings_flowfile") == []
        box.archive.mkdir()
        wait_until(box.outcomes)
        assert end(child) == 0
    assert list(files_below(box.archive).values()) == [d0010()]


def test_watcher_waits_for_a_missing_inbox(box: Box) -> None:
    with box.watcher() as child:
        wait_until(lambda: box.log("watching"))
        box.inbox.rename(box.inbox.with_name("away"))
        wait_until(lambda: box.log("cannot import"))
        box.inbox.with_name("away").rename(box.inbox)
        box.drop("file.uff", d0010())
        wait_until(box.outcomes)
        assert end(child) == 0


def test_file_locked_by_another_program_is_left(box: Box) -> None:
    path = box.drop("file.uff", d0010())
    with box.watcher() as child:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_SH)
            wait_until(lambda: box.log("waits"))
            assert box.rows("SELECT 1 FROM readings_flowfile") == []
        wait_until(box.outcomes)
        assert end(child) == 0


def test_missing_folder_ends_with_78_and_names_the_setting(box: Box) -> None:
    box.archive.rmdir()
    code, log = box.once()
    assert code == 78
    assert "set ARCHIVE_DIR" in log[0]["event"]
    assert str(box.archive) in log[0]["event"]


def test_folders_on_two_file_systems_end_with_78(box: Box, tmp_path: Path) -> None:
    if OTHER_FILE_SYSTEM.stat().st_dev == tmp_path.stat().st_dev:
        pytest.skip("needs two file systems")
    code, log = box.once(REJECTED_DIR=str(OTHER_FILE_SYSTEM))
    assert code == 78
    assert "another file system" in log[0]["event"]
    assert "REJECTED_DIR" in log[0]["event"]
    assert files_below(box.inbox) == {}
    assert not list(OTHER_FILE_SYSTEM.glob(".meterbox-*"))


def test_one_folder_for_two_settings_is_refused(box: Box) -> None:
    assert box.once(ARCHIVE_DIR=str(box.inbox))[0] == 78


def test_second_watcher_is_refused_on_sqlite_and_shares_the_inbox_on_postgresql(box: Box) -> None:
    names = [f"{number:02}.uff" for number in range(30)]
    with box.watcher() as first:
        wait_until(lambda: box.log("watching"))
        if box.is_sqlite:
            code, log = box.once()
            assert code == 78
            assert "another watcher holds the inbox" in log[0]["event"]
        with box.watcher() as second:
            if box.is_sqlite:
                assert second.wait(timeout=60) == 78
            else:
                wait_until(lambda: len(box.log("watching")) == 2)
            for number, name in enumerate(names):
                box.drop(name, d0010(identifier=f"{number:010}", value=f"{number}.0"))
            wait_until(lambda: len(box.outcomes()) == len(names))
            assert box.is_sqlite or end(second) == 0
        assert end(first) == 0
    assert sorted(box.outcomes()) == [(name, "IMPORTED") for name in names]
    assert box.count_arrivals() == len(files_below(box.archive)) == len(names)


def test_killed_watcher_releases_the_inbox(box: Box) -> None:
    with box.watcher() as child:
        wait_until(lambda: box.log("watching"))
        child.kill()
        child.wait()
        assert box.once()[0] == 0


def test_withdrawal_finds_a_reading_of_a_concurrent_import(box: Box) -> None:
    if box.is_sqlite:
        return  # It has one writer.
    box.drop("first.uff", d0010("0000000001", meter_points=40_000).replace(b"20260301000000", b"20260201000000"))
    assert box.once()[0] == 0
    box.drop("readings.uff", d0010("0000000002", meter_points=40_000))
    withdrawal = d0010("0000000003").replace(b"|C|", b"|W|")
    with box.watcher(), box.watcher():
        wait_until(lambda: len(box.rows("SELECT 1 FROM readings_flowfile")) == 2)
        box.drop("withdrawal.uff", withdrawal)
        wait_until(lambda: len(box.outcomes()) == 3, seconds=120)
    assert box.rows("SELECT count(*) FROM readings_reading WHERE withdrawn_by_id IS NOT NULL") == [(1,)]


def test_concurrent_watchers_store_all_versions_of_a_reading(box: Box) -> None:
    if box.is_sqlite:
        return  # It has one watcher.
    names = [f"{number:03}.uff" for number in range(100)]
    for number, name in enumerate(names):
        box.drop(name, d0010(f"{number:010}", value=f"{number}.0"))
    with box.watcher() as first, box.watcher() as second:
        wait_until(lambda: len(box.outcomes()) == len(names), seconds=120)
        assert [end(first), end(second)] == [0, 0]
    assert box.log("failed") == []
    assert box.rows("SELECT count(*) FROM readings_reading WHERE superseded_by_id IS NULL") == [(1,)]


@pytest.mark.slow
@pytest.mark.slow_on_postgresql
def test_failed_commands_do_not_make_a_good_file_poison(box: Box, tmp_path: Path) -> None:
    path = tmp_path / "file.uff"
    path.write_bytes(d0010())
    command = [sys.executable, "manage.py", "import_flow", str(path)]
    box.execute("ALTER TABLE readings_reading RENAME TO hidden")
    for _ in range(4):
        assert subprocess.run(command, env=box.environment, cwd=ROOT, check=False).returncode == 2
    box.execute("ALTER TABLE hidden RENAME TO readings_reading")
    assert subprocess.run(command, env=box.environment, cwd=ROOT, check=False).returncode == 0
    assert box.outcomes() == [("file.uff", "IMPORTED")]

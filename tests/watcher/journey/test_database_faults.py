"""Database faults: files stay, the log names cause and action, and the watcher continues by itself."""

from __future__ import annotations

import ctypes
import os
import re
import shutil
import socket
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import psycopg
import pytest

from tests.making.numbered import d0010
from tests.running.box import Box, end, files_below, wait_until
from tests.running.places import ROOT
from tests.running.postgresql import Server, create, in_database, migrate, postgresql

pytestmark = pytest.mark.slow

NAME = "file.uff"
#: Number of readings in more than one batch.
LARGE = 40_000
#: Content that is rejected at once.
WRONG = d0010("0000000009", value="many")
PR_CAPBSET_DROP = 24
CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH = 1, 2


def starts_with_cause(box: Box, cause: str, cure: str) -> bool:
    """Return whether the last error in the log has this cause and action, in one line."""
    errors = [line["error"] for line in box.log("cannot import")]
    return bool(errors) and errors[-1].startswith(cause) and cure in errors[-1] and "\n" not in errors[-1]


def waits_for_cure(box: Box, cause: str, cure: str, content: bytes) -> None:
    """Wait until the log has this cause and action; assert that the file stays without an attempt."""
    wait_until(lambda: starts_with_cause(box, cause, cure), seconds=60)
    assert files_below(box.inbox) == {NAME: content}
    assert files_below(box.archive) == files_below(box.rejected) == {}


def is_imported(box: Box, readings: int = 1) -> None:
    """Wait until the file is imported; assert that it was imported once, without a trace of the fault."""
    wait_until(box.outcomes)
    assert box.outcomes() == [(NAME, "IMPORTED")]
    assert box.count_readings() == readings
    assert box.count_arrivals() == 1
    assert files_below(box.inbox) == files_below(box.rejected) == {}
    assert box.rows("SELECT status, attempts, last_error FROM readings_flowfile") == [("IMPORTED", 0, "")]
    assert box.log("failed") == []
    assert [line for line in box.log() if "level" not in line] == []


# --- either database ---


@pytest.fixture
def box(tmp_path: Path, database_url: str) -> Box:
    return Box(tmp_path, database_url)


@pytest.mark.slow
def test_watcher_waits_for_the_first_migration(tmp_path: Path, database_url: str) -> None:
    is_sqlite = database_url.startswith("sqlite")
    url = f"sqlite:///{tmp_path}/new.sqlite3" if is_sqlite else f"{database_url}_new"
    if not is_sqlite:
        create(url)
    box = Box(tmp_path, url)
    box.drop(NAME, d0010())
    try:
        with box.watcher() as child:
            waits_for_cure(box, "the database is behind the program", "run manage.py migrate", d0010())
            assert box.log("cannot import")[0]["error"].count("manage.py migrate") == 1
            migrate(url)
            is_imported(box)
            assert end(child) == 0
    finally:
        if not is_sqlite:
            with psycopg.connect(in_database(url, "postgres"), autocommit=True) as connection:
                connection.execute(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)".encode())


PENDING = "DELETE FROM django_migrations WHERE app = 'watcher'"
APPLIED = "INSERT INTO django_migrations (app, name, applied) VALUES ('watcher', '0001_the_inbox', '2026-01-01')"


def test_watcher_imports_nothing_while_a_migration_is_missing(box: Box) -> None:
    box.execute(PENDING)
    box.drop(NAME, d0010())
    with box.watcher() as child:
        waits_for_cure(box, "the database is behind the program", "watcher.0001_the_inbox", d0010())
        assert box.rows("SELECT 1 FROM readings_flowfile") == []
        box.execute(APPLIED)
        is_imported(box)
        assert end(child) == 0


def test_once_with_a_missing_migration_ends_with_75_and_names_the_command(box: Box) -> None:
    box.execute(PENDING)
    box.drop(NAME, d0010())
    code, log = box.once()
    assert code == 75
    assert "run manage.py migrate" in log[-1]["event"]


@pytest.mark.parametrize("is_behind", [False, True])
def test_watcher_waits_for_a_table_that_disappears(box: Box, is_behind: bool) -> None:
    cause = "the database is behind" if is_behind else "the database schema is out of date"
    with box.watcher() as child:
        wait_until(lambda: box.log("watching"))
        # After this watcher has used the database.
        box.drop("first.uff", WRONG)
        wait_until(lambda: box.log("put away"))
        box.execute("ALTER TABLE readings_reading RENAME TO hidden")
        if is_behind:
            box.execute(PENDING)
        box.drop(NAME, d0010())
        wait_until(lambda: starts_with_cause(box, cause, "run manage.py migrate"))
        assert files_below(box.inbox) == {NAME: d0010()}
        box.execute("ALTER TABLE hidden RENAME TO readings_reading")
        if is_behind:
            box.execute(APPLIED)
        wait_until(lambda: (NAME, "IMPORTED") in box.outcomes())
        assert end(child) == 0


# --- PostgreSQL ---


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    with postgresql(settings={"deadlock_timeout": "1s"}) as server:
        create(server.url_of("template"))
        migrate(server.url_of("template"))
        yield server


class Served(Box):
    """A box with a database on a server that a test may disturb."""

    def __init__(self, folder: Path, server: Server) -> None:
        self.server = server
        self.name = re.sub(r"\W", "_", folder.name)
        create(server.url_of(self.name), template="template")
        super().__init__(folder, server.url_of(self.name))

    def command(self, statement: str) -> list[tuple[Any, ...]]:
        """Run a statement from another database."""
        with psycopg.connect(self.server.url, autocommit=True) as connection:
            cursor = connection.execute(statement.replace("{name}", self.name).encode())
            return cursor.fetchall() if cursor.description else []

    def cut_connections(self) -> int:
        """End all connections to the database; return their number."""
        cut = "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{name}'"
        return len(self.command(cut))

    def wait_for_copy(self) -> None:
        """Wait until an import sends its readings."""
        copies = "SELECT 1 FROM pg_stat_activity WHERE datname = '{name}' AND query LIKE 'COPY readings_reading %'"
        wait_until(lambda: self.command(copies))


@pytest.fixture
def served(tmp_path: Path, server: Server) -> Served:
    return Served(tmp_path, server)


@pytest.mark.slow
def test_watcher_waits_for_a_database_that_is_down_at_its_start(served: Served) -> None:
    served.drop(NAME, d0010())
    served.server.stop(immediate=False)
    try:
        with served.watcher() as child:
            waits_for_cure(served, "the database does not answer", "start it", d0010())
            served.server.start()
            is_imported(served)
            assert end(child) == 0
    finally:
        served.server.restart()


def test_import_starts_again_after_its_connection_is_cut(served: Served) -> None:
    with served.watcher() as child:
        served.drop(NAME, d0010(meter_points=LARGE))
        served.wait_for_copy()
        assert served.cut_connections()
        is_imported(served, LARGE)
        assert end(child) == 0


def test_import_starts_again_after_a_server_crash(served: Served) -> None:
    with served.watcher() as child:
        served.drop(NAME, d0010(meter_points=LARGE))
        served.wait_for_copy()
        served.server.restart(immediate=True)
        is_imported(served, LARGE)
        assert end(child) == 0


def test_watcher_waits_for_a_read_only_database(served: Served) -> None:
    served.command("ALTER DATABASE {name} SET default_transaction_read_only = on")
    served.drop(NAME, d0010())
    with served.watcher() as child:
        waits_for_cure(served, "the database is read-only", "write access", d0010())
        served.command("ALTER DATABASE {name} RESET default_transaction_read_only")
        is_imported(served)
        assert end(child) == 0


def test_long_lock_of_another_session_is_reported(served: Served) -> None:
    served.command("ALTER DATABASE {name} SET lock_timeout = '200ms'")
    served.drop(NAME, d0010())
    with psycopg.connect(served.database_url) as other, served.watcher() as child:
        other.execute("LOCK TABLE readings_reading IN ACCESS EXCLUSIVE MODE")
        waits_for_cure(served, "another program holds a lock", "end it", d0010())
        other.rollback()
        is_imported(served)
        assert end(child) == 0


def test_victim_of_a_deadlock_is_imported_afterwards(served: Served) -> None:
    with psycopg.connect(served.database_url) as other, served.watcher() as child:
        other.execute("SET deadlock_timeout = '1h'")  # so that the watcher gives up, not the server
        other.execute("LOCK TABLE readings_arrival IN SHARE MODE")
        served.drop(NAME, d0010())
        waits = "SELECT 1 FROM pg_stat_activity WHERE datname = '{name}' AND wait_event_type = 'Lock'"
        wait_until(lambda: served.command(waits))
        other.execute("LOCK TABLE readings_reading IN SHARE MODE")
        other.rollback()
        is_imported(served)
        assert end(child) == 0
    deadlocks = "SELECT deadlocks FROM pg_stat_database WHERE datname = '{name}'"
    wait_until(lambda: served.command(deadlocks) == [(1,)])


def test_watcher_waits_for_a_free_connection(served: Served) -> None:
    role = f"role_{served.name}"
    served.command(f"CREATE ROLE {role} LOGIN CONNECTION LIMIT 0")
    for kind in ("TABLES", "SEQUENCES"):
        served.execute(f"GRANT ALL ON ALL {kind} IN SCHEMA public TO {role}")
    served.drop(NAME, d0010())
    with served.watcher(DATABASE_URL=served.database_url.replace("postgres@", f"{role}@")) as child:
        waits_for_cure(served, "the database has no connection left", "max_connections", d0010())
        served.command(f"ALTER ROLE {role} CONNECTION LIMIT -1")
        is_imported(served)
        assert end(child) == 0


def test_role_without_write_permission_is_reported(served: Served) -> None:
    role = f"role_{served.name}"
    served.command(f"CREATE ROLE {role} LOGIN")
    served.execute(f"GRANT SELECT ON ALL TABLES IN SCHEMA public TO {role}")
    served.drop(NAME, d0010())
    with served.watcher(DATABASE_URL=served.database_url.replace("postgres@", f"{role}@")) as child:
        waits_for_cure(served, "the database refuses this program", "privileges of its role", d0010())
        for kind in ("TABLES", "SEQUENCES"):
            served.execute(f"GRANT ALL ON ALL {kind} IN SCHEMA public TO {role}")
        is_imported(served)
        assert end(child) == 0


def test_watcher_reconnects_after_a_cut_between_two_files(served: Served) -> None:
    with served.watcher() as child:
        served.drop("first.uff", WRONG)
        wait_until(lambda: served.log("put away"))
        assert served.cut_connections()
        served.drop(NAME, d0010())
        wait_until(lambda: (NAME, "IMPORTED") in served.outcomes())
        assert end(child) == 0
    assert served.log("cannot import") == served.log("failed") == []


def test_watcher_reconnects_after_an_idle_timeout(served: Served) -> None:
    served.command("ALTER DATABASE {name} SET idle_session_timeout = '200ms'")
    with served.watcher() as child:
        served.drop("first.uff", WRONG)
        wait_until(lambda: served.log("put away"))
        wait_until(lambda: not served.command("SELECT 1 FROM pg_stat_activity WHERE datname = '{name}'"))
        served.drop(NAME, d0010())
        wait_until(lambda: (NAME, "IMPORTED") in served.outcomes())
        assert end(child) == 0
    assert served.log("cannot import") == served.log("failed") == served.log("cannot sum the consumption") == []
    assert served.log("cannot renew statistics") == []


@pytest.mark.slow
def test_full_disk_of_the_server_is_reported(served: Served) -> None:
    with a_small_disk(served.server.home / "disk", "24m") as disk:
        if served.server.account:
            os.chown(disk, served.server.account["user"], served.server.account["group"])
        try:
            served.command(f"CREATE TABLESPACE small LOCATION '{disk}'")
            served.execute("ALTER TABLE readings_reading SET TABLESPACE small")
            filler = disk / "filler"
            filler.write_bytes(bytes(room_on(disk) - 64 * 1024))
            content = d0010(meter_points=LARGE)
            served.drop(NAME, content)
            with served.watcher() as child:
                waits_for_cure(served, "the disk of the database is full", "free some space", content)
                filler.unlink()
                is_imported(served, LARGE)
                assert end(child) == 0
        finally:
            served.cut_connections()
            served.command("DROP DATABASE {name} WITH (FORCE)")
            served.command("DROP TABLESPACE IF EXISTS small")


@pytest.mark.slow
def test_server_that_never_answers_is_reported(served: Served) -> None:
    served.drop(NAME, d0010())
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        url = f"postgresql://postgres@127.0.0.1:{port}/{served.name}?connect_timeout=2"
        with served.watcher(DATABASE_URL=url) as child:
            waits_for_cure(served, "the database does not answer", "DATABASE_URL", d0010())
            assert end(child) == 0


# --- SQLite ---


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("template") / "db.sqlite3"
    migrate(f"sqlite:///{path}")
    with closing(sqlite3.connect(path)) as lite:
        lite.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    return path


class Lite(Box):
    """A box with a SQLite database in its own folder."""

    def __init__(self, folder: Path, template: Path, home: Path) -> None:
        home.mkdir(exist_ok=True)
        self.path = home / "db.sqlite3"
        shutil.copy(template, self.path)
        super().__init__(folder, f"sqlite:///{self.path}")

    @contextmanager
    def locked(self) -> Iterator[None]:
        """Hold the lock of a writer, like another program."""
        with closing(sqlite3.connect(self.path, isolation_level=None, timeout=30)) as other:
            other.execute("BEGIN IMMEDIATE")
            yield


@pytest.fixture
def lite(tmp_path: Path, template: Path) -> Lite:
    return Lite(tmp_path, template, tmp_path / "database")


@pytest.mark.slow
def test_watcher_waits_for_a_locked_sqlite(lite: Lite) -> None:
    lite.drop(NAME, d0010())
    with lite.watcher() as child:
        with lite.locked():
            waits_for_cure(lite, "another program holds a lock", "end it", d0010())
        is_imported(lite)
        assert end(child) == 0


@pytest.mark.slow
def test_short_lock_of_sqlite_is_not_reported(lite: Lite) -> None:
    with lite.watcher() as child:
        wait_until(lambda: lite.log("watching"))
        with lite.locked():
            lite.drop(NAME, d0010())
            time.sleep(3)
            assert files_below(lite.inbox) == {NAME: d0010()}
        is_imported(lite)
        assert end(child) == 0
    assert lite.log("cannot import") == []


@pytest.mark.parametrize("when", ["before an import", "during an import"])
def test_sigterm_stops_the_watcher_at_once_while_sqlite_is_locked(lite: Lite, when: str) -> None:
    with lite.watcher() as child:
        wait_until(lambda: lite.log("watching"))
        if when == "before an import":
            with lite.locked():
                lite.drop(NAME, d0010())
                time.sleep(1.5)
                began_at = time.monotonic()
                assert end(child) == 0
                assert time.monotonic() - began_at < 5
        else:
            lite.drop(NAME, d0010(meter_points=LARGE))
            # The attempt is stored; between two transactions of the import, the first writer that asks gets the lock.
            wait_until(lambda: lite.rows("SELECT 1 FROM readings_flowfile"))
            child.terminate()
            with lite.locked():
                began_at = time.monotonic()
                assert child.wait(timeout=30) == 0
                assert time.monotonic() - began_at < 5
    assert lite.log("stopped")
    assert len(files_below(lite.inbox)) + len(files_below(lite.archive)) == 1


def test_watcher_waits_for_a_read_only_sqlite(lite: Lite) -> None:
    lite.path.chmod(0o444)
    lite.drop(NAME, d0010())
    with without_the_rights_of_root(lite) as child:
        waits_for_cure(lite, "the database is read-only", "write access", d0010())
        lite.path.chmod(0o644)
        is_imported(lite)
        assert end(child) == 0


def test_watcher_waits_for_the_folder_of_sqlite(lite: Lite) -> None:
    lite.drop(NAME, d0010())
    away = lite.path.parent.rename(lite.path.parent.with_name("away"))
    with lite.watcher() as child:
        waits_for_cure(lite, "the database file cannot be opened", "check DATABASE_URL", d0010())
        away.rename(lite.path.parent)
        is_imported(lite)
        assert end(child) == 0


def test_damaged_sqlite_is_reported(lite: Lite) -> None:
    backup = lite.path.read_bytes()
    lite.path.write_bytes(b"no database" * 1000)
    lite.drop(NAME, d0010())
    with lite.watcher() as child:
        waits_for_cure(lite, "the database or its disk is damaged", "backup", d0010())
        for path in lite.path.parent.iterdir():
            path.unlink()
        lite.path.write_bytes(backup)
        is_imported(lite)
        assert end(child) == 0


def test_full_disk_of_sqlite_is_reported(tmp_path: Path, template: Path) -> None:
    with a_small_disk(tmp_path / "disk", "16m") as disk:
        lite = Lite(tmp_path, template, disk)
        filler = disk / "filler"
        filler.write_bytes(bytes(room_on(disk) - 512 * 1024))
        content = d0010(meter_points=5_000)
        lite.drop(NAME, content)
        with lite.watcher() as child:
            waits_for_cure(lite, "the disk of the database is full", "free some space", content)
            filler.unlink()
            is_imported(lite, 5_000)
            assert end(child) == 0


def test_second_watcher_on_sqlite_ends_and_names_the_process_of_the_first(lite: Lite) -> None:
    with lite.watcher() as first:
        wait_until(lambda: lite.log("watching"))
        code, log = lite.once()
        assert code == 78
        assert "another watcher holds the inbox" in log[-1]["event"]
        if Path("/proc/locks").exists():
            assert f"(process {first.pid})" in log[-1]["event"]


# --- its log ---


@contextmanager
def logging_to(box: Box, stderr: Any) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "manage.py", "watch_inbox"]
    child = subprocess.Popen(command, env=box.environment, cwd=ROOT, stderr=stderr)
    try:
        yield child
    finally:
        child.kill()
        child.wait()


def test_watcher_survives_a_full_disk_of_its_log(lite: Lite) -> None:
    if not Path("/dev/full").exists():
        return  # Only Linux has this device.
    with Path("/dev/full").open("wb") as full, logging_to(lite, full) as child:
        lite.drop(NAME, d0010())
        is_imported(lite)
        assert end(child) == 0


def test_watcher_survives_a_closed_log_pipe(lite: Lite) -> None:
    receiver, sender = os.pipe()
    with logging_to(lite, sender) as child:
        os.close(sender)
        wait_until(lambda: b"watching" in os.read(receiver, 4096))
        os.close(receiver)
        lite.drop(NAME, d0010())
        is_imported(lite)
        assert end(child) == 0


def test_watcher_works_without_standard_error(lite: Lite) -> None:
    again = "import os, sys; os.close(2); os.execv(sys.executable, [sys.executable, *sys.argv[1:]])"
    watch = "from django.core.management import execute_from_command_line as run; run(['manage.py', 'watch_inbox'])"
    command = [sys.executable, "-c", again, "-c", watch]
    environment = {**lite.environment, "DJANGO_SETTINGS_MODULE": "config.settings"}
    child = subprocess.Popen(command, env=environment, cwd=ROOT)
    try:
        lite.drop(NAME, d0010())
        is_imported(lite)
        assert end(child) == 0
    finally:
        child.kill()
        child.wait()


# --- tools of the tests ---


@contextmanager
def a_small_disk(folder: Path, size: str) -> Iterator[Path]:
    """Mount a file system in memory."""
    folder.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", f"size={size},mode=0755", "none", str(folder)]
    try:
        ended = subprocess.run(mount, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("needs mount")
    if ended.returncode:
        pytest.skip(f"needs the right to mount: {ended.stderr.strip()}")
    try:
        yield folder
    finally:
        # Lazily: a server may still have a file open there.
        subprocess.run(["umount", "-l", str(folder)], check=True)


def room_on(folder: Path) -> int:
    space = os.statvfs(folder)
    return space.f_bavail * space.f_frsize


@contextmanager
def without_the_rights_of_root(box: Box) -> Iterator[subprocess.Popen[bytes]]:
    """Run a watcher without root's rights, so that file modes apply to it."""

    def drop() -> None:
        if os.geteuid() == 0:
            for capability in (CAP_DAC_OVERRIDE, CAP_DAC_READ_SEARCH):
                ctypes.CDLL(None).prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)

    with box.log_path.open("ab") as log:
        command = [sys.executable, "manage.py", "watch_inbox"]
        child = subprocess.Popen(command, env=box.environment, cwd=ROOT, stderr=log, preexec_fn=drop)
    try:
        yield child
    finally:
        child.kill()
        child.wait()

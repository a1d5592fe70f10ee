from __future__ import annotations

import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from http.cookiejar import CookieJar
from pathlib import Path
from urllib.parse import urlencode
from urllib.request import HTTPCookieProcessor, OpenerDirector, ProxyHandler, build_opener

import pytest

from tests.running.box import Box, files_below, wait_until
from tests.running.places import ROOT, SAMPLES
from tests.running.postgresql import create, drop, free_port, in_database

pytestmark = pytest.mark.slow_on_postgresql

MPAN_OF_THE_SAMPLE = "3190001042118"


class Started(Box):
    """A `manage.py start` with its own folders, and a browser."""

    def __init__(self, folder: Path, database_url: str) -> None:
        super().__init__(folder, database_url)
        self.port = free_port()
        self.printed_path = folder / "printed"
        self.browser: OpenerDirector = build_opener(ProxyHandler({}), HTTPCookieProcessor(CookieJar()))

    @contextmanager
    def running(self, **settings: str) -> Iterator[subprocess.Popen[bytes]]:
        """Run the command until the block ends; wait for its instructions first."""
        self.printed_path.write_bytes(b"")
        with self.printed_path.open("ab") as printed, self.log_path.open("ab") as log:
            child = subprocess.Popen(
                [sys.executable, "manage.py", "start", "--port", str(self.port)],
                env={**self.environment, **settings},
                cwd=ROOT,
                stdout=printed,
                stderr=log,
            )
        try:
            wait_until(lambda: "Press Ctrl-C to stop." in self.printed() or child.poll() is not None, seconds=60)
            yield child
        finally:
            child.terminate()
            child.wait(60)

    def printed(self) -> str:
        return self.printed_path.read_text()

    def password(self) -> str:
        match = re.search(r"(?m)^First administrator: admin, password: (\S+)$", self.printed())
        assert match, self.printed()
        return match[1]

    def page(self, path: str, **form: str) -> str:
        """Return a page, or the answer to a form; raise unless the status is 200."""
        content = urlencode(form).encode() if form else None
        with self.browser.open(f"http://127.0.0.1:{self.port}{path}", content, timeout=20) as answer:
            return str(answer.read().decode())

    def log_in(self, password: str) -> str:
        token = re.search(r'name="csrfmiddlewaretoken" value="(\w+)"', self.page("/log-in/"))
        assert token
        return self.page(
            "/log-in/",
            next="/admin/",
            csrfmiddlewaretoken=token[1],
            username="admin",
            password=password,
        )


@pytest.fixture
def fresh_database_url(database_url: str, tmp_path: Path, worker_id: str) -> Iterator[str]:
    """Create an empty database of the tested kind; return its URL."""
    if database_url.startswith("sqlite"):
        yield f"sqlite:///{tmp_path}/fresh.sqlite3"
    else:
        url = in_database(database_url, f"fresh_{worker_id}")
        create(url)
        yield url
        drop(url)


@pytest.fixture
def started(tmp_path: Path, database_url: str) -> Started:
    return Started(tmp_path, database_url)


def living() -> dict[int, tuple[int, str]]:
    """Return parent and command of every process, without zombies."""
    processes = {}
    if not Path("/proc/self/stat").exists():
        listed = subprocess.check_output(["ps", "-A", "-o", "pid=,ppid=,stat=,args="], text=True)
        for pid, parent, state, command in (line.split(None, 3) for line in listed.splitlines()):
            if state[0] != "Z":
                processes[int(pid)] = int(parent), command
        return processes
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            state, parent = (folder / "stat").read_text().rpartition(")")[2].split()[:2]
            if state != "Z":
                processes[int(folder.name)] = int(parent), (folder / "cmdline").read_text().replace("\0", " ")
    return processes


def family_of(pid: int) -> dict[int, str]:
    """Return the descendants of a process with their commands."""
    processes, family, parents = living(), dict[int, str](), {pid}
    while parents:
        born = {child: command for child, (parent, command) in processes.items() if parent in parents}
        family |= born
        parents = set(born)
    return family


def survivors(family: dict[int, str]) -> list[str]:
    """Return the commands of the processes that still run."""
    return [command for pid, command in family.items() if pid in living()]


@pytest.mark.slow
def test_start_on_an_empty_database_shows_an_imported_file(tmp_path: Path, fresh_database_url: str) -> None:
    started = Started(tmp_path, fresh_database_url)
    with started.running() as child:
        page = started.page("/")
        [style, *_] = re.findall(r'href="(/static/[^"]+\.css)"', page)
        assert "body" in started.page(style)

        content = (SAMPLES / "d0010.uff").read_bytes()
        started.drop("d0010.uff", content)
        wait_until(started.outcomes)
        assert started.outcomes() == [("d0010.uff", "IMPORTED")]
        assert list(files_below(started.archive).values()) == [content]

        assert "Log out" in started.log_in(started.password())
        assert MPAN_OF_THE_SAMPLE in started.page("/admin/readings/reading/")

        family = family_of(child.pid)
        assert any("granian" in command for command in family.values())
        assert any("watch_inbox" in command for command in family.values())
        child.send_signal(signal.SIGTERM)
        assert child.wait(20) == 0
    assert survivors(family) == []
    assert started.password() not in started.log_path.read_text()


def test_start_prints_the_address_and_a_command_to_try(started: Started) -> None:
    with started.running():
        printed = started.printed()
    assert f"http://127.0.0.1:{started.port}/\n" in printed
    assert f"    cp tests/samples/d0010.uff {started.inbox}/\n" in printed


@pytest.mark.slow
def test_second_start_creates_no_second_administrator(started: Started) -> None:
    with started.running() as child:
        password = started.password()
        child.send_signal(signal.SIGINT)
        assert child.wait(20) == 0
    with started.running() as child:
        assert "password" not in started.printed()
        assert "Log out" in started.log_in(password)
    assert started.rows("SELECT username FROM auth_user") == [("admin",)]


def test_start_on_a_taken_port_ends_with_78_and_names_the_option(started: Started) -> None:
    with socket.create_server(("127.0.0.1", started.port)), started.running() as child:
        assert child.wait(20) == 78
    log = started.log_path.read_text()
    assert log.startswith(f"CommandError: the web pages cannot listen on 127.0.0.1, port {started.port}: ")
    assert log.endswith("; choose another port with --port\n")
    assert started.rows("SELECT * FROM auth_user") == []


def test_start_with_an_unusable_folder_ends_with_78_and_names_the_setting(started: Started) -> None:
    with started.running(ARCHIVE_DIR=str(started.inbox / "not there")) as child:
        assert child.wait(20) == 78
    assert "set ARCHIVE_DIR" in started.log_path.read_text()
    assert started.printed() == ""


def test_start_with_an_unreachable_database_ends_with_78_and_names_the_setting(started: Started) -> None:
    with started.running(DATABASE_URL=f"postgresql://nobody@127.0.0.1:{started.port}/none") as child:
        assert child.wait(20) == 78
    assert "the database does not answer: start it, or check DATABASE_URL (" in started.log_path.read_text()


@pytest.mark.slow
def test_start_with_a_running_watcher_ends_with_78_on_sqlite_only(started: Started) -> None:
    with started.watcher():
        wait_until(lambda: started.log("watching"))
        with started.running() as child:
            if started.is_sqlite:
                assert child.wait(20) == 78
                assert "another watcher holds the inbox" in started.log_path.read_text()
            else:
                wait_until(lambda: len(started.log("watching")) == 2)
                assert child.poll() is None


@pytest.mark.parametrize("killed", ["granian", "watch_inbox"])
def test_start_stops_the_other_child_when_one_dies(started: Started, killed: str) -> None:
    with started.running() as child:
        family = family_of(child.pid)
        [victim, *_] = [pid for pid, command in family.items() if killed in command and os.getpgid(pid) == pid]
        os.kill(victim, signal.SIGKILL)
        assert child.wait(20) == 128 + signal.SIGKILL
    assert survivors(family) == []


@pytest.mark.slow
def test_killed_start_leaves_no_child(started: Started) -> None:
    with started.running() as child:
        family = family_of(child.pid)
        assert len(family) > 2
        child.kill()
        wait_until(lambda: not survivors(family))

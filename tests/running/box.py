"""Real watchers on real folders, for the tests of the watcher."""

from __future__ import annotations

import inspect
import json
import os
import signal
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path
from types import CodeType
from typing import Any, TypeAlias

import psycopg

from tests.running.forks import Ended, Forked, fork_server, manage

#: Function of the program, or its code.
Function: TypeAlias = Callable[..., Any] | CodeType

QUICK = {"SCAN_SECONDS": "0.1", "QUIET_SECONDS": "0.2", "INCOMPLETE_AFTER": "30"}


def place_in_code(function: Function) -> list[str]:
    """Return file and name of a function."""
    code = function if isinstance(function, CodeType) else inspect.unwrap(function).__code__
    return [code.co_filename, code.co_name]


def nested(function: Callable[..., Any], name: str) -> CodeType:
    """Return the code of a nested function."""
    constants = inspect.unwrap(function).__code__.co_consts
    [code] = [each for each in constants if isinstance(each, CodeType) and each.co_name == name]
    return code


class Box:
    """Three folders and a database, for watchers in their own processes."""

    def __init__(self, folder: Path, database_url: str, **settings: str) -> None:
        self.database_url = database_url
        self.inbox, self.archive, self.rejected = (folder / name for name in ("in", "archive", "rejected"))
        for path in (self.inbox, self.archive, self.rejected):
            path.mkdir()
        self.environment = {
            **os.environ,
            "DATABASE_URL": database_url,
            "SECRET_KEY": "for tests",
            "INBOX_DIR": str(self.inbox),
            "ARCHIVE_DIR": str(self.archive),
            "REJECTED_DIR": str(self.rejected),
            **QUICK,
            **settings,
        }
        self.log_path = folder / "log"

    @property
    def is_sqlite(self) -> bool:
        return self.database_url.startswith("sqlite")

    def drop(self, name: str | bytes, content: bytes) -> Path:
        """Put a complete file into the inbox in one step."""
        path = self.inbox / os.fsdecode(name)
        unfinished = self.inbox / ".unfinished"
        unfinished.write_bytes(content)
        return unfinished.rename(path)

    def manage(self, *arguments: str, **settings: str) -> Ended:
        """Run a command of manage.py; return its exit code and output."""
        return manage(arguments, {**self.environment, **settings})

    def once(self, **settings: str) -> tuple[int, list[dict[str, Any]]]:
        """Run `watch_inbox --once`; return its exit code and its log."""
        ended = self.manage("watch_inbox", "--once", **settings)
        return ended.code, read_log(ended.err)

    def interrupted(
        self,
        function: Function,
        happens: str,
        number: int = 1,
        *,
        command: Sequence[str] = ("watch_inbox", "--once"),
        then: str = "die",
        **settings: str,
    ) -> int:
        """Run a command, interrupted at a function's call or return; return its exit code."""
        file, name = place_in_code(function)
        look = {"maker": "interruption", "file": file, "function": name, "happens": happens, "number": number}
        environment = {**self.environment, **settings}
        return fork_server().start(command, environment, look={**look, "then": then}).wait(300)

    @contextmanager
    def watcher(self, **settings: str) -> Iterator[Forked]:
        """Run a watcher while the block runs."""
        child = fork_server().start(["watch_inbox"], {**self.environment, **settings}, error=self.log_path)
        try:
            yield child
        finally:
            child.kill()
            child.wait()

    def log(self, event: str = "") -> list[dict[str, Any]]:
        """Return all lines of the log, or those of one event."""
        text = self.log_path.read_text() if self.log_path.exists() else ""
        return [line for line in read_log(text) if event in ("", line["event"])]

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        """Return the rows of a query."""
        if self.is_sqlite:
            with closing(sqlite3.connect(self.database_url.removeprefix("sqlite:///"), timeout=30)) as lite:
                return lite.execute(query).fetchall()
        with psycopg.connect(self.database_url) as connection:
            return connection.execute(query.encode()).fetchall()

    def execute(self, statement: str) -> None:
        """Execute a statement."""
        if self.is_sqlite:
            with closing(sqlite3.connect(self.database_url.removeprefix("sqlite:///"), timeout=30)) as lite:
                lite.execute(statement)
                lite.commit()
        else:
            with psycopg.connect(self.database_url) as connection:
                connection.execute(statement.encode())

    def outcomes(self) -> list[tuple[str, str]]:
        """Return name and outcome of the settled arrivals, oldest first."""
        query = "SELECT name, outcome FROM readings_arrival WHERE settled_at IS NOT NULL ORDER BY id"
        return [(name, outcome) for name, outcome in self.rows(query)]

    def count_readings(self) -> int:
        return int(self.rows("SELECT count(*) FROM readings_reading")[0][0])

    def count_arrivals(self) -> int:
        return int(self.rows("SELECT count(*) FROM readings_arrival")[0][0])


def read_log(text: str) -> list[dict[str, Any]]:
    """Return the JSON lines of a log; other lines become events."""
    return [json.loads(line) if line.startswith("{") else {"event": line} for line in text.splitlines()]


def files_below(folder: Path) -> dict[str, bytes]:
    """Return the contents of all files below a folder by name."""
    return {path.name: path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def wait_until(is_so: Callable[[], object], seconds: float = 120) -> None:
    """Wait until a condition is true; fail after a number of seconds."""
    until = time.monotonic() + seconds
    while not is_so():
        assert time.monotonic() < until, f"the condition is false after {seconds} s"
        time.sleep(0.02)


def end(child: Forked | subprocess.Popen[bytes], number: signal.Signals = signal.SIGTERM) -> int:
    """Send a signal to a watcher; return its exit code."""
    child.send_signal(number)
    return child.wait(timeout=120)


BREAK = {
    "sqlite": """
        CREATE TRIGGER broken BEFORE INSERT ON readings_reading
        BEGIN SELECT RAISE(ABORT, 'broken by a test'); END
    """,
    "postgresql": """
        CREATE FUNCTION broken() RETURNS trigger LANGUAGE plpgsql AS
        'BEGIN RAISE check_violation; END';
        CREATE TRIGGER broken BEFORE INSERT ON readings_reading EXECUTE FUNCTION broken()
    """,
}
MEND = {"sqlite": "DROP TRIGGER broken", "postgresql": "DROP TRIGGER broken ON readings_reading"}

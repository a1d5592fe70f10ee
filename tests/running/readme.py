"""Run the commands in README.md, and compare their output.

    python -m tests.running.readme

All ```console blocks form one session, in a copy of the project with its own database, folders and port. After each
command, the session waits until the inbox is empty. The comparison ignores days, times, seconds, passwords, the path
of the copy, and the order of the lines of `start`, because its two children print independently.
"""

from __future__ import annotations

import difflib
import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.running.places import ROOT
from tests.running.postgresql import free_port

README: Final = ROOT / "README.md"
START: Final = "manage.py start"
COPIED: Final = ("config", "readings", "watcher", "tests/samples", "manage.py")
FOLDERS: Final = ("inbox", "archive", "rejected")
PAGE_PATH: Final = "/srv/meterbox"
#: Longest wait in seconds for an empty inbox, and for the start or end of `start`.
PATIENCE: Final = 60.0

_CHANGES: Final = (
    (r"\d{4}/\d{2}/\d{2}", "YYYY/MM/DD"),
    (r"\d{4}-\d{2}-\d{2}T[\d:.]+Z", "TIME"),
    (r"in \d+\.\d{2} s", "in N s"),
    (r'"seconds": \d+\.\d+', '"seconds": N'),
    (r"password: \S{16}", "password: PASSWORD"),
    (r"(?m)[ \t]+$", ""),
)


@dataclass(frozen=True)
class Step:
    """A command, and its output on the page."""

    command: str
    output: str

    def difference(self, printed: str) -> list[str]:
        """Return the differing lines in the form of `diff`."""
        expected, actual = lines_compared(self.output), lines_compared(printed)
        if self.command.endswith(START):
            expected, actual = sorted(expected), sorted(actual)
        if expected == actual:
            return []
        return [f"$ {self.command}", *difflib.unified_diff(expected, actual, "README.md", "printed", lineterm="")]


def lines_compared(text: str) -> list[str]:
    """Return the lines of an output, with placeholders for values that differ from run to run."""
    for pattern, same in _CHANGES:
        text = re.sub(pattern, same, text)
    return [line for line in text.splitlines() if line]


def steps(page: str) -> Iterator[Step]:
    """Yield the commands of a page in order."""
    for block in re.findall(r"(?ms)^```console\n(.*?)^```$", page):
        for part in re.split(r"(?m)^\$ ", block)[1:]:
            command, _, output = part.partition("\n")
            yield Step(command, output)


def settings_read() -> set[str]:
    """Return the names of the environment variables that config/ reads."""
    text = "".join(path.read_text() for path in sorted((ROOT / "config").glob("*.py")))
    names = re.findall(r'environ(?:\.get|ment\.\w+)\(\s*"([A-Z_]+)"', text)
    return set(names) - {"DJANGO_SETTINGS_MODULE"}


class Session:
    """A copy of the project that runs commands as in a terminal."""

    def __init__(self, folder: Path) -> None:
        self.place = folder / "meterbox"
        self.port = free_port()
        for name in COPIED:
            source, target = ROOT / name, self.place / name
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copy(source, target)
        for name in FOLDERS:
            (self.place / name).mkdir()
        (self.place / ".venv").symlink_to(sys.prefix)
        mine = {"SCAN_SECONDS": "0.1", "QUIET_SECONDS": "2"}
        self.environment = {
            **{name: value for name, value in os.environ.items() if name not in settings_read()},
            **mine,
        }

    def run(self, command: str) -> str:
        """Run a command; return its output in the form of the page."""
        ended = subprocess.run(
            ["bash", "-c", command],
            cwd=self.place,
            env=self.environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=PATIENCE,
            check=False,
        )
        return self.as_on_page(ended.stdout)

    def as_on_page(self, printed: str) -> str:
        """Replace path and port of the copy by those of the page."""
        return printed.replace(str(self.place), PAGE_PATH).replace(f":{self.port}/", ":8000/")

    @contextmanager
    def started(self, command: str, printed: list[str]) -> Iterator[None]:
        """Run `start` while the block runs; then append its output to a list."""
        path = self.place.parent / "printed"
        with path.open("wb") as file:
            child = subprocess.Popen(
                ["bash", "-c", f"exec {command} --port {self.port}"],
                cwd=self.place,
                env=self.environment,
                stdin=subprocess.DEVNULL,
                stdout=file,
                stderr=subprocess.STDOUT,
            )
        try:
            wait_until(lambda: all(sign in path.read_text() for sign in ("Ctrl-C", "watching")) or child.poll())
            yield
        finally:
            child.send_signal(signal.SIGINT)
            child.wait(PATIENCE)
            printed.append(self.as_on_page(path.read_text()))

    def wait_for_the_inbox(self) -> None:
        """Wait until the inbox is empty."""
        wait_until(lambda: not any((self.place / "inbox").iterdir()))


def wait_until(is_so: Callable[[], object]) -> None:
    """Wait until a condition is true, or time is over; the caller detects a failure."""
    until = time.monotonic() + PATIENCE
    while not is_so() and time.monotonic() < until:
        time.sleep(0.1)


def differences(page: str) -> list[str]:
    """Run the commands of a page; return the differing lines."""
    first, *others = steps(page)
    assert first.command.endswith(START), "the session begins with the start command"
    differing: list[str] = []
    printed: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        session = Session(Path(folder).resolve())
        with session.started(first.command, printed):
            for step in others:
                differing += step.difference(session.run(step.command))
                session.wait_for_the_inbox()
    return first.difference("".join(printed)) + differing


if __name__ == "__main__":
    sys.exit("\n".join(differences(README.read_text())) or 0)


OPERATIONS = ROOT / "docs" / "operations.md"


def section(page: Path, heading: str) -> str:
    """Return the text under a heading, up to the next heading of its level."""
    match = re.search(rf"(?ms)^## {heading}\n(.*?)(?=^## |\Z)", page.read_text())
    assert match, f"{page.name} has no section {heading!r}"
    return match[1]


def rows(text: str) -> list[list[str]]:
    """Return the cells of a table, without its header."""
    lines = [line.strip("|").split("|") for line in text.splitlines() if line.startswith("|")]
    return [[cell.strip() for cell in line] for line in lines[2:]]

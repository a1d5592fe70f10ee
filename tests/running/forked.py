"""Watchers forked from a process that has loaded Django: hundreds can live and die in a minute."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from types import CodeType, FrameType
from typing import Any

from tests.making.numbered import bad_flow, correction, flow
from tests.running.box import Box, wait_until
from tests.running.commands import digest
from tests.running.invariants import waiting
from tests.running.places import ROOT

#: Nothing here is slow, and no content is to be blamed for what was done to its watcher.
AT_ONCE = {"SCAN_SECONDS": "0.01", "QUIET_SECONDS": "0.01", "MAX_ATTEMPTS": "1000"}
KILLED = -signal.SIGKILL
PATIENCE = 120
# What changes something outside of the process. Between two of these, it does not matter when a process dies.
ON_DISK = {"open", "close", "write", "flush", "fsync", "flock", "rename", "unlink"}
IN_DATABASE = {
    "django/db/backends/utils.py": {"execute", "executemany"},
    "django/db/backends/base/base.py": {"_commit", "_rollback", "_close"},
    "psycopg/copy.py": {"write_row", "finish"},
}
ANY_IN_DATABASE = set().union(*IN_DATABASE.values())


def empty(box: Box) -> None:
    """Take out all files and rows."""
    for folder in (box.inbox, box.archive, box.rejected):
        shutil.rmtree(folder)
        folder.mkdir()
    for table in ("reading", "sitevisit", "problem", "arrival", "flowfile"):
        box.execute(f"DELETE FROM readings_{table}")


class Watchers:
    """Starts watchers by forking a process that has loaded Django already: hundreds can live and die in a minute."""

    def __init__(self, box: Box, **settings: str) -> None:
        self.box = box
        self.steps_path = box.inbox.parent / "steps"
        with box.log_path.open("ab") as log:
            self._parent = subprocess.Popen(
                [sys.executable, "-c", f"from {fork_watchers.__module__} import fork_watchers; fork_watchers()"],
                env={**box.environment, **AT_ONCE, **settings},
                cwd=ROOT,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
            )

    def start(self, *arguments: str, kill_before: int = 0, **settings: Any) -> int:
        """Start a watcher, which kills itself before its step of this number; return its process id."""
        self.steps_path.unlink(missing_ok=True)
        wanted = {"settings": settings, "kill_before": kill_before, "steps": str(self.steps_path)}
        return self._ask({"start": ["watch_inbox", *arguments], **wanted})

    def wait(self, pid: int) -> int:
        """Wait for the end of a watcher; return its exit code."""
        return self._ask({"wait": pid})

    def once(self, *, kill_before: int = 0, **settings: Any) -> int:
        """Let a watcher drain the inbox; return its exit code."""
        return self.wait(self.start("--once", kill_before=kill_before, **settings))

    def kill(self, pid: int) -> None:
        os.kill(pid, signal.SIGKILL)
        assert self.wait(pid) == KILLED

    def end(self, pid: int) -> int:
        """Ask a watcher to end; return its exit code."""
        os.kill(pid, signal.SIGTERM)
        return self.wait(pid)

    def drain(self, **settings: Any) -> None:
        """Let watchers run until what was begun is finished, and nothing is left for them."""
        wait_until(lambda: self.once() in (0, 1), seconds=PATIENCE)
        if waiting(self.box):
            pid = self.start(**settings)
            wait_until(lambda: not waiting(self.box), seconds=PATIENCE)
            assert self.end(pid) == 0

    def last_step(self) -> str:
        """Return before what the last watcher was killed."""
        return self.steps_path.read_text().splitlines()[-1] if self.steps_path.exists() else ""

    def close(self) -> None:
        """End all of them."""
        self._parent.communicate(timeout=PATIENCE)

    def _ask(self, question: dict[str, Any]) -> int:
        assert self._parent.stdin
        assert self._parent.stdout
        self._parent.stdin.write(json.dumps(question).encode() + b"\n")
        self._parent.stdin.flush()
        assert select.select([self._parent.stdout], [], [], PATIENCE)[0], f"no answer to {question}"
        return int(self._parent.stdout.readline())


@contextmanager
def forked_watchers(box: Box, **settings: str) -> Iterator[Watchers]:
    """Give watchers for as long as the block lasts."""
    watchers = Watchers(box, **settings)
    try:
        yield watchers
    finally:
        watchers.close()


def fork_watchers() -> None:
    """Be the parent of watchers: do what the lines of standard input ask for, and kill who is left at its end."""
    import django

    os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
    django.setup()
    import watcher.management.commands.watch_inbox  # noqa: F401  (loaded once for all)

    children: set[int] = set()
    for line in sys.stdin:
        wanted = json.loads(line)
        if "start" in wanted:
            answer = os.fork() or _watch(wanted)
            children.add(answer)
        else:
            answer = os.waitstatus_to_exitcode(os.waitpid(wanted["wait"], 0)[1])
            children.remove(wanted["wait"])
        print(answer, flush=True)
    for pid in children:
        os.kill(pid, signal.SIGKILL)


def _watch(wanted: dict[str, Any]) -> int:
    """Be a watcher, to the end of this process."""
    from django.core.management import execute_from_command_line
    from django.test.utils import override_settings

    code: Any = 0
    try:
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(2, 1)
        if wanted["kill_before"]:
            steps = os.open(wanted["steps"], os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            sys.setprofile(Killer(wanted["kill_before"], steps).look)
        with override_settings(**wanted["settings"]):
            execute_from_command_line(["manage.py", *wanted["start"]])
    except SystemExit as ends:
        code = ends.code or 0
    except BaseException as error:
        sys.stderr.write(f"{type(error).__name__}: {error}\n")
        code = 70
    finally:
        sys.stderr.flush()
        os._exit(code if isinstance(code, int) else 70)


class Killer:
    """Counts the steps of this process, and kills it before one of them."""

    def __init__(self, number: int, steps: int) -> None:
        self.left = number
        self.steps = steps

    def look(self, frame: FrameType, event: str, argument: Any) -> None:
        """Be a profile function."""
        code = frame.f_code
        if event == "c_call":
            name = argument.__name__
            if name != "mkdir" and not (name in ON_DISK and f"{os.sep}watcher{os.sep}" in code.co_filename):
                return
            step = f"{name} in {code.co_name}"
        elif event == "call" and code.co_name in ANY_IN_DATABASE and _is_step(code):
            step = f"{code.co_name} {frame.f_locals.get('sql', '')}"[:80].strip()
        else:
            return
        self.left -= 1
        os.write(self.steps, f"{step}\n".encode())
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def _is_step(code: CodeType) -> bool:
    return any(code.co_filename.endswith(path) and code.co_name in names for path, names in IN_DATABASE.items())


def drop_one_of_each(box: Box, number: int) -> None:
    """Drop what is new, what is refused, what is there already, and what corrects."""
    box.drop(f"{number}-good.uff", flow(number))
    box.drop(f"{number}-bad.uff", bad_flow(number))
    box.drop(f"{number}-again.uff", flow(number - 1))
    box.drop(f"{number}-correction.uff", correction(number))


def sent_by(*numbers: int) -> Counter[str]:
    """Count what was dropped."""
    made = [(flow(number), bad_flow(number), flow(number - 1), correction(number)) for number in numbers]
    return Counter(digest(content) for contents in made for content in contents)

"""A watcher may be killed before anything that it does to the disk or the database, alone or among others."""

from __future__ import annotations

import json
import os
import select
import shutil
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from random import Random
from types import CodeType, FrameType
from typing import Any

import pytest

from tests.conftest import migrate
from tests.invariants import violations, waiting
from tests.postgresql import postgresql
from tests.running.places import ROOT
from tests.watching import Box, d0010, wait_until

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


def flow(number: int, readings: int = 3) -> bytes:
    """Make a valid file; files of different numbers state readings of the same meters at different times."""
    day = f"{2000 + number // 336 % 26}{1 + number // 28 % 12:02}{1 + number % 28:02}"
    time = f"{number // 8736:06}"
    return d0010(f"{number:010}", readings).replace(b"|20260301000000|", f"|{day}{time}|".encode())


def bad_flow(number: int) -> bytes:
    """Make a file that is refused."""
    return flow(number).replace(b"|V|", b"|Q|")


def correction(number: int) -> bytes:
    """Make a valid file that states the readings of all corrections, and other values."""
    return d0010(f"C{number:09}", 3, value=f"{number}.5")


def digest(content: bytes) -> str:
    return sha256(content).hexdigest()


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
                [sys.executable, "-c", "from tests.test_crash_matrix import fork_watchers; fork_watchers()"],
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


@pytest.fixture
def box(tmp_path: Path, database_url: str) -> Box:
    return Box(tmp_path, database_url)


@pytest.fixture
def watchers(box: Box) -> Iterator[Watchers]:
    with forked_watchers(box) as started:
        yield started


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


#: One step of so many; the soak takes them all.
EVERY = 11


def test_a_watcher_killed_before_any_step_loses_nothing(box: Box, watchers: Watchers) -> None:
    sent: Counter[str] = Counter()
    for step in range(1, 1000, EVERY):
        drop_one_of_each(box, step)
        sent += sent_by(step)
        code = watchers.once(kill_before=step)
        assert violations(box, sent, is_drained=code != KILLED) == [], watchers.last_step()
        if code != KILLED:
            break
        watchers.drain()
        assert violations(box, sent) == [], watchers.last_step()
    assert step > 120
    assert code == 1


def test_a_watcher_killed_while_it_recovers_loses_nothing(box: Box, watchers: Watchers) -> None:
    random, sent = Random(7), sent_by(*range(1, 4))
    for number in range(1, 4):
        drop_one_of_each(box, number)
    kills = 0
    while waiting(box):
        kills += watchers.once(kill_before=random.randrange(20, 120)) == KILLED
        assert violations(box, sent, is_drained=False) == [], watchers.last_step()
    assert kills >= 3
    watchers.drain()
    assert violations(box, sent) == []


def test_watchers_killed_among_others_lose_nothing(box: Box, watchers: Watchers) -> None:
    # On SQLite, one watcher has the inbox.
    together, random, sent = 1 if box.is_sqlite else 4, Random(11), sent_by(*range(1, 16))
    for number in range(1, 16):
        drop_one_of_each(box, number)
    kills = 0
    while waiting(box):
        started = [watchers.start("--once", kill_before=random.randrange(40, 400)) for _ in range(together)]
        kills += [watchers.wait(pid) for pid in started].count(KILLED)
        assert violations(box, sent, is_drained=False) == []
    assert kills >= 3
    watchers.drain()
    assert violations(box, sent) == []


def test_a_database_restarted_at_once_while_three_watchers_import_loses_nothing(tmp_path: Path) -> None:
    with postgresql(settings={"synchronous_commit": "on"}) as server:
        migrate(server.url)
        box = Box(tmp_path, server.url)
        sent = Counter(digest(flow(number)) for number in range(60))
        with forked_watchers(box) as watchers:
            started = [watchers.start() for _ in range(3)]
            for number in range(60):
                box.drop(f"{number}.uff", flow(number))
            wait_until(lambda: len(waiting(box)) < 50, seconds=PATIENCE)
            server.restart()
            wait_until(lambda: not waiting(box), seconds=PATIENCE)
            assert [watchers.end(pid) for pid in started] == [0, 0, 0]
            watchers.drain()
        assert violations(box, sent) == []
        assert [outcome for _, outcome in box.outcomes()] == ["IMPORTED"] * 60


DAMAGES = {
    "a reading that is gone": "DELETE FROM readings_reading WHERE line = 4",
    "a value that no line states": "UPDATE readings_reading SET value = '1' WHERE line = 4",
    "a reading of no register": "UPDATE readings_reading SET register_id = 999 WHERE line = 4",
    "readings of what was rejected": "UPDATE readings_reading SET flow_file_id = flow_file_id + 1",
    "an arrival that waits": "UPDATE readings_arrival SET settled_at = NULL WHERE outcome = 'IMPORTED'",
    "an arrival more": """
        INSERT INTO readings_arrival
            (flow_file_id, name, channel, by_whom, received_at, outcome, identity, resting_place, settled_at)
        SELECT flow_file_id, name, channel, by_whom, received_at, outcome, identity, resting_place, settled_at
        FROM readings_arrival WHERE outcome = 'IMPORTED'
    """,
    "an arrival less": "DELETE FROM readings_arrival WHERE outcome = 'IMPORTED'",
}


IN_FILES: dict[str, Callable[[Box], object]] = {
    "a report that is gone": lambda box: next(box.rejected.rglob("*.report.txt")).unlink(),
    "a file that is gone": lambda box: next(box.archive.rglob("*.uff.*")).unlink(),
    "another byte": lambda box: next(box.archive.rglob("*.uff.*")).write_bytes(flow(1) + b"|"),
}


def test_what_must_hold_is_seen_not_to_hold(box: Box, watchers: Watchers) -> None:
    sent = Counter([digest(flow(1)), digest(bad_flow(2))])
    for damage in [*DAMAGES, *IN_FILES]:
        empty(box)
        box.drop("1-good.uff", flow(1))
        box.drop("2-bad.uff", bad_flow(2))
        watchers.drain()
        assert violations(box, sent) == []
        if damage in DAMAGES:
            box.execute(DAMAGES[damage])
        else:
            IN_FILES[damage](box)
        assert violations(box, sent) != [], damage

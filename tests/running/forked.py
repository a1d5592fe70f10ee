"""Watchers that are killed repeatedly, and files for them."""

from __future__ import annotations

import os
import shutil
import signal
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager

from tests.making.numbered import bad_flow, correction, flow
from tests.running.box import Box, wait_until
from tests.running.commands import digest
from tests.running.forks import Forked, fork_server
from tests.running.invariants import waiting

#: Settings of a fast watcher that never rejects a content as poison.
AT_ONCE = {"SCAN_SECONDS": "0.01", "QUIET_SECONDS": "0.01", "MAX_ATTEMPTS": "1000"}
KILLED = -signal.SIGKILL
PATIENCE = 120


def empty(box: Box) -> None:
    """Remove all files and rows."""
    for folder in (box.inbox, box.archive, box.rejected):
        shutil.rmtree(folder)
        folder.mkdir()
    for table in ("reading", "sitevisit", "problem", "surplus", "namepart", "arrival", "flowfile"):
        box.execute(f"DELETE FROM readings_{table}")


class Watchers:
    """Starts and kills watchers on a box; `settings` apply to all of them."""

    def __init__(self, box: Box, **settings: str) -> None:
        self.box = box
        self.environment = {**box.environment, **AT_ONCE, **settings}
        self.steps_path = box.inbox.parent / "steps"
        self._children: dict[int, Forked] = {}

    def start(self, *arguments: str, kill_before: int = 0, **settings: str) -> int:
        """Start a watcher that kills itself before a numbered step; return its process id."""
        self.steps_path.unlink(missing_ok=True)
        look = {"maker": "killer", "number": kill_before, "path": str(self.steps_path)} if kill_before else None
        environment = {**self.environment, **settings}
        child = fork_server().start(["watch_inbox", *arguments], environment, error=self.box.log_path, look=look)
        self._children[child.pid] = child
        return child.pid

    def wait(self, pid: int) -> int:
        """Wait for the end of a watcher; return its exit code."""
        return self._children.pop(pid).wait(PATIENCE)

    def once(self, *, kill_before: int = 0, **settings: str) -> int:
        """Drain the inbox with a watcher; return its exit code."""
        return self.wait(self.start("--once", kill_before=kill_before, **settings))

    def kill(self, pid: int) -> None:
        self._children[pid].kill()
        assert self.wait(pid) == KILLED

    def end(self, pid: int) -> int:
        """Stop a watcher; return its exit code."""
        os.kill(pid, signal.SIGTERM)
        return self.wait(pid)

    def drain(self, **settings: str) -> None:
        """Run watchers until all work is finished."""
        wait_until(lambda: self.once() in (0, 1), seconds=PATIENCE)
        if waiting(self.box):
            pid = self.start(kill_before=0, **settings)
            wait_until(lambda: not waiting(self.box), seconds=PATIENCE)
            assert self.end(pid) == 0

    def last_step(self) -> str:
        """Return the step before which the last watcher was killed."""
        return self.steps_path.read_text().splitlines()[-1] if self.steps_path.exists() else ""

    def close(self) -> None:
        """Kill the remaining watchers."""
        for pid in list(self._children):
            self.kill(pid)


@contextmanager
def forked_watchers(box: Box, **settings: str) -> Iterator[Watchers]:
    """Yield watchers; kill them after the block."""
    watchers = Watchers(box, **settings)
    try:
        yield watchers
    finally:
        watchers.close()


def drop_one_of_each(box: Box, number: int) -> None:
    """Drop a new, a bad, a repeated and a correcting file."""
    box.drop(f"{number}-good.uff", flow(number))
    box.drop(f"{number}-bad.uff", bad_flow(number))
    box.drop(f"{number}-again.uff", flow(number - 1))
    box.drop(f"{number}-correction.uff", correction(number))


def sent_by(*numbers: int) -> Counter[str]:
    """Return the number of drops by hash."""
    made = [(flow(number), bad_flow(number), flow(number - 1), correction(number)) for number in numbers]
    return Counter(digest(content) for contents in made for content in contents)

"""Kill watchers and databases for a long time, and check that nothing is lost.

    python -m tests.benchmarks.soak --database sqlite|postgresql [--kills 300] [--only every-step …]

Each part starts with empty folders, prints its counts, and ends by draining the inbox and checking all
invariants (tests/running/invariants.py). The exit code is 1 if one is violated. PostgreSQL commits durably, so a
crash loses nothing; SQLite has one writer, so one watcher replaces the four of PostgreSQL.
"""

from __future__ import annotations

import argparse
import os
import shutil
import signal
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from random import Random

import django

from tests.making.numbered import bad_flow, correction, flow
from tests.running.box import Box, wait_until
from tests.running.commands import digest
from tests.running.forked import KILLED, Watchers, drop_one_of_each, empty, forked_watchers, sent_by
from tests.running.invariants import violations, waiting
from tests.running.journeys import run_journeys
from tests.running.postgresql import Server, migrate, postgresql

FOR_LONG = 3600
#: Number of readings in each small file of the rate measurement.
SMALL = 13
#: Settings of a watcher that keeps running and scans often.
WATCHING = {"SCAN_SECONDS": "0.2", "QUIET_SECONDS": "0.2"}


@dataclass
class Soak:
    """One database, and its violations."""

    box: Box
    server: Server | None
    options: argparse.Namespace
    random: Random
    kills: int = 0
    violations: list[str] = field(default_factory=list)

    @property
    def together(self) -> int:
        return 4 if self.server else 1

    def look(self, sent: Counter[str], *, overwritten: set[str] | None = None, is_drained: bool = True) -> None:
        """Check all invariants, and print the violations."""
        new = violations(self.box, sent, overwritten=overwritten or (), is_drained=is_drained)
        for violation in new:
            print(f"  VIOLATION: {violation}", flush=True)
        self.violations += new

    def drop_small(self, number: int) -> str:
        """Drop a small file; return its hash."""
        content = flow(number, SMALL)
        self.box.drop(f"{number}.uff", content)
        return digest(content)


def every_step(soak: Soak) -> None:
    """Kill one watcher before its first step, its second, and so on to the last; then start again."""
    sent: Counter[str] = Counter()
    number = step = steps = 0
    with forked_watchers(soak.box) as watchers:
        while number < soak.options.kills:
            number, step = number + 1, step + 1
            drop_one_of_each(soak.box, number)
            sent += sent_by(number)
            if watchers.once(kill_before=step) == KILLED:
                soak.kills += 1
                steps = max(steps, step)
                soak.look(sent, is_drained=False)
            else:
                step = 0
            watchers.drain()
            soak.look(sent)
            if not number % 50:  # keeps the work of each check constant
                empty(soak.box)
                sent.clear()
    print(f"  {number} runs, {steps} different steps")


@dataclass
class Sender:
    """Acts as senders while watchers run, and records the contents that arrived and were not overwritten."""

    inbox: Path
    random: Random
    sent: Counter[str] = field(default_factory=Counter)
    overwritten: set[str] = field(default_factory=set)
    did: Counter[str] = field(default_factory=Counter)
    number: int = 0

    def act(self) -> None:
        """Perform a random action."""
        action = self.random.choice([self.put, self.put, self.upload, self.abort, self.rename, self.write_over])
        action(self.inbox / f"{self.random.randrange(12)}.uff")
        self.did[action.__name__] += 1

    def content(self) -> bytes:
        """Return a content that is new, bad, a correction or a repeat."""
        self.number += self.random.random() < 0.7
        return self.random.choice([flow, flow, flow, bad_flow, correction])(self.number)

    def put(self, path: Path) -> None:
        """Rename a complete file to its name, and replace any other."""
        content = self.content()
        unfinished = path.with_name(f".{path.name}")
        unfinished.write_bytes(content)
        self.sent[digest(content)] += 1
        self._give_name(unfinished, path)

    def upload(self, path: Path) -> None:
        """Write a new file in small steps."""
        self._write(path.with_name(f"{path.stem}-{self.number}-{self.random.random()}.uff"), self.content())

    def abort(self, path: Path) -> None:
        """Write a part of a new file."""
        name = f"{path.stem}-{self.number}-{self.random.random()}.uff"
        self._write(path.with_name(name), self.content()[: self.random.randrange(100, 250)])

    def rename(self, path: Path) -> None:
        """Rename one of the files."""
        names = waiting_names(self.inbox)
        if names:
            source = self.inbox / self.random.choice(names)
            with suppress(FileNotFoundError):
                # A watcher that has imported the file and no longer finds it archives a copy.
                self.overwritten.add(digest(source.read_bytes()))
            self._give_name(source, path)

    def write_over(self, path: Path) -> None:
        """Overwrite a file under its name, like a client that sends it again."""
        content = self.content()
        try:
            lost = digest(path.read_bytes())
            file = os.open(path, os.O_WRONLY | os.O_TRUNC)
        except FileNotFoundError:
            return
        os.write(file, content)
        os.close(file)
        self._lose(lost)
        self.sent[digest(content)] += 1

    def _write(self, path: Path, content: bytes) -> None:
        with path.open("xb", buffering=0) as file:
            for start in range(0, len(content), 64):
                file.write(content[start : start + 64])
        self.sent[digest(content)] += 1

    def _give_name(self, path: Path, name: Path) -> None:
        try:
            with name.open("rb") as before:
                lost = digest(before.read())
                path.rename(name)
                # If a link is left, a watcher has moved the file.
                if not os.fstat(before.fileno()).st_nlink and path != name:
                    self._lose(lost)
        except FileNotFoundError:
            # The name is free, or the file itself is gone.
            with suppress(FileNotFoundError):
                path.rename(name)

    def _lose(self, lost: str) -> None:
        self.sent[lost] -= 1
        self.overwritten.add(lost)


def waiting_names(inbox: Path) -> list[str]:
    return [path.name for path in inbox.iterdir() if not path.name.startswith(".")]


def random_moments(soak: Soak) -> None:
    """Kill watchers at random moments, while senders send, abort, rename and overwrite."""
    for together in {1, soak.together}:
        empty(soak.box)
        sender, kills = Sender(soak.box.inbox, soak.random), 0
        started: list[int] = []
        with forked_watchers(soak.box, **WATCHING, INCOMPLETE_AFTER="3") as watchers:
            while kills < soak.options.kills:
                started += [watchers.start() for _ in range(together - len(started))]
                for _ in range(soak.random.randrange(1, 8)):
                    sender.act()
                time.sleep(soak.random.uniform(0.05, 1.0))
                watchers.kill(started.pop(soak.random.randrange(together)))
                kills += 1
            end_all(watchers, started)
            watchers.drain(INCOMPLETE_AFTER="0.05")
        soak.kills += kills
        soak.look(sender.sent, overwritten=sender.overwritten)
        did = ", ".join(f"{times} × {what}" for what, times in sorted(sender.did.items()))
        print(f"  {together} at once: {kills} kills; {did}; {len(sender.overwritten)} contents overwritten")


def small_files(soak: Soak) -> None:
    """Kill one of several watchers every second, while they import many small files."""
    number, kills = soak.options.files, 0
    with forked_watchers(soak.box, **WATCHING) as watchers:
        began, sent = time.monotonic(), Counter(soak.drop_small(each) for each in range(number))
        started = [watchers.start() for _ in range(soak.together)]
        while waiting(soak.box):
            time.sleep(1)
            watchers.kill(started.pop(soak.random.randrange(soak.together)))
            started.append(watchers.start())
            kills += 1
        seconds = time.monotonic() - began
        end_all(watchers, started)
        watchers.drain()
    soak.kills += kills
    soak.look(sent)
    print(f"  {number} files in {seconds:.0f} s by {soak.together} at once; {kills} kills")


def is_down_to(box: Box, number: int) -> bool:
    """Return whether at most this number of files wait."""
    return len(waiting(box)) <= number


def restarts(soak: Soak) -> None:
    """Crash PostgreSQL three times while three watchers import."""
    if not soak.server:
        print("  not on SQLite")
        return
    number = soak.options.restart_files
    with forked_watchers(soak.box, **WATCHING) as watchers:
        sent = Counter(soak.drop_small(each) for each in range(number))
        started = [watchers.start() for _ in range(3)]
        for left in (number * 3 // 4, number // 2, number // 4):
            wait_until(partial(is_down_to, soak.box, left), seconds=FOR_LONG)
            soak.server.restart()
        wait_until(lambda: not waiting(soak.box), seconds=FOR_LONG)
        end_all(watchers, started)
        watchers.drain()
    soak.look(sent)
    outcomes = Counter(outcome for _, outcome in soak.box.outcomes())
    print(f"  {number} files, 3 restarts: {dict(outcomes)}")


def burst(soak: Soak) -> None:
    """Create more files than the system queues events for while the watcher is stopped; print the rate."""
    number = soak.options.burst
    with forked_watchers(soak.box, **WATCHING) as watchers:
        pid = watchers.start()
        sent = Counter([soak.drop_small(0)])
        wait_until(soak.box.outcomes)
        os.kill(pid, signal.SIGSTOP)
        sent += Counter(soak.drop_small(each) for each in range(1, number + 1))
        os.kill(pid, signal.SIGCONT)
        began = time.monotonic()
        wait_until(lambda: not waiting(soak.box), seconds=FOR_LONG)
        seconds = time.monotonic() - began
        end_all(watchers, [pid])
    soak.look(sent)
    outcomes = Counter(outcome for _, outcome in soak.box.outcomes())
    print(f"  {number} files: {dict(outcomes)}; {number / seconds:.0f} files of {SMALL} readings a second")


def journeys(soak: Soak) -> None:
    """Compare random journeys with the model."""
    try:
        run_journeys(soak.box, examples=max(1, soak.options.kills // 6), steps=25, is_repeatable=False)
    except Exception as error:
        # Hypothesis prints the shortest journey that fails in its notes.
        soak.violations.append(str(error))
        print("  VIOLATION:", error, *getattr(error, "__notes__", ()), sep="\n    ")


def end_all(watchers: Watchers, pids: list[int]) -> None:
    """Stop watchers, and check that they end."""
    codes = {watchers.end(pid) for pid in pids}
    # A watcher that has just started may not handle the signal yet.
    assert codes <= {0, -signal.SIGTERM}, codes


PARTS: dict[str, Callable[[Soak], None]] = {
    "every-step": every_step,
    "random-moments": random_moments,
    "small-files": small_files,
    "restarts": restarts,
    "burst": burst,
    "journeys": journeys,
}


@contextmanager
def database(kind: str, folder: Path) -> Iterator[tuple[str, Server | None]]:
    """Yield the address of a migrated database, and its server if it has one."""
    if kind == "sqlite":
        url = f"sqlite:///{folder / 'soak.sqlite3'}"
        migrate(url)
        yield url, None
        return
    with postgresql(fsync=True) as server:
        migrate(server.url)
        yield server.url, server


def main() -> None:
    """Run the soak."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", choices=("sqlite", "postgresql"), required=True)
    parser.add_argument("--kills", type=int, default=300, help="in each of the parts that are about kills")
    parser.add_argument("--files", type=int, default=2_000, help="small files, with a kill every second")
    parser.add_argument("--restart-files", type=int, default=900, help="while PostgreSQL is restarted")
    parser.add_argument("--burst", type=int, default=20_000, help="files created while the watcher is stopped")
    parser.add_argument("--only", choices=PARTS, nargs="+", default=list(PARTS))
    parser.add_argument("--seed", type=int, default=int(time.time()))
    options = parser.parse_args()
    print(f"{options.database}, seed {options.seed}")
    os.environ.update(DJANGO_SETTINGS_MODULE="config.settings", SECRET_KEY="for tests")
    django.setup()
    folder = Path(tempfile.mkdtemp(prefix="soak-"))
    with database(options.database, folder) as (url, server):
        soak = Soak(Box(folder, url), server, options, Random(options.seed))
        for name in options.only:
            print(f"{name}: {PARTS[name].__doc__}", flush=True)
            empty(soak.box)
            PARTS[name](soak)
    print(f"{soak.kills} kills, {len(soak.violations)} violations")
    if soak.violations:
        sys.exit(f"folders and log: {folder}")
    shutil.rmtree(folder)


if __name__ == "__main__":
    main()

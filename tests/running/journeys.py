"""Random journeys of files with kills, for the soak and the tests."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from tests.making.numbered import bad_flow, correction, flow, other_flow
from tests.running.box import Box
from tests.running.commands import digest
from tests.running.forked import KILLED, Watchers, empty, forked_watchers
from tests.running.invariants import violations, waiting

NAMES = st.sampled_from(["a.uff", "b.uff", "c.uff"])
MAKERS = st.sampled_from([flow, bad_flow, correction, other_flow])
CONTENTS = st.builds(lambda make, of: make(of), MAKERS, st.integers(1, 3))
#: Number of bytes that identify a format.
START = 100


class Journeys(RuleBasedStateMachine):
    """Senders and killed watchers; the model is the set of contents that arrived and were not overwritten."""

    def __init__(self, box: Box, watchers: Watchers) -> None:
        super().__init__()
        empty(box)
        self.box = box
        self.watchers = watchers
        self.sent: Counter[str] = Counter()
        self.overwritten: set[str] = set()
        #: Missing bytes of aborted uploads, by name.
        self.rest: dict[str, bytes] = {}

    def _lose(self, name: str) -> Path:
        """Record that the sender overwrites or removes the file under a name."""
        path = self.box.inbox / name
        if path.exists():
            lost = digest(path.read_bytes())
            self.sent[lost] -= 1
            self.overwritten.add(lost)
        self.rest.pop(name, None)
        return path

    def _came(self, path: Path) -> None:
        self.sent[digest(path.read_bytes())] += 1

    @rule(name=NAMES, content=CONTENTS)
    def rename_over(self, name: str, content: bytes) -> None:
        self._lose(name)
        self._came(self.box.drop(name, content))

    @rule(name=NAMES, content=CONTENTS)
    def write(self, name: str, content: bytes) -> None:
        path = self._lose(name)
        path.write_bytes(content)
        self._came(path)

    @rule(name=NAMES, content=CONTENTS, cut=st.integers(START, 250))
    def abort(self, name: str, content: bytes, cut: int) -> None:
        path = self._lose(name)
        path.write_bytes(content[:cut])
        self._came(path)
        self.rest[name] = content[cut:]

    @rule(name=NAMES)
    def resume(self, name: str) -> None:
        path, rest = self.box.inbox / name, self.rest.get(name, b"")
        if path.exists() and rest:
            whole = path.read_bytes() + rest
            self._lose(name).write_bytes(whole)
            self._came(path)

    @rule(name=NAMES, content=CONTENTS)
    def write_under_another_name(self, name: str, content: bytes) -> None:
        path = self._lose(f"{name}.filepart")
        path.write_bytes(content)
        self._came(path)

    @rule(name=NAMES)
    def give_its_name(self, name: str) -> None:
        unfinished = self.box.inbox / f"{name}.filepart"
        if unfinished.exists():
            unfinished.rename(self._lose(name))

    @rule(name=NAMES, other=NAMES)
    def rename(self, name: str, other: str) -> None:
        path = self.box.inbox / name
        if path.exists() and name != other:
            path.rename(self._lose(other))
            self.rest.pop(name, None)

    @rule(name=NAMES)
    def take_away(self, name: str) -> None:
        self._lose(name).unlink(missing_ok=True)

    @rule()
    def watch(self) -> None:
        assert self.watchers.once() in (0, 1)
        whole = [name for name in waiting(self.box) if name not in self.rest]
        assert whole == []

    @rule(step=st.integers(1, 150))
    def watch_and_be_killed(self, step: int) -> None:
        assert self.watchers.once(kill_before=step) in (0, 1, KILLED)

    @rule()
    def wait_no_longer_for_an_end(self) -> None:
        self.watchers.drain(INCOMPLETE_AFTER="0.01")

    @invariant()
    def nothing_is_lost(self) -> None:
        assert violations(self.box, self.sent, overwritten=self.overwritten, is_drained=False) == []

    def teardown(self) -> None:
        self.wait_no_longer_for_an_end()
        assert violations(self.box, self.sent, overwritten=self.overwritten) == []


def run_journeys(box: Box, *, examples: int, steps: int, is_repeatable: bool) -> None:
    """Run a number of journeys with a number of steps; repeat the same ones on request."""
    with forked_watchers(box) as watchers:
        run_state_machine_as_test(
            lambda: Journeys(box, watchers),  # type: ignore[arg-type]
            settings=settings(
                max_examples=examples,
                stateful_step_count=steps,
                derandomize=is_repeatable,
                deadline=None,
                database=None,
                suppress_health_check=list(HealthCheck),
            ),
        )

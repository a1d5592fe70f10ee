"""Watchers killed before any change of the disk or the database, alone or among others."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from random import Random

import pytest

from tests.making.numbered import bad_flow, flow
from tests.running.box import Box, wait_until
from tests.running.commands import digest
from tests.running.forked import KILLED, PATIENCE, Watchers, drop_one_of_each, empty, forked_watchers, sent_by
from tests.running.invariants import violations, waiting
from tests.running.postgresql import migrate, postgresql

pytestmark = pytest.mark.slow_on_postgresql


@pytest.fixture
def box(tmp_path: Path, database_url: str) -> Box:
    return Box(tmp_path, database_url)


@pytest.fixture
def watchers(box: Box) -> Iterator[Watchers]:
    with forked_watchers(box) as started:
        yield started


#: Distance between tested steps; the soak tests every step.
FEW, MANY = 31, 5


@pytest.mark.parametrize("every", [FEW, pytest.param(MANY, marks=pytest.mark.slow)])
def test_watcher_killed_before_any_step_loses_nothing(box: Box, watchers: Watchers, every: int) -> None:
    sent: Counter[str] = Counter()
    for step in range(1, 1000, every):
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


@pytest.mark.slow
def test_watcher_killed_during_recovery_loses_nothing(box: Box, watchers: Watchers) -> None:
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


@pytest.mark.slow
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


@pytest.mark.slow
def test_database_restart_during_three_imports_loses_nothing(tmp_path: Path) -> None:
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
    "an arrival less": """
        DELETE FROM readings_namepart;
        DELETE FROM readings_arrival WHERE outcome = 'IMPORTED'
    """,
    "a name without parts": "DELETE FROM readings_namepart",
}


IN_FILES: dict[str, Callable[[Box], object]] = {
    "a report that is gone": lambda box: next(box.rejected.rglob("*.report.txt")).unlink(),
    "a file that is gone": lambda box: next(box.archive.rglob("*.uff.*")).unlink(),
    "another byte": lambda box: next(box.archive.rglob("*.uff.*")).write_bytes(flow(1) + b"|"),
}


@pytest.mark.slow
def test_violations_are_reported(box: Box, watchers: Watchers) -> None:
    sent = Counter([digest(flow(1)), digest(bad_flow(2))])
    for damage in [*DAMAGES, *IN_FILES]:
        empty(box)
        box.drop("1-good.uff", flow(1))
        box.drop("2-bad.uff", bad_flow(2))
        watchers.drain()
        assert violations(box, sent) == []
        if damage in DAMAGES:
            for statement in DAMAGES[damage].split(";"):
                box.execute(statement)
        else:
            IN_FILES[damage](box)
        assert violations(box, sent) != [], damage

"""Watchers killed after any step of a file's journey: the next watcher finishes it, once."""

from pathlib import Path
from signal import SIGKILL

import pytest

from readings.imports import arrivals, disk, operations
from readings.imports.loading.batches import BatchLoader
from tests.making.numbered import d0010
from tests.running.box import Box, Function, files_below
from tests.running.points import BEFORE_THE_COMMIT
from watcher.disk import folders, moves
from watcher.journey.putting_away import PuttingAway

STEPS: dict[str, tuple[Function, str, int]] = {
    "before the commit": BEFORE_THE_COMMIT,
    "after the commit": (operations.import_flow, "return", 1),
    "after its place is chosen": (PuttingAway.plan, "return", 1),
    "after its place is reserved": (folders.reserve, "return", 1),
    "between two commits and the move": (moves.move, "call", 1),
    "after the move": (moves.move, "return", 1),
    "before it is settled": (arrivals.settle, "call", 1),
    "after it is settled": (arrivals.settle, "return", 1),
}


@pytest.fixture
def box(tmp_path: Path, database_url: str) -> Box:
    return Box(tmp_path, database_url)


@pytest.mark.parametrize("step", STEPS)
def test_file_of_a_killed_watcher_is_imported_and_archived_once(box: Box, step: str) -> None:
    content = d0010(meter_points=3)
    box.drop("file.uff", content)
    assert box.interrupted(*STEPS[step]) == -SIGKILL
    assert len(files_below(box.inbox)) + list(files_below(box.archive).values()).count(content) == 1
    assert box.once()[0] == 0
    assert box.outcomes() == [("file.uff", "IMPORTED")]
    assert box.count_arrivals() == 1
    assert box.count_readings() == 3
    assert files_below(box.inbox) == files_below(box.rejected) == {}
    assert list(files_below(box.archive).values()) == [content]
    assert box.rows("SELECT status, attempts FROM readings_flowfile") == [("IMPORTED", 0)]


REJECTION_STEPS: dict[str, tuple[Function, str, int]] = {
    "after the commit": (operations.import_flow, "return", 1),
    "before the first report": (disk.write_text, "call", 1),
    "before the second report": (disk.write_text, "call", 2),
    "after its place is reserved": (folders.reserve, "return", 1),
    "after the move": (moves.move, "return", 1),
}


@pytest.mark.parametrize("step", REJECTION_STEPS)
def test_bad_file_of_a_killed_watcher_is_rejected_once_with_reports(box: Box, step: str) -> None:
    content = d0010().replace(b"|V|", b"|Q|")
    box.drop("bad.uff", content)
    assert box.interrupted(*REJECTION_STEPS[step]) == -SIGKILL
    box.once()
    assert box.outcomes() == [("bad.uff", "REJECTED")]
    assert box.count_arrivals() == 1
    assert files_below(box.inbox) == {}
    files = files_below(box.rejected)
    assert sorted(name.partition(".")[2].partition(".")[2][12:] for name in files) == [
        "",
        ".report.json",
        ".report.txt",
    ]
    assert [bytes_ for bytes_ in files.values() if bytes_ == content] == [content]
    [report] = [text for name, text in files.items() if name.endswith(".report.txt")]
    assert b"bad.uff:2: " in report


def test_content_that_kills_its_watcher_repeatedly_is_rejected_as_poison(box: Box) -> None:
    box.drop("file.uff", d0010())
    box.environment["MAX_ATTEMPTS"] = "2"
    for _ in range(2):
        assert box.interrupted(*BEFORE_THE_COMMIT) == -SIGKILL
        assert set(files_below(box.inbox)) == {"file.uff"}
    assert box.once()[0] == 1
    assert box.outcomes() == [("file.uff", "REJECTED")]
    assert box.rows("SELECT code FROM readings_problem") == [("poison",)]


def test_content_is_tried_again_after_an_importer_fault(box: Box) -> None:
    box.drop("file.uff", d0010())
    assert box.interrupted(*BEFORE_THE_COMMIT, then="raise") == 0
    assert box.outcomes() == [("file.uff", "IMPORTED")]
    assert box.count_readings() == 1


def test_content_is_rejected_after_the_last_importer_fault(box: Box) -> None:
    box.drop("file.uff", d0010())
    assert box.interrupted(*BEFORE_THE_COMMIT, then="raise", MAX_ATTEMPTS="1") == 1
    assert box.outcomes() == [("file.uff", "REJECTED")]
    [(code, message)] = box.rows("SELECT code, message FROM readings_problem")
    assert code == "internal-error"
    assert "a fault made by a test" in message
    assert box.count_readings() == 0


def test_fault_after_the_commit_leaves_the_file_to_the_next_watcher(box: Box) -> None:
    box.drop("file.uff", d0010())
    assert box.interrupted(moves.move, "call", then="raise") == 0
    assert set(files_below(box.inbox)) == {"file.uff"}
    assert box.once()[0] == 0
    assert box.outcomes() == [("file.uff", "IMPORTED")]
    assert box.count_arrivals() == 1
    assert list(files_below(box.archive).values()) == [d0010()]


def test_sigterm_during_an_import_ends_with_0_and_stores_nothing(box: Box) -> None:
    content = d0010(meter_points=40_000)
    box.drop("big.uff", content)
    # in the second of its three batches
    assert box.interrupted(BatchLoader.load, "call", 2, then="end") == 0
    assert box.count_arrivals() == 0
    assert box.count_readings() == 0
    assert files_below(box.inbox) == {"big.uff": content}
    assert box.rows("SELECT status, attempts FROM readings_flowfile") == [("RECEIVED", 0)]
    assert box.once()[0] == 0
    assert box.count_readings() == 40_000

"""Files that their sender replaces just before the move: the imported bytes are archived."""

import stat
from pathlib import Path
from signal import SIGKILL

import pytest

from tests.making.numbered import d0010
from tests.running.box import Box, files_below
from tests.running.commands import run
from tests.running.forks import fork_server

pytestmark = pytest.mark.slow_on_postgresql

FIRST, OTHER = d0010("FIRST"), d0010("OTHER", value="2.0")
KINDS = {"file": stat.S_ISREG, "link": stat.S_ISLNK, "pipe": stat.S_ISFIFO, "folder": stat.S_ISDIR}


@pytest.fixture
def box(tmp_path: Path, database_url: str) -> Box:
    return Box(tmp_path, database_url)


def run_with_replacement(box: Box, kind: str, then: str = "live") -> int:
    """Run a watcher whose file is replaced between its last check and the rename; return the exit code."""
    path = box.drop("file.uff", FIRST)
    look = {"maker": "swap", "path": str(path), "kind": kind, "then": then}
    return fork_server().start(["watch_inbox", "--once"], box.environment, error=box.log_path, look=look).wait(60)


@pytest.mark.parametrize("kind", [*KINDS, "nothing"])
def test_imported_bytes_are_archived_and_the_replacement_goes_back(box: Box, kind: str) -> None:
    assert run_with_replacement(box, kind) == 0
    assert list(files_below(box.archive).values()) == [FIRST]
    assert all(stat.S_ISREG(path.lstat().st_mode) for path in box.archive.rglob("file.uff.*"))
    assert box.outcomes()[0] == ("file.uff", "IMPORTED")
    left = list(box.inbox.iterdir())
    if kind == "nothing":
        assert left == []
    elif left:  # another file may have been imported by the same run
        assert [KINDS[kind](path.lstat().st_mode) for path in left] == [True]
    if kind == "file":
        box.once()
        assert sorted(files_below(box.archive).values()) == sorted([FIRST, OTHER])
        assert box.outcomes() == [("file.uff", "IMPORTED")] * 2
    for path in box.inbox.iterdir():
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    assert run(box, "inbox_audit").code == 0


@pytest.mark.parametrize("kind", ["file", "link", "pipe"])
def test_replacement_moved_by_a_killed_watcher_goes_back(box: Box, kind: str) -> None:
    assert run_with_replacement(box, kind, then="die") == -SIGKILL
    for _ in range(2):
        box.once()
    assert not any(path.is_symlink() or stat.S_ISFIFO(path.lstat().st_mode) for path in box.archive.rglob("*"))
    if kind == "file":
        assert list(files_below(box.archive).values()) == [OTHER]
    else:
        assert [KINDS[kind](path.lstat().st_mode) for path in box.inbox.iterdir()] == [True]

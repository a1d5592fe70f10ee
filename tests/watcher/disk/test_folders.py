import os
from pathlib import Path

import pytest

from readings.imports.disk import write_text
from watcher.disk.endings import Ending, StaysThere
from watcher.disk.folders import make_folder_of, open_seen, reserve
from watcher.disk.moves import move


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "file.uff"
    path.write_bytes(b"the imported bytes")
    return path


@pytest.fixture
def root(tmp_path: Path) -> Path:
    path = tmp_path / "archive"
    path.mkdir()
    return path


@pytest.fixture
def place(root: Path) -> Path:
    return root / "2026" / "01" / "31" / "file.uff.0123456789ab"


def test_move_puts_a_file_at_its_reserved_place(source: Path, place: Path, root: Path) -> None:
    inode = source.stat().st_ino
    make_folder_of(bytes(place), bytes(root))
    assert reserve(bytes(place), again=False)
    with source.open("rb") as stream:
        move(stream, bytes(source), bytes(place))
    assert not source.exists()
    assert place.stat().st_ino == inode
    assert place.read_bytes() == b"the imported bytes"


@pytest.mark.parametrize("is_replaced", [True, False])
def test_move_preserves_the_imported_bytes_of_a_replaced_or_removed_file(
    source: Path, place: Path, root: Path, *, is_replaced: bool
) -> None:
    make_folder_of(bytes(place), bytes(root))
    assert reserve(bytes(place), again=False)
    with source.open("rb") as stream:
        source.unlink()
        if is_replaced:
            source.write_bytes(b"a later file")
        move(stream, bytes(source), bytes(place))
    assert place.read_bytes() == b"the imported bytes"
    assert source.exists() == is_replaced


def test_reserve_refuses_a_taken_place(place: Path, root: Path) -> None:
    make_folder_of(bytes(place), bytes(root))
    assert reserve(bytes(place), again=False)
    assert not reserve(bytes(place), again=False)


def test_reserve_again_accepts_an_empty_file_only(place: Path, root: Path) -> None:
    make_folder_of(bytes(place), bytes(root))
    assert reserve(bytes(place), again=True)
    assert reserve(bytes(place), again=True)
    place.write_bytes(b"a file that was put there")
    assert not reserve(bytes(place), again=True)


def test_written_report_replaces_an_unfinished_report(place: Path, root: Path) -> None:
    make_folder_of(bytes(place), bytes(root))
    (place.parent / f".{place.name}.report.txt.tmp").write_text("half a")
    write_text(bytes(place) + b".report.txt", "a whole report\n")
    assert [(path.name, path.read_text()) for path in place.parent.iterdir()] == [
        (f"{place.name}.report.txt", "a whole report\n")
    ]


def test_open_seen_refuses_a_link_a_pipe_a_folder_and_a_missing_file(tmp_path: Path, source: Path) -> None:
    (tmp_path / "link").symlink_to(source)
    os.mkfifo(tmp_path / "fifo")
    (tmp_path / "folder").mkdir()
    for name in ("link", "fifo", "folder", "missing"):
        with pytest.raises(StaysThere) as stays:
            open_seen(bytes(tmp_path / name))
        assert stays.value.ending == Ending.CHANGED

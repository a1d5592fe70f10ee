import json
import os
import signal
import socket
from hashlib import sha256
from pathlib import Path

import pytest

from tests.making.numbered import d0010
from tests.running.box import Box, end, files_below, wait_until
from tests.running.places import SAMPLES


@pytest.fixture
def box(tmp_path: Path, database_url: str) -> Box:
    return Box(tmp_path, database_url)


def test_valid_file_is_imported_and_archived_under_its_name(box: Box) -> None:
    content = (SAMPLES / "d0010.uff").read_bytes()
    with box.watcher() as child:
        box.drop("d0010.uff", content)
        wait_until(box.outcomes)
        assert end(child) == 0
    digest = sha256(content).hexdigest()
    assert box.outcomes() == [("d0010.uff", "IMPORTED")]
    assert box.count_readings() == content.count(b"\n030|")
    assert files_below(box.archive) == {f"d0010.uff.{digest[:12]}": content}
    assert files_below(box.inbox) == {}
    [(place,)] = box.rows("SELECT resting_place FROM readings_arrival")
    assert Path(place).read_bytes() == content
    [line] = box.log("put away")
    assert line["name"] == "d0010.uff"
    assert line["sha256"] == digest
    assert line["outcome"] == "imported"
    assert line["readings"] == content.count(b"\n030|")
    assert line["problems"] == 0
    assert line["seconds"] >= 0


def test_bad_file_is_rejected_with_both_reports(box: Box) -> None:
    content = d0010(meter_points=3).replace(b"|V|", b"|Q|").replace(b"12345.0", b"much", 1)
    box.drop("bad.uff", content)
    code, _ = box.once()
    assert code == 1
    assert box.outcomes() == [("bad.uff", "REJECTED")]
    assert box.count_readings() == 0
    files = files_below(box.rejected)
    name = f"bad.uff.{sha256(content).hexdigest()[:12]}"
    assert set(files) == {name, f"{name}.report.json", f"{name}.report.txt"}
    assert files[name] == content
    report = json.loads(files[f"{name}.report.json"])
    assert report["outcome"] == "rejected"
    where = [(problem["line"], problem["record"], problem["value"]) for problem in report["problems"]]
    assert where == [(2, "026", "Q"), (4, "030", "much"), (5, "026", "Q"), (8, "026", "Q")]
    text = files[f"{name}.report.txt"].decode()
    assert [f"bad.uff:{line}: " in text for line in (2, 4, 5, 8)] == [True] * 4


def test_same_bytes_under_another_name_are_archived_as_duplicate(box: Box) -> None:
    content = d0010()
    box.drop("first.uff", content)
    assert box.once()[0] == 0
    box.drop("second.uff", content)
    box.drop("first.uff", content)
    assert box.once()[0] == 0
    assert sorted(box.outcomes()) == [
        ("first.uff", "DUPLICATE"),
        ("first.uff", "IMPORTED"),
        ("second.uff", "DUPLICATE"),
    ]
    assert box.count_readings() == 1
    short = sha256(content).hexdigest()[:12]
    expected = {f"first.uff.{short}", f"first.uff.{short}.2", f"second.uff.{short}"}
    assert files_below(box.archive) == dict.fromkeys(expected, content)


def test_file_without_trailer_waits_and_is_rejected_as_truncated(box: Box) -> None:
    whole = d0010(meter_points=2)
    box.drop("cut.uff", whole[: whole.index(b"ZPT")])
    with box.watcher():
        wait_until(lambda: box.log("waits"))
        assert box.log("waits")[0]["name"] == "cut.uff"
        assert (box.inbox / "cut.uff").exists()
        assert box.count_arrivals() == 0
    with box.watcher(INCOMPLETE_AFTER="0.5"):
        wait_until(box.outcomes)
    assert box.outcomes() == [("cut.uff", "REJECTED")]
    assert ("truncated",) in box.rows("SELECT code FROM readings_problem")


@pytest.mark.slow
def test_file_completed_late_is_imported(box: Box) -> None:
    whole = d0010()
    path = box.drop("late.uff", whole[:-20])
    with box.watcher():
        wait_until(lambda: box.log("waits"))
        with path.open("ab") as file:
            file.write(whole[-20:])
        wait_until(box.outcomes)
    assert box.outcomes() == [("late.uff", "IMPORTED")]
    assert list(files_below(box.archive).values()) == [whole]


def test_empty_file_waits_and_is_rejected(box: Box) -> None:
    box.drop("empty.uff", b"")
    with box.watcher(INCOMPLETE_AFTER="1"):
        wait_until(box.outcomes)
    assert box.outcomes() == [("empty.uff", "REJECTED")]
    assert box.rows("SELECT code FROM readings_problem") == [("empty",)]


@pytest.fixture
def unreadable(box: Box) -> set[str]:
    """Create entries that no watcher may open; return their names. A FIFO would block its reader."""
    content = d0010()
    elsewhere = box.inbox.parent / "elsewhere.uff"
    elsewhere.write_bytes(content)
    (box.inbox / "link.uff").symlink_to(elsewhere)
    (box.inbox / "folder.uff").mkdir()
    (box.inbox / "folder.uff" / "inside.uff").write_bytes(content)
    os.mkfifo(box.inbox / "fifo.uff")
    before = Path.cwd()
    os.chdir(box.inbox)  # the path of a socket must be short
    with socket.socket(socket.AF_UNIX) as unix:
        unix.bind("socket.uff")
    os.chdir(before)
    for name in (".hidden.uff", "a.uff.filepart", "b.part", "c.uff.TMP", "d.partial", "e.crdownload", "f~"):
        (box.inbox / name).write_bytes(content)
    return {path.name for path in box.inbox.iterdir()}


def test_links_folders_fifos_sockets_and_unfinished_names_are_ignored(box: Box, unreadable: set[str]) -> None:
    box.drop("file.uff", d0010())
    assert box.once()[0] == 0
    assert box.outcomes() == [("file.uff", "IMPORTED")]
    assert {path.name for path in box.inbox.iterdir()} == unreadable


def test_names_may_contain_any_bytes(box: Box) -> None:
    names = [b"line\nbreak.uff", b"latin-\xe9.uff", "zähler.uff".encode(), b"back\\slash.uff", b"x" * 255]
    for number, name in enumerate(names):
        box.drop(name, d0010(identifier=f"{number:010}"))
    code, log = box.once()
    assert code == 0
    escaped = ["line\\x0abreak.uff", "latin-\\xe9.uff", "zähler.uff", "back\\\\slash.uff", "x" * 255]
    assert sorted(line["name"] for line in log if line["event"] == "put away") == sorted(escaped)
    assert sorted(name for name, _ in box.outcomes()) == sorted(escaped)
    assert files_below(box.inbox) == {}
    archived = [os.fsencode(name).rpartition(b".")[0] for name in files_below(box.archive)]
    assert sorted(archived) == sorted([*names[:-1], archived_as_long(archived)])


def archived_as_long(names: list[bytes]) -> bytes:
    [name] = [name for name in names if name.startswith(b"xx")]
    assert len(name) > 200
    return name


def test_once_leaves_and_logs_an_incomplete_file(box: Box) -> None:
    box.drop("whole.uff", d0010())
    box.drop("cut.uff", d0010()[:-5])
    code, log = box.once()
    assert code == 0
    assert box.outcomes() == [("whole.uff", "IMPORTED")]
    assert set(files_below(box.inbox)) == {"cut.uff"}
    assert [(line["name"], line["why"]) for line in log if line["event"] == "stays"] == [
        ("cut.uff", "is not complete yet")
    ]


def test_once_in_an_empty_inbox_ends_with_0(box: Box) -> None:
    assert box.once() == (0, [])


def test_modification_time_of_a_file_does_not_matter(box: Box) -> None:
    path = box.drop("old.uff", d0010())
    os.utime(path, (0, 0))
    path = box.drop("future.uff", d0010(identifier="0000000002"))
    os.utime(path, (4e9, 4e9))
    assert box.once()[0] == 0
    assert sorted(box.outcomes()) == [("future.uff", "IMPORTED"), ("old.uff", "IMPORTED")]


def test_sighup_scans_at_once(box: Box) -> None:
    whole = d0010()
    # Opened before the watcher listens: a late event of the opening would start a scan.
    with (box.inbox / "open.uff").open("wb", buffering=0) as file:
        file.write(whole[:-10])
        with box.watcher(SCAN_SECONDS="60", QUIET_SECONDS="0.1", INCOMPLETE_AFTER="900") as child:
            wait_until(lambda: box.log("waits"))
            file.write(whole[-10:])  # writes give no event, and the file is not closed
            with pytest.raises(AssertionError, match="is false after"):
                wait_until(box.outcomes, seconds=1)
            child.send_signal(signal.SIGHUP)
            wait_until(box.outcomes, seconds=50)
            assert end(child, signal.SIGINT) == 0


def test_new_file_is_imported_before_the_next_scan(box: Box) -> None:
    with box.watcher(SCAN_SECONDS="60", QUIET_SECONDS="0.1") as child:
        wait_until(lambda: box.log("watching"))
        box.drop("file.uff", d0010())
        wait_until(box.outcomes, seconds=50)
        assert end(child) == 0

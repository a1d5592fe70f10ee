"""Files that cannot be put away: they stay in the inbox, whole and once, until the fault is fixed."""

import fcntl
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from readings.imports import arrivals, operations
from tests.making.numbered import d0010
from tests.running.box import Box, Function, end, files_below, nested, wait_until
from tests.running.forks import fork_server
from tests.running.invariants import violations
from tests.running.mounts import MODES_COUNT, mounted, run, tmpfs
from tests.running.places import ROOT
from watcher.disk import copies, folders, moves, probes
from watcher.disk.folders import Folders, UnusableFolder
from watcher.disk.moves import move_back
from watcher.journey.putting_away import PuttingAway

pytestmark = [pytest.mark.slow, pytest.mark.only_on("sqlite")]

KILLED = -signal.SIGKILL
BAD = d0010().replace(b"|V|", b"|Q|")
OTHER_FILE_SYSTEM = Path("/dev/shm")


@pytest.fixture
def box(tmp_path: Path, database_url: str) -> Box:
    return Box(tmp_path, database_url)


@pytest.fixture
def far(box: Box) -> Iterator[Box]:
    """Yield a box whose archive and rejected folders are on another file system."""
    if not OTHER_FILE_SYSTEM.exists() or OTHER_FILE_SYSTEM.stat().st_dev == box.inbox.stat().st_dev:
        pytest.skip("needs two file systems")
    with TemporaryDirectory(dir=OTHER_FILE_SYSTEM) as folder:
        use_disk(Path(folder), box)
        yield box


def use_disk(disk: Path, box: Box) -> None:
    """Create the archive and rejected folders of a box on another disk."""
    box.archive, box.rejected = disk / "archive", disk / "rejected"
    for path in (box.archive, box.rejected):
        path.mkdir()
    box.environment.update(ARCHIVE_DIR=str(box.archive), REJECTED_DIR=str(box.rejected))


def sent(*contents: bytes) -> Counter[str]:
    return Counter(sha256(content).hexdigest() for content in contents)


def troubles(box: Box) -> list[str]:
    """Return the errors of the `cannot import` lines in the log."""
    return [line["error"] for line in box.log("cannot import")]


def test_message_about_a_folder_on_another_mount_names_a_command_that_works(box: Box, tmp_path: Path) -> None:
    disk = tmp_path / "disk"
    disk.mkdir()
    with mounted(disk, *tmpfs()):
        use_disk(disk, box)
        code, log = box.once()
        assert code == 78
        assert "ARCHIVE_DIR" in log[0]["event"]
        assert "--allow-copy" in log[0]["event"]
        command = log[0]["event"].split("`")[1]
        assert command == f"mkdir {disk}/inbox && mount --bind {disk}/inbox {box.inbox}"
        try:
            run("sh", "-c", command)
            box.drop("file.uff", d0010())  # under the path that the senders use
            assert box.once(INBOX_DIR=f"{disk}/inbox")[0] == 0
            assert files_below(box.inbox) == {}
        finally:
            run("umount", str(box.inbox))
        assert violations(box, sent(d0010())) == []


def test_files_are_copied_to_another_mount_if_copying_is_allowed(far: Box) -> None:
    path = far.drop("file.uff", d0010())
    path.chmod(0o640)
    os.utime(path, ns=(10**18, 10**18))
    far.drop("bad.uff", BAD)
    assert far.once(ALLOW_COPY="1")[0] == 1
    assert sorted(far.outcomes()) == [("bad.uff", "REJECTED"), ("file.uff", "IMPORTED")]
    assert files_below(far.inbox) == {}
    assert violations(far, sent(d0010(), BAD)) == []
    [archived] = [path for path in far.archive.rglob("*") if path.is_file()]
    assert archived.stat().st_mode & 0o777 == 0o640
    assert archived.stat().st_mtime_ns == 10**18


def test_option_allows_copies(far: Box) -> None:
    far.drop("file.uff", d0010())
    command = [sys.executable, "manage.py", "watch_inbox", "--once", "--allow-copy"]
    subprocess.run(command, env=far.environment, cwd=ROOT, check=True, timeout=60)
    assert violations(far, sent(d0010())) == []
    assert files_below(far.inbox) == {}


STEPS: dict[str, tuple[Function, str, int]] = {
    "before the copy": (copies.copy_with_times, "call", 1),
    "in the copy": (nested(PuttingAway._copy, "check_unchanged"), "call", 1),
    "before the copy gets its name": (nested(PuttingAway._copy, "check_unchanged"), "return", 2),
    "after the copy": (copies.copy_with_times, "return", 1),
    "before the file is removed": (folders.remove, "call", 1),
    "after the file is removed": (folders.remove, "return", 1),
    "before it is settled": (arrivals.settle, "call", 1),
}


@pytest.mark.parametrize("content", [d0010(), BAD], ids=["good", "bad"])
@pytest.mark.parametrize("step", STEPS)
def test_file_of_a_watcher_killed_during_the_copy_is_put_away_once(far: Box, step: str, content: bytes) -> None:
    far.environment["ALLOW_COPY"] = "1"
    far.drop("file.uff", content)
    assert far.interrupted(*STEPS[step]) == KILLED
    far.once()
    assert violations(far, sent(content)) == []
    assert files_below(far.inbox) == {}
    assert far.count_arrivals() == len(far.outcomes()) == 1
    assert [name for name in files_below(far.archive) | files_below(far.rejected) if name.startswith(".")] == []


def test_rejected_file_is_put_back_from_another_mount(far: Box) -> None:
    far.environment["ALLOW_COPY"] = "1"
    far.drop("file.uff", BAD)
    far.once()
    command = [sys.executable, "manage.py", "inbox_retry", "file.uff"]
    subprocess.run(command, env=far.environment, cwd=ROOT, check=True, timeout=60)
    assert files_below(far.inbox) == {"file.uff": BAD}
    assert BAD not in files_below(far.rejected).values()


def test_file_larger_than_the_free_space_waits_until_there_is_room(box: Box) -> None:
    content = d0010(meter_points=2000)
    with mounted(box.archive, *tmpfs("64k")), box.watcher(ALLOW_COPY="1") as child:
        box.drop("file.uff", content)
        wait_until(lambda: troubles(box))
        assert "full" in troubles(box)[0]
        assert "ARCHIVE_DIR" in troubles(box)[0]
        assert box.rows("SELECT 1 FROM readings_flowfile") == []
        assert files_below(box.inbox) == {"file.uff": content}
        run("mount", "-o", "remount,size=1m", str(box.archive))
        wait_until(box.outcomes)
        assert end(child) == 0
        assert violations(box, sent(content)) == []


def test_imported_file_is_put_away_once_its_full_disk_has_room(box: Box) -> None:
    content = d0010(meter_points=300)
    box.environment["ALLOW_COPY"] = "1"
    with mounted(box.archive, *tmpfs("64k")):
        box.drop("file.uff", content)
        assert box.interrupted(operations.import_flow, "return") == KILLED
        filler = box.archive / "filler"
        filler.write_bytes(bytes(56 * 1024))  # leaves room for a probe
        with box.watcher() as child:
            wait_until(lambda: troubles(box))
            assert "full" in troubles(box)[0]
            assert files_below(box.inbox) == {"file.uff": content}
            filler.unlink()
            wait_until(box.outcomes)
            assert end(child) == 0
        assert violations(box, sent(content)) == []
        assert box.count_arrivals() == 1


def test_failed_copy_leaves_no_file_behind(box: Box) -> None:
    content = d0010(meter_points=300)
    with mounted(box.archive, *tmpfs("64k")):
        box.drop("file.uff", content)
        assert box.interrupted(operations.import_flow, "return", ALLOW_COPY="1") == KILLED
        (box.archive / "filler").write_bytes(bytes(56 * 1024))
        assert box.once(ALLOW_COPY="1")[0] == 75
        assert set(files_below(box.archive)) == {"filler"}
        assert files_below(box.inbox) == {"file.uff": content}


@pytest.mark.parametrize("setting", ["ARCHIVE_DIR", "REJECTED_DIR"])
def test_watcher_waits_until_a_folder_is_writable(box: Box, setting: str) -> None:
    folder = Path(box.environment[setting])
    command = [*(MODES_COUNT if os.geteuid() == 0 else []), sys.executable, "manage.py", "watch_inbox"]
    with box.log_path.open("ab") as log:
        child = subprocess.Popen(command, env=box.environment, cwd=ROOT, stderr=log)
    try:
        wait_until(lambda: box.log("watching"))
        folder.chmod(0o555)
        box.drop("file.uff", d0010())
        wait_until(lambda: troubles(box))
        assert f"{folder} is not writable" in troubles(box)[0]
        assert setting in troubles(box)[0]
        assert box.rows("SELECT 1 FROM readings_flowfile") == []
        folder.chmod(0o755)
        wait_until(box.outcomes)
        assert end(child) == 0
    finally:
        child.kill()
        child.wait()
        folder.chmod(0o755)
    assert violations(box, sent(d0010())) == []


def test_watcher_waits_until_a_read_only_folder_is_writable(box: Box) -> None:
    with mounted(box.archive, "--bind", str(box.archive)), box.watcher(ALLOW_COPY="1") as child:
        wait_until(lambda: box.log("watching"))
        run("mount", "-o", "remount,bind,ro", str(box.archive))
        box.drop("file.uff", d0010())
        wait_until(lambda: troubles(box))
        assert f"{box.archive} is read-only" in troubles(box)[0]
        assert box.rows("SELECT 1 FROM readings_flowfile") == []
        run("mount", "-o", "remount,bind,rw", str(box.archive))
        wait_until(box.outcomes)
        assert end(child) == 0
        assert violations(box, sent(d0010())) == []


def test_watcher_writes_nothing_into_the_folder_of_a_missing_mount(box: Box) -> None:
    with mounted(box.archive, *tmpfs()), box.watcher(ALLOW_COPY="1") as child:
        wait_until(lambda: box.log("watching"))
        run("umount", str(box.archive))
        box.drop("file.uff", d0010())
        wait_until(lambda: troubles(box))
        assert f"{box.archive} is no longer mounted" in troubles(box)[0]
        assert box.rows("SELECT 1 FROM readings_flowfile") == []
        assert list(box.archive.iterdir()) == []
        with mounted(box.archive, *tmpfs()):
            wait_until(box.outcomes)
            assert end(child) == 0
            assert violations(box, sent(d0010())) == []


@pytest.mark.slow
def test_archive_removed_during_a_batch_is_not_created_again(box: Box) -> None:
    contents = [d0010(f"{number:010}", value=f"{number}.0") for number in range(150)]
    for number, content in enumerate(contents):
        box.drop(f"{number:03}.uff", content)
    away = box.archive.with_name("away")
    with box.watcher() as child:
        wait_until(box.outcomes)
        box.archive.rename(away)
        wait_until(lambda: troubles(box))
        assert f"{box.archive} does not exist" in troubles(box)[0]
        assert not box.archive.exists()
        away.rename(box.archive)
        wait_until(lambda: len(box.outcomes()) == len(contents))
        assert end(child) == 0
    assert violations(box, sent(*contents)) == []


@pytest.mark.parametrize("happens", ["c_call", "c_return"])
def test_file_is_settled_once_if_the_archive_disappears_during_the_move(box: Box, happens: str) -> None:
    box.drop("file.uff", d0010())
    away = box.archive.with_name("away")
    look = {"maker": "take_away", "folder": str(box.archive), "away": str(away), "happens": happens}
    child = fork_server().start(["watch_inbox"], box.environment, error=box.log_path, look=look)
    try:
        wait_until(lambda: troubles(box))
        assert f"{box.archive} does not exist" in troubles(box)[-1]
        away.rename(box.archive)
        wait_until(box.outcomes, seconds=30)
        assert end(child) == 0
    finally:
        child.kill()
    assert box.outcomes() == [("file.uff", "IMPORTED")]
    assert violations(box, sent(d0010())) == []


def test_make_folder_of_creates_folders_below_the_root_but_never_the_root(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in ("inbox", "archive", "rejected")]
    folders = Folders(inbox=bytes(paths[0]), archive=bytes(paths[1]), rejected=bytes(paths[2]))
    place = paths[1] / "2026" / "01" / "31" / "file.uff"
    with pytest.raises(UnusableFolder, match=r"archive does not exist.*set ARCHIVE_DIR"):
        folders.make_folder_of(bytes(place), folders.archive)
    assert not paths[1].exists()
    paths[1].mkdir()
    folders.make_folder_of(bytes(place), folders.archive)
    assert place.parent.is_dir()


def test_sweep_removes_only_the_probes_of_killed_watchers(box: Box) -> None:
    for step in (1, 2, 3):  # in the inbox
        assert box.interrupted(probes.make, "return", step) == KILLED
    probes_left = list(box.inbox.iterdir())
    assert probes_left
    for folder in (box.archive, box.rejected):
        (folder / ".meterbox-0a_b1c2d").write_bytes(b"\n")
    others = [
        box.inbox / name
        for name in (".meterbox-short", ".meterbox-12345678", ".meterbox-folder12", ".meterbox-inuse123")
    ]
    others[0].touch()
    others[1].write_bytes(b"a file of another program")
    others[2].mkdir()
    others[3].touch()
    with others[3].open("rb") as other:
        fcntl.flock(other, fcntl.LOCK_EX)
        assert box.once()[0] == 0
    assert sorted(box.inbox.iterdir()) == sorted(others)
    assert list(box.archive.iterdir()) == list(box.rejected.iterdir()) == []


def test_file_with_a_second_link_outside_the_inbox_is_moved(box: Box, tmp_path: Path) -> None:
    other = tmp_path / "of the sender"
    os.link(box.drop("file.uff", d0010()), other)
    assert box.once()[0] == 0
    assert box.outcomes() == [("file.uff", "IMPORTED")]
    assert violations(box, sent(d0010())) == []
    assert other.read_bytes() == d0010()


MOVES: dict[str, tuple[Function, str]] = {
    "before it is moved": (moves.move, "call"),
    "before it is settled": (arrivals.settle, "call"),
}


@pytest.mark.parametrize("content", [d0010(), b""], ids=["good", "empty"])
@pytest.mark.parametrize("step", [*MOVES, "never"])
def test_two_names_of_one_file_are_both_put_away(box: Box, step: str, content: bytes) -> None:
    box.environment["INCOMPLETE_AFTER"] = "0.2"
    os.link(box.drop("one.uff", content), box.inbox / "two.uff")
    if step in MOVES:
        function, happens = MOVES[step]
        assert box.interrupted(function, happens, command=["watch_inbox"]) == KILLED
    with box.watcher() as child:
        wait_until(lambda: len(box.outcomes()) == 2)
        assert end(child) == 0
    assert sorted(name for name, _ in box.outcomes()) == ["one.uff", "two.uff"]
    assert [outcome for _, outcome in box.outcomes()] == (["IMPORTED", "DUPLICATE"] if content else ["REJECTED"] * 2)
    assert files_below(box.inbox) == {}
    assert violations(box, sent(content, content)) == []


def test_two_names_of_one_file_are_both_put_away_on_another_mount(far: Box) -> None:
    far.environment["ALLOW_COPY"] = "1"
    os.link(far.drop("one.uff", d0010()), far.inbox / "two.uff")
    assert far.interrupted(folders.remove, "return") == KILLED
    assert far.once()[0] == 0
    assert sorted(name for name, _ in far.outcomes()) == ["one.uff", "two.uff"]
    assert violations(far, sent(d0010(), d0010())) == []


def test_interrupted_move_back_is_finished_without_a_second_file(tmp_path: Path) -> None:
    place, source = tmp_path / "place", tmp_path / "file.uff"
    place.write_bytes(b"bytes written during the move")
    os.link(place, source)  # here the watcher was killed
    move_back(bytes(place), bytes(source))
    assert files_below(tmp_path) == {"file.uff": b"bytes written during the move"}


def test_file_of_another_owner_is_moved_back_without_a_second_link(tmp_path: Path) -> None:
    if sys.platform != "linux" or os.geteuid() != 0:
        pytest.skip("needs root, to change the owner of a file")
    place, source = tmp_path / "place", tmp_path / "file.uff"
    place.write_bytes(b"bytes written during the move")
    place.chmod(0o640)
    os.chown(place, 65534, -1)
    script = f"from {move_back.__module__} import move_back; move_back({bytes(place)!r}, {bytes(source)!r})"
    settings = {**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings"}
    program = [sys.executable, "-c", f"import django; django.setup(); {script}"]
    as_owner_of_little = ["setpriv", "--bounding-set=-fowner,-dac_override", "--inh-caps=-fowner,-dac_override"]
    subprocess.run([*as_owner_of_little, *program], env=settings, cwd=ROOT, check=True, timeout=60)
    assert files_below(tmp_path) == {"file.uff": b"bytes written during the move"}
    assert source.stat().st_uid == 65534

"""Faults of the inbox, its events and its files: nothing is lost."""

import ctypes
import errno
import json
import os
import resource
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from django.contrib.auth.models import User
from django.core.exceptions import ImproperlyConfigured
from pytest_django.fixtures import Settings

from config import environment
from readings.formats.content import survey
from readings.formats.recognition import has_hole, is_complete
from readings.formats.text import as_bytes
from tests.making.numbered import d0010
from tests.running.ask import ask
from tests.running.box import Box, end, files_below, wait_until
from tests.running.commands import status
from tests.running.mounts import MODES_COUNT, mounted, tmpfs
from tests.running.pages import logged_in
from tests.running.places import ROOT

pytestmark = pytest.mark.only_on("sqlite")

MARKER = {"INBOX_MARKER": ".mounted"}
EVENTS_HELD = Path("/proc/sys/fs/inotify/max_queued_events")
LISTENERS_HELD = Path("/proc/sys/fs/inotify/max_user_instances")
SOMEBODY = 54321
needs_linux = pytest.mark.skipif(sys.platform != "linux", reason="needs the file system events of Linux")


@pytest.fixture
def box(tmp_path: Path, database_url: str) -> Box:
    return Box(tmp_path, database_url)


@contextmanager
def watcher(box: Box, prefix: list[str], **settings: str) -> Iterator[subprocess.Popen[bytes]]:
    """Run a watcher through another program."""
    with box.log_path.open("ab") as log:
        child = subprocess.Popen(
            [*prefix, sys.executable, "manage.py", "watch_inbox"],
            env={**box.environment, **settings},
            cwd=ROOT,
            stderr=log,
        )
    try:
        yield child
    finally:
        child.kill()
        child.wait()


def replace(box: Box, name: str = "away") -> Path:
    """Replace the inbox by another folder; return the new path of the old one."""
    away = box.inbox.rename(box.inbox.with_name(name))
    box.inbox.mkdir()
    return away


def test_removed_inbox_is_reported_and_a_new_one_is_watched(box: Box) -> None:
    with box.watcher() as child:
        wait_until(lambda: box.log("watching"))
        box.inbox.rmdir()
        wait_until(lambda: box.log("cannot import"))
        error = box.log("cannot import")[0]["error"]
        assert f"the inbox {box.inbox} does not exist: create or mount it, or set INBOX_DIR" in error
        box.inbox.mkdir()
        box.drop("file.uff", d0010())
        wait_until(box.outcomes)
        assert [line["inbox"] for line in box.log("inbox replaced")] == [str(box.inbox)]
        if box.is_sqlite:
            assert box.once()[0] == 78
        assert end(child) == 0
    assert box.outcomes() == [("file.uff", "IMPORTED")]


def test_watcher_waits_if_another_holds_its_replaced_inbox(box: Box) -> None:
    if not box.is_sqlite:
        return  # On PostgreSQL, several watchers share an inbox.
    with box.watcher() as first:
        wait_until(lambda: box.log("watching"))
        first.send_signal(signal.SIGSTOP)
        replace(box)
        with box.watcher() as second:
            wait_until(lambda: len(box.log("watching")) == 2)
            first.send_signal(signal.SIGCONT)
            wait_until(lambda: box.log("cannot import"))
            assert "another watcher holds the inbox" in box.log("cannot import")[0]["error"]
            assert box.log("inbox replaced") == []
            assert end(second) == 0
        box.drop("file.uff", d0010())
        wait_until(box.outcomes)
        assert end(first) == 0


def test_watcher_receives_events_of_a_replaced_inbox(box: Box) -> None:
    with box.watcher(SCAN_SECONDS="60", QUIET_SECONDS="0.1") as child:
        wait_until(lambda: box.log("watching"))
        replace(box)
        child.send_signal(signal.SIGHUP)
        wait_until(lambda: box.log("inbox replaced"))
        box.drop("file.uff", d0010())
        wait_until(box.outcomes, seconds=50)
        assert end(child) == 0


def test_files_of_a_moved_inbox_are_imported_after_its_return(box: Box) -> None:
    with box.watcher(QUIET_SECONDS="1") as child:
        wait_until(lambda: box.log("watching"))
        box.drop("there.uff", d0010())
        away = replace(box)
        wait_until(lambda: box.log("inbox replaced"))
        box.drop("here.uff", d0010("2"))
        wait_until(box.outcomes)
        box.inbox.rmdir()
        away.rename(box.inbox)
        wait_until(lambda: len(box.outcomes()) == 2)
        assert end(child) == 0
    assert box.outcomes() == [("here.uff", "IMPORTED"), ("there.uff", "IMPORTED")]


@pytest.mark.slow
def test_inbox_without_its_marker_counts_as_not_mounted(box: Box) -> None:
    box.environment.update(MARKER)
    box.drop("file.uff", d0010())
    marker = box.inbox / ".mounted"
    with box.watcher() as child:
        wait_until(lambda: len(box.log("cannot import")) == 2)
        error = box.log("cannot import")[0]["error"]
        assert f"{box.inbox} does not contain .mounted, so it counts as not mounted: mount it" in error
        code, answer = status(box)
        assert (code, answer["verdict"], answer["backlog"]) == (2, "broken", 0)
        assert "not mounted" in next(need["why"] for need in answer["attention"] if need["name"] == str(box.inbox))
        assert box.count_arrivals() == 0
        marker.touch()
        wait_until(box.outcomes)
        marker.unlink()
        box.drop("next.uff", d0010("2"))
        wait_until(lambda: len(box.log("cannot import")) > 2)
        marker.touch()
        wait_until(lambda: len(box.outcomes()) == 2)
        assert status(box)[1]["verdict"] != "broken"
        assert end(child) == 0
    assert set(files_below(box.inbox)) == {".mounted"}


@pytest.mark.slow
def test_once_and_readyz_report_a_missing_marker(box: Box) -> None:
    box.environment.update(MARKER)
    code, log = box.once()
    assert code == 75
    assert "does not contain .mounted" in log[-1]["event"]
    code, answer, _ = ask("/readyz", box.environment)
    assert (code, answer["causes"]) == (
        503,
        ["the folder of INBOX_DIR does not contain .mounted, so it counts as not mounted: mount it"],
    )
    (box.inbox / ".mounted").touch()
    assert ask("/readyz", box.environment)[0] == 200
    assert box.once()[0] == 0


@pytest.mark.parametrize("name", ["mounted", ".", "..", ".a/b"])
def test_marker_must_be_a_hidden_file(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("INBOX_MARKER", name)
    with pytest.raises(ImproperlyConfigured, match=r"the name of a hidden file, such as \.mounted"):
        environment.hidden_name("INBOX_MARKER")


def test_empty_mount_over_the_inbox_is_not_watched(box: Box) -> None:
    (box.inbox / ".mounted").touch()
    with box.watcher(**MARKER) as child:
        wait_until(lambda: box.log("watching"))
        box.drop("file.uff", d0010()[:-20])
        with mounted(box.inbox, *tmpfs()):
            wait_until(lambda: box.log("cannot import"))
            assert "not mounted" in box.log("cannot import")[0]["error"]
        (box.inbox / "file.uff").write_bytes(d0010())
        wait_until(box.outcomes)
        assert end(child) == 0


def test_mount_without_a_marker_is_watched_until_it_is_unmounted(box: Box) -> None:
    with box.watcher(ALLOW_COPY="1") as child:
        wait_until(lambda: box.log("watching"))
        with mounted(box.inbox, *tmpfs()):
            box.drop("mounted.uff", d0010())
            wait_until(box.outcomes)
        box.drop("below.uff", d0010("2"))
        wait_until(lambda: len(box.outcomes()) == 2)
        assert end(child) == 0
    assert len(box.log("inbox replaced")) == 2
    assert box.outcomes() == [("mounted.uff", "IMPORTED"), ("below.uff", "IMPORTED")]


@pytest.mark.slow
def test_unreadable_file_waits_and_status_names_an_action(box: Box) -> None:
    path = box.drop("secret.uff", d0010())
    path.chmod(0)
    as_others = [] if os.geteuid() else MODES_COUNT
    with watcher(box, as_others) as child:
        wait_until(lambda: box.log("waits"))
        assert box.log("waits")[0]["why"] == "cannot be read by the watcher's account"
        for arguments in (["--json"], []):
            command = [*as_others, sys.executable, "manage.py", "inbox_status", *arguments]
            ended = subprocess.run(
                command, env=box.environment, cwd=ROOT, capture_output=True, text=True, check=False
            )
            assert ended.returncode == 1, ended.stderr
            for words in (f"owner {path.owner()}, group {path.group()}, mode ----------", "chmod g+r", "chmod o+r"):
                assert words in ended.stdout
        box.drop("other.uff", d0010("2"))
        wait_until(box.outcomes)
        path.chmod(0o400)
        wait_until(lambda: len(box.outcomes()) == 2)
        assert end(child) == 0
    assert box.outcomes() == [("other.uff", "IMPORTED"), ("secret.uff", "IMPORTED")]


def with_hole(content: bytes, start: int, size: int = 8192) -> bytes:
    return content[:start] + bytes(size) + content[start + size :]


@pytest.mark.slow
def test_file_with_a_hole_waits_until_it_is_filled(box: Box) -> None:
    whole = d0010(meter_points=500)
    path = box.inbox / "holed.uff"
    with path.open("wb", buffering=0) as file, box.watcher() as child:
        for position in (0, 16384):  # like a sender that writes its blocks in another order and is interrupted
            file.seek(position)
            file.write(whole[position : position + 8192] if position == 0 else whole[position:])
        wait_until(lambda: box.log("waits"))
        assert "has holes" in box.log("waits")[0]["why"]
        code, answer = status(box)
        assert (code, answer["waiting"][0]["why"]) == (1, "has holes")
        assert "has holes" in next(need["why"] for need in answer["attention"] if need["name"] == "holed.uff")
        file.seek(8192)
        file.write(whole[8192:16384])
        wait_until(box.outcomes)
        assert end(child) == 0
    assert box.outcomes() == [("holed.uff", "IMPORTED")]
    assert list(files_below(box.archive).values()) == [whole]


def test_unfilled_hole_is_the_reported_problem(box: Box) -> None:
    whole = d0010(meter_points=2000)
    holed = {
        "early.uff": with_hole(whole, 0),
        "middle.uff": with_hole(whole, 20_000),
        "large.uff": with_hole(whole, 20_000, 80_000),
        "late.uff": whole[:-8192] + bytes(8192),
    }
    for name, content in holed.items():
        box.drop(name, content)
    with box.watcher() as child:
        wait_until(lambda: len(box.log("waits")) == 4)
        assert end(child) == 0
    assert box.count_arrivals() == 0
    with box.watcher(INCOMPLETE_AFTER="0.5") as child:
        wait_until(lambda: len(box.outcomes()) == 4)
        assert end(child) == 0
    assert sorted(box.outcomes()) == [(name, "REJECTED") for name in sorted(holed)]
    files = files_below(box.rejected)
    for name, content in holed.items():
        report = json.loads(files[f"{name}.{sha256(content).hexdigest()[:12]}.report.json"])
        assert any("hole" in problem["message"] for problem in report["problems"]), report


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_utf_16_file_has_no_holes(encoding: str, tmp_path: Path) -> None:
    path = tmp_path / "wide.uff"
    path.write_bytes(d0010().decode().encode(encoding))
    with path.open("rb") as stream:
        content = survey(stream)
    is_whole = is_complete(content.start, content.end)
    assert content.has_nul
    assert not has_hole(content.start, is_whole=is_whole, has_nul=content.has_nul)


NAMES = {
    b"x" * 246 + b".uff": "x" * 246 + ".uff",
    b"latin-\xe9\xff.uff": "latin-\\xe9\\xff.uff",
    b"\x01\x1b[31mred\x7f.uff": "\\x01\\x1b[31mred\\x7f.uff",
    b"two\nlines\r.uff": "two\\x0alines\\x0d.uff",
    b"  blanks.uff": "  blanks.uff",
    b"--once": "--once",
    b"-rf *": "-rf *",
    b"a..uff": "a..uff",
    b" ..": " ..",
    b"x\\..\\etc": "x\\\\..\\\\etc",
    b'"; DROP TABLE--': '"; DROP TABLE--',
    b"<script>": "<script>",
    b"%s%n{0}": "%s%n{0}",
}


def test_files_with_any_name_are_imported_and_archived(box: Box) -> None:
    # Incomplete, so that they wait.
    for number, name in enumerate(NAMES):
        box.drop(name, d0010(f"{number}")[:-20])
    with box.watcher() as child:
        wait_until(lambda: len(box.log("waits")) == len(NAMES))
        _, answer = status(box)
        assert {file["name"] for file in answer["waiting"]} == set(NAMES.values())
        for number, name in enumerate(NAMES):
            (box.inbox / os.fsdecode(name)).write_bytes(d0010(f"{number}"))
        wait_until(lambda: len(box.outcomes()) == len(NAMES))
        assert end(child) == 0
    assert sorted(box.outcomes()) == sorted((text, "IMPORTED") for text in NAMES.values())
    assert {line["name"] for line in box.log("put away")} == set(NAMES.values())
    archived = {os.fsencode(path).rpartition(b".")[0] for path in files_below(box.archive)}
    [cut] = [name for name in archived if name.startswith(b"xx")]
    assert archived - {cut} == {name for name in NAMES if len(name) < 200}
    assert files_below(box.inbox) == {}
    assert [as_bytes(text) for text in NAMES.values()] == list(NAMES)


@pytest.mark.django_db
def test_inbox_page_escapes_every_name(tmp_path: Path, settings: Settings) -> None:
    for name in ("inbox", "archive", "rejected"):
        (tmp_path / name).mkdir()
        setattr(settings, f"{name.upper()}_DIR", tmp_path / name)
    for name_in_bytes in NAMES:
        (tmp_path / "inbox" / os.fsdecode(name_in_bytes)).write_bytes(d0010()[:-20])
    client = logged_in(User.objects.create_superuser("olga"))
    html = client.get("/inbox/").content.decode()
    for escaped in ("latin-\\xe9\\xff.uff", "\\x01\\x1b[31mred\\x7f.uff", "two\\x0alines\\x0d.uff", "&lt;script&gt;"):
        assert escaped in html
    assert "<script>" not in html


@pytest.fixture
def open_box(database_url: str) -> Iterator[Box]:
    """Yield a box whose folders are open to every user."""
    with TemporaryDirectory() as folder:
        box = Box(Path(folder), database_url)
        Path(folder).chmod(0o755)
        for path in (box.inbox, box.archive, box.rejected):
            path.chmod(0o777)
        yield box


@contextmanager
def deaf(user: int) -> Iterator[None]:
    """Use up all event listeners of a user."""
    started, say = os.pipe()
    child = os.fork()
    if not child:
        most = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
        os.setuid(user)
        library, taken = ctypes.CDLL(None, use_errno=True), 0
        while library.inotify_init1(0) >= 0:
            taken += 1
        os.write(say, f"{taken} {errno.errorcode[ctypes.get_errno()]}".encode())
        signal.pause()
    try:
        assert os.read(started, 100).decode() == f"{int(LISTENERS_HELD.read_text())} EMFILE"
        yield
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)


@needs_linux
@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, who can take another account")
def test_watcher_without_events_finds_files_by_scans(open_box: Box) -> None:
    box = open_box
    # Another account, because each account has its own limit; it can read the same files as root.
    may_all = "+dac_override,+dac_read_search,+chown,+fowner"
    prefix = ["setpriv", f"--reuid={SOMEBODY}", f"--inh-caps={may_all}", f"--ambient-caps={may_all}"]
    with deaf(SOMEBODY), watcher(box, prefix) as child:
        wait_until(lambda: box.log("watching"))
        assert "inotify" in box.log("no file system events; the inbox is only scanned")[0]["error"]
        for number in range(20):
            box.drop(f"{number}.uff", d0010(f"{number}"))
        wait_until(lambda: len(box.outcomes()) == 20)
        assert end(child) == 0


@pytest.mark.slow
@needs_linux
def test_files_with_lost_events_are_found_by_a_scan(box: Box) -> None:
    with box.watcher(SCAN_SECONDS="1") as child:
        wait_until(lambda: box.log("watching"))
        child.send_signal(signal.SIGSTOP)
        ways = [box.inbox / ".here", box.inbox / ".there"]
        ways[0].touch()
        for number in range(
            int(EVENTS_HELD.read_text())
        ):  # each gives two events, and none about a file to be imported
            ways[number % 2].rename(ways[1 - number % 2])
        for number in range(100):
            box.drop(f"{number:03}.uff", d0010(f"{number}"))
        child.send_signal(signal.SIGCONT)
        wait_until(lambda: len(box.outcomes()) == 100)
        box.drop("after.uff", d0010("after"))
        wait_until(lambda: len(box.outcomes()) == 101)
        assert end(child) == 0
    assert {outcome for _, outcome in box.outcomes()} == {"IMPORTED"}

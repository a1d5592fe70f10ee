import signal
from pathlib import Path

import pytest

from readings.imports import disk
from tests.making.numbered import d0010
from tests.running.box import Box, Function, files_below
from tests.running.commands import BAD, digest, only, resting_places, run, status
from watcher.operators import retry
from watcher.operators.retry import StaysRejected, bring_without_links

pytestmark = pytest.mark.slow_on_postgresql

UPLOAD = """
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
client = Client(headers={{"host": "localhost"}})
client.force_login(User.objects.get_or_create(username="olga", is_superuser=True)[0])
print(client.post("/upload", {{"files": SimpleUploadedFile({name!r}, {content!r})}}).status_code)
"""
WORSE = d0010(identifier="WORSE").replace(b"|V|", b"|Q|")


@pytest.fixture
def box(tmp_path: Path, database_url: str) -> Box:
    return Box(tmp_path, database_url)


@pytest.fixture
def rejected(box: Box) -> Path:
    """Return the path of a rejected file that arrived as bad.uff."""
    box.drop("bad.uff", BAD)
    assert box.once()[0] == 1
    return only(box.rejected)


def upload(box: Box, name: str, content: bytes) -> None:
    """Upload a file with the page."""
    ended = run(box, "shell", "-c", UPLOAD.format(name=name, content=content))
    assert ended.code == 0, ended.err


def test_retry_restores_the_name_and_leaves_the_reports(box: Box, rejected: Path) -> None:
    inode = rejected.stat().st_ino
    ended = run(box, "inbox_retry", "bad.uff")
    assert (ended.code, ended.out) == (0, f"bad.uff is back in the inbox (SHA-256 {digest(BAD)[:12]})\n")
    assert files_below(box.inbox) == {"bad.uff": BAD}
    assert (box.inbox / "bad.uff").stat().st_ino == inode
    assert set(files_below(box.rejected)) == {f"{rejected.name}.report.1.{kind}" for kind in ("json", "txt")}
    [place] = resting_places(box)
    assert place.startswith("(put back into the inbox by olga, ")
    assert place.endswith(f"; was {rejected})")
    entries = "SELECT door, by_whom, subject, sha256 FROM readings_trail WHERE action = 'PUT_BACK'"
    assert box.rows(entries) == [("COMMAND", "olga", "bad.uff", digest(BAD))]
    assert run(box, "inbox_retry", "bad.uff").code == 1


def test_retried_file_is_imported_again_and_every_report_is_kept(box: Box, rejected: Path) -> None:
    for _ in range(2):
        assert run(box, "inbox_retry", digest(BAD)[:12]).code == 0
        assert box.once()[0] == 1
    endings = [
        "",
        ".report.json",
        ".report.txt",
        ".report.1.json",
        ".report.1.txt",
        ".report.2.json",
        ".report.2.txt",
    ]
    assert set(files_below(box.rejected)) == {f"{rejected.name}{ending}" for ending in endings}
    assert box.outcomes() == [("bad.uff", "REJECTED")] * 3
    assert resting_places(box)[2] == str(rejected)
    assert run(box, "inbox_audit").code == 0


def test_retry_overwrites_no_file_in_the_inbox(box: Box, rejected: Path) -> None:
    box.drop("bad.uff", b"a later file")
    ended = run(box, "inbox_retry", "bad.uff")
    assert ended.code == 2
    assert "the inbox already has a file named bad.uff" in ended.err
    assert files_below(box.inbox) == {"bad.uff": b"a later file"}
    assert rejected.read_bytes() == BAD
    assert resting_places(box) == [str(rejected)]


def test_retry_of_several_contents_needs_a_hash_or_all(box: Box, rejected: Path) -> None:
    box.drop("bad.uff", WORSE)
    box.drop("worse.uff", WORSE)
    assert box.once()[0] == 1
    ended = run(box, "inbox_retry", "bad.uff")
    assert ended.code == 2
    assert digest(BAD)[:12] in ended.err
    assert digest(WORSE)[:12] in ended.err
    assert files_below(box.inbox) == {}
    assert run(box, "inbox_retry", digest(WORSE)).code == 0
    assert files_below(box.inbox) == {"bad.uff": WORSE, "worse.uff": WORSE}


def test_retry_by_code_puts_back_only_files_with_that_code(box: Box, rejected: Path) -> None:
    box.drop("worse.uff", WORSE)
    assert box.once()[0] == 1
    [(code,)] = box.rows("SELECT DISTINCT code FROM readings_problem WHERE value = 'much'")
    assert run(box, "inbox_retry", "--all", "--code", "poison").code == 1
    assert run(box, "inbox_retry", "--all", f"--code={code}").code == 0
    assert files_below(box.inbox) == {"bad.uff": BAD}
    assert run(box, "inbox_retry", "--all").code == 0
    assert set(files_below(box.inbox)) == {"bad.uff", "worse.uff"}


def test_retry_restores_a_name_that_is_not_utf_8(box: Box) -> None:
    name = b"caf\xe9 \\x41\n\xc3\xa9.uff"
    box.drop(name, BAD)
    assert box.once()[0] == 1
    assert run(box, "inbox_retry", r"caf\xe9 \\x41\x0aé.uff").code == 0
    assert (box.inbox / name.decode("utf-8", "surrogateescape")).read_bytes() == BAD


def test_retry_of_an_imported_file_finds_no_match(box: Box) -> None:
    box.drop("fine.uff", d0010())
    assert box.once()[0] == 0
    assert run(box, "inbox_retry", "fine.uff").code == 1
    assert run(box, "inbox_retry", "--all").code == 1


def test_refused_upload_is_listed_with_its_codes_and_put_back(box: Box) -> None:
    upload(box, "bad.uff", BAD)
    assert run(box, "inbox_audit").code == 0
    rejected = status(box)[1]["last_rejected"]
    assert [(each["name"], each["sha256"], each["codes"]) for each in rejected] == [
        ("bad.uff", digest(BAD), ["not-a-number"])
    ]
    assert run(box, "inbox_retry", "bad.uff").code == 0
    assert files_below(box.inbox) == {"bad.uff": BAD}
    assert box.once()[0] == 1
    assert box.outcomes() == [("bad.uff", "REJECTED")] * 2
    assert run(box, "inbox_audit").code == 0


def test_killed_retry_of_an_upload_is_finished_by_the_next_one(box: Box) -> None:
    upload(box, "bad.uff", BAD)
    assert box.interrupted(retry._number_reports, "call", command=["inbox_retry", "bad.uff"]) == -signal.SIGKILL
    assert run(box, "inbox_retry", "bad.uff").code == 0
    assert list(files_below(box.inbox).values()) == [BAD]
    assert resting_places(box)[0].startswith("(put back into the inbox by olga, ")
    assert box.once()[0] == 1
    assert run(box, "inbox_audit").code == 0


def test_upload_under_a_name_that_the_watcher_ignores_stays_rejected(box: Box) -> None:
    upload(box, "half.tmp", BAD)
    ended = run(box, "inbox_retry", "half.tmp")
    assert (ended.code, "has a name that the watcher ignores" in ended.err) == (2, True)
    assert files_below(box.inbox) == {}


def test_retry_that_cannot_run_ends_with_2_instead_of_1(box: Box) -> None:
    assert run(box, "inbox_retry").code == 2
    box.execute("ALTER TABLE readings_arrival RENAME TO hidden")
    ended = run(box, "inbox_retry", "--all")
    assert ended.code == 2
    assert "the database schema is out of date: run manage.py migrate" in ended.err


def test_retry_of_a_missing_file_ends_with_2_and_stores_nothing(box: Box, rejected: Path) -> None:
    rejected.unlink()
    ended = run(box, "inbox_retry", "bad.uff")
    assert ended.code == 2
    assert "inbox_audit" in ended.err
    assert resting_places(box) == [str(rejected)]


def test_retry_without_hard_links_moves_the_file_and_overwrites_nothing(tmp_path: Path) -> None:
    place, target = tmp_path / "place", tmp_path / "name"
    place.write_bytes(BAD)
    target.write_bytes(b"")
    with pytest.raises(StaysRejected, match="the inbox already has a file named name"):
        bring_without_links(bytes(place), bytes(target))
    assert (place.read_bytes(), target.read_bytes()) == (BAD, b"")
    target.unlink()
    bring_without_links(bytes(place), bytes(target))
    assert (place.exists(), target.read_bytes()) == (False, BAD)
    with pytest.raises(FileNotFoundError):
        bring_without_links(bytes(place), bytes(tmp_path / "other"))
    assert not (tmp_path / "other").exists()


@pytest.mark.parametrize(
    ("function", "happens"),
    [
        (retry._bring, "call"),
        (disk.sync_folder, "call"),
        (retry._number_reports, "call"),
        (retry._number_reports, "return"),
    ],
)
def test_killed_retry_loses_nothing_and_the_next_retry_finishes_it(
    box: Box, rejected: Path, function: Function, happens: str
) -> None:
    assert box.interrupted(function, happens, command=["inbox_retry", "bad.uff"]) == -signal.SIGKILL
    assert BAD in [*files_below(box.inbox).values(), *files_below(box.rejected).values()]
    run(box, "inbox_retry", "bad.uff")
    assert box.once()[0] == 1
    assert run(box, "inbox_retry", "--all").code == 0
    assert list(files_below(box.inbox).values()) == [BAD]
    assert box.once()[0] == 1
    assert run(box, "inbox_audit").code == 0

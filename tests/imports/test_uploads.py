import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from io import BytesIO
from pathlib import Path
from threading import Event, Thread, Timer

import pytest
from django.db import connection
from django.utils import timezone

from readings.imports import disk
from readings.imports.kept_files import keep
from readings.imports.loading.locks import BeingImported, import_lock
from readings.imports.uploads import Inbox, NameTaken, Uploads
from readings.models import Arrival, Channel, FlowFile, Outcome
from tests.making.dtc import flow, reading_of
from tests.running.commands import digest
from tests.running.imported import RULES
from tests.running.uploads import files_below

GOOD = flow(*reading_of(1))


@pytest.fixture
def inbox(tmp_path: Path) -> Inbox:
    (tmp_path / "inbox").mkdir()
    return Inbox(folder=tmp_path / "inbox")


def uploads(folder: Path, patience: float) -> Uploads:
    return Uploads(
        archive=folder / "archive",
        rejected=folder / "rejected",
        rules=RULES,
        clock=timezone.now,
        patience=patience,
    )


def take(folder: Path, patience: float, name: str = "new.uff", content: bytes = GOOD) -> str:
    """Import an upload; return its outcome."""
    report = uploads(folder, patience).take(BytesIO(content), name=name, channel=Channel.API, by_whom="olga")
    return report.outcome


def put(inbox: Inbox, content: bytes, name: str = "a.uff") -> FlowFile:
    return inbox.put(BytesIO(content), name=name, at=timezone.now(), note=lambda flow_file: None)


@contextmanager
def importing_elsewhere(seconds: float) -> Iterator[None]:
    """Hold the lock of a content like another importer for some time, on its own connection."""
    held, done = Event(), Event()

    def hold() -> None:
        with import_lock(digest(GOOD)):
            held.set()
            done.wait()
        connection.close()

    other = Thread(target=hold)
    other.start()
    assert held.wait(60)
    timer = Timer(seconds, done.set)
    timer.start()
    yield
    done.set()
    timer.cancel()
    other.join()


@pytest.mark.django_db
def test_upload_waits_for_another_importer_of_its_content(tmp_path: Path) -> None:
    with importing_elsewhere(0.5):
        assert take(tmp_path, 30) == Outcome.IMPORTED
    assert files_below(tmp_path) == [GOOD]


@pytest.mark.only_on("postgresql")  # SQLite has one writer, and others wait.
@pytest.mark.django_db
def test_upload_gives_up_after_its_patience_and_keeps_no_file(tmp_path: Path) -> None:
    with importing_elsewhere(60), pytest.raises(BeingImported):
        take(tmp_path, 0.1)
    assert files_below(tmp_path) == []


@pytest.mark.django_db(transaction=True)
def test_uploads_of_one_content_at_once_are_one_import_and_an_arrival_each(tmp_path: Path) -> None:
    def upload(name: str) -> str:
        try:
            return take(tmp_path, 30, name)
        finally:
            connection.close()

    with ThreadPoolExecutor(4) as threads:
        outcomes = list(threads.map(upload, ["same.uff"] * 4))
    assert sorted(outcomes) == [Outcome.DUPLICATE] * 3 + [Outcome.IMPORTED]
    assert Arrival.objects.count() == 4
    places = {Path(place) for place in Arrival.objects.values_list("resting_place", flat=True)}
    assert [place.read_bytes() for place in places] == [GOOD] * 4


def test_files_kept_at_once_have_different_places(tmp_path: Path) -> None:
    def place(number: int) -> Path:
        return keep(BytesIO(GOOD), tmp_path, name="a.uff", sha256=digest(GOOD), day=timezone.now().date())

    with ThreadPoolExecutor(8) as threads:
        places = set(threads.map(place, range(16)))
    assert len(places) == 16
    assert {path.read_bytes() for path in places} == {GOOD}


# --- the inbox ---


@pytest.mark.django_db
def test_row_and_file_appear_together_or_not_at_all(inbox: Inbox) -> None:
    def fail(flow_file: FlowFile) -> None:
        raise ValueError("no trail")

    with pytest.raises(ValueError, match="no trail"):
        inbox.put(BytesIO(GOOD), name="a.uff", at=timezone.now(), note=fail)
    assert files_below(inbox.folder) == []
    assert not FlowFile.objects.exists()
    put(inbox, GOOD)
    assert files_below(inbox.folder) == [GOOD]


@pytest.mark.django_db
@pytest.mark.parametrize("other", ["file", "folder", "link"])
def test_no_entry_of_the_inbox_is_overwritten(inbox: Inbox, other: str) -> None:
    target = inbox.folder / "a.uff"
    if other == "file":
        target.write_bytes(b"x" * len(GOOD))
    elif other == "folder":
        target.mkdir()
    else:
        target.symlink_to(inbox.folder / "nowhere")
    with pytest.raises(NameTaken):
        put(inbox, GOOD)
    assert not FlowFile.objects.exists()
    assert [path.name for path in inbox.folder.iterdir()] == ["a.uff"]


@pytest.mark.django_db
def test_missing_inbox_is_an_error_of_the_environment(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        put(Inbox(folder=tmp_path / "none"), GOOD)
    assert not FlowFile.objects.exists()


@pytest.mark.django_db
def test_subject_of_a_content_in_the_inbox_comes_from_its_name(inbox: Inbox) -> None:
    assert put(inbox, b"datetime,consumption\n2026-10-24 22:00:00,667.0\n", "3000.csv").subject == "3000"


@pytest.mark.django_db
def test_leftover_of_a_killed_process_is_removed(inbox: Inbox) -> None:
    old, new = inbox.folder / ".upload-old", inbox.folder / ".upload-new"
    for path in (old, new):
        path.write_bytes(b"")
    os.utime(old, (time.time() - 90_000,) * 2)
    put(inbox, GOOD)
    assert sorted(path.name for path in inbox.folder.iterdir()) == [".upload-new", "a.uff"]


def test_name_without_hard_links_is_reserved_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(source: bytes, target: bytes) -> None:
        raise PermissionError(1, "no links here")

    path, name = tmp_path / "path", tmp_path / "name"
    path.write_bytes(GOOD)
    monkeypatch.setattr("os.link", refuse)
    disk.name_freely(bytes(path), bytes(name))
    assert (name.read_bytes(), path.exists()) == (GOOD, False)
    path.write_bytes(b"other")
    with pytest.raises(FileExistsError):
        disk.name_freely(bytes(path), bytes(name))
    assert name.read_bytes() == GOOD

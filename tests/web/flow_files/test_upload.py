import json
from collections.abc import Iterator
from contextlib import contextmanager
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from threading import Event, Thread
from zipfile import ZipFile

import pytest
from django.contrib.auth.models import Permission, User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client, override_settings
from django.test.utils import CaptureQueriesContext
from django.utils.timezone import now
from pytest_django.fixtures import Settings

from readings.imports.loading.locks import import_lock
from readings.models import Arrival, Channel, FlowFile, Outcome, Reading
from readings.models.trail import Door
from readings.web.flow_files.upload import MOST_LINES
from tests.making.consumption import days, half_hours
from tests.making.dtc import flow, other_flow, reading_of
from tests.running.pages import logged_in, support_client, text_of
from tests.running.places import SAMPLES
from watcher.disk.folders import Folders
from watcher.operators.audit import Audit
from watcher.operators.retry import put_back

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgresql]

GOOD = flow(*reading_of(1))
TWO_FAULTS = (SAMPLES / "d0010_two_faults.uff").read_bytes()


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, settings: Settings) -> Path:
    settings.ARCHIVE_DIR, settings.REJECTED_DIR = tmp_path / "archive", tmp_path / "rejected"
    return tmp_path


@pytest.fixture
def olga() -> Client:
    """Return a client of a user who may upload, and view the result."""
    user = User.objects.create_user("olga")
    names = ("add_flowfile", "view_flowfile", "view_reading")
    user.user_permissions.add(*Permission.objects.filter(codename__in=names))
    return logged_in(user)


def upload(client: Client, *files: tuple[str, bytes], status: int = 200) -> str:
    sent = [SimpleUploadedFile(name, content) for name, content in files]
    response = client.post("/upload", {"files": sent})
    if status == 200:
        assert response.status_code == 303
        response = client.get(response.headers["Location"])
    assert response.status_code == status
    return text_of(response.content.decode())


@contextmanager
def importing_elsewhere(digest: str) -> Iterator[None]:
    """Hold the lock of a content like another importer, on its own connection."""
    held, done = Event(), Event()

    def hold() -> None:
        with import_lock(digest):
            held.set()
            done.wait()
        connection.close()

    other = Thread(target=hold)
    other.start()
    assert held.wait(60)
    yield
    done.set()
    other.join()


def files_below(folder: Path) -> list[bytes]:
    return [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]


def test_upload_is_imported_and_archived_byte_for_byte(olga: Client, folders: Path) -> None:
    words = upload(olga, ("new.uff", GOOD))
    assert "new.uff: imported: 1 meter point, 1 meter, 1 register, 1 reading " in words
    arrival = Arrival.objects.get()
    assert (arrival.channel, arrival.by_whom, arrival.outcome) == (Channel.UPLOAD, "olga", Outcome.IMPORTED)
    assert Path(arrival.resting_place).read_bytes() == GOOD
    assert Path(arrival.resting_place).name == f"new.uff.{sha256(GOOD).hexdigest()[:12]}"
    assert arrival.settled_at
    assert files_below(folders) == [GOOD]


def test_rejected_upload_lists_every_problem_and_is_moved_to_the_rejected_folder(olga: Client, folders: Path) -> None:
    words = upload(olga, ("bad.uff", TWO_FAULTS))
    assert "bad.uff:2: wrong-check-digit error" in words
    assert "bad.uff:7: not-a-date-time error" in words
    place = Path(Arrival.objects.get().resting_place)
    assert (folders / "rejected") in place.parents
    assert files_below(folders / "archive") == []
    text, document = (place.with_name(f"{place.name}.report.{kind}").read_text() for kind in ("txt", "json"))
    assert files_below(folders / "rejected") == [TWO_FAULTS, document.encode(), text.encode()]
    assert "bad.uff:2: wrong-check-digit error" in text
    assert json.loads(document)["outcome"] == "rejected"


def test_page_of_an_uploaded_file_shows_its_lines(olga: Client) -> None:
    upload(olga, ("bad.uff", TWO_FAULTS))
    html = olga.get(f"/flow-files/{sha256(TWO_FAULTS).hexdigest()}/").content.decode()
    assert "<mark>3690005901427</mark>" in html


def test_each_of_several_files_has_its_own_outcome(olga: Client) -> None:
    words = upload(olga, ("good.uff", GOOD), ("bad.uff", TWO_FAULTS), ("again.uff", GOOD))
    assert "good.uff: imported" in words
    assert "bad.uff: rejected" in words
    assert "again.uff: duplicate: the same content was imported as good.uff" in words
    assert Reading.objects.count() == 1


def test_results_survive_a_reload_and_are_those_of_the_user_alone(olga: Client) -> None:
    upload(olga, ("good.uff", GOOD), ("bad.uff", TWO_FAULTS))
    keys = ",".join(str(pk) for pk in Arrival.objects.order_by("pk").values_list("pk", flat=True))
    for _ in range(2):
        words = text_of(olga.get("/upload", {"arrival": keys}).content.decode())
        assert "good.uff: imported: 1 meter point, 1 meter, 1 register, 1 reading " in words
        assert "bad.uff: rejected: 2 errors, 0 warnings; nothing was stored" in words
    other = User.objects.create_user("oscar")
    other.user_permissions.add(Permission.objects.get(codename="add_flowfile"))
    answer = logged_in(other).get("/upload", {"arrival": keys})
    assert (answer.status_code, b"good.uff" in answer.content) == (200, False)


@pytest.mark.parametrize("keys", ["", "x", "1,,x,-1", "9" * 30, "9" * 18, "0"])
def test_results_of_unknown_uploads_are_none(olga: Client, keys: str) -> None:
    answer = olga.get("/upload", {"arrival": keys})
    assert (answer.status_code, b"Results" in answer.content) == (200, False)


@pytest.mark.parametrize("number", [1, 12])
def test_number_of_queries_of_the_results_is_fixed(olga: Client, number: int) -> None:
    files = [(f"{each}.uff", flow(*reading_of(each, value="x"), identifier=f"F{each}")) for each in range(number)]
    response = olga.post("/upload", {"files": [SimpleUploadedFile(*file) for file in files]})
    with CaptureQueriesContext(connection) as queries:
        olga.get(response.headers["Location"])
    assert len(queries) <= 11


def test_long_report_is_cut_on_the_page_of_results(olga: Client) -> None:
    groups = [group for each in range(30) for group in reading_of(each, value="x")]
    words = upload(olga, ("bad.uff", flow(*groups)))
    assert words.count("not-a-number") == MOST_LINES
    assert "and 25 more lines: open the file to see all." in words


def test_repeat_that_makes_statements_count_again_is_announced(olga: Client) -> None:
    first, second = (half_hours(days("2025-01-01", 2, value)) for value in ("1.0", "2.0"))
    for content in (first, second):
        upload(olga, ("3000.csv", content))
    words = upload(olga, ("3000.csv", first))
    assert "imported as 3000.csv; its statements count again, in place of 2 statements" in words


def test_members_of_a_zip_are_imported(olga: Client, folders: Path) -> None:
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        archive.writestr("inner.uff", GOOD)
    assert "two.zip/inner.uff: imported" in upload(olga, ("two.zip", packed.getvalue()))
    assert files_below(folders) == [packed.getvalue()]


@pytest.mark.parametrize("name", ["../../x.uff", "a\\b.uff", ".hidden", "naïve café.uff", "x" * 300 + ".uff", "<b>"])
def test_no_file_name_leaves_the_archive(olga: Client, folders: Path, name: str) -> None:
    upload(olga, (name, GOOD))
    place = Path(Arrival.objects.get().resting_place)
    assert (folders / "archive") in place.parents
    assert ".." not in place.parts
    assert not place.name.startswith(".")


def test_empty_file_is_rejected(olga: Client) -> None:
    assert "empty.uff:0: empty error" in upload(olga, ("empty.uff", b""))


def test_form_without_a_file_is_refused(olga: Client) -> None:
    assert "Choose a file first." in upload(olga, status=400)


def test_upload_above_the_limit_is_refused_unread(olga: Client, folders: Path, settings: Settings) -> None:
    settings.MAX_BYTES = 1000
    assert "The upload is larger than" in upload(olga, ("big.uff", b"x" * 200_000), status=413)
    assert not FlowFile.objects.exists()
    assert files_below(folders) == []


def test_upload_of_too_many_files_is_refused_with_a_page(olga: Client, folders: Path, settings: Settings) -> None:
    settings.DATA_UPLOAD_MAX_NUMBER_FILES = 2
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = olga.cookies
    three = [SimpleUploadedFile(f"{number}.uff", GOOD) for number in range(3)]
    for client in (olga, strict):
        response = client.post("/upload", {"files": three})
        assert response.status_code == 413
        assert "The upload has more than 2 files. Nothing was imported." in text_of(response.content.decode())
    assert files_below(folders) == []


def test_file_just_above_the_limit_is_rejected_with_a_report(olga: Client, settings: Settings) -> None:
    settings.MAX_BYTES = 50
    assert "too-large error" in upload(olga, ("big.uff", GOOD))


def test_unwritable_archive_rejects_no_file(olga: Client, folders: Path) -> None:
    (folders / "archive").write_bytes(b"")
    words = upload(olga, ("new.uff", GOOD), status=503)
    assert "new.uff: not imported: " in words
    assert "the file was not checked: upload it again later" in words
    assert not FlowFile.objects.exists()


def test_content_of_another_import_is_refused_and_archived_once(olga: Client, folders: Path) -> None:
    if connection.vendor == "postgresql":  # SQLite has one writer, and others wait
        with importing_elsewhere(sha256(GOOD).hexdigest()):
            words = upload(olga, ("new.uff", GOOD), status=503)
        assert "another importer is importing the same content; upload it again later" in words
        assert files_below(folders) == []
    assert "new.uff: imported" in upload(olga, ("new.uff", GOOD))
    assert files_below(folders) == [GOOD]


def test_form_without_a_csrf_token_is_refused(olga: Client, folders: Path) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = olga.cookies
    response = strict.post("/upload", {"files": SimpleUploadedFile("new.uff", GOOD)})
    assert response.status_code == 403
    assert files_below(folders) == []


def test_form_with_a_csrf_token_is_accepted(olga: Client) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = olga.cookies
    html = strict.get("/upload").content.decode()
    token = html.partition('<form method="post" enctype')[2].partition('name="csrfmiddlewaretoken" value="')[2][:64]
    form = {"files": SimpleUploadedFile("new.uff", GOOD), "csrfmiddlewaretoken": token}
    assert strict.post("/upload", form).status_code == 303
    assert Reading.objects.count() == 1


def test_support_may_not_upload(folders: Path) -> None:
    upload(support_client(), ("new.uff", GOOD), status=403)
    assert Client().post("/upload", {"files": SimpleUploadedFile("new.uff", GOOD)}).status_code == 302
    assert not FlowFile.objects.exists()
    assert files_below(folders) == []


def audited(watched: Folders) -> list[tuple[str, str]]:
    audit = Audit(folders=watched, pause=lambda seconds: None, on_progress=lambda what, number: None)
    return [(each.what, each.cure) for each in audit.differences()]


@pytest.fixture
def watched(folders: Path) -> Folders:
    (folders / "inbox").mkdir()
    return Folders(
        inbox=bytes(folders / "inbox"), archive=bytes(folders / "archive"), rejected=bytes(folders / "rejected")
    )


def test_audit_finds_uploads_at_their_places(olga: Client, watched: Folders) -> None:
    upload(olga, ("good.uff", GOOD), ("bad.uff", TWO_FAULTS))
    assert audited(watched) == []


@pytest.mark.parametrize("content", [TWO_FAULTS, other_flow("D0086002")], ids=["rejected", "other flow"])
def test_upload_that_was_interrupted_is_put_back(
    olga: Client, folders: Path, watched: Folders, content: bytes
) -> None:
    (folders / "rejected").write_bytes(b"")  # The file cannot be moved there.
    upload(olga, ("bad.uff", content), status=503)
    (folders / "rejected").unlink()
    (folders / "rejected").mkdir()
    cure = f"run inbox_retry {sha256(content).hexdigest()[:12]}: the watcher takes the file again, and moves it"
    assert audited(watched) == [("is in the archive: its upload was interrupted", cure)]
    put_back(watched, Arrival.objects.get(), door=Door.COMMAND, by_whom="olga", at=now())
    assert [path.name for path in (folders / "inbox").iterdir()] == ["bad.uff"]
    assert files_below(folders) == [content]
    assert audited(watched) == []


@override_settings(FILE_UPLOAD_MAX_MEMORY_SIZE=10)
def test_file_spooled_to_disk_is_imported(olga: Client) -> None:
    assert "new.uff: imported" in upload(olga, ("new.uff", GOOD))


def test_upload_of_another_flow_is_calm_and_set_aside(olga: Client, folders: Path) -> None:
    words = upload(olga, ("D0086_1.usr", other_flow("D0086002")))
    assert "Other flow D0086_1.usr" in words
    assert "D0086_1.usr: other-flow: D0086002 is not read here; set aside, nothing was stored" in words
    arrival = Arrival.objects.get()
    assert arrival.outcome == Outcome.OTHER_FLOW
    assert Path(arrival.resting_place).is_relative_to(folders / "rejected" / "other-flows")
    content, _, report = files_below(folders)
    assert (content, report.decode().strip()) == (
        other_flow("D0086002"),
        "D0086_1.usr: other-flow: D0086002 is not read here; set aside, nothing was stored",
    )
    page = text_of(olga.get(f"/flow-files/{FlowFile.objects.get().sha256}/").content.decode())
    assert "Other flow Set aside: this flow is not read here. Nobody needs to do anything." in page
    assert "Flow D0086002" in page

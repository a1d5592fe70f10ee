from __future__ import annotations

import json
from collections.abc import Callable
from io import BytesIO
from pathlib import Path
from typing import Any, TypeAlias
from urllib.parse import quote
from zipfile import ZipFile

import pytest
from django.contrib.auth.models import User
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from pytest_django.fixtures import Settings

from readings.imports.arrivals import report_of
from readings.imports.reports import as_json
from readings.models import Arrival, Channel, FlowFile, Outcome, Reading, Status
from readings.models.api_tokens import Scope
from readings.models.erasures import RewrittenContent
from readings.models.roles import OPERATOR, SUPPORT, give_role
from readings.models.trail import Action, Door, Trail
from tests.making.consumption import days, half_hours
from tests.making.dtc import flow, reading_of
from tests.running.commands import digest
from tests.running.pages import client_of
from tests.running.places import SAMPLES
from tests.running.uploads import files_below, make_folders, token_of
from watcher.operators.audit import Audit
from watcher.operators.settings import folders_in_settings, status_in_settings

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgresql]

PATH = "/api/flow-files/"
GOOD = flow(*reading_of(1))
TWO_FAULTS = (SAMPLES / "d0010_two_faults.uff").read_bytes()
OTHER = b"ZHV|X1|D0150002|D|ZZDC|X|ZZSU|20250303061500||||OPER|\nZPT|X1|0||1|20250303061502|\n"
NO_WAIT = {"HTTP_PREFER": "respond-async"}

#: Function that sends a content; it checks the status, and returns the document.
Send: TypeAlias = Callable[..., Any]


@pytest.fixture(autouse=True)
def folders(tmp_path: Path, settings: Settings) -> Path:
    make_folders(settings, tmp_path)
    return tmp_path


@pytest.fixture
def send() -> Send:
    """Return a function that sends a body with a token of an operator."""
    token = token_of()

    def raw(content: bytes, name: str = "new.uff", *, status: int, query: str = "", **headers: Any) -> Any:
        headers.setdefault("HTTP_CONTENT_DISPOSITION", f'attachment; filename="{name}"')
        headers.setdefault("content_type", "application/octet-stream")
        return document(Client().post(PATH + query, content, HTTP_AUTHORIZATION=f"Bearer {token}", **headers), status)

    return raw


@pytest.fixture
def send_form() -> Send:
    """Return a function that sends a form with a token of an operator."""
    token = token_of("oscar")

    def form(*files: tuple[str, bytes], status: int, field: str = "file", query: str = "") -> Any:
        sent = [SimpleUploadedFile(name, content) for name, content in files]
        return document(Client().post(PATH + query, {field: sent}, HTTP_AUTHORIZATION=f"Bearer {token}"), status)

    return form


def document(response: Any, status: int) -> Any:
    """Return the document of an answer with its headers; check status, media type and hints."""
    assert response.status_code == status, response.content
    kind = "application/problem+json" if status >= 400 else "application/json"
    assert response.headers["Content-Type"] == kind
    assert response.headers["Cache-Control"] == "no-store"
    assert ("Retry-After" in response.headers) == (status == 503)
    return {**json.loads(response.content), "headers": response.headers}


def same(name: str) -> dict[str, Any]:
    """Return the report of the command about the last arrival."""
    report = as_json(report_of(Arrival.objects.latest("pk").pk))
    assert report["name"] == name
    return {key: value for key, value in report.items() if key not in ("seconds", "duplicate_of")}


# --- imports ---


def test_body_is_imported_and_archived_byte_for_byte(send: Send, folders: Path) -> None:
    answer = send(GOOD, status=201)
    assert {key: answer[key] for key in same("new.uff")} == same("new.uff")
    assert (answer["outcome"], answer["readings"], answer["dry_run"]) == ("imported", 1, False)
    assert answer["flow_file"] == answer["headers"]["Location"] == f"/api/flow-files/{digest(GOOD)}"
    arrival = Arrival.objects.get()
    assert (arrival.channel, arrival.by_whom, arrival.outcome) == (Channel.API, "olga", Outcome.IMPORTED)
    assert Path(arrival.resting_place).read_bytes() == GOOD
    assert files_below(folders) == [GOOD]


def test_file_of_a_form_is_imported(send_form: Send) -> None:
    assert send_form(("new.uff", GOOD), status=201)["name"] == "new.uff"
    assert Reading.objects.count() == 1


def test_content_that_is_there_is_answered_with_its_first_arrival(send: Send, folders: Path) -> None:
    send(GOOD, "first.uff", status=201)
    answer = send(GOOD, "again.uff", status=200)
    first = Arrival.objects.earliest("pk")
    assert (answer["outcome"], answer["duplicate_of"]) == ("duplicate", "first.uff")
    assert answer["first_arrival"] == {"name": "first.uff", "received_at": first.received_at.isoformat()}
    assert [arrival.outcome for arrival in Arrival.objects.order_by("pk")] == [Outcome.IMPORTED, Outcome.DUPLICATE]
    assert files_below(folders) == [GOOD, GOOD]


@pytest.mark.slow
def test_original_of_a_rewritten_content_is_answered_with_the_address_of_its_flow_file(send: Send) -> None:
    send(GOOD, "first.uff", status=201)
    row, rewritten = FlowFile.objects.get(), "0" * 64
    FlowFile.objects.filter(pk=row.pk).update(sha256=rewritten)
    RewrittenContent.objects.create(old_sha256=digest(GOOD), flow_file=row, at=row.received_at)
    for query in ("?dry_run=1", ""):
        answer = send(GOOD, "again.uff", status=200, query=query)
        assert answer["flow_file"] == f"/api/flow-files/{rewritten}"
        assert answer["first_arrival"]["name"] == "first.uff"


def test_rejected_file_is_answered_with_all_problems_and_kept(send: Send, folders: Path) -> None:
    answer = send(TWO_FAULTS, "bad.uff", status=422)
    report = answer["report"]
    assert {key: report[key] for key in same("bad.uff")} == same("bad.uff")
    assert [problem["code"] for problem in report["problems"]] == ["wrong-check-digit", "not-a-date-time"]
    assert answer["detail"].startswith("bad.uff: rejected: 2 errors")
    assert (files_below(folders / "archive"), files_below(folders / "rejected")[0]) == ([], TWO_FAULTS)


@pytest.mark.parametrize(
    ("content", "named"),
    [
        (b"ZHF" + OTHER[3:], "ZHF is a fixed-length user file"),
        (b"100,NEM14,202501010000,A,B\n900\n", "100,NEM14,202501010000,A,B the first line is a meter data header"),
    ],
)
def test_another_form_is_named(send: Send, folders: Path, content: bytes, named: str) -> None:
    answer = send(content, "other.uff", status=415)
    assert answer["detail"].startswith(f"other.uff: {named}")
    assert answer["report"]["outcome"] == "rejected"
    assert files_below(folders / "rejected")[0] == content
    assert FlowFile.objects.get().status == Status.REJECTED


def test_another_flow_is_set_aside_and_named(send: Send, folders: Path) -> None:
    answer = send(OTHER, "other.uff", status=415)
    assert answer["detail"] == "other.uff: D0150002 is not read here; set aside, nothing was stored"
    assert (answer["report"]["outcome"], answer["report"]["errors"]) == ("other-flow", 0)
    assert files_below(folders / "rejected" / "other-flows")[0] == OTHER
    row = FlowFile.objects.get()
    assert (row.status, row.format, row.version) == (Status.OTHER_FLOW, "D0150", "002")


def test_zip_of_other_flows_alone_is_answered_like_one_of_them(send: Send) -> None:
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        archive.writestr("other.uff", OTHER)
    answer = send(packed.getvalue(), "one.zip", status=415)
    assert answer["detail"] == "one.zip: D0150002 is not read here; set aside, nothing was stored"


def test_members_of_a_zip_have_their_reports(send: Send) -> None:
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        archive.writestr("inner.uff", GOOD)
        archive.writestr("other.uff", OTHER)
    answer = send(packed.getvalue(), "two.zip", status=201)
    assert [member["outcome"] for member in answer["members"]] == ["imported", "other-flow"]


@pytest.mark.parametrize(
    ("content", "status"), [(GOOD, 200), (TWO_FAULTS, 422), (OTHER, 415)], ids=["good", "bad", "another flow"]
)
def test_dry_run_has_the_same_verdict_and_stores_nothing(
    send: Send, folders: Path, content: bytes, status: int
) -> None:
    answer = send(content, status=status, query="?dry_run=1")
    assert answer.get("report", answer)["dry_run"] is True
    assert "Location" not in answer["headers"]
    assert not FlowFile.objects.exists()
    assert files_below(folders) == []


def test_dry_run_of_a_content_that_is_there_names_its_first_arrival(send: Send) -> None:
    send(GOOD, "first.uff", status=201)
    answer = send(GOOD, "again.uff", status=200, query="?dry_run=1")
    assert (answer["outcome"], answer["first_arrival"]["name"]) == ("duplicate", "first.uff")
    assert Arrival.objects.count() == 1


def test_dry_run_of_a_content_with_a_subject_names_the_address_of_its_flow_file(send: Send) -> None:
    content = half_hours(days("2026-03-01"))
    for name in ("c1.csv", "c2.csv"):
        there = send(content, name, status=201)["flow_file"]
        assert send(content, name, status=200, query="?dry_run=1")["flow_file"] == there


# --- names ---


@pytest.mark.parametrize(
    ("sent", "stored"),
    [
        ("../../etc/x.uff", "x.uff"),
        ("a\\b.uff", "b.uff"),
        ("n\0u\nl.uff", "nul.uff"),
        ("naïve café.uff", "naïve café.uff"),
        (".hidden", ".hidden"),
        ("x" * 300, "x" * 255),
        ("é" * 200, "é" * 127),
    ],
    ids=["path", "backslash", "NUL", "unicode", "hidden", "long", "long in bytes"],
)
def test_name_loses_its_path_and_what_does_not_print(send: Send, folders: Path, sent: str, stored: str) -> None:
    send(GOOD, status=201, query=f"?name={quote(sent)}")
    arrival = Arrival.objects.get()
    assert arrival.name == stored
    assert (folders / "archive") in Path(arrival.resting_place).parents
    assert ".." not in Path(arrival.resting_place).parts


@pytest.mark.parametrize("name", ["", ".", "..", "a/", "\0"])
def test_body_without_a_name_is_refused(send: Send, folders: Path, name: str) -> None:
    answer = send(GOOD, status=422, HTTP_CONTENT_DISPOSITION=f'attachment; filename="{name}"')
    assert [fault["parameter"] for fault in answer["errors"]] == ["name"]
    assert not FlowFile.objects.exists()
    assert files_below(folders) == []


@pytest.mark.parametrize(
    ("header", "name"),
    [
        ("attachment; filename=plain.uff", "plain.uff"),
        ("attachment; filename*=UTF-8''na%C3%AFve.uff", "naïve.uff"),
        ("attachment; filename=" + "naïve.uff".encode().decode("latin-1"), "naïve.uff"),
        ('ATTACHMENT; FileName="two words.uff"', "two words.uff"),
    ],
)
def test_name_of_a_body_is_in_its_header(send: Send, header: str, name: str) -> None:
    assert send(GOOD, status=201, HTTP_CONTENT_DISPOSITION=header)["name"] == name


def test_parameter_replaces_the_name_of_a_form(send_form: Send) -> None:
    assert send_form(("new.uff", GOOD), status=201, query="?name=other.uff")["name"] == "other.uff"


# --- wrong requests ---


def test_request_without_one_file_is_refused(send: Send, send_form: Send, folders: Path) -> None:
    send_form(("a.uff", GOOD), ("b.uff", GOOD), status=400)
    send_form(("a.uff", GOOD), status=400, field="files")
    part = b'--x\r\nContent-Disposition: form-data; name="file"; filename=".."\r\n\r\nZHV\r\n--x--\r\n'
    send(part, status=400, content_type="multipart/form-data; boundary=x")
    send(b"", status=400)
    send(GOOD, status=400, content_type="multipart/form-data; boundary=none")
    send(GOOD, status=400, content_type="multipart/form-data")
    send(b"a=b", status=415, content_type="application/x-www-form-urlencoded")
    assert files_below(folders) == []


def test_unknown_parameter_is_named(send: Send) -> None:
    assert send(GOOD, status=422, query="?dryrun=1")["errors"][0]["parameter"] == "dryrun"
    assert send(GOOD, status=422, query="?dry_run=yes")["errors"][0]["parameter"] == "dry_run"


def test_file_above_the_limit_is_refused_unread(
    send: Send, send_form: Send, folders: Path, settings: Settings
) -> None:
    settings.MAX_BYTES = 50
    send(GOOD, status=413)
    send_form(("new.uff", GOOD), status=413)
    send_form(("new.uff", b"x" * 100_000), status=413)
    assert not FlowFile.objects.exists()
    assert files_below(folders) == []


def test_only_tokens_for_uploads_upload(folders: Path) -> None:
    post = Client().post
    octets = "application/octet-stream"
    read, powerless = token_of("ann", Scope.READ), token_of("ben", role=SUPPORT)
    nobody = document(post(PATH, GOOD, content_type=octets), 401)
    assert nobody["headers"]["WWW-Authenticate"].startswith("Bearer")
    for token, status in ((f"{read}x", 401), (read, 403), (powerless, 403)):
        document(post(PATH, GOOD, content_type=octets, HTTP_AUTHORIZATION=f"Bearer {token}"), status)
    assert not FlowFile.objects.exists()
    assert files_below(folders) == []


def test_session_uploads_with_a_csrf_token() -> None:
    client = client_of(OPERATOR)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = client.cookies
    strict.get("/upload")
    post = {"content_type": "application/octet-stream", "HTTP_CONTENT_DISPOSITION": "attachment; filename=a.uff"}
    document(strict.post(PATH, GOOD, **post), 403)  # type: ignore[arg-type]
    token = strict.cookies["csrftoken"].value
    document(strict.post(PATH, GOOD, HTTP_X_CSRFTOKEN=token, **post), 201)  # type: ignore[arg-type]
    assert Arrival.objects.get().by_whom == "ann"


# --- faults of the environment ---


def test_unwritable_archive_is_not_the_fault_of_the_file(send: Send, settings: Settings, folders: Path) -> None:
    settings.ARCHIVE_DIR = folders / "file"
    settings.ARCHIVE_DIR.write_bytes(b"")
    assert "the file was not checked" in send(GOOD, status=503)["detail"]
    assert not FlowFile.objects.exists()


def test_broken_database_is_not_the_fault_of_the_file(send: Send, folders: Path) -> None:
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE readings_reading RENAME TO hidden")
    assert "the file was not checked" in send(GOOD, status=503)["detail"]
    assert files_below(folders) == []
    packed = BytesIO()
    with ZipFile(packed, "w") as archive:
        archive.writestr("inner.uff", GOOD)
    send(packed.getvalue(), "new.zip", status=503)
    assert files_below(folders) == [packed.getvalue()]  # other members may be stored


# --- the inbox ---


def test_file_waits_in_the_inbox_with_a_status_address(send: Send, folders: Path) -> None:
    answer = send(GOOD, "later.uff", status=202, **NO_WAIT)
    assert (answer["status"], answer["name"], answer["sha256"]) == ("received", "later.uff", digest(GOOD))
    assert answer["headers"]["Location"] == answer["flow_file"] == f"/api/flow-files/{digest(GOOD)}"
    assert answer["headers"]["Preference-Applied"] == "respond-async"
    assert {path.name: path.read_bytes() for path in (folders / "inbox").iterdir()} == {"later.uff": GOOD}
    flow_file = FlowFile.objects.get()
    assert (flow_file.status, flow_file.attempts, flow_file.size) == (Status.RECEIVED, 0, len(GOOD))
    entry = Trail.objects.get()
    assert (entry.action, entry.door, entry.by_whom) == (Action.UPLOAD, Door.API, "olga")
    assert (entry.subject, entry.sha256) == ("later.uff", digest(GOOD))
    audit = Audit(folders=folders_in_settings(), pause=lambda seconds: None, on_progress=lambda what, number: None)
    assert list(audit.differences()) == []
    waiting = status_in_settings(flow_file.received_at, thorough=False).backlog.files
    assert [file.name for file in waiting] == ["later.uff"]


def test_name_that_another_content_has_in_the_inbox_is_refused(send: Send, folders: Path) -> None:
    send(GOOD, "a.uff", status=202, **NO_WAIT)
    assert "a.uff" in send(TWO_FAULTS, "a.uff", status=409, **NO_WAIT)["detail"]
    assert files_below(folders / "inbox") == [GOOD]
    assert not FlowFile.objects.filter(sha256=digest(TWO_FAULTS)).exists()
    assert Trail.objects.count() == 1


def test_content_that_waits_is_accepted_again(send: Send, folders: Path) -> None:
    first, second = (send(GOOD, "a.uff", status=202, **NO_WAIT) for _ in range(2))
    assert first["flow_file"] == second["flow_file"]
    assert files_below(folders / "inbox") == [GOOD]


def test_status_of_a_rejected_content_is_received_again(send: Send) -> None:
    send(TWO_FAULTS, "bad.uff", status=422)
    assert send(TWO_FAULTS, "bad.uff", status=202, **NO_WAIT)["status"] == "received"
    assert FlowFile.objects.get().status == Status.RECEIVED


def test_status_of_a_file_that_the_watcher_has_just_rejected_stays(send: Send, folders: Path) -> None:
    send(TWO_FAULTS, "bad.uff", status=422)
    (folders / "inbox" / "bad.uff").write_bytes(TWO_FAULTS)  # The watcher moves it away now.
    assert send(TWO_FAULTS, "bad.uff", status=202, **NO_WAIT)["status"] == "received"
    assert FlowFile.objects.get().status == Status.REJECTED


def test_status_of_an_imported_content_stays(send: Send) -> None:
    send(GOOD, status=201)
    assert send(GOOD, status=202, **NO_WAIT)["status"] == "imported"


@pytest.mark.parametrize("name", [".hidden.uff", "half.uff.PART", "x.tmp"])
def test_name_that_the_watcher_ignores_is_refused(send: Send, folders: Path, name: str) -> None:
    assert send(GOOD, name, status=422, **NO_WAIT)["errors"][0]["parameter"] == "name"
    assert files_below(folders) == []


def test_inbox_that_is_not_mounted_takes_no_file(send: Send, settings: Settings, folders: Path) -> None:
    settings.INBOX_MARKER = ".mounted"
    assert "not mounted" in send(GOOD, status=503, **NO_WAIT)["detail"]
    assert files_below(folders) == []
    assert not FlowFile.objects.exists()
    (folders / "inbox" / ".mounted").write_bytes(b"")
    send(GOOD, status=202, **NO_WAIT)


def test_dry_run_puts_nothing_into_the_inbox(send: Send, folders: Path) -> None:
    send(GOOD, status=200, query="?dry_run=1", HTTP_PREFER="wait=10, respond-async")
    assert files_below(folders) == []


def test_description_has_an_example_of_every_status() -> None:
    operator = User.objects.create_user("ann")
    give_role(operator, OPERATOR)
    client = Client()
    client.force_login(operator)
    described = json.loads(client.get("/api/openapi.json").content)["paths"][PATH]["post"]
    for status, answer in described["responses"].items():
        [(kind, content)] = answer["content"].items()
        assert kind == ("application/problem+json" if int(status) >= 400 else "application/json")
        assert content["example"]
        assert answer["description"]
    assert set(described["requestBody"]["content"]) == {"multipart/form-data", "application/octet-stream"}

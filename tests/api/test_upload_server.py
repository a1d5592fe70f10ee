"""Uploads to the API through the real server, with curl and with several clients at once."""

from __future__ import annotations

import json
import os
import shutil
import signal
import subprocess
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Thread

import pytest

from tests.making.dtc import flow, reading_of
from tests.running.box import Box, files_below, wait_until
from tests.running.commands import digest
from tests.running.places import SAMPLES
from tests.running.server import PATH, Site, site
from tests.running.tls import web_pages

pytestmark = [pytest.mark.slow, pytest.mark.both_databases]

GOOD = flow(*reading_of(1))
OTHER = flow(*reading_of(2))
#: Larger than a form, so that the gate looks at the token first.
LARGE = flow(*(line for number in range(2_000) for line in reading_of(number)))


@pytest.fixture
def running(tmp_path: Path, database_url: str) -> Iterator[Site]:
    with site(Box(tmp_path, database_url), tmp_path) as running:
        yield running


def arrivals(box: Box) -> list[tuple[str, str]]:
    query = "SELECT name, outcome FROM readings_arrival ORDER BY name, outcome"
    return [(name, outcome) for name, outcome in box.rows(query)]


def test_simultaneous_uploads_of_one_content_are_one_import_and_two_arrivals(running: Site) -> None:
    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(lambda name: running.upload(LARGE, name), ["same.uff"] * 2))
    assert sorted(status for status, _ in answers) == [200, 201], answers
    assert arrivals(running.box) == [("same.uff", "DUPLICATE"), ("same.uff", "IMPORTED")]
    assert running.box.count_readings() == 2_000
    assert list(files_below(running.box.archive).values()) == [LARGE, LARGE]
    assert running.box.manage("inbox_audit").code == 0


def test_simultaneous_uploads_of_one_name_and_two_contents_are_two_imports(running: Site) -> None:
    with ThreadPoolExecutor(2) as threads:
        answers = list(threads.map(lambda content: running.upload(content, "same.uff"), [GOOD, OTHER]))
    assert [status for status, _ in answers] == [201, 201], answers
    assert arrivals(running.box) == [("same.uff", "IMPORTED")] * 2
    assert sorted(files_below(running.box.archive).values()) == sorted([GOOD, OTHER])


def test_killed_server_loses_nothing_and_the_file_can_be_sent_again(tmp_path: Path, database_url: str) -> None:
    box = Box(tmp_path, database_url)
    with site(box, tmp_path) as first:
        failed: list[Exception] = []

        def upload() -> None:
            try:
                first.upload(LARGE, "large.uff")
            except (OSError, ValueError) as error:  # the connection breaks
                failed.append(error)

        sender = Thread(target=upload)
        sender.start()
        wait_until(lambda: any(files_below(box.archive).values()))
        for pid in [*children(first.child.pid), first.child.pid]:
            os.kill(pid, signal.SIGKILL)
        sender.join(60)
        known = first.keys
    stored = box.count_readings()
    assert stored in (0, 2_000)
    assert list(box.inbox.iterdir()) == []
    with web_pages(box.environment, first.port, tmp_path / "web.log") as child:
        again = Site(box, first.port, child, known)
        status, report = again.upload(LARGE, "large.uff")
        assert status == (200 if stored else 201), report
    assert box.count_readings() == 2_000
    assert set(files_below(box.archive).values()) <= {LARGE, b""}
    assert failed or stored


def children(pid: int) -> list[int]:
    """Return the child processes of a process."""
    listed = subprocess.run(["ps", "-o", "pid=", "--ppid", str(pid)], capture_output=True, text=True, check=False)
    return [int(line) for line in listed.stdout.split()]


@pytest.mark.skipif(not shutil.which("curl"), reason="needs curl")
def test_curl_uploads_a_file_as_a_body_and_as_a_form(running: Site, tmp_path: Path) -> None:
    path = tmp_path / "large.uff"
    path.write_bytes(LARGE)
    token = ["-H", f"Authorization: Bearer {running.keys.upload}"]
    raw = ["-H", "Content-Type: text/csv; charset=windows-1252", "--data-binary", f"@{path}"]
    address = f"http://127.0.0.1:{running.port}{PATH}"
    outcomes = []
    for command in ([*raw, f"{address}?name=Z%C3%BCrich.uff"], ["-F", f"file=@{path}", address]):
        ended = subprocess.run(["curl", "-sS", *token, *command], capture_output=True, text=True, check=True)
        report = json.loads(ended.stdout)
        outcomes.append((report["name"], report["outcome"]))
    assert outcomes == [("Zürich.uff", "imported"), ("large.uff", "duplicate")]
    assert running.box.count_readings() == 2_000


def test_file_in_the_inbox_is_imported_by_the_watcher_and_its_status_follows(running: Site) -> None:
    contents = {"good.uff": GOOD, "bad.uff": (SAMPLES / "d0010_two_faults.uff").read_bytes()}
    for name, content in contents.items():
        status, waiting = running.upload(content, name, Prefer="respond-async")
        assert (status, waiting["status"]) == (202, "received")
    assert running.box.once()[0] == 1
    for name, state in (("good.uff", "imported"), ("bad.uff", "rejected")):
        address = f"/api/flow-files/{digest(contents[name])}"
        status, text, _ = running.ask("GET", address, Authorization=f"Bearer {running.keys.read}")
        assert (status, json.loads(text)["status"]) == (200, state)
    assert running.box.outcomes() == [("good.uff", "IMPORTED"), ("bad.uff", "REJECTED")]
    assert running.box.manage("inbox_audit").code == 0


def test_gate_refuses_programs_unread_with_problem_details(running: Site) -> None:
    upload, read = (f"Bearer {token}" for token in (running.keys.upload, running.keys.read))
    length = str(10**8)
    for status, headers in (
        (401, {"Content_Length": length}),
        (401, {"Content_Length": length, "Authorization": f"{upload}x"}),
        (403, {"Content_Length": length, "Authorization": read}),
        (413, {"Content_Length": str(3 * 1024**3), "Authorization": upload}),
        (411, {"Transfer_Encoding": "chunked", "Authorization": upload}),
    ):
        began = time.monotonic()
        answered, text, answer = running.ask("POST", PATH, None, **headers)
        assert time.monotonic() - began < 10  # without the body
        assert (answered, json.loads(text)["status"]) == (status, status)
        assert answer.headers["Content-Type"] == "application/problem+json"
        assert (status == 401) == ("WWW-Authenticate" in answer.headers)
        assert set(json.loads(text)) == {"type", "title", "status", "detail", "errors"}

"""Pages of lists: cursors, links, ETags, media types, methods."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from freezegun import freeze_time

from readings.models import FlowFile, MeterPoint
from tests.making.dtc import flow, mpan, reading_of
from tests.running.api import Program, problem_details
from tests.running.imported import deliver, deliver_sample

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgresql]


@pytest.fixture
def program() -> Program:
    return Program()


@pytest.fixture
def store() -> str:
    """Import seven meter points with a reading each; return the hash of their file."""
    return deliver(flow(*(line for number in range(7) for line in reading_of(number))), "seven.uff").sha256


def lists(sha256: str) -> Iterator[str]:
    """Yield the addresses of the lists that have several rows."""
    yield from ("readings", "meter-points", "meters", f"flow-files/{sha256}/readings")


def document(program: Program, address: str, **query: object) -> Any:
    return program.get(address, query).json()


def test_pages_of_any_size_have_the_rows_of_the_whole_list(program: Program, store: str) -> None:
    for address in lists(store):
        whole = program.items(address)
        assert len(whole) == 7
        for limit in (1, 3, 7, 8):
            pages = list(program.pages(address, {"limit": limit}))
            assert [row for page in pages for row in page] == whole
            assert len(pages) == -(-7 // limit)


def test_pages_of_problems_and_of_flow_files_have_the_rows_of_the_whole_list(program: Program) -> None:
    sha256 = deliver_sample("d0010_two_faults.uff").sha256
    for number in range(3):
        deliver(flow(*reading_of(number), identifier=f"F{number}"), f"{number}.uff")
    for address, number in ((f"flow-files/{sha256}/problems", 2), ("flow-files/", 4)):
        whole = program.items(address)
        assert [row for page in program.pages(address, {"limit": 1}) for row in page] == whole
        assert len(whole) >= number
    names = [row["name"] for row in program.items("flow-files/")]
    assert names == ["2.uff", "1.uff", "0.uff", "d0010_two_faults.uff"]


def test_next_page_is_a_link_and_a_member_with_the_same_filters(program: Program, store: str) -> None:
    response = program.get("readings", {"limit": 2, "counts": "all"})
    page = response.json()
    assert response.headers["Link"] == f'<{page["next"]}>; rel="next"'
    address = urlsplit(page["next"])
    assert address.path == "/api/readings"
    assert parse_qs(address.query) == {"limit": ["2"], "counts": ["all"], "cursor": [page["next_cursor"]]}
    last = program.get("readings", {"limit": 7})
    assert "Link" not in last.headers
    as_csv = program.get("readings", {"limit": 2, "counts": "all"}, headers={"Accept": "text/csv"})
    assert as_csv.headers["Link"] == response.headers["Link"]


def test_next_page_of_an_identifier_with_blanks_is_an_address(program: Program, store: str) -> None:
    deliver(flow(*reading_of(1, value="101.0", day="20260301"), identifier="B"), "later.uff")
    for blank in ("%20", "%09", "%0A", "%0D%0A", "%E2%80%83"):
        address = f"meter-points/{mpan(1)[:4]}{blank}{mpan(1)[4:]}/readings"
        response = program.get(address, {"limit": 1})
        following = response.json()["next"]
        assert response.headers["Link"] == f'<{following}>; rel="next"'
        assert following.startswith(f"/api/{address}?")
        assert [row["value"] for row in program.items(following)] == ["101.0"]


def test_cursor_belongs_to_its_list_and_filters_not_to_its_user_or_page_size(program: Program, store: str) -> None:
    query = {"flow_file": store, "limit": 2}
    cursor = document(program, "readings", **query)["next_cursor"]
    rows = program.items("readings", {**query, "cursor": cursor})
    assert program.items("readings", {**query, "limit": 3, "cursor": cursor})[:2] == rows
    assert Program(name="bob").items("readings", {**query, "cursor": cursor}) == rows
    for address, wrong in (
        ("readings", {"cursor": cursor}),
        ("readings", {**query, "counts": "all", "cursor": cursor}),
        (f"flow-files/{store}/readings", {"cursor": cursor}),
        ("meter-points", {"cursor": cursor}),
        ("meters", {"cursor": cursor}),
    ):
        assert program.wrong(address, wrong) == ["cursor"]


def test_changed_cursor_is_refused(program: Program, store: str) -> None:
    for address in lists(store):
        cursor = document(program, address, limit=2)["next_cursor"]
        body, _, signature = cursor.rpartition(":")
        damaged = [cursor[:-1], cursor[1:], body, f"{body}:", f":{signature}", f"{body}:{signature[::-1]}", "é:é"]
        damaged += [cursor.swapcase(), f"{cursor}x", "x" * 1000]
        for text in damaged:
            assert program.wrong(address, {"limit": 2, "cursor": text}) == ["cursor"], text


def test_number_of_queries_is_the_same_for_few_and_many_rows(program: Program, store: str) -> None:
    for number in range(3):
        deliver(flow(*reading_of(100 + number), identifier=f"F{number}"), f"{number}.uff")
    sha256 = deliver_sample("d0010_two_faults.uff").sha256
    program.get("readings")  # The first use of a token is noted.
    for address in (*lists(store), "flow-files/", f"flow-files/{sha256}/problems"):
        numbers = []
        for limit in (1, 1000):
            with CaptureQueriesContext(connection) as queries:
                program.get(address, {"limit": limit})
            numbers.append(len(queries))
        assert numbers[0] == numbers[1] <= 12, address


def test_same_rows_have_the_same_etag_at_any_time_and_for_anyone(program: Program, store: str) -> None:
    program.get("readings")  # The API is loaded while `date` is real: its schemas need the class.
    with freeze_time("2026-06-01"):
        other = Program(name="bob")
        tags = {each: other.get(each).headers["ETag"] for each in _everything(store)}
    for address, tag in tags.items():
        response = program.get(address)
        assert response.headers["ETag"] == tag
        assert response.headers["Cache-Control"] == "private, no-cache"
        assert {"Accept", "Authorization", "Cookie"} <= set(response.headers["Vary"].split(", "))
        unchanged = program.get(address, status=304, headers={"If-None-Match": tag})
        assert unchanged.content == b""
        assert unchanged.headers["ETag"] == tag


def _everything(store: str) -> list[str]:
    one = mpan(1)
    resources = [f"flow-files/{store}", f"meter-points/{one}", f"meter-points/{one}/meters"]
    return [*lists(store), "flow-files/", f"flow-files/{store}/problems", *resources]


def test_etag_changes_with_the_rows_and_the_form(program: Program, store: str) -> None:
    address = f"meter-points/{mpan(1)}/readings"
    tag = program.get(address).headers["ETag"]
    assert program.get(address, headers={"Accept": "text/csv"}).headers["ETag"] != tag
    deliver(flow(*reading_of(1, value="101.0"), created="20260306061500"), "correction.uff")
    program.get(address, status=200, headers={"If-None-Match": tag})


def test_etag_of_a_last_page_changes_when_another_page_follows(program: Program, store: str) -> None:
    for number, accept in ((7, "application/json"), (8, "text/csv")):
        query = {"limit": number}
        last = program.get("meter-points", query, headers={"Accept": accept})
        assert "Link" not in last.headers
        deliver(flow(*reading_of(10 * number), identifier=f"F{number}"), f"{number}.uff")
        tag = last.headers["ETag"]
        response = program.get("meter-points", query, headers={"Accept": accept, "If-None-Match": tag})
        assert "Link" in response.headers


def test_head_is_answered_like_get(program: Program, store: str) -> None:
    for address in _everything(store):
        response = program.client.head(f"/api/{address}")
        assert response.status_code == 200
        assert response.headers["ETag"] == program.get(address).headers["ETag"]
    assert program.client.head("/api/nothing").status_code == 404


def test_other_methods_are_refused_with_the_allowed_ones(program: Program, store: str) -> None:
    for address in _everything(store):
        if address == "flow-files/":
            continue
        for method in ("POST", "PUT", "PATCH", "DELETE", "OPTIONS"):
            response = program.client.generic(method, f"/api/{address}")
            assert (response.status_code, response.headers["Allow"]) == (405, "GET, HEAD")
            assert problem_details(response)["detail"].endswith(
                " accepts only GET, HEAD: /api/openapi.json lists the operations."
            )


def test_best_accepted_form_is_sent(program: Program, store: str) -> None:
    forms = {
        "": "application/json",
        "*/*": "application/json",
        "application/*": "application/json",
        "text/*": "text/csv",
        "text/csv;q=0.5, application/json": "application/json",
        "application/json;q=0.5, text/csv": "text/csv",
        "text/html, */*;q=0.1": "application/json",
    }
    for accept, kind in forms.items():
        response = program.get("readings", headers={"Accept": accept} if accept else {})
        assert response.headers["Content-Type"].partition(";")[0] == kind, accept
    for accept in ("image/png", "text/html", "application/xml, text/plain"):
        details = problem_details(program.get("meters", status=406, headers={"Accept": accept}))
        assert "application/json or text/csv" in details["detail"]


def test_other_sites_get_no_header_that_opens_the_api(program: Program, store: str) -> None:
    for headers in ({"Origin": "https://elsewhere.example"}, {"Origin": "null"}):
        response = program.get("readings", headers=headers)
        assert [name for name in response.headers if name.lower().startswith("access-control")] == []
    asked = {"Origin": "https://elsewhere.example", "Access-Control-Request-Method": "GET"}
    refused = Client().options("/api/readings", headers=asked)
    assert refused.status_code == 405
    assert [name for name in refused.headers if name.lower().startswith("access-control")] == []


def test_body_of_a_get_is_ignored(program: Program, store: str) -> None:
    response = program.client.generic(
        "GET", "/api/readings?limit=1", b'{"limit": 2}', content_type="application/json"
    )
    assert len(response.json()["items"]) == 1


def test_new_rows_before_the_cursor_are_left_out_and_later_ones_follow(program: Program) -> None:
    deliver(flow(*(line for number in (10, 20, 30) for line in reading_of(number))), "three.uff")
    cursor = document(program, "meter-points", limit=2)["next_cursor"]
    deliver(flow(*(line for number in (15, 25, 35) for line in reading_of(number)), identifier="B"), "more.uff")
    rest = program.items("meter-points", {"cursor": cursor})
    assert [row["identifier"] for row in rest] == [mpan(number) for number in (25, 30, 35)]
    assert MeterPoint.objects.count() == 6
    assert FlowFile.objects.count() == 2

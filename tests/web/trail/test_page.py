"""The page of the trail, and its entries as CSV."""

from __future__ import annotations

import csv
import re
from datetime import timedelta
from io import StringIO
from typing import Any

import pytest
from django.contrib import admin
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from readings.models import MeterPoint, Trail
from readings.models.roles import ADMINISTRATOR, ANALYST, LEAD, OPERATOR, SUPPORT
from readings.models.trail import Action, Door, note, note_views
from readings.presentation.exports import TRAIL_COLUMNS
from readings.queries.trail import PAGE
from tests.making.dtc import MPAN, block, flow, reading, reading_of
from tests.running.imported import NOON, deliver
from tests.running.pages import client_of, lines, nav, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgresql]

#: Number of queries: session, user, both kinds of permissions, entries, meter points, flow files, their names.
QUERIES = 8


@pytest.fixture
def lead() -> Client:
    return client_of(LEAD)


def look(identifier: str = MPAN, *, days: int = 0, by_whom: str = "bob", scheme: str = "MPAN") -> None:
    points = [MeterPoint(scheme=scheme, identifier=identifier)]
    note_views(points, at=NOON - timedelta(days), door=Door.PAGE, by_whom=by_whom, subject="meter point")


def rows(client: Client, **query: str) -> list[str]:
    """Return the entries on the page as text."""
    return lines(client.get("/trail/", query).content.decode())


def exported(client: Client, **query: str) -> list[dict[str, str]]:
    response = client.get("/trail.csv", query)
    assert response.status_code == 200
    text = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    return list(csv.DictReader(StringIO(text, newline=""), strict=True))


def test_page_lists_entries_newest_first_with_links(lead: Client) -> None:
    report = deliver(flow(block(reading("1.0"))), "a.uff")
    look(days=-1)
    look("f" * 64, days=-2)
    html = lead.get("/trail/").content.decode()
    erased, looked, imported = lines(html)
    assert erased.startswith("07 Mar 2026 12:00:00 GMT bob Looked at a meter point Page ffff")
    assert looked == f"06 Mar 2026 12:00:00 GMT bob Looked at a meter point Page {MPAN} meter point"
    assert imported == "05 Mar 2026 12:00:00 GMT ann Imported a file Command a.uff Imported"
    assert f'<a href="/meter-points/{MPAN}/">{MPAN}</a>' in html
    assert f'<a href="/flow-files/{report.sha256}/">a.uff</a>' in html
    assert "/meter-points/ffff" not in html


@pytest.mark.parametrize("role", [SUPPORT, ANALYST, OPERATOR])
def test_other_roles_have_neither_page_nor_link(role: str) -> None:
    client = client_of(role)
    assert [client.get(address).status_code for address in ("/trail/", "/trail.csv")] == [403, 403]
    assert "Trail" not in nav(client.get("/upload" if role == OPERATOR else "/").content.decode())


@pytest.mark.parametrize("role", [LEAD, ADMINISTRATOR])
def test_leads_and_administrators_have_the_page_and_its_link(role: str) -> None:
    client = client_of(role)
    assert "Trail" in nav(client.get("/trail/").content.decode())
    assert [client.post(address).status_code for address in ("/trail/", "/trail.csv")] == [405, 405]


def test_the_admin_has_no_page_of_the_trail() -> None:
    client = client_of(ADMINISTRATOR)
    assert Trail not in admin.site._registry
    assert client.get("/admin/readings/trail/").status_code == 404
    assert "trail" not in client.get("/admin/").content.decode().partition("<main")[2].lower()


@pytest.mark.parametrize(
    ("query", "subjects"),
    [
        ({}, ["3", "2", "1", "0"]),
        ({"who": "bob"}, ["2"]),
        ({"action": "EXPORT"}, ["3", "1"]),
        ({"door": "API"}, ["3"]),
        ({"meter-point": MPAN}, ["0"]),
        ({"from": "2026-03-06"}, ["3", "2", "1"]),
        ({"to": "2026-03-06"}, ["1", "0"]),
        ({"from": "2026-03-06", "to": "2026-03-06", "action": "EXPORT"}, ["1"]),
        ({"who": "bob", "action": "EXPORT"}, []),
    ],
)
def test_filters_select_the_same_entries_on_the_page_and_in_the_csv(
    lead: Client, query: dict[str, str], subjects: list[str]
) -> None:
    entries: list[dict[str, Any]] = [
        {"action": Action.VIEW, "door": Door.PAGE, "meter_point": MeterPoint(scheme="MPAN", identifier=MPAN)},
        {"action": Action.EXPORT, "door": Door.COMMAND},
        {"action": Action.PUT_BACK, "door": Door.PAGE, "by_whom": "bob"},
        {"action": Action.EXPORT, "door": Door.API},
    ]
    for number, entry in enumerate(entries):
        note(at=NOON + timedelta(number), subject=f"{number}", **{"by_whom": "eve", **entry})
    assert [row.split()[-1] for row in rows(lead, **query)] == subjects
    assert [row["subject"] for row in exported(lead, **query)] == subjects


@pytest.mark.parametrize(
    "query",
    [{"action": "DANCE"}, {"from": "yesterday"}, {"from": "0001-01-01"}, {"from": "2026-03-06", "to": "2026-03-05"}],
)
def test_wrong_filter_is_named_and_lists_nothing(lead: Client, query: dict[str, str]) -> None:
    look()
    page, csv_answer = lead.get("/trail/", query), lead.get("/trail.csv", query)
    assert (page.status_code, csv_answer.status_code) == (400, 400)
    assert "bob" not in page.content.decode()
    assert 'class="errorlist"' in page.content.decode()
    assert csv_answer["Content-Type"].startswith("text/plain")


def test_csv_with_an_unknown_parameter_states_the_reason(lead: Client) -> None:
    answer = lead.get("/trail.csv?user=bob")
    assert (answer.status_code, answer.content) == (400, b"unknown parameter 'user'\n")


def test_pages_list_each_entry_once_although_times_are_equal(lead: Client) -> None:
    number = 2 * PAGE + 7
    note_views(
        [MeterPoint(scheme="MPAN", identifier=f"{each}") for each in range(number)],
        at=NOON,
        door=Door.PAGE,
        by_whom="bob",
    )
    seen, address = [], "/trail/?who=bob"
    while address:
        html = lead.get(address).content.decode()
        seen += re.findall(r'data-name="Meter point"><span class="id">(\d+)<', html)
        following = re.search(r'<a href="([^"]+)" rel="next">', html)
        address = "/trail/" + following[1].replace("&amp;", "&") if following else ""
        assert not address or "who=bob" in address
    assert seen == [f"{each}" for each in reversed(range(number))]


def test_address_of_no_page_is_not_found(lead: Client) -> None:
    for key in ("", "x", "2026-03-05_1_2_x", f"{'9' * 30}_1"):
        assert lead.get("/trail/", {"before": key}).status_code == 404


def test_number_of_queries_does_not_grow_with_the_entries(lead: Client) -> None:
    numbers = []
    for first, last in ((1, 2), (3, 30)):
        for number in range(first, last + 1):
            deliver(flow(*reading_of(number)), f"{number}.uff")
            look(days=-number)
        with CaptureQueriesContext(connection) as captured:
            assert len(rows(lead)) == 2 * last
        numbers.append(len(captured))
    assert numbers == [QUERIES, QUERIES]


def test_csv_holds_all_fields_and_no_formula(lead: Client) -> None:
    point = MeterPoint(scheme="NMI", identifier="6123456789")
    fields: dict[str, Any] = {"sha256": "ab" * 32, "outcome": "REJECTED", "rows": 12, "meter_point": point}
    note(Action.IMPORT, at=NOON, door=Door.API, by_whom="=1+1", subject="@a.csv", **fields)
    [row] = exported(lead)
    assert tuple(row) == TRAIL_COLUMNS
    assert row == {
        "at": "2026-03-05T12:00:00+00:00",
        "action": "IMPORT",
        "door": "API",
        "by_whom": "'=1+1",
        "scheme": "NMI",
        "meter_point": "6123456789",
        "sha256": "ab" * 32,
        "subject": "'@a.csv",
        "outcome": "REJECTED",
        "rows": "12",
    }


def test_export_of_the_trail_is_an_entry(lead: Client) -> None:
    look()
    look()
    assert len(exported(lead, who="bob", **{"meter-point": MPAN})) == 2
    entry = Trail.objects.get(action=Action.EXPORT)
    assert (entry.door, entry.by_whom, entry.rows) == (Door.PAGE, "ann", 2)
    assert entry.subject == "trail.csv who=bob meter_points=1"


def test_empty_trail_and_empty_selection_have_their_words(lead: Client) -> None:
    assert "No entries yet." in text_of(lead.get("/trail/").content.decode())
    assert "No entries match." in text_of(lead.get("/trail/?who=nobody").content.decode())

"""The start page, by role and by what is stored."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone
from io import BytesIO
from pathlib import Path

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import resolve
from django.utils.timezone import now
from freezegun import freeze_time
from pytest_django.fixtures import Settings

from readings.imports.arrivals import Delivery
from readings.imports.operations import import_flow
from readings.models import Channel
from readings.models.roles import OPERATOR, ROLES
from tests.making.numbered import bad_flow, flow
from tests.running.commands import BAD
from tests.running.imported import RULES, deliver_sample
from tests.running.pages import client_of, logged_in, support_client, text_of
from tests.running.places import SAMPLES
from tests.running.uploads import make_folders

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgresql]

#: Session, user, both kinds of permissions; outcomes, rejected arrivals, their files, codes and first errors.
QUERIES = 9


def arrive(content: bytes, name: str, at: datetime | None = None) -> None:
    """Import a file through the inbox, at a time."""
    delivery = Delivery(name=name, channel=Channel.INBOX, resting_place=f"/somewhere/{name}")
    import_flow(BytesIO(content), delivery, clock=lambda: at or now(), rules=replace(RULES, max_attempts=None))


def start(client: Client) -> str:
    """Return the main part of the page."""
    answer = client.get("/")
    assert answer.status_code == 200
    return answer.content.decode().partition("<main")[2]


def test_numbers_of_today_and_yesterday_are_those_of_the_british_clock() -> None:
    # In summer the British day begins at 23:00 UTC.
    times = {"old": (8, 22, 59), "yesterday": (8, 23, 0), "late": (9, 22, 59), "today": (9, 23, 0)}
    for number, (name, (day, hour, minute)) in enumerate(times.items()):
        arrive(flow(number), name, datetime(2026, 7, day, hour, minute, tzinfo=timezone.utc))
    arrive(flow(0), "again", datetime(2026, 7, 10, 9, tzinfo=timezone.utc))
    arrive(bad_flow(9), "bad", datetime(2026, 7, 10, 9, tzinfo=timezone.utc))
    client = support_client()
    resolve("/")  # The addresses are imported while the time is real.
    with freeze_time("2026-07-10 10:00"):
        text = text_of(start(client))
    assert "Imported today 1 yesterday 2" in text
    assert "Duplicates today 1 yesterday 0" in text
    assert "Rejected today 1 yesterday 0" in text
    assert "Other flows today 0 yesterday 0" in text


def test_latest_rejected_files_have_their_cause_in_a_sentence() -> None:
    arrive((SAMPLES / "d0010_two_faults.uff").read_bytes(), "two.uff")
    html = start(support_client())
    assert "two.uff</a>" in html
    cause = "Line 2, 026 MPAN Core “3690005901427”: the check digit of these 12 digits is 6, and 1 more problem."
    assert cause in text_of(html)


def test_file_that_was_imported_after_its_rejection_is_not_listed() -> None:
    arrive(BAD, "bad.uff", now() - timedelta(days=8))
    arrive(flow(1), "fine.uff")
    assert "No file was rejected in the last 7 days." in text_of(start(support_client()))


@pytest.mark.parametrize("number", [1, 12])
def test_start_page_runs_the_same_queries_for_any_number_of_files(number: int) -> None:
    for each in range(number):
        arrive(bad_flow(each), f"{each}.uff")
    client = support_client()
    with CaptureQueriesContext(connection) as queries:
        start(client)
    assert len(queries) == QUERIES


def test_former_addresses_of_the_summary_lead_to_it() -> None:
    client = support_client()
    for query in ("area=a1&tariff=t%201", "chart=month", "from=2016-10-01&to=2016-10-31", "q=30", "scheme=NMI"):
        answer = client.get(f"/?{query}")
        assert (answer.status_code, answer["Location"]) == (301, f"/consumption/?{query.replace('%20', '+')}")
    assert client.get("/?utm=1").status_code == 200


def test_user_without_a_role_is_sent_to_an_administrator() -> None:
    text = text_of(start(logged_in(User.objects.create_user("ann"))))
    assert "Welcome, ann" in text
    assert "Ask an administrator to give it one" in text
    assert "Imported" not in text


def test_empty_store_explains_the_first_file_to_those_who_can_bring_one() -> None:
    assert "cp tests/samples/d0010.uff" in (page := start(client_of(OPERATOR)))
    assert 'href="/upload"' in page
    User.objects.all().delete()
    page = start(support_client())
    assert "No file has arrived yet." in page
    assert "cp tests" not in page
    assert 'href="/upload"' not in page


def test_store_with_old_files_only_is_not_empty() -> None:
    deliver_sample("d0010.uff")
    with freeze_time("2030-01-01"):
        text = text_of(start(support_client()))
    assert "Imported today 0 yesterday 0" in text
    assert "first file" not in text


@pytest.mark.parametrize("role", ROLES)
def test_every_role_sees_search_and_files(role: str) -> None:
    arrive(flow(1), "fine.uff")
    page = start(client_of(role))
    assert 'role="search"' in page
    assert "Imported today" in page


@pytest.mark.parametrize(
    ("permissions", "seen"),
    [
        (("view_inbox",), {"Unknown"}),
        (("view_meterpoint", "view_reading"), {"Unknown", 'role="search"'}),
        (("view_flowfile", "view_arrival", "view_problem"), {"Unknown", "Imported today"}),
        (
            ("view_flowfile", "view_arrival", "view_problem", "view_inbox"),
            {"Unknown", "Imported today", "Waiting now"},
        ),
    ],
)
def test_user_sees_only_the_permitted_parts(
    settings: Settings, tmp_path: Path, permissions: tuple[str, ...], seen: set[str]
) -> None:
    make_folders(settings, tmp_path)
    arrive(flow(1), "fine.uff")
    ann = User.objects.create_user("ann")
    ann.user_permissions.add(*Permission.objects.filter(codename__in=permissions))
    page = start(logged_in(ann))
    assert {part for part in ("Unknown", 'role="search"', "Imported today", "Waiting now") if part in page} == seen

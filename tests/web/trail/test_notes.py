"""Entries that pages write: looks at meter points, exports, and uploads."""

from __future__ import annotations

import sqlite3
import time
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from pytest_django.fixtures import Settings

from readings.models import IntervalDay, Reading, Trail
from readings.models.roles import ADMINISTRATOR, ANALYST
from readings.models.trail import Action, Door
from tests.making.dtc import MPAN, OTHER_MPAN, block, flow, reading
from tests.making.mdff import NMI, channel, day, nem12
from tests.running.imported import deliver
from tests.running.pages import client_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgresql]


@pytest.fixture
def analyst() -> Client:
    """Return a client, and store readings of two meter points and days of an NMI."""
    deliver(flow(block(reading("1.0")), block(reading("2.0"), mpan=OTHER_MPAN)), "two.uff")
    deliver(nem12(channel(*(day(f"202601{number:02}") for number in range(1, 32)))), "nem12.csv")
    return client_of(ANALYST)


def looks() -> list[tuple[str, str]]:
    """Return page and meter point of each look, oldest first."""
    rows = Trail.objects.filter(action=Action.VIEW, door=Door.PAGE, by_whom="ann").order_by("pk")
    return list(rows.values_list("subject", "identifier"))


def exports() -> list[tuple[str, str, int | None]]:
    """Return subject, meter point and rows of each export, oldest first."""
    rows = Trail.objects.filter(action=Action.EXPORT, door=Door.PAGE, by_whom="ann").order_by("pk")
    return list(rows.values_list("subject", "identifier", "rows"))


def download(client: Client, address: str) -> bytes:
    response = client.get(address)
    assert response.status_code == 200
    return b"".join(response.streaming_content)  # type: ignore[attr-defined]


def leave(response: Any) -> None:
    """End the answer of the test client like a server whose client has gone."""
    response._iterator.close()  # The answer itself would close the connection of the test.


@pytest.mark.parametrize(
    ("address", "expected"),
    [
        (f"/meter-points/{MPAN}/", [("meter point", MPAN)]),
        (f"/meter-points/{NMI}/", [("meter point", NMI)]),
        (f"/consumption/NMI/{NMI}/", [("consumption", NMI)]),
        (f"/consumption/NMI/{NMI}/values.json", [("consumption values", NMI)]),
        (f"/search?q={MPAN},{OTHER_MPAN}", [("search", MPAN), ("search", OTHER_MPAN)]),
        (f"/admin/readings/reading/?q={MPAN}", [("list of readings", MPAN)]),
        (f"/admin/readings/meterpoint/?q={MPAN}", [("list of meter points", MPAN)]),
        # These concern no meter point in particular, or show no statement of it.
        ("/", []),
        ("/meter-points/1200000000001/", []),
        (f"/search?q={MPAN}", []),  # leads to the page
        ("/admin/readings/reading/", []),
        ("/admin/readings/reading/?q=two.uff", []),
        (f"/admin/readings/flowfile/?q={MPAN}", []),
        (f"/admin/readings/intervalday/?q={MPAN}", []),
        (f"/consumption/NMI/{NMI}/?from=2020-01-01&to=2020-01-02", []),
    ],
)
def test_page_notes_a_look_at_each_meter_point_whose_statements_it_shows(
    analyst: Client, address: str, expected: list[tuple[str, str]]
) -> None:
    analyst.get(address)
    assert looks() == expected


def test_page_of_a_row_in_the_admin_notes_a_look(analyst: Client) -> None:
    rows = (Reading.objects.get(meter_point__identifier=MPAN), IntervalDay.objects.order_by("pk")[0])
    for row in rows:
        analyst.get(f"/admin/readings/{row._meta.model_name}/{row.pk}/change/")
    assert looks() == [("reading", MPAN), ("interval day", NMI)]


def test_refused_user_looks_at_nothing(analyst: Client) -> None:
    Client().get(f"/meter-points/{MPAN}/")
    analyst.get("/admin/readings/reading/0/change/")
    assert not Trail.objects.filter(action=Action.VIEW).exists()


def test_looks_are_not_noted_without_trail_views(analyst: Client, settings: Settings) -> None:
    settings.TRAIL_VIEWS = False
    for address in (f"/meter-points/{MPAN}/", f"/search?q={MPAN},{NMI}", f"/admin/readings/reading/?q={MPAN}"):
        analyst.get(address)
    download(analyst, f"/exports/readings.csv?meter-point={MPAN}")
    assert looks() == []
    assert exports() == [("readings.csv", MPAN, 1)]


def test_download_notes_its_rows_and_the_meter_points_that_it_names(analyst: Client) -> None:
    assert len(download(analyst, "/exports/readings.csv").splitlines()) == 3
    assert len(download(analyst, "/exports/intervals.csv?scheme=NMI&from=2026-01-31").splitlines()) == 49
    assert (
        len(download(analyst, f"/exports/readings.csv?meter-point={MPAN}&meter-point={OTHER_MPAN}").splitlines()) == 3
    )
    assert exports() == [
        ("readings.csv", "", 2),
        ("intervals.csv scheme=NMI from=2026-01-31", "", 48),
        ("readings.csv meter_points=2", "", 2),
    ]
    assert looks() == [("readings.csv", MPAN), ("readings.csv", OTHER_MPAN)]


def test_cut_download_notes_the_rows_so_far(analyst: Client) -> None:
    response = analyst.get("/exports/intervals.csv")
    first = next(iter(response.streaming_content))  # type: ignore[attr-defined]
    leave(response)
    rows = first.count(b"\r\n") - 1
    assert 0 < rows < 31 * 48
    assert exports() == [("intervals.csv", "", rows)]


def test_download_that_is_refused_or_never_begins_notes_nothing(analyst: Client) -> None:
    assert analyst.get("/exports/readings.csv?meter-point=nobody").status_code == 400
    leave(analyst.get("/exports/readings.csv"))
    assert (exports(), looks()) == ([], [])


def test_export_of_a_search_notes_its_rows_and_meter_points(analyst: Client) -> None:
    analyst.post("/search.csv", {"q": f"{MPAN}\n{NMI}\nnobody"})
    assert exports() == [("search.csv", "", 3)]
    assert looks() == [("search.csv", MPAN), ("search.csv", NMI)]


@pytest.fixture
def folders(tmp_path: Path, settings: Settings) -> None:
    settings.ARCHIVE_DIR, settings.REJECTED_DIR = tmp_path / "archive", tmp_path / "rejected"


def upload(client: Client, name: str, content: bytes) -> None:
    client.post("/upload", {"files": [SimpleUploadedFile(name, content)]})


def test_imported_upload_is_noted_once(folders: None) -> None:
    upload(client_of(ADMINISTRATOR), "new.uff", flow(block(reading("1.0"))))
    entry = Trail.objects.get()
    assert (entry.action, entry.door, entry.by_whom) == (Action.IMPORT, Door.PAGE, "ann")
    assert (entry.subject, entry.outcome) == ("new.uff", "IMPORTED")


def test_upload_that_could_not_be_imported_is_noted_too(folders: None, settings: Settings, tmp_path: Path) -> None:
    (tmp_path / "archive").write_bytes(b"")
    upload(client_of(ADMINISTRATOR), "new.uff", flow(block(reading("1.0"))))
    entry = Trail.objects.get()
    assert (entry.action, entry.door, entry.by_whom) == (Action.UPLOAD, Door.PAGE, "ann")
    assert (entry.subject, entry.outcome) == ("new.uff", "")


@pytest.mark.only_on("sqlite")  # PostgreSQL locks no tables for imports.
@pytest.mark.django_db(transaction=True)
def test_page_during_an_import_is_answered_and_a_later_request_stores_its_look(analyst: Client) -> None:
    with closing(sqlite3.connect(connection.settings_dict["NAME"], isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        assert analyst.get(f"/meter-points/{MPAN}/").status_code == 200
        assert looks() == []
    time.sleep(1.1)  # the time until the next try
    assert Client().get("/healthz").status_code == 200
    assert looks() == [("meter point", MPAN)]

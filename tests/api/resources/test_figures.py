"""Advances, intervals and consumption of a meter point through the API, compared with the exports."""

from __future__ import annotations

import csv
from decimal import Decimal
from io import StringIO
from itertools import pairwise
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from readings.models import MeterPoint
from readings.models.roles import ANALYST
from tests.making.consumption import consumer, days, users
from tests.making.dtc import MPAN, block, flow, reading
from tests.making.mdff import NMI, accumulation, channel, day, nem12, nem13
from tests.running.exported import GROUPS, Sum, advances_of, exported, sums_of
from tests.running.imported import deliver, deliver_sample
from tests.running.pages import client_of
from tests.running.places import SHARED

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    return client_of(ANALYST)


def items(client: Client, identifier: str, resource: str, **query: Any) -> list[dict[str, Any]]:
    """Return the items of all pages, each found by the address that the page before states."""
    address, params = f"/api/meter-points/{identifier}/{resource}", query
    every = []
    while address:
        response = client.get(address, params)
        assert response.status_code == 200, response.content
        page = response.json()
        every += page["items"]
        address, params = page["next"], {}
    return every


def faults(client: Client, address: str, **query: Any) -> list[dict[str, str]]:
    response = client.get(address, query)
    assert (response.status_code, response.headers["Content-Type"]) == (422, "application/problem+json")
    faults: list[dict[str, str]] = response.json()["errors"]
    return faults


def sums(rows: list[dict[str, Any]]) -> dict[tuple[str, ...], Sum]:
    return {
        (row["starts_at"][:16], row["serial_number"], row["register_id"], row["suffix"], row["unit"]): Sum(
            Decimal(row["total"]), row["values"]
        )
        for row in rows
    }


def assert_equal_to_the_export(client: Client, row: MeterPoint, limit: int = 1000) -> None:
    intervals = exported("intervals", "--scheme", row.scheme, "--meter-point", row.identifier)
    for group_by in GROUPS:
        found = items(client, row.identifier, "consumption", scheme=row.scheme, group_by=group_by, limit=limit)
        of_intervals = [each for each in found if each["counted_by"] == "interval"]
        assert sums(of_intervals) == sums_of(intervals, group_by), (row, group_by)


def test_totals_of_every_period_are_those_of_the_export(client: Client) -> None:
    users()
    repeated = [("2026-10-25 01:00", "4.0"), ("2026-10-25 01:30", "40.5")]
    rows = days("2026-10-25")
    consumer("3000", *rows[:4], *repeated, *rows[4:], *days("2026-11-01")[:7])
    deliver_sample("nem12.csv")
    for row in MeterPoint.objects.filter(scheme__in=("CONSUMER", "NMI"), meters__registers__isnull=False).distinct():
        assert_equal_to_the_export(client, row, limit=50)


def test_consumption_has_period_channel_total_and_completeness(client: Client) -> None:
    deliver(nem12(channel(day())), "nem12.csv")
    (row,) = items(client, NMI, "consumption", group_by="week")
    assert row == {
        "scheme": "NMI",
        "meter_point": NMI,
        "serial_number": "SN0012345",
        "register_id": "1",
        "suffix": "E1",
        "unit": "kWh",
        "direction": "",
        "starts_at": "2026-02-23T00:00:00+10:00",
        "ends_at": "2026-03-02T00:00:00+10:00",
        "zone": "UTC+10:00",
        "counted_by": "interval",
        "total": "117.6",
        "values": 48,
        "complete": False,
    }


def test_consumption_of_a_british_meter_point_counts_advances_at_their_end(client: Client) -> None:
    rows = [reading("100.0", at="20260101000000"), reading("130.5", at="20260701000000")]
    deliver(flow(block(*rows)), "d0010.uff")
    (row,) = items(client, MPAN, "consumption", group_by="month")
    assert (row["starts_at"], row["total"], row["counted_by"], row["complete"], row["zone"]) == (
        *("2026-07-01T00:00:00+01:00", "30.5", "end of advance", None, "Europe/London"),
    )
    assert items(client, MPAN, "consumption", to="2026-06-30") == []


def test_interval_has_its_value_quality_file_and_line(client: Client) -> None:
    deliver(nem12(channel(day(quality="V"), "400,1,47,A,,", "400,48,48,N,,")), "nem12.csv")
    every = items(client, NMI, "intervals", limit=20)
    assert [(row["value"], row["quality_method"]) for row in every[-2:]] == [("4.7", "A"), (None, "N")]
    assert len(every[0].pop("sha256")) == 64
    assert every[0] == {
        "scheme": "NMI",
        "meter_point": NMI,
        "serial_number": "SN0012345",
        "register_id": "1",
        "suffix": "E1",
        "unit": "kWh",
        "starts_at": "2026-02-27T00:00:00+10:00",
        "ends_at": "2026-02-27T00:30:00+10:00",
        "zone": "UTC+10:00",
        "occurrence": 0,
        "value": "0.1",
        "quality_method": "A",
        "reason_code": "",
        "reason_description": "",
        "file": "nem12.csv",
        "line": 3,
    }


def test_intervals_of_a_consumer_have_clock_times_without_an_offset(client: Client) -> None:
    consumer("3000", *days("2026-03-01")[-1:])
    (row,) = items(client, "3000", "intervals")
    assert (row["starts_at"], row["ends_at"], row["zone"]) == (
        *("2026-03-01T23:30:00", "2026-03-02T00:00:00", "clock time"),
    )


def test_advance_has_both_readings_with_file_and_line(client: Client) -> None:
    deliver(flow(block(reading("100.0", at="20260101000000"))), "first.uff")
    deliver(flow(block(reading("130.5", at="20260701120000"), kind="D"), identifier="SECOND"), "second.uff")
    (row,) = items(client, MPAN, "advances")
    assert {name: value for name, value in row.items() if "sha256" not in name} == {
        "scheme": "MPAN",
        "meter_point": MPAN,
        "serial_number": "K12B 04567",
        "register_id": "S",
        "suffix": "",
        "unit": "",
        "direction": "",
        "starts_at": "2026-01-01T00:00:00+00:00",
        "ends_at": "2026-07-01T12:00:00+01:00",
        "value": "30.5",
        "basis": "readings",
        "quality": "estimate",
        "counts": False,
        "note": "",
        "start_value": "100.0",
        "start_reading_type": "R",
        "start_quality_method": "",
        "start_file": "first.uff",
        "start_line": 4,
        "end_value": "130.5",
        "end_reading_type": "D",
        "end_quality_method": "",
        "end_file": "second.uff",
        "end_line": 4,
    }


def test_advances_in_either_order_are_those_between_the_exported_readings(client: Client) -> None:
    rows = [reading(f"{100 + number}.5", at=f"202601{number:02}000000") for number in range(1, 20)]
    deliver(flow(block(*rows)), "many.uff")
    expected = [each.value for each in advances_of(exported("readings", "--meter-point", MPAN))]
    for order in ("oldest-first", "newest-first"):
        found = items(client, MPAN, "advances", order=order, limit=5)
        assert sorted(Decimal(each["value"]) for each in found) == sorted(expected)
        ends = [each["ends_at"] for each in found]
        assert ends == sorted(ends, reverse=order == "newest-first")
        assert len(ends) == 18


def test_quantity_of_a_nem13_is_an_advance_that_the_file_states(client: Client) -> None:
    deliver(nem13(accumulation(quantity="131.0")), "nem13.csv")
    (row,) = items(client, NMI, "advances")
    assert (row["value"], row["unit"], row["basis"], row["direction"]) == ("131.0", "kWh", "statement", "E")
    assert (row["start_value"], row["end_value"], row["end_quality_method"]) == ("001234.5", "001300.0", "A")
    assert (row["ends_at"], row["end_file"], row["end_line"]) == ("2026-02-27T10:15:00+10:00", "nem13.csv", 2)


@pytest.mark.parametrize("resource", ["advances", "intervals", "consumption"])
def test_figures_are_csv_on_request(client: Client, resource: str) -> None:
    deliver(nem12(channel(day())), "nem12.csv")
    deliver(nem13(accumulation()), "nem13.csv")
    response = client.get(f"/api/meter-points/{NMI}/{resource}", headers={"Accept": "text/csv"})
    assert response.headers["Content-Type"].startswith("text/csv")
    rows = list(csv.DictReader(StringIO(response.content.decode(), newline=""), strict=True))
    expected = items(client, NMI, resource)
    assert [list(row) for row in rows] == [list(row) for row in expected]
    assert [row["unit"] for row in rows] == [row["unit"] for row in expected]


@pytest.mark.parametrize(
    ("query", "parameter", "words"),
    [
        ({"group_by": "year"}, "group_by", "'half-hour', 'hour', 'day', 'week' or 'month'"),
        ({"group_by": "half-hour"}, "group_by", "have 60 minutes, which cannot be summed per 30 minutes"),
        ({"from": "2026-03-02", "to": "2026-03-01"}, "from, to", "is after the last"),
        ({"from": "2026-02-30"}, "from", "is not a day"),
        ({"cursor": "nonsense"}, "cursor", "was changed"),
        ({"order": "newest-first"}, "order", "unknown parameter"),
    ],
)
def test_consumption_that_cannot_be_answered_names_the_parameter(
    client: Client, query: dict[str, str], parameter: str, words: str
) -> None:
    deliver(nem12(channel(day(count=24), length=60)), "nem12.csv")
    named = faults(client, f"/api/meter-points/{NMI}/consumption", **query)
    assert ", ".join(fault["parameter"] for fault in named) == parameter
    assert all(words in fault["detail"] for fault in named)


@pytest.mark.parametrize("resource", ["advances", "intervals", "consumption"])
def test_unknown_meter_point_is_not_found(client: Client, resource: str) -> None:
    response = client.get(f"/api/meter-points/nobody/{resource}")
    assert (response.status_code, response.headers["Content-Type"]) == (404, "application/problem+json")


@pytest.mark.parametrize("resource", ["advances", "intervals", "consumption"])
def test_number_of_queries_does_not_grow_with_the_rows(client: Client, resource: str) -> None:
    numbers = []
    for count in (11, 30):
        days_of = [f"202601{number + 1:02}" for number in range(count)]
        deliver(nem12(channel(*map(day, days_of))), f"nem12-{count}.csv")
        spans = pairwise(days_of)
        reads = [accumulation(previous_at=f"{first}000000", current_at=f"{last}000000") for first, last in spans]
        deliver(nem13(*reads), f"nem13-{count}.csv")
        with CaptureQueriesContext(connection) as captured:
            response = client.get(f"/api/meter-points/{NMI}/{resource}", {"limit": 9})
        assert len(response.json()["items"]) == 9
        numbers.append(len(captured))
    assert numbers[0] == numbers[1] <= 12


@pytest.mark.slow
@pytest.mark.only_on("sqlite")  # The drawn files compare both databases.
@pytest.mark.skipif(not SHARED.exists(), reason="needs ../shared")
def test_totals_of_shared_consumers_and_nmis_are_those_of_the_export(client: Client, settings: Settings) -> None:
    settings.API_RATE = (100_000, 60.0)
    paths = [*sorted((SHARED / "smap" / "consumption").glob("*.csv"))[:6], *sorted((SHARED / "nem").iterdir())]
    for path in paths:
        if path.is_file():
            deliver(path.read_bytes(), path.name)
    rows = MeterPoint.objects.filter(scheme__in=("CONSUMER", "NMI"), meters__registers__isnull=False).distinct()
    assert rows.count() > 20
    for row in rows:
        assert_equal_to_the_export(client, row)

"""The summary through the API, compared with sums computed by hand and with the page."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from readings.imports.summing.update import bring_up_to_date
from readings.models.roles import SUPPORT
from tests.making.consumption import consumer, days, users
from tests.making.mdff import channel, day, nem12
from tests.running.imported import deliver
from tests.running.pages import client_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def client() -> Client:
    return client_of(SUPPORT)


def summary(client: Client, **query: str) -> dict[str, Any]:
    response = client.get("/api/summary", query)
    assert response.status_code == 200, response.content
    found: dict[str, Any] = response.json()
    return found


@pytest.fixture
def consumers() -> None:
    users()
    rows = days("2016-10-30", 4)
    consumer("3000", *rows[:4], ("2016-10-30 01:00", "4.0"), ("2016-10-30 01:30", "40.5"), *rows[4:])
    for number in (1, 2):
        consumer(f"300{number}", *days("2016-10-30", 4, value=f"{10 ** (number + 1)}.0"))


def test_summary_has_totals_months_groups_and_repeats(client: Client, consumers: None) -> None:
    assert summary(client) == {
        "measure": "E-Wh",
        "unit": "Wh",
        "total": "213164.5",
        "meter_points": 3,
        "first_day": "2016-10-30",
        "last_day": "2016-11-02",
        "days": 4,
        "channel_days": 12,
        "months": [
            {"month": "2016-10", "total": "106604.5", "channel_days": 6},
            {"month": "2016-11", "total": "106560.0", "channel_days": 6},
        ],
        "groups": [
            {"area": "a1", "tariff": "t1", "meter_points": 1, "total": "1964.5"},
            {"area": "a1", "tariff": "t2", "meter_points": 1, "total": "19200.0"},
            {"area": "a2", "tariff": "t3", "meter_points": 1, "total": "192000.0"},
        ],
        "without_repeats": {
            "repeated_intervals": 2,
            "first": "213120.0",
            "last": "213144.5",
            "mean": "213132.25",
            "largest": "213150.5",
        },
    }


def test_filters_narrow_the_summary(client: Client, consumers: None) -> None:
    deliver(nem12(channel(day())), "nem12.csv")
    assert summary(client)["unit"] == "kWh"
    assert summary(client, scheme="NMI")["total"] == "117.6"
    assert summary(client, area="a1")["meter_points"] == 2
    assert summary(client, tariff="t3")["total"] == "192000.0"
    period = summary(client, scheme="CONSUMER", **{"from": "2016-10-31", "to": "2016-10-31"})
    assert (period["total"], period["days"]) == ("53280.0", 1)


def test_measure_selects_channels_of_an_nmi(client: Client) -> None:
    deliver(nem12(channel(day(), suffix="B1"), channel(day(), suffix="Q1", register="2", unit="kVArh")), "nem12.csv")
    assert summary(client)["measure"] == "B-Wh"
    assert summary(client, measure="Q-VArh")["unit"] == "kVArh"
    response = client.get("/api/summary", {"measure": "E-Wh"})
    assert response.status_code == 422
    assert response.json()["errors"] == [
        {"parameter": "measure", "detail": "no measure 'E-Wh', expected one of B-Wh, Q-VArh"}
    ]


def test_summary_of_an_empty_store_is_zero(client: Client) -> None:
    found = summary(client)
    assert (found["total"], found["meter_points"], found["first_day"], found["months"]) == ("0", 0, None, [])


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ({"scheme": "MPAN"}, "scheme"),
        ({"from": "yesterday"}, "from"),
        ({"from": "2016-11-01", "to": "2016-10-01"}, "from, to"),
        ({"chart": "day"}, "chart"),
    ],
)
def test_wrong_filter_of_the_summary_is_named(client: Client, query: dict[str, str], parameter: str) -> None:
    response = client.get("/api/summary", query)
    assert response.status_code == 422
    assert ", ".join(fault["parameter"] for fault in response.json()["errors"]) == parameter


def test_summary_takes_the_same_queries_for_one_consumer_and_for_many(client: Client) -> None:
    numbers = []
    for count in (1, 8):
        for number in range(count):
            consumer(f"{3000 + 10 * count + number}", *days("2016-10-30", 2))
        bring_up_to_date()
        with CaptureQueriesContext(connection) as captured:
            summary(client)
        numbers.append(len(captured))
    assert numbers[0] == numbers[1] <= 12

"""The page of one consumer or NMI, as text."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from readings.models import ConsumerDetails
from readings.models.roles import ANALYST
from tests.making.consumption import USERS, consumer, days, users
from tests.making.mdff import NMI, channel, day, nem12
from tests.running.imported import deliver
from tests.running.pages import client_of, logged_in, text_of

pytestmark = pytest.mark.django_db

ADDRESS = "/consumption/CONSUMER/3000/"


@pytest.fixture
def client() -> Client:
    """Return a client of an analyst."""
    return client_of(ANALYST)


def page(client: Client, address: str = ADDRESS, **params: str) -> str:
    response = client.get(address, params)
    assert response.status_code == 200
    return response.content.decode()


def answer(client: Client, **params: str) -> dict[str, Any]:
    data: dict[str, Any] = client.get(f"{ADDRESS}values.json", params).json()
    return data


def values(client: Client, **params: str) -> list[float | None]:
    (line,) = answer(client, **params)["lines"]
    drawn: list[float | None] = line["values"]
    return drawn


def test_the_page_gives_total_means_and_the_largest_half_hour(client: Client) -> None:
    users()
    consumer("3000", *days("2016-08-31", 2)[:-1], ("2016-09-01 23:30", "100.0"))
    words = text_of(page(client))
    assert "Area a1 · tariff t1." in words
    assert "Total (Wh) 1,050.0 Mean per day (Wh) 525.0 Mean per half hour (Wh) 10.9" in words
    assert "Largest half hour (Wh) 100.0 01 Sep 2016 23:30" in words
    assert "Days 2 31 Aug 2016 to 01 Sep 2016 Missing none" in words


def test_gaps_and_repeats_are_listed(client: Client) -> None:
    rows = days("2016-10-26")
    consumer("3000", *rows[:4], ("2016-10-26 01:30", "40.0"), *rows[4:10], *rows[12:], *days("2016-10-28"))
    words = text_of(page(client))
    assert "26 Oct 2016 05:00 26 Oct 2016 06:00 1 h" in words
    assert "27 Oct 2016 00:00 28 Oct 2016 00:00 1 d" in words
    assert "26 Oct 2016 01:30 10.0, 40.0" in words
    assert "Largest half hour (Wh) 40.0 26 Oct 2016 01:30" in words


def test_values_are_json_with_null_for_missing_half_hours(client: Client) -> None:
    consumer("3000", *days("2016-08-30")[1:], *days("2016-09-01"), ("2016-09-01 01:00", "5.0"))
    drawn = values(client)
    assert len(drawn) == 3 * 48
    assert drawn[:2] == [None, 10]
    assert set(drawn[48:96]) == {None}
    assert drawn[96:100] == [10, 10, 15, 10]
    assert answer(client)["x"] == {"start": 1472515200, "step": 1800, "count": 3 * 48}
    assert answer(client)["unit"] == "Wh"
    assert len(values(client, **{"from": "2016-09-01"})) == 48
    assert values(client, **{"from": "2017-01-01"}) == []
    assert client.get(f"{ADDRESS}values.json?from=x").status_code == 400


def test_page_shows_at_most_a_year(client: Client) -> None:
    consumer("3000", *days("2015-01-01", 400))
    html = page(client)
    assert "This page shows the last 366 of 400 days." in text_of(html)
    assert len(values(client)) == 366 * 48
    assert "Wed 04 Feb 2015" in text_of(html)
    assert "Tue 03 Feb 2015" not in text_of(html)


def test_typical_day_is_compared_with_others_of_the_tariff(client: Client) -> None:
    users()
    for number, identifier in enumerate(("3000", "3001", "3002"), start=1):
        consumer(identifier, *days("2016-08-31", value=f"{number}.0"))
    deliver(b"id,area,tariff\r\n3001,a1,t1\r\n", "moved.csv")
    words = text_of(page(client))
    assert "others of tariff t1: median (Wh)" in words
    assert "00:00 1.0 1.0 1.0 1.0 – 2.0" in words
    assert "The others: all 1 channel-days." in words


def test_history_of_area_and_tariff_is_listed_when_they_changed(client: Client) -> None:
    users()
    consumer("3000", *days("2016-08-31"))
    for address in (ADDRESS, "/meter-points/3000/"):
        assert "Area and tariff over time" not in text_of(page(client, address))
    deliver(USERS.replace(b"3000,a1,t1", b"3000,a1,t9"), "moved.csv")
    assert deliver(USERS, "back.csv").outcome == "DUPLICATE"
    time = "05 Mar 2026 12:00:00 GMT"
    changes = (
        f"{time} a1 t9 → t1 user_data.csv line 2",
        f"{time} a1 t1 → t9 moved.csv line 2",
        f"{time} a1 t1 user_data.csv line 2",
    )
    for address in (ADDRESS, "/meter-points/3000/"):
        words = text_of(page(client, address))
        assert f"Since Area Tariff File {' '.join(changes)}" in words


def test_change_at_an_unknown_time_is_listed(client: Client) -> None:
    users()
    deliver(USERS.replace(b"3000,a1,t1", b"3000,a2,t1"), "moved.csv")
    ConsumerDetails.objects.filter(area="a1").update(since=None, flow_file=None, line=None)
    words = text_of(page(client, "/meter-points/3000/"))
    assert "a1 → a2 t1 moved.csv line 2 unknown a1 t1 unknown" in words


def test_the_heat_map_draws_the_values_of_the_half_hours(client: Client) -> None:
    consumer("3000", *days("2016-08-30")[:-2], *days("2016-08-31", value="300.0"))
    html = page(client)
    addresses = re.findall(r'data-axis="(\w+)" data-address="([^"]*)"', html)
    assert addresses == [("time", f"{ADDRESS}values.json"), ("heat", f"{ADDRESS}values.json")]
    assert 'aria-label="Days by half hours in Wh; lowest 10.0, highest 300.0."' in html
    assert " style=" not in html


def test_channels_of_an_nmi_with_the_same_measure_are_summed(client: Client) -> None:
    channels = [
        channel(day(values=",".join([value] * 48)), suffix=suffix, register=suffix)
        for suffix, value in (("E1", "1"), ("E2", "2"), ("B1", "4"))
    ]
    deliver(nem12(*channels), "nem12.csv")
    address = f"/consumption/NMI/{NMI}/"
    assert "Total (kWh) 144" in text_of(page(client, address))
    fed_in = text_of(page(client, address, measure="B-Wh"))
    assert "Total (kWh) 192" in fed_in
    assert "NMI channels B: Import kWh, master. Times are NEM time, UTC+10:00, all year." in fed_in


def test_page_links_to_the_export_of_its_intervals(client: Client) -> None:
    consumer("3000", *days("2016-08-31", 2))
    html = page(client, ADDRESS, **{"from": "2016-09-01"})
    (address,) = re.findall(r'href="(/exports/[^"]*)"', html)
    response = client.get(address.replace("&amp;", "&"))
    text = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    assert text.count("\r\n") == 1 + 48
    assert 'href="/meter-points/3000/"' in html


def test_page_of_a_consumer_without_half_hours_reports_no_match(client: Client) -> None:
    users()
    assert "No half hours match." in text_of(page(client))
    assert values(client) == []


@pytest.mark.parametrize("name", ["CONSUMER/3001", "NMI/3000", "MPAN/3000", "consumer/3000", "CONSUMER/3000%20"])
def test_unknown_consumer_is_not_found(client: Client, name: str) -> None:
    consumer("3000", *days("2016-08-31"))
    for rest in ("", "values.json"):
        assert client.get(f"/consumption/{name}/{rest}").status_code == 404


def test_invalid_period_gives_an_error_and_no_numbers(client: Client) -> None:
    consumer("3000", *days("2016-08-31"))
    response = client.get(ADDRESS, {"to": "31.8.2016"})
    assert response.status_code == 400
    words = text_of(response.content.decode())
    assert "Enter a valid date." in words
    assert "480" not in words


def test_number_of_queries_does_not_grow_with_the_store(client: Client) -> None:
    users()
    consumer("3000", *days("2016-08-31"))
    page(client)
    with CaptureQueriesContext(connection) as few:
        page(client)
    consumer("3000", *days("2016-09-01", 40))
    for number in range(3003, 3010):
        consumer(f"{number}", *days("2016-08-31", 20))
    with CaptureQueriesContext(connection) as many:
        page(client)
    with CaptureQueriesContext(connection) as values:
        answer(client)
    assert len(many) == len(few) <= 13
    assert len(values) <= 9


def test_page_requires_the_view_permissions() -> None:
    consumer("3000", *days("2016-08-31"))
    for rest in ("", "values.json"):
        assert logged_in(User.objects.create_user(f"bob{rest}")).get(f"{ADDRESS}{rest}").status_code == 403
        assert Client().get(f"{ADDRESS}{rest}").status_code == 302

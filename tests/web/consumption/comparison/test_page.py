"""The comparison of tariffs, areas and periods, as text and addresses."""

import json
import re
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from readings.imports.summing.update import bring_up_to_date
from readings.models.roles import ANALYST
from tests.making.consumption import USERS, consumer, days, users
from tests.making.mdff import channel, day, nem12
from tests.running.imported import deliver
from tests.running.pages import client_of, logged_in, support_client, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgresql]
ADDRESS = "/consumption/compare/"


@pytest.fixture
def client() -> Client:
    return support_client()


@pytest.fixture
def three() -> None:
    """Import three consumers with different consumption."""
    users()
    consumer("3000", *days("2016-08-31", 2, value="10.0"))
    consumer("3001", *days("2016-08-31", 2, value="30.0"))
    consumer("3002", *days("2016-08-31", 1, value="20.0"))


def page(client: Client, **params: str | list[str]) -> str:
    response = client.get(ADDRESS, params)
    assert response.status_code == 200
    return response.content.decode()


def drawing(html: str) -> dict[str, Any]:
    (text,) = re.findall(r'type="application/json">(.*?)</script>', html)
    figure: dict[str, Any] = json.loads(text)
    return figure


def lines(html: str) -> dict[str, list[float | None]]:
    return {line["label"]: line["values"] for line in drawing(html)["lines"]}


def link(html: str, words: str) -> str:
    (address,) = re.findall(rf'<a href="([^"]*)"[^>]*>{re.escape(words)}</a>', html)
    return unescape(address).partition("#")[0]


def test_tariffs_are_compared_in_one_chart_the_largest_first(client: Client, three: None) -> None:
    html = page(client, chart="day", of="total")
    assert lines(html) == {"t2": [1.44, 1.44], "t1": [0.48, 0.48], "t3": [0.96, None]}
    assert lines(page(client, chart="day")) == {"t2": [1.44, 1.44], "t1": [0.48, 0.48], "t3": [0.96, None]}
    words = text_of(html)
    assert "Day t2 (kWh) t1 (kWh) t3 (kWh) Wed 31 Aug 2016 1.4400 0.4800 0.9600 Thu 01 Sep 2016" in words
    assert "t2 1 2.880 – 1.440 – 1.440 – 0.0 %" in words
    assert "t1 1 0.960 −66.7 % 0.480 −66.7 % 0.480 −66.7 % 0.0 %" in words
    assert "Differences are those from t2." in words
    narrowed = client.get(link(html, "t1")).content.decode()
    assert "Filters: tariff t1" in text_of(narrowed)


def test_areas_and_those_without_one_are_chosen_by_checkboxes(client: Client, three: None) -> None:
    deliver(nem12(channel(day("20160831", values=",".join(["0.1"] * 48)))), "nem12.csv")
    html = page(client, by="area", chart="month", of="total")
    assert lines(html) == {"none": [4.8, None], "a1": [1.92, 1.92], "a2": [0.96, None]}
    assert list(lines(page(client, by="area", **{"with": ["a2", "none"]}))) == ["none", "a2"]
    assert list(lines(page(client, by="area", **{"with": ["nonsense"]}))) == ["none", "a1", "a2"]
    mean = lines(page(client, by="area", chart="day", **{"with": ["a1"]}))
    assert mean == {"a1": [0.96, 0.96]}


def test_at_most_six_tariffs_are_in_the_chart(client: Client) -> None:
    rows = "".join(f"{number},a1,t{number}\r\n" for number in range(3000, 3008))
    deliver(f"id,area,tariff\r\n{rows}".encode(), "user_data.csv")
    for number in range(3000, 3008):
        consumer(f"{number}", *days("2016-08-31", 1, value=f"{number}.0"))
    html = page(client)
    assert list(lines(html)) == [f"t{number}" for number in range(3007, 3001, -1)]
    assert html.count("checked") == 6


def test_half_hours_of_tariffs_are_steps_and_mean_divides_by_the_meter_points_of_the_day(client: Client) -> None:
    users()
    deliver(USERS.replace(b"3001,a1,t2", b"3001,a1,t1"), "moved.csv")
    consumer("3000", *days("2016-08-31", 1, value="10.0"))
    consumer("3001", *days("2016-08-31", 1, value="30.0")[:-1])
    assert lines(page(client, of="total"))["t1"][46:] == [0.04, 0.01]
    html = page(client)
    assert lines(html)["t1"][46:] == [0.02, 0.005]
    assert drawing(html)["lines"][0]["style"] == "steps"
    assert "1 consumer changed one (changed-tariff)" in text_of(html)


def test_latest_full_month_is_compared_with_the_same_month_of_last_year(client: Client) -> None:
    consumer("3000", *days("2015-08-01", 31, value="10.0"), *days("2016-08-01", 33, value="20.0"))
    html = client.get(link(client.get("/consumption/").content.decode(), "Same month last year")).content.decode()
    found = lines(html)
    assert list(found) == ["August 2016", "August 2015"]
    assert found["August 2015"] == [0.48] * 31
    assert "Mon 01 Aug 2016 0.9600 Sat 01 Aug 2015 0.4800" in text_of(html)
    assert "August 2016 1 29.8 +100.0 % 0.960 +100.0 % 0.960 +100.0 % 0.0 %" in text_of(html)
    before = client.get(ADDRESS + link(html, "Month before")).content.decode()
    assert list(lines(before)) == ["August 2016", "July 2016"]


def test_two_periods_are_aligned_day_by_day(client: Client) -> None:
    consumer("3000", *days("2016-08-01", 10, value="10.0"), *days("2016-09-01", 10, value="20.0"))
    dates = {"from": "2016-09-02", "to": "2016-09-04", "from2": "2016-08-02"}
    html = page(client, by="period", chart="day", **dates)
    assert lines(html) == {
        "02 Sep 2016 to 04 Sep 2016": [0.96] * 3,
        "02 Aug 2016 to 04 Aug 2016": [0.48] * 3,
    }
    longer = page(client, by="period", chart="day", **(dates | {"to2": "2016-08-05"}))
    assert "The periods differ in length: 3 and 4 days" in text_of(longer)
    assert "Month" not in text_of(html).partition("Values of this chart")[0].partition("Day")[0]
    half_hours = page(client, by="period", **dates)
    assert drawing(half_hours)["axis"] == "time"
    assert [len(values) for values in lines(half_hours).values()] == [144, 144]


@pytest.mark.parametrize(
    "dates",
    [
        {"from": "2016-08-01", "to": "2016-08-02", "from2": "2016-08-05", "to2": "2016-08-01"},
        {"from": "2016-08-01", "to": "2016-08-02", "from2": "yesterday"},
        {"from": "0001-01-01", "to": "9999-12-31"},
        {"from": "0001-01-01", "to": "0001-01-02", "to2": "0001-01-01"},
        {"from": "2016-08-01", "to": "2016-08-02", "from2": "9999-12-31"},
    ],
)
def test_wrong_period_is_named_and_nothing_is_drawn(client: Client, three: None, dates: dict[str, str]) -> None:
    response = client.get(ADDRESS, {"by": "period", **dates})
    assert response.status_code == 400
    html = response.content.decode()
    assert "Each period needs two days" in text_of(html)
    assert "application/json" not in html


def test_periods_without_data_and_an_empty_store_say_so(client: Client) -> None:
    for by in ("tariff", "area", "period"):
        assert "No half hours are stored yet." in text_of(page(client, by=by))
    consumer("3000", *days("2016-08-01"))
    assert "No half hours match." in text_of(page(client, **{"from": "2020-01-01"}))
    html = page(client, by="period", **{"from": "2020-01-01", "to": "2020-01-02"})
    assert lines(html) == {"01 Jan 2020 to 02 Jan 2020": [None] * 96, "01 Jan 2019 to 02 Jan 2019": [None] * 96}


@pytest.mark.parametrize("params", [{"by": "tariff"}, {"by": "area", "chart": "half-hour"}, {"by": "period"}])
def test_number_of_queries_does_not_grow_with_the_store(client: Client, three: None, params: dict[str, str]) -> None:
    page(client, **params)
    with CaptureQueriesContext(connection) as few:
        page(client, **params)
    for number in range(3003, 3008):
        consumer(f"{number}", *days("2016-08-31", 5))
    bring_up_to_date()
    with CaptureQueriesContext(connection) as many:
        page(client, **params)
    assert len(many) == len(few) <= 16


def test_comparison_is_csv_for_those_who_may_export(client: Client, three: None) -> None:
    response = client_of(ANALYST, "bea").get(ADDRESS, {"csv": "comparison", "chart": "month", "of": "total"})
    text = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    assert text.splitlines()[:2] == ["Month,t2 (kWh),t1 (kWh),t3 (kWh)", "August 2016,1.4400,0.4800,0.9600"]
    assert client.get(ADDRESS, {"csv": "comparison"}).status_code == 403


def test_comparison_requires_the_view_permissions() -> None:
    assert logged_in(User.objects.create_user("bob")).get(ADDRESS).status_code == 403
    assert Client().get(ADDRESS).status_code == 302

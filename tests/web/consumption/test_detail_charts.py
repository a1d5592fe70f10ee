"""The charts on the page of one consumer or NMI: their values as JSON and CSV."""

from typing import Any

import pytest
from django.test import Client

from readings.models.roles import SUPPORT
from tests.making.consumption import consumer, days, users
from tests.making.mdff import NMI, channel, day, nem12
from tests.running.imported import deliver
from tests.running.pages import client_of, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgresql]

ADDRESS = "/consumption/CONSUMER/3000/"
OF_NMI = f"/consumption/NMI/{NMI}/"


def page(client: Client, address: str = ADDRESS, **params: str) -> str:
    response = client.get(address, params)
    assert response.status_code == 200
    return response.content.decode()


def answer(client: Client, address: str = ADDRESS, **params: str) -> dict[str, Any]:
    data: dict[str, Any] = client.get(f"{address}values.json", params).json()
    return data


def line(answer: dict[str, Any], number: int = 0) -> list[float | None]:
    values: list[float | None] = answer["lines"][number]["values"]
    return values


def test_values_are_json_with_null_for_missing_half_hours(client: Client) -> None:
    consumer("3000", *days("2016-08-30")[1:], *days("2016-09-01"), ("2016-09-01 01:00", "5.0"))
    data = answer(client)
    assert (data["axis"], data["unit"]) == ("time", "kW")
    assert data["x"] == {"start": 1472515200, "step": 1800, "count": 3 * 48}
    first, second = line(data), line(data, 1)
    assert first[:2] == [None, 0.02]
    assert set(first[48:96]) == {None}
    assert first[96:100] == [0.02, 0.02, 0.02, 0.02]
    assert [(place, value) for place, value in enumerate(second) if value is not None] == [(98, 0.01)]
    assert data["lines"][1]["label"] == "Second pass"
    assert line(answer(client, **{"from": "2016-09-01"})) == first[96:]
    assert answer(client, **{"from": "2017-01-01"})["x"] == []
    assert client.get(f"{ADDRESS}values.json?from=x").status_code == 400


def test_values_have_the_quality_of_each_half_hour(client: Client) -> None:
    mixed = [day(values=",".join(["1"] * 48), quality="V"), "400,1,40,A,,", "400,41,44,E52,,", "400,45,48,N,,"]
    deliver(nem12(channel(*mixed)), "mixed.csv")
    page(client, OF_NMI)
    data = answer(client, OF_NMI)
    assert data["lines"][0]["marks"] == "A" * 40 + "E" * 4 + "A" * 4
    assert line(data)[40:] == [2] * 4 + [None] * 4
    assert data["shares"] == [["E", "Estimated: 9.1 % of 44 values"]]


def test_intervals_of_five_minutes_have_a_peak_of_their_own(client: Client) -> None:
    deliver(nem12(channel(day(values=",".join(["0.5"] * 287 + ["2"])), length=5)), "five.csv")
    assert "Peak (kW) 24.0 Fri 27 Feb 2026 23:55" in text_of(page(client, OF_NMI))
    assert line(answer(client, OF_NMI))[-2:] == [6, 9]


def test_the_same_days_of_the_year_before_are_a_second_line(client: Client) -> None:
    consumer("3000", *days("2015-09-01", 2), *days("2016-08-31", 3, value="15.0"))
    html = page(client, ADDRESS, **{"from": "2016-08-24"})
    assert 'from=2016-08-24&amp;compare=year">Compare with the year before</a>' in html
    compared = text_of(page(client, ADDRESS, **{"from": "2016-08-24", "compare": "year"}))
    assert "2 days with a value in both years: 1.440 kWh, the year before 0.960 kWh (+50.0 %)." in compared
    assert "Wed 31 Aug 2016 0.7200 0 Thu 01 Sep 2016 0.7200 0 0.4800 Fri 02 Sep 2016 0.7200 0 0.4800" in compared
    assert "Without the year before" in compared
    assert "year before" not in page(client, ADDRESS, **{"from": "2015-09-01", "to": "2015-09-02"})


def test_typical_day_is_compared_with_others_of_the_tariff(client: Client) -> None:
    users()
    for number, identifier in enumerate(("3000", "3001", "3002"), start=1):
        consumer(identifier, *days("2016-08-31", value=f"{number}.0"))
    deliver(b"id,area,tariff\r\n3001,a1,t1\r\n", "moved.csv")
    words = text_of(page(client))
    assert "Others of tariff t1: median (kW)" in words
    assert "00:00 0.0020 0.0020 0.0020 0.0040" in words
    assert "The others have tariff t1 at present: 1 of the 1 other, 1 day in all." in words


def test_each_chart_is_a_csv_for_those_who_may_export(client: Client) -> None:
    deliver(nem12(channel(day())), "nem12.csv")
    page(client, OF_NMI)
    expected = {
        "day": "Day,Total (kWh)\r\nFri 27 Feb 2026,117.6\r\n",
        "month": "Month,Total (kWh)\r\nFebruary 2026,117.6\r\n",
        "half-hours": "Fri 27 Feb 2026 00:30,1,0.2,0.4,Actual\r\n",
        "load-duration": "50,4.9\r\n",
        "typical-day": "23:30,9.6000,9.6000,9.6000\r\n",
    }
    reader = client_of(SUPPORT, "bob")
    for key, rows in expected.items():
        response = client.get(OF_NMI, {"csv": key})
        assert rows in b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
        assert reader.get(OF_NMI, {"csv": key}).status_code == 403
    assert client.get(OF_NMI, {"csv": "other"}).status_code == 404
    assert "csv=" not in page(reader, OF_NMI)

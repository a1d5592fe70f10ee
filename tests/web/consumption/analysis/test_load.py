"""The page of the load, as text and addresses."""

import re
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from readings.imports.summing.update import bring_up_to_date
from readings.models.roles import SUPPORT
from tests.making import mdff
from tests.making.consumption import consumer, days, users
from tests.running.imported import deliver
from tests.running.pages import client_of, logged_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgresql]


@pytest.fixture
def three() -> None:
    """Import three consumers, of which the first has a peak in the second pass of a repeated hour."""
    users()
    rows = days("2016-10-29", 3, "1000.0")
    consumer("3000", *rows[:52], ("2016-10-30 01:00", "2000.0"), ("2016-10-30 01:30", "5000.0"), *rows[52:])
    consumer("3001", *days("2016-10-29", 3, "3000.0"))
    consumer("3002", *days("2016-10-29", 2, "500.0"))
    bring_up_to_date()


def page(client: Client, **params: str) -> str:
    return answer(client, 200, **params)


def answer(client: Client, status: int, **params: str) -> str:
    response = client.get("/consumption/load/", params)
    assert response.status_code == status
    return response.content.decode()


def test_page_states_peak_base_load_mean_and_factors(client: Client, three: None) -> None:
    words = text_of(page(client))
    assert "29 Oct 2016 to 31 Oct 2016: 3 days with values. From 2 to 3 meter points have a value on a day" in words
    assert "Coincident peak (kW) 10.0 Sun 30 Oct 2016 01:30 (repeated hour)" in words
    assert "Base load (kW) 8.000 exceeded in 95 % of the half hours" in words
    assert "of 146 half hours" in words
    assert "Load factor" in words
    assert "Sum of the single peaks (kW) 17.0 of 3 meter points" in words
    assert "Coincidence factor 58.8 %" in words


def test_largest_half_hours_lead_to_their_day_and_to_who_used_most(client: Client, three: None) -> None:
    html = page(client, tariff="t1")
    assert "Sun 30 Oct 2016 01:30 (repeated hour) 10.0 100.0 % none who used most" in text_of(html)
    assert 'href="/consumption/?tariff=t1&amp;from=2016-10-30&amp;to=2016-10-30&amp;chart=half-hour"' in html
    assert "Who used most: Sun 30 Oct 2016 01:30 (repeated hour)" in text_of(html)
    address = re.findall(r'<a href="(\?[^"]*)" aria-label="Who used most', html)[0]
    assert unescape(address) == "?tariff=t1&at=2016-10-30T01%3A30&pass=1#who"
    assert text_of(client.get("/consumption/load/" + unescape(address)).content.decode()) == text_of(html)
    other = text_of(page(client, at="2016-10-29T12:00"))
    assert "Who used most: Sat 29 Oct 2016 12:00" in other
    assert "3001 6.000 66.7 % Actual" in other
    assert "10.0 kW together, of 1 meter point with a value in this half hour" in text_of(html)
    assert "3000 10.0 100.0 % Actual half hours" in text_of(html)
    assert 'href="/consumption/CONSUMER/3000/"' in html
    assert 'href="/meter-points/3000/"' in html


def test_quality_selects_amounts(client: Client, three: None) -> None:
    lines = (mdff.day("20161029", values=",".join(["2"] * 48), quality="E64"),)
    deliver(mdff.nem12(mdff.channel(*lines)), "nem12.csv")
    bring_up_to_date()
    assert "Coincident peak (kW) 4.000" in text_of(page(client, quality="E"))
    assert "30.8 % who used most" in text_of(page(client))
    assert "No half hours match." in text_of(page(client, quality="S"))


@pytest.mark.parametrize(
    ("key", "first", "number"),
    [
        ("load-duration", "Share of the half hours (%),Load (kW)\r\n0,10.0000", 138),
        ("daily-peak", "Day,Peak (kW),Half hour from\r\nSat 29 Oct 2016,9.0000,00:00", 4),
    ],
)
def test_chart_is_csv_for_those_who_may_export(
    client: Client, three: None, key: str, first: str, number: int
) -> None:
    response = client.get("/consumption/load/", {"csv": key})
    text = response.getvalue().decode()
    assert text.replace('"', "").startswith(first)
    assert len(text.splitlines()) == number
    assert f"csv={key}" in page(client)
    support = client_of(SUPPORT, "bob")
    assert f"csv={key}" not in page(support)
    assert support.get("/consumption/load/", {"csv": key}).status_code == 403


def test_half_hour_that_does_not_exist_is_not_found(client: Client, three: None) -> None:
    for at in ("yesterday", "2016-10-30T01:15", "2016-10-30T01:30Z"):
        answer(client, 404, at=at)
    answer(client, 404, at="2016-10-30T01:30", **{"pass": "x"})
    answer(client, 404, at="2016-10-30T01:30", **{"pass": "-1"})


def test_invalid_filter_gives_an_error_and_no_numbers(client: Client, three: None) -> None:
    words = text_of(answer(client, 400, **{"from": "2016-09-02", "to": "2016-09-01"}))
    assert "The last day is before the first day." in words
    assert "Coincident peak" not in words


def test_empty_store_shows_the_first_step(client: Client) -> None:
    assert "No half hours are stored yet." in text_of(page(client))


def test_page_includes_what_was_imported_just_before(client: Client, three: None) -> None:
    consumer("3003", *days("2016-10-29", 3, "10000.0"))
    is_late = "Sums of recent imports are not complete yet" in text_of(page(client))
    assert is_late or "Coincident peak (kW) 29.0" in text_of(page(client))
    bring_up_to_date()
    words = text_of(page(client))
    assert "Coincident peak (kW) 29.0" in words
    assert "Sums of recent imports" not in words


def test_number_of_queries_does_not_grow_with_the_store(client: Client, three: None) -> None:
    params = {"at": "2016-10-30T01:30"}
    page(client, **params)
    with CaptureQueriesContext(connection) as few:
        page(client, **params)
    for number in range(3003, 3015):
        consumer(f"{number}", *days("2016-10-25", 5))
    bring_up_to_date()
    with CaptureQueriesContext(connection) as many:
        page(client, **params)
    assert len(many) == len(few) <= 16


def test_load_requires_the_view_permissions() -> None:
    assert logged_in(User.objects.create_user("bob")).get("/consumption/load/").status_code == 403

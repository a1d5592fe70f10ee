"""Days in the future do not decide what the consumption pages show at first."""

import re
from datetime import date, timedelta
from html import unescape

import pytest
from django.test import Client

from readings.imports.summing.update import bring_up_to_date
from readings.presentation import cells
from readings.queries.consumption.scope import Scope
from readings.queries.consumption.sums.spans import Span, known_days
from tests.making.consumption import consumer, days, users
from tests.running.pages import support_client, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgresql]

FUTURE = date.today() + timedelta(1000)
NOTE = "Some values are of days in the future"
PAGES = {
    "/consumption/": "31 Aug 2016 to 02 Sep 2016",
    "/consumption/compare/": "31 Aug 2016 to 02 Sep 2016",
    "/consumption/compare/?by=period": "August 2016",
    "/consumption/load/": "02 Sep 2016",
    "/consumption/completeness/": "September 2016",
    "/consumption/completeness/?list=stopped": "02 Sep 2016",
    "/consumption/outliers/": "02 Sep 2016",
}


@pytest.fixture
def client() -> Client:
    """Return a client of a member of support."""
    return support_client()


def html_of(client: Client, address: str) -> str:
    response = client.get(address)
    assert response.status_code == 200
    return response.content.decode()


@pytest.mark.parametrize("address", PAGES)
def test_page_takes_the_last_day_that_is_not_in_the_future_and_links_to_later_ones(
    client: Client, address: str
) -> None:
    users()
    consumer("3000", *days("2016-08-31", 3), *days(f"{FUTURE}"))
    consumer("3001", *days("2016-08-31", 3))
    bring_up_to_date()
    html = html_of(client, address)
    words = text_of(html)
    assert PAGES[address] in words
    assert f"{NOTE}, from {cells.day(FUTURE)} on. This page takes 02 Sep 2016 as the last day." in words
    assert f"to {cells.day(FUTURE)}" not in words
    assert f"{FUTURE:%B %Y}" not in words
    (later,) = map(unescape, re.findall(r'<a href="([^"]*)">Show the later days</a>', html))
    assert later == f"/consumption/?from={FUTURE}"
    words = text_of(html_of(client, later))
    assert f"{cells.day(FUTURE)} to {cells.day(FUTURE)}" in words
    assert NOTE not in words


def test_nobody_stopped_because_of_a_day_in_the_future(client: Client) -> None:
    consumer("3000", *days("2016-08-31", 3), *days(f"{FUTURE}"))
    consumer("3001", *days("2016-08-31", 3))
    bring_up_to_date()
    words = text_of(html_of(client, "/consumption/completeness/?list=stopped"))
    assert "No meter point ended more than 7 days before the newest day of all, 02 Sep 2016." in words


@pytest.mark.parametrize("address", PAGES)
def test_page_of_days_that_are_all_in_the_future_shows_them(client: Client, address: str) -> None:
    consumer("3000", *days(f"{FUTURE}"))
    bring_up_to_date()
    words = text_of(html_of(client, address))
    assert NOTE not in words
    assert f"{FUTURE:%b}" in words


def test_later_days_of_the_same_month_are_apart() -> None:
    consumer("3000", *days("2016-08-30", 2), *days("2016-09-10", 3))
    bring_up_to_date()
    known = known_days(Scope(), date(2016, 9, 11))
    assert known
    assert known.span == Span(first_day=date(2016, 8, 30), last_day=date(2016, 9, 11))
    assert (known.every.last_day, known.later) == (date(2016, 9, 12), date(2016, 9, 12))
    assert known.latest_months(Scope()) == (known.span, known.span.within(Scope()))

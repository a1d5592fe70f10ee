"""The page of outliers, as text and addresses."""

import re
from html import unescape

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from readings.imports.summing.update import bring_up_to_date
from tests.making.consumption import consumer, days, users
from tests.running.pages import logged_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgresql]


@pytest.fixture
def three() -> None:
    """Import three consumers whose use differs on the last of three days."""
    users()
    for identifier, use in (("3000", "3000.0"), ("3001", "250.0"), ("3002", "0.0")):
        consumer(identifier, *days("2016-10-01", 2, "1000.0"), *days("2016-10-03", value=use))
    bring_up_to_date()


def page(client: Client, **params: str) -> str:
    return answer(client, 200, **params)


def answer(client: Client, status: int, **params: str) -> str:
    response = client.get("/consumption/outliers/", params)
    assert response.status_code == status
    return response.content.decode()


def identifiers(html: str) -> list[str]:
    return re.findall(r'href="/consumption/[A-Z]+/([^/"]+)/', html)


def link(html: str, words: str) -> str:
    (address,) = re.findall(rf'<a href="([^"]*)"[^>]*>{re.escape(words)}</a>', html)
    return "/consumption/outliers/" + unescape(address).partition("#")[0]


def test_page_compares_the_newest_complete_day_with_the_others_of_its_month(client: Client, three: None) -> None:
    html = page(client)
    words = text_of(html)
    assert "Monday 3 October 2016" in words
    assert "compared with the mean per day of the other days of October 2016" in words
    assert "3001 0.25 × 12.0 48.0 a1 · t2 of this month" in words
    assert "3000 3.00 × 144.0 48.0 a1 · t1 of this month" in words
    assert identifiers(html) == ["3001", "3000"]
    assert 'href="/consumption/CONSUMER/3001/?from=2016-10-01&amp;to=2016-10-31"' in html
    assert 'href="/meter-points/3001/"' in html


def test_lists_are_of_higher_lower_and_no_use(client: Client, three: None) -> None:
    html = page(client)
    for words, expected in (("Higher (1)", ["3000"]), ("Lower (1)", ["3001"]), ("No use (1)", ["3002"])):
        assert identifiers(client.get(link(html, words)).content.decode()) == expected
    assert identifiers(page(client, tariff="t1")) == ["3000"]
    assert identifiers(page(client, list="nonsense")) == ["3001", "3000"]
    assert "No meter point." in text_of(page(client, tariff="t1", list="low"))


def test_days_lead_to_the_ones_before_and_after(client: Client, three: None) -> None:
    html = page(client, area="a1")
    assert ">Next day<" not in html
    before = client.get(link(html, "Previous day")).content.decode()
    assert "Sunday 2 October 2016" in text_of(before)
    assert identifiers(before) == ["3000", "3001"]
    assert "Monday 3 October 2016" in text_of(client.get(link(before, "Next day")).content.decode())
    assert 'href="/consumption/?area=a1&amp;from=2016-10-02&amp;to=2016-10-02"' in before


def test_day_without_values_says_so(client: Client, three: None) -> None:
    words = text_of(page(client, day="2015-01-01"))
    assert "No meter point has values on this day and on another of the month." in words
    assert "No half hours match." in text_of(page(client, quality="E"))
    assert "Enter a valid date." in text_of(answer(client, 400, day="yesterday"))


def test_what_cannot_be_compared_is_stated(client: Client, three: None) -> None:
    consumer("3003", *days("2016-10-01", 2), *days("2016-10-03")[:30])
    consumer("3004", *days("2016-10-03"))
    bring_up_to_date()
    words = text_of(page(client, day="2016-10-03"))
    assert (
        "Not compared: 1 meter point without a value in a part of the day; 1 meter point without another day" in words
    )


@pytest.mark.slow
def test_list_is_paged(client: Client) -> None:
    for number in range(4000, 4060):
        consumer(f"{number}", *days("2016-10-02"), *days("2016-10-03", value="1.0"))
    bring_up_to_date()
    first = page(client)
    assert identifiers(first) == [f"{number}" for number in range(4000, 4050)]
    assert identifiers(client.get(link(first, "Next")).content.decode()) == [
        f"{number}" for number in range(4050, 4060)
    ]


def test_empty_store_shows_the_first_step(client: Client) -> None:
    assert "No half hours are stored yet." in text_of(page(client))


def test_number_of_queries_does_not_grow_with_the_store(client: Client, three: None) -> None:
    page(client)
    with CaptureQueriesContext(connection) as few:
        page(client)
    for number in range(4000, 4012):
        consumer(f"{number}", *days("2016-10-01", 3))
    bring_up_to_date()
    with CaptureQueriesContext(connection) as many:
        page(client)
    assert len(many) == len(few) <= 15


def test_outliers_require_the_view_permissions() -> None:
    assert logged_in(User.objects.create_user("bob")).get("/consumption/outliers/").status_code == 403

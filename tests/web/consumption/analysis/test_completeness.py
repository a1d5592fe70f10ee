"""The page of completeness, as text and addresses."""

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
    """Import two consumers, of which one has gaps and one ends early, and a NMI with a day of estimates."""
    users()
    consumer("3000", *days("2016-09-29", 1), *days("2016-10-01", 20)[5:])
    consumer("3001", *days("2016-09-30", 3))
    estimated = mdff.day("20161001", quality="E64")
    deliver(mdff.nem12(mdff.channel(mdff.day("20160930"), estimated)), "nem12.csv")
    bring_up_to_date()


def page(client: Client, **params: str) -> str:
    return answer(client, 200, **params)


def answer(client: Client, status: int, **params: str) -> str:
    response = client.get("/consumption/completeness/", params)
    assert response.status_code == status
    return response.content.decode()


def identifiers(html: str) -> list[str]:
    return re.findall(r'href="/consumption/[A-Z]+/([^/"]+)/', html)


def link(html: str, words: str) -> str:
    (address,) = re.findall(rf'<a href="([^"]*)"[^>]*>{re.escape(words)}</a>', html)
    return "/consumption/completeness/" + unescape(address).partition("#")[0]


def test_page_states_what_is_missing_by_month(client: Client, three: None) -> None:
    words = text_of(page(client))
    assert "October 2016 99.55 % 2 h 30 min 3 23 d 22 d 21 h 30 min 0 % 4.37 %" in words
    assert "September 2016 75.00 % 1 d 3 4 d 3 d 0 % 0 %" in words
    assert "Complete 95.91 % of 27 d expected" in words
    assert "Missing 1 d 2 h 30 min" in words
    assert "Estimated: 3.86 % of the time with a value" in words


def test_month_leads_to_the_meter_points_with_gaps_in_it(client: Client, three: None) -> None:
    html = page(client, area="a1")
    listed = client.get(link(html, "1 d")).content.decode()
    assert "Gaps in September 2016" in text_of(listed)
    assert identifiers(listed) == ["3000"]
    assert 'href="/consumption/CONSUMER/3000/?from=2016-09-01&amp;to=2016-09-30"' in listed
    assert 'href="/meter-points/3000/"' in listed
    assert "No meter point has gaps in this month." in text_of(page(client, month="2016-11"))


def test_quality_filter_does_not_change_what_is_missing(client: Client, three: None) -> None:
    words = text_of(page(client, quality="E"))
    assert "This page counts values of every quality, whichever is chosen." in words
    assert "October 2016 99.55 % 2 h 30 min" in words


def test_months_without_other_qualities_have_one_chart(client: Client, three: None) -> None:
    words = text_of(page(client, scheme="CONSUMER"))
    assert "No value of these months is estimated or substituted." in words


def test_meter_points_that_stopped_sending_are_listed(client: Client, three: None) -> None:
    html = page(client, list="stopped")
    assert identifiers(html) == ["6123456789", "3001"]
    assert "6123456789 01 Oct 2016 19 30 Sep 2016" in text_of(html)
    assert "3001 02 Oct 2016 18 30 Sep 2016 a1 · t2 half hours" in text_of(html)
    assert "more than 7 days older than the newest day of all, 20 Oct 2016" in text_of(html)
    assert identifiers(page(client, list="stopped", days="18")) == ["6123456789"]
    assert identifiers(page(client, list="stopped", q="300")) == ["3001"]
    assert identifiers(page(client, list="stopped", area="a1", to="2016-10-01")) == ["3001"]
    assert "No meter point with this number ended" in text_of(page(client, list="stopped", q="nobody"))
    answer(client, 400, list="stopped", days="x")


@pytest.mark.slow
def test_lists_are_paged(client: Client, three: None) -> None:
    for number in range(4000, 4060):
        consumer(f"{number}", *days("2016-10-02")[:30], ("2016-10-03 00:00", "1.0"))
    bring_up_to_date()
    first = page(client, list="stopped")
    assert identifiers(first) == ["6123456789", "3001", *(f"{number}" for number in range(4000, 4048))]
    assert "1 to 50 of 62" in text_of(first)
    second = client.get(link(first, "Next")).content.decode()
    assert identifiers(second) == [f"{number}" for number in range(4048, 4060)]
    assert identifiers(client.get(link(second, "Previous")).content.decode()) == identifiers(first)
    assert identifiers(page(client, list="stopped", after="900")) == identifiers(first)
    answer(client, 404, list="stopped", after="first")
    gaps = page(client, month="2016-10")
    assert identifiers(gaps) == [f"{number}" for number in range(4000, 4050)]
    assert identifiers(client.get(link(gaps, "Next")).content.decode()) == [
        *(f"{n}" for n in range(4050, 4060)),
        "3000",
    ]


def test_month_that_does_not_exist_is_not_found(client: Client, three: None) -> None:
    for month in ("2016", "2016-13", "October"):
        answer(client, 404, month=month)


@pytest.mark.parametrize(
    ("key", "line"),
    [("completeness", "October 2016,99.55,3,33120,32970,150"), ("qualities", "October 2016,0,4.37,0,1440")],
)
def test_chart_is_csv_for_those_who_may_export(client: Client, three: None, key: str, line: str) -> None:
    response = client.get("/consumption/completeness/", {"csv": key})
    assert line in response.getvalue().decode().replace('"', "")
    assert client_of(SUPPORT, "bob").get("/consumption/completeness/", {"csv": key}).status_code == 403


def test_earlier_months_are_a_link_away(client: Client) -> None:
    consumer("3000", *days("2013-03-15"), *days("2016-12-01"))
    bring_up_to_date()
    html = page(client)
    assert "March 2013" not in text_of(html)
    assert "March 2013" in text_of(client.get(link(html, "Earlier months")).content.decode())


@pytest.mark.parametrize("params", [{}, {"list": "stopped"}])
def test_empty_store_shows_the_first_step(client: Client, params: dict[str, str]) -> None:
    assert "No half hours are stored yet." in text_of(page(client, **params))


@pytest.mark.parametrize("params", [{"month": "2016-10"}, {"list": "stopped"}])
def test_number_of_queries_does_not_grow_with_the_store(client: Client, three: None, params: dict[str, str]) -> None:
    page(client, **params)
    with CaptureQueriesContext(connection) as few:
        page(client, **params)
    for number in range(4000, 4012):
        consumer(f"{number}", *days("2016-09-25")[:30], *days("2016-10-02")[:30])
    bring_up_to_date()
    with CaptureQueriesContext(connection) as many:
        page(client, **params)
    assert len(many) == len(few) <= 14


def test_completeness_requires_the_view_permissions() -> None:
    assert logged_in(User.objects.create_user("bob")).get("/consumption/completeness/").status_code == 403

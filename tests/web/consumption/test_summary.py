"""The summary page, as text and addresses."""

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
from readings.models import MeterPoint
from tests.making.consumption import USERS, consumer, days, users
from tests.making.mdff import channel, day, nem12
from tests.running.imported import deliver
from tests.running.pages import logged_in, support_client, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgresql]


@pytest.fixture
def client() -> Client:
    """Return a client of a member of support."""
    return support_client()


@pytest.fixture
def three() -> None:
    """Import three consumers with different consumption."""
    users()
    consumer("3000", *days("2016-08-31", 2, value="1.0"))
    consumer("3001", *days("2016-08-31", 2, value="3.0")[:-1])
    consumer("3002", *days("2016-08-31", 1, value="2.0"))


def page(client: Client, **params: str) -> str:
    response = client.get("/consumption/", params)
    assert response.status_code == 200
    return response.content.decode()


def identifiers(html: str) -> list[str]:
    return re.findall(r'href="/consumption/[A-Z]+/([^/]+)/"', html)


def link(html: str, words: str) -> str:
    (address,) = re.findall(rf'<a href="([^"]*)"[^>]*>{re.escape(words)}</a>', html)
    return "/consumption/" + unescape(address).partition("#")[0]


def drawing(html: str) -> dict[str, Any]:
    (text,) = re.findall(r'type="application/json">(.*?)</script>', html)
    figure: dict[str, Any] = json.loads(text)
    return figure


def test_page_shows_the_total_and_the_totals_without_repeats(client: Client) -> None:
    rows = days("2016-10-26")
    consumer("3000", *rows[:4], ("2016-10-26 01:00", "4.0"), *rows[4:])
    words = text_of(page(client))
    assert "Totals include all rows and repeated hours." in words
    assert "Total (Wh) 484.0" in words
    for name, total in (("first", "480.0"), ("last", "474.0"), ("mean", "477"), ("largest", "480.0")):
        assert f"{name} value of each repeated interval {total}" in words
    assert "repeated intervals 1" in words


def test_table_lists_the_values_of_each_chart(client: Client, three: None) -> None:
    by_day = text_of(page(client))
    assert "Wed 31 Aug 2016 288.0 96.0 3" in by_day
    assert "Thu 01 Sep 2016 189.0 94.5 2" in by_day
    assert "August 2016 288.0 96.0 3" in text_of(page(client, chart="month"))
    assert "Wed 31 Aug 2016 23:30 6.0 2.0 3" in text_of(page(client, chart="half-hour"))
    assert "Thu 01 Sep 2016 23:30 1.0 1.0 1" in text_of(page(client, chart="half-hour"))
    typical = text_of(page(client, chart="typical-day"))
    assert "00:00 1.0 3.0 2.0 2.0 –" in typical
    assert "Based on all 5 channel-days." in typical


def test_chart_draws_the_values_of_its_table(client: Client, three: None) -> None:
    drawn = drawing(page(client))
    assert (drawn["axis"], drawn["unit"], drawn["x"]) == ("day", "Wh", [1472601600, 1472688000])
    assert drawn["lines"] == [{"label": "Total", "style": "bars", "values": [288, 189]}]
    (line,) = drawing(page(client, of="mean"))["lines"]
    assert line["values"] == [96, 94.5]


def test_filters_narrow_the_total_the_chart_and_the_list(client: Client, three: None) -> None:
    html = page(client, area="a1", **{"from": "2016-09-01", "to": "2016-09-01"})
    assert "Total (Wh) 189.0" in text_of(html)
    assert identifiers(html) == ["3000", "3001"]
    assert "Wed 31 Aug 2016" not in text_of(html)
    assert identifiers(page(client, tariff="t3")) == ["3002"]
    assert "No half hours match." in text_of(page(client, **{"from": "2020-01-01"}))


@pytest.mark.parametrize(
    ("params", "message"),
    [
        ({"from": "yesterday"}, "Enter a valid date."),
        ({"from": "2016-09-02", "to": "2016-09-01"}, "The last day is before the first day."),
        ({"area": "a9"}, "a9 is not one of the available choices"),
        ({"quality": "X"}, "X is not one of the available choices"),
    ],
)
def test_invalid_filter_gives_an_error_and_no_numbers(
    client: Client, three: None, params: dict[str, str], message: str
) -> None:
    response = client.get("/consumption/", params)
    assert response.status_code == 400
    words = text_of(response.content.decode())
    assert message in words
    assert "Total (Wh)" not in words


def test_line_names_the_filters_that_are_set_and_other_pages_keep_them(client: Client, three: None) -> None:
    assert "Filters: none" in text_of(page(client))
    html = page(client, tariff="t1", quality="A", chart="month", sort="-total", **{"from": "2016-08-31"})
    assert "Filters: tariff t1 · quality Actual · from 31 Aug 2016" in text_of(html)
    assert 'href="/consumption/?tariff=t1&amp;quality=A&amp;from=2016-08-31" aria-current="page"' in html
    assert '<input type="hidden" name="chart" value="month">' in html


def test_totals_of_area_and_tariff_add_up(client: Client, three: None) -> None:
    words = text_of(page(client))
    assert "a1 t1 1 96.0 96.0 a1 t2 1 285.0 285.0 a2 t3 1 96.0 96.0" in words


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("identifier", "3000 3001 3002 3009"),
        ("-identifier", "3009 3002 3001 3000"),
        ("-total", "3001 3000 3002 3009"),
        ("-mean", "3001 3002 3000 3009"),
        ("-missing", "3001 3000 3002 3009"),
        ("last", "3002 3000 3001 3009"),
        ("-area", "3002 3000 3001 3009"),
        ("nonsense", "3000 3001 3002 3009"),
    ],
)
def test_list_is_sorted_with_empty_values_last(client: Client, three: None, sort: str, order: str) -> None:
    MeterPoint.objects.create(scheme="CONSUMER", identifier="3009")
    html = page(client, sort=sort)
    assert " ".join(identifiers(html)) == order
    assert "3001 a1 t2 285.0 3.0 01 Sep 2016 30 min" in text_of(html)


def test_missing_half_hour_is_listed(client: Client) -> None:
    consumer("3000", *days("2016-08-31")[:10], *days("2016-08-31")[13:])
    assert "3000 – – 450.0 10.0 31 Aug 2016 1 h 30 min" in text_of(page(client))


def test_the_list_is_searched_and_paged_by_key(client: Client) -> None:
    MeterPoint.objects.bulk_create(
        MeterPoint(scheme="CONSUMER", identifier=f"{number}") for number in range(4000, 4220)
    )
    consumer("3000", *days("2016-08-31"))
    first = page(client)
    assert identifiers(first) == ["3000", *(f"{number}" for number in range(4000, 4099))]
    assert "1 to 100 of 221" in text_of(first)
    second = client.get(link(first, "Next")).content.decode()
    assert identifiers(second)[0] == "4099"
    MeterPoint.objects.create(scheme="CONSUMER", identifier="3500")  # a row that arrives meanwhile moves no page
    third = client.get(link(second, "Next")).content.decode()
    assert identifiers(third) == [f"{number}" for number in range(4199, 4220)]
    assert identifiers(client.get(link(third, "Previous")).content.decode()) == identifiers(second)
    assert identifiers(page(client, q="411")) == [f"{number}" for number in range(4110, 4120)]
    assert "No match." in text_of(page(client, q="nobody"))


def test_consumers_and_nmis_are_summed_together_in_one_unit(client: Client) -> None:
    consumer("3000", *days("2026-02-27", value="500.0"))
    deliver(nem12(channel(day(values=",".join(["0.25"] * 48)))), "nem12.csv")
    html = page(client)
    assert "Total (kWh) 36.0" in text_of(html)
    assert "Energy consumed: consumers and NMI channels E." in text_of(html)
    assert identifiers(html) == ["3000", "6123456789"]
    assert "3000 – – 24.0000 0.500" in text_of(html)
    assert "Total (Wh) 24,000.0" in text_of(page(client, scheme="CONSUMER"))


def test_consumers_whose_tariff_changed_are_noted_and_listed(client: Client, three: None) -> None:
    assert "changed-tariff" not in text_of(page(client))
    deliver(USERS.replace(b"3000,a1,t1", b"3000,a1,t3").replace(b"3001,a1,t2", b"3001,a2,t2"), "moved.csv")
    html = page(client)
    assert "changed-tariff : 2 consumers changed area or tariff; totals use the present ones." in text_of(html)
    assert "a1 t3 1 96.0" in text_of(html)
    listed = client.get(link(html, "List them")).content.decode()
    assert identifiers(listed) == ["3000", "3001"]
    assert "Consumers and NMIs whose area or tariff changed" in text_of(listed)
    assert identifiers(client.get(link(listed, "List all")).content.decode()) == ["3000", "3001", "3002"]
    assert identifiers(page(client, changed="1", q="3001")) == ["3001"]
    assert "1 consumer changed area or tariff" in text_of(page(client, tariff="t2"))
    assert "List it" in text_of(page(client, tariff="t2"))


def test_empty_store_shows_the_first_step(client: Client) -> None:
    assert "No half hours are stored yet." in text_of(page(client))


@pytest.mark.parametrize("chart", ["day", "month", "half-hour", "typical-day"])
def test_number_of_queries_does_not_grow_with_the_store(client: Client, three: None, chart: str) -> None:
    page(client, chart=chart)
    with CaptureQueriesContext(connection) as few:
        page(client, chart=chart)
    for number in range(3003, 3020):
        consumer(f"{number}", *days("2016-08-31", 20))
    bring_up_to_date()
    with CaptureQueriesContext(connection) as many:
        page(client, chart=chart)
    assert len(many) == len(few) <= 15


def test_summary_requires_the_view_permissions(three: None) -> None:
    assert logged_in(User.objects.create_user("bob")).get("/consumption/").status_code == 403
    response = Client().get("/consumption/")
    assert (response.status_code, response["Location"].partition("?")[0]) == (302, "/log-in/")

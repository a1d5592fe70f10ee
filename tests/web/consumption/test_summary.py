"""The summary page, as text and addresses."""

import json
import re
from datetime import date, timedelta
from decimal import Decimal
from html import unescape
from typing import Any

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from readings.imports.summing import update
from readings.imports.summing.update import bring_up_to_date
from readings.models import GroupDay, MeterPoint
from readings.models.roles import ANALYST
from tests.making.consumption import USERS, consumer, days, users
from tests.making.mdff import channel, day, nem12
from tests.running.imported import deliver
from tests.running.pages import client_of, logged_in, support_client, text_of

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
    return re.findall(r'<th scope="row"><a href="/consumption/[A-Z]+/([^/]+)/"', html)


def link(html: str, words: str) -> str:
    (address,) = re.findall(rf'<a href="([^"]*)"[^>]*>{re.escape(words)}</a>', html)
    return "/consumption/" + unescape(address).partition("#")[0]


def drawing(html: str) -> dict[str, Any]:
    (text,) = re.findall(r'type="application/json">(.*?)</script>', html)
    figure: dict[str, Any] = json.loads(text)
    return figure


def test_page_shows_the_total_and_on_demand_the_totals_without_repeats(client: Client) -> None:
    rows = days("2016-10-26")
    consumer("3000", *rows[:4], ("2016-10-26 01:00", "4.0"), *rows[4:])
    html = page(client)
    assert "Total (kWh) 0.484" in text_of(html)
    assert "first value" not in text_of(html)
    words = text_of(client.get(link(html, "Compute the total with each repeated hour counted once")).content.decode())
    for name, total in (("first", "0.4800"), ("last", "0.4740"), ("mean", "0.4770"), ("largest", "0.4800")):
        assert f"{name} value of each repeated interval {total} kWh" in words
    assert "repeated intervals 1" in words
    assert "repeated hours" not in text_of(page(client, quality="A"))


def test_figures_below_the_chart_count_calendar_days(client: Client, three: None) -> None:
    words = text_of(page(client))
    for figure in (
        "Total (kWh) 0.477 2 calendar days with a value",
        "Mean per day with data (kWh) 0.238 Mon–Fri 0.238, Sat and Sun –",
        "Mean per meter point and day (kWh) 0.095",
        "Peak of all meter points together (kW) 0.012 Wed 31 Aug 2016 00:00",
        "Not actual 0.0 % all values are actual",
        "Complete 99.6 % missing: 30 min",
        "Consumers and NMIs 3 last day with data: 01 Sep 2016",
    ):
        assert figure in words


def test_estimates_are_a_share_of_the_total_and_of_each_bar_and_may_be_filtered(client: Client) -> None:
    values = ",".join(["0.5"] * 48)
    lines = [day(values=values, quality="V"), "400,1,36,A,,", "400,37,48,E52,,"]
    deliver(nem12(channel(*lines, day("20260228", values=values, quality="S53", reason="76"))), "nem12.csv")
    html = page(client, chart="day")
    assert "Not actual 62.5 % 50.0 % substituted, 12.5 % estimated" in text_of(html)
    assert "Estimated: 12.5 % of 48.0 kWh" in text_of(html)
    assert "Fri 27 Feb 2026 24.0 0.0 6.0" in text_of(html).replace("24.0 0 6.0", "24.0 0.0 6.0")
    (line,) = drawing(html)["lines"]
    assert line["values"] == [24, 24]
    assert line["parts"] == {"S": [0, 24], "E": [6, 0]}
    estimated = text_of(page(client, quality="E"))
    assert "Total (kWh) 6.000" in estimated
    assert "6.000 6.000 1.000 28 Feb 2026 none 100.0" in estimated
    assert "Complete 100.0 %" in estimated


def test_table_lists_the_values_of_each_chart(client: Client, three: None) -> None:
    by_day = text_of(page(client, chart="day"))
    assert "Wed 31 Aug 2016 0.2880 0.0960 3" in by_day
    assert "Thu 01 Sep 2016 0.1890 0.0945 2" in by_day
    assert "August 2016 0.2880 0.0960 3" in text_of(page(client, chart="month"))
    assert "Wed 31 Aug 2016 23:30 0.0060 0.0020" in text_of(page(client))
    assert "Thu 01 Sep 2016 23:30 0.0010 0.0005" in text_of(page(client, chart="half-hour"))
    typical = text_of(page(client, chart="typical-day"))
    assert "00:00 0.0010 0.0030 0.0020 0.0020 –" in typical
    assert "Based on all 5 days of all meter points." in typical


def test_chart_draws_the_values_of_its_table(client: Client, three: None) -> None:
    drawn = drawing(page(client, chart="day"))
    assert (drawn["axis"], drawn["unit"], drawn["x"]) == ("day", "kWh", [1472601600, 1472688000])
    (line,) = drawn["lines"]
    assert (line["label"], line["style"], line["values"]) == ("Total", "bars", [0.288, 0.189])
    (line,) = drawing(page(client, chart="day", of="mean"))["lines"]
    assert line["values"] == [0.096, 0.0945]


def test_repeated_half_hour_is_drawn_apart(client: Client) -> None:
    rows = days("2016-10-26")
    consumer("3000", *rows[:4], ("2016-10-26 01:00", "4.0"), *rows[4:])
    first, second = drawing(page(client))["lines"]
    assert (first["values"][2], second["label"], second["style"]) == (0.01, "Repeated half hour", "points")
    assert [value for value in second["values"] if value is not None] == [0.004]
    assert "Wed 26 Oct 2016 01:00 0.0040 0.0040 yes" in text_of(page(client))


@pytest.mark.parametrize(("number", "chart"), [(14, "half-hour"), (15, "day"), (700, "day"), (800, "month")])
def test_resolution_suits_the_period(client: Client, number: int, chart: str) -> None:
    """The store has its sums alone: a file of years would take long to import."""
    first = date(2014, 1, 1)
    point = MeterPoint.objects.create(scheme="CONSUMER", identifier="3000")
    GroupDay.objects.bulk_create(
        GroupDay(
            **{"letter": "E", "family": "Wh", "quality": "A", "scheme": point.scheme, "total": Decimal("4.8")},
            **{"day": first + timedelta(place), "half_hours": ",".join(["0.1"] * 48)},
            **{"meter_points": 1, "further_meter_points": 1},
        )
        for place in range(number)
    )
    html = page(client, **{"from": "2014-01-01"})
    assert drawing(html)["axis"] == {"half-hour": "time"}.get(chart, chart)
    assert len(html) < 100_000
    latest = page(client, chart="day")
    assert len(drawing(latest)["lines"][0]["values"]) <= 396
    assert len(page(client, chart="half-hour", **{"from": "2014-01-01"})) < 100_000


def test_page_opens_at_the_last_months_with_data_and_links_to_all(client: Client) -> None:
    consumer("3000", *days("2015-03-01", 1), *days("2016-08-30", 3))
    html = page(client)
    assert "01 Sep 2015 to 01 Sep 2016" in text_of(html)
    assert "Total (kWh) 1.440" in text_of(html)
    assert "01 Mar 2015 to 01 Sep 2016" in text_of(client.get(link(html, "All")).content.decode())
    assert "Total (kWh) 1.920" in text_of(client.get(link(html, "All")).content.decode())


def test_filters_narrow_the_total_the_chart_and_the_list(client: Client, three: None) -> None:
    html = page(client, area="a1", **{"from": "2016-09-01", "to": "2016-09-01"})
    assert "Total (kWh) 0.189" in text_of(html)
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
    assert "Total (kWh)" not in words


def test_line_names_the_filters_that_are_set_and_other_pages_keep_them(client: Client, three: None) -> None:
    assert "Filters: none" in text_of(page(client))
    html = page(client, tariff="t1", quality="A", chart="month", sort="-total", **{"from": "2016-08-31"})
    assert "Filters: tariff t1 · quality Actual · from 31 Aug 2016" in text_of(html)
    assert 'href="/consumption/?tariff=t1&amp;quality=A&amp;from=2016-08-31" aria-current="page"' in html
    assert '<input type="hidden" name="chart" value="month">' in html


def test_totals_of_area_and_tariff_add_up(client: Client, three: None) -> None:
    words = text_of(page(client))
    assert "a1 t1 1 0.096 20.1 0.048 Compare a1 t2 1 0.285 59.7 0.142 Compare a2 t3 1 0.096 20.1 0.096" in words
    html = page(client)
    narrowed = client.get("/consumption/" + unescape(re.findall(r'<a href="([^"]*)" title="Only', html)[1]))
    assert identifiers(narrowed.content.decode()) == ["3001"]
    assert 'href="/consumption/compare/?by=tariff"' in page(client, tariff="t1")
    same_area, _, other_area = map(unescape, re.findall(r'<a href="([^"]*)">Compare</a></td>', html))
    assert same_area == "/consumption/compare/?area=a1&by=tariff&with=t1&with=t2"
    assert other_area == "/consumption/compare/?by=tariff&with=t3&with=t2"


@pytest.mark.parametrize(
    ("sort", "order"),
    [
        ("identifier", "3000 3001 3002 3009"),
        ("-identifier", "3009 3002 3001 3000"),
        ("-total", "3001 3000 3002 3009"),
        ("-mean", "3001 3002 3000 3009"),
        ("-peak", "3001 3002 3000 3009"),
        ("share", "3000 3001 3002 3009"),
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
    assert "3001 a1 t2 0.285 0.142 0.006 01 Sep 2016 30 min 0.0" in text_of(html)


def test_missing_half_hour_is_listed(client: Client) -> None:
    consumer("3000", *days("2016-08-31")[:10], *days("2016-08-31")[13:])
    assert "3000 – – 0.450 0.450 0.020 31 Aug 2016 1 h 30 min 0.0" in text_of(page(client))


def test_the_list_is_searched_and_paged(client: Client) -> None:
    MeterPoint.objects.bulk_create(
        MeterPoint(scheme="CONSUMER", identifier=f"{number}") for number in range(4000, 4220)
    )
    consumer("3000", *days("2016-08-31"))
    first = page(client)
    assert identifiers(first) == ["3000", *(f"{number}" for number in range(4000, 4099))]
    assert "1 to 100 of 221" in text_of(first)
    second = client.get(link(first, "Next")).content.decode()
    assert identifiers(second)[0] == "4099"
    last = client.get(link(first, "Last")).content.decode()
    assert identifiers(last) == [f"{number}" for number in range(4199, 4220)]
    assert identifiers(client.get(link(last, "Previous")).content.decode()) == identifiers(second)
    assert identifiers(client.get(link(last, "First")).content.decode()) == identifiers(first)
    for number in ("99", "0", "x", "٣", "9999999"):
        assert client.get("/consumption/", {"page": number}).status_code == 200
    assert identifiers(page(client, q="411")) == [f"{number}" for number in range(4110, 4120)]
    assert "No match." in text_of(page(client, q="nobody"))


def test_consumers_and_nmis_are_summed_together_in_one_unit(client: Client) -> None:
    consumer("3000", *days("2026-02-27", value="500.0"))
    deliver(nem12(channel(day(values=",".join(["0.25"] * 48)))), "nem12.csv")
    html = page(client)
    assert "Total (kWh) 36.0" in text_of(html)
    assert "Energy consumed: consumers and NMI channels E" in text_of(html)
    assert identifiers(html) == ["3000", "6123456789"]
    assert "3000 – – 24.0 24.0 1.000" in text_of(html)
    assert "Total (kWh) 24.0" in text_of(page(client, scheme="CONSUMER"))
    assert "NMIs – 1 12.0 33.3 12.0" in text_of(html)


def test_large_totals_are_in_mwh_if_their_means_are_large_too(client: Client) -> None:
    consumer("3000", *days("2026-02-27", value="250000.0"))
    assert "Total (MWh) 12.0 1 calendar day with a value Mean per day with data (MWh) 12.0" in text_of(page(client))


def test_consumers_whose_tariff_changed_are_noted_and_listed(client: Client, three: None) -> None:
    assert "changed-tariff" not in text_of(page(client))
    deliver(USERS.replace(b"3000,a1,t1", b"3000,a1,t3").replace(b"3001,a1,t2", b"3001,a2,t2"), "moved.csv")
    html = page(client)
    assert "changed-tariff : 2 consumers changed area or tariff ( 3000 , 3001 )." in text_of(html)
    assert "totals by area and tariff use the present ones." in text_of(html)
    assert "a1 t3 1 0.096" in text_of(html)
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
    assert len(many) == len(few) <= 22


def test_sums_that_are_not_complete_are_noted(client: Client, three: None, monkeypatch: pytest.MonkeyPatch) -> None:
    page(client)
    consumer("3003", *days("2016-08-31"))
    with monkeypatch.context() as patch:
        patch.setattr(update, "LONGEST", -1)
        html = page(client)
    assert "Sums of recent imports are not complete yet; reload this page in a minute." in text_of(html)
    assert "Consumers and NMIs 3" in text_of(html)
    assert "not complete yet" not in text_of(page(client))


def test_csv_has_the_rows_of_the_table(three: None) -> None:
    analyst = client_of(ANALYST, "bea")
    assert 'href="?chart=day&amp;csv=day"' in page(analyst, chart="day")
    response = analyst.get("/consumption/", {"chart": "day", "csv": "day"})
    assert response["Content-Disposition"] == 'attachment; filename="day.csv"'
    rows = b"".join(response.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert rows[1:] == ["Wed 31 Aug 2016,0.2880,0.0960,3", "Thu 01 Sep 2016,0.1890,0.0945,2"]


@pytest.mark.parametrize("chart", ["day", "month", "half-hour", "typical-day"])
def test_each_chart_is_csv_for_those_who_may_export(client: Client, three: None, chart: str) -> None:
    analyst = client_of(ANALYST, "bea")
    response = analyst.get("/consumption/", {"chart": chart, "csv": chart, "tariff": "t1"})
    text = b"".join(response.streaming_content).decode()  # type: ignore[attr-defined]
    assert text.startswith(("Day,Total (kWh)", "Month,Total (kWh)", "Half hour from,"))
    assert analyst.get("/consumption/", {"chart": chart, "csv": "nothing"}).status_code == 404
    assert client.get("/consumption/", {"chart": chart, "csv": chart}).status_code == 403
    assert "csv=" not in page(client, chart=chart)


def test_summary_requires_the_view_permissions(three: None) -> None:
    assert logged_in(User.objects.create_user("bob")).get("/consumption/").status_code == 403
    response = Client().get("/consumption/")
    assert (response.status_code, response["Location"].partition("?")[0]) == (302, "/log-in/")

"""The page of one consumer or NMI, as text."""

import re
from typing import Any

import pytest
from django.contrib.auth.models import Permission, User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from readings.imports.summing.update import bring_up_to_date
from readings.models import ConsumerDetails
from tests.making.consumption import USERS, consumer, days, users
from tests.making.mdff import NMI, channel, day, nem12
from tests.running.imported import deliver
from tests.running.pages import logged_in, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgresql]

ADDRESS = "/consumption/CONSUMER/3000/"
OF_NMI = f"/consumption/NMI/{NMI}/"


def page(client: Client, address: str = ADDRESS, **params: str) -> str:
    response = client.get(address, params)
    assert response.status_code == 200
    return response.content.decode()


def answer(client: Client, **params: str) -> dict[str, Any]:
    data: dict[str, Any] = client.get(f"{ADDRESS}values.json", params).json()
    return data


def test_the_page_gives_total_means_peak_and_base_load(client: Client) -> None:
    users()
    consumer("3000", *days("2016-08-31", 2)[:-1], ("2016-09-01 23:30", "100.0"))
    words = text_of(page(client))
    assert "Area a1 · tariff t1." in words
    assert "31 Aug 2016 to 01 Sep 2016 Change" in words
    assert "Total (kWh) 1.050 Mean per day with data (kWh) 0.525 of 2 days with a value" in words
    assert "Peak (kW) 0.200 Thu 01 Sep 2016 23:30" in words
    assert "Base load (kW) 0.020 exceeded in 95 % of half hours" in words
    assert "Load factor 10.9 % mean power ÷ peak" in words
    assert "Complete 100.0 % nothing is missing Days 2" in words
    assert "Estimated" not in words.partition("Complete")[0].partition("Total (kWh)")[2]


def test_gaps_and_repeats_are_listed(client: Client) -> None:
    rows = days("2016-10-26")
    consumer("3000", *rows[:4], ("2016-10-26 01:30", "40.0"), *rows[4:10], *rows[12:], *days("2016-10-28"))
    words = text_of(page(client))
    assert "Complete 65.3 % missing 1 d 1 h" in words
    assert "2 gaps, 1 d 1 h in all" in words
    longest = "27 Oct 2016 00:00 28 Oct 2016 00:00 1 d"
    assert f"{longest} 26 Oct 2016 05:00 26 Oct 2016 06:00 1 h" in words
    assert "1 interval that the clock shows twice." in words
    assert "26 Oct 2016 01:30 10.0, 40.0 Wh" in words
    assert "Peak (kW) 0.080 Wed 26 Oct 2016 01:30" in words


def test_most_gaps_are_listed_longest_first(client: Client) -> None:
    every = days("2016-08-31", 3)
    consumer("3000", *(row for place, row in enumerate(every) if place % 2 or place > 130))
    words = text_of(page(client))
    assert "66 gaps, 1 d 9 h in all" in words
    assert "The 25 longest:" in words


def test_page_shows_at_most_a_year(client: Client) -> None:
    consumer("3000", *days("2015-01-01", 2), *days("2015-02-03", 2), *days("2016-02-04"))
    html = page(client)
    assert "04 Feb 2015 to 04 Feb 2016: the last 366 of 400 days" in text_of(html)
    assert "Wed 04 Feb 2015" in text_of(html)
    assert "Tue 03 Feb 2015" not in text_of(html)
    assert '<a href="?from=2015-01-01&amp;to=2015-02-03">Earlier</a>' in html
    assert "Later" in page(client, ADDRESS, **{"from": "2015-01-01", "to": "2015-02-03"})
    years = "All years 2.400 0.480 0.020 1.2 % 395 d 2016 0.480 0.480 0.020 2.9 % 34 d 2015 1.920"
    assert years in text_of(html)
    assert answer(client)["x"]["count"] == 366 * 48


def test_quality_selects_what_is_counted(client: Client) -> None:
    actual, estimated = (",".join([value] * 48) for value in "13")
    lines = day("20260227", values=actual), day("20260301", values=estimated, quality="E52")
    deliver(nem12(channel(*lines)), "estimates.csv")
    words = text_of(page(client, OF_NMI))
    assert "Total (kWh) 192.0 Mean per day with data (kWh) 96.0 of 2 days with a value Peak (kW) 6.000" in words
    assert "Estimated 75.0 % substituted 0.0 % Complete 66.7 % missing 1 d" in words
    assert "Sun 01 Mar 2026 144 144 0" in words
    words = text_of(page(client, OF_NMI, quality="A"))
    assert "Total (kWh) 48.0 Mean per day with data (kWh) 48.0 of 1 day with a value Peak (kW) 2.000" in words
    assert "Complete 66.7 % missing 1 d" in words
    assert "All figures but completeness count values of this quality alone." in words


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


def test_channels_of_an_nmi_with_the_same_measure_are_summed(client: Client) -> None:
    channels = [
        channel(day(values=",".join([value] * 48)), suffix=suffix, register=suffix)
        for suffix, value in (("E1", "1"), ("E2", "2"), ("B1", "4"))
    ]
    deliver(nem12(*channels), "nem12.csv")
    html = page(client, OF_NMI)
    assert "Total (kWh) 144.0" in text_of(html)
    assert "B1 · suffix B1 SN0012345 Import kWh, master: to grid (generation) kWh 30 min" in text_of(html)
    assert '<a href="?measure=B-Wh">B1 · suffix B1</a>' in html
    fed_in = text_of(page(client, OF_NMI, measure="B-Wh"))
    assert "Total (kWh) 192.0" in fed_in
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
    assert answer(client)["lines"] == []


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
    consumer("3003", *days("2016-08-31"))
    deliver(b"id,area,tariff\r\n3003,a2,t1\r\n", "more.csv")
    page(client)
    with CaptureQueriesContext(connection) as few:
        page(client)
    consumer("3000", *days("2016-09-01", 40))
    for number in range(3003, 3010):
        consumer(f"{number}", *days("2016-08-31", 20))
    bring_up_to_date()
    with CaptureQueriesContext(connection) as many:
        page(client)
    with CaptureQueriesContext(connection) as values:
        answer(client)
    assert len(many) == len(few) <= 21
    assert len(values) <= 12


def test_links_lead_only_where_the_user_may_look(client: Client) -> None:
    consumer("3000", *days("2016-08-31")[1:])
    listed = "/interval-days/?from=2016-08-31&amp;to=2016-08-31&amp;meter_point=3000&amp;scheme=CONSUMER"
    html = page(client)
    assert html.count(f'href="{listed}"') == 2
    assert client.get(listed.replace("&amp;", "&")).status_code == 200
    bob = User.objects.create_user("bob")
    bob.user_permissions.add(*Permission.objects.filter(codename__in=("view_meterpoint", "view_intervalday")))
    html = page(logged_in(bob))
    assert "31 Aug 2016 00:00" in html
    assert "/interval-days/" not in html
    assert 'href="/meter-points/3000/"' not in html


def test_page_requires_the_view_permissions() -> None:
    consumer("3000", *days("2016-08-31"))
    for rest in ("", "values.json"):
        assert logged_in(User.objects.create_user(f"bob{rest}")).get(f"{ADDRESS}{rest}").status_code == 403
        assert Client().get(f"{ADDRESS}{rest}").status_code == 302

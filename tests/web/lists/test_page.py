"""What all lists have in common: filters, addresses, pages, CSV, permissions, and a fixed number of queries."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from readings.models import Trail
from readings.models.roles import ANALYST, GROUPS, LEAD
from readings.models.trail import Action
from readings.queries import lists
from readings.queries.listing import pages
from readings.web.lists import page
from readings.web.lists.addresses import LISTS
from tests.making.dtc import MPAN, block, flow, mpan, reading
from tests.making.mdff import accumulation, channel, day, nem12, nem13
from tests.running.imported import deliver, deliver_sample
from tests.running.listed import exported, link, shown
from tests.running.pages import client_of, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgresql]


@pytest.fixture
def analyst() -> Client:
    """Return a client of somebody who may export."""
    return client_of(ANALYST)


def store() -> None:
    """Store rows of every kind, also odd ones: both markets, test data, warnings, errors, a duplicate, a formula."""
    for name in ("d0010_all_groups.uff", "d0010_test_flag.uff", "d0010_two_faults.uff", "d0010_withdrawal.uff"):
        deliver_sample(name)
    deliver(nem12(channel(day()), channel(day(), suffix="B1")), "=days.csv")
    deliver(nem13(accumulation()), 'a,b"c.csv')
    deliver(b"nonsense", "<rubbish>.txt")
    deliver(b"nonsense", "again.txt")


def test_csv_has_the_cells_of_the_page(analyst: Client) -> None:
    store()
    for listed in LISTS:
        page, rows = shown(analyst, f"/{listed.name}/"), exported(analyst, f"/{listed.name}.csv")
        assert len(page) == len(rows) > 1, listed.name
        numbers = [index for index, column in enumerate(listed.columns) if column.is_number]
        for cells, exported_cells in zip(page, rows, strict=True):
            for index in numbers:
                cells[index] = cells[index].replace(",", "")
            # An apostrophe keeps spreadsheets from taking a text for a formula.
            assert [cell.removeprefix("'") for cell in exported_cells] == cells


def test_number_of_queries_does_not_depend_on_the_number_of_rows(analyst: Client) -> None:
    store()
    few = queries_by_list(analyst)
    for each in range(3):
        blocks = block(reading("1.0"), mpan=mpan(each), meter=f"K{each}"), block(reading("1.0", flag="X"))
        deliver(flow(*blocks[:1], identifier=f"TEST{each:06}"), f"{each}.uff")
        deliver(flow(*blocks, identifier=f"FALSE{each:06}"), f"wrong{each}.uff")
        nmi = f"612345678{each}"
        deliver(nem12(channel(day(), nmi=nmi)), f"days{each}.csv")
        deliver(nem13(accumulation(nmi=nmi)), f"reads{each}.csv")
    assert queries_by_list(analyst) == few
    # Session, user, two kinds of permissions, keys, rows, number; names of files, or registers of meters.
    assert max(few.values()) <= 10


def queries_by_list(client: Client) -> dict[str, int]:
    numbers = {}
    for listed in LISTS:
        with CaptureQueriesContext(connection) as queries:
            assert len(shown(client, f"/{listed.name}/")) > 1, listed.name
        numbers[listed.name] = len(queries)
    return numbers


def test_every_role_opens_every_list_and_those_who_may_export_have_its_csv() -> None:
    for role in GROUPS:
        client = client_of(role, role)
        assert {client.get(f"/{listed.name}/").status_code for listed in LISTS} == {200}
        exports = {client.get(f"/{listed.name}.csv").status_code for listed in LISTS}
        assert exports == {200 if role in (ANALYST, LEAD) else 403}


def test_unknown_filters_and_values_are_marked_and_select_nothing(analyst: Client) -> None:
    for listed in LISTS:
        for query in ("nonsense=1", "from=2026-02-30", "sender=1&sender=2", "meter_point=a%00b"):
            response = analyst.get(f"/{listed.name}/?{query}")
            assert response.status_code == 400
            html = response.content.decode()
            assert 'class="errorlist' in html
            assert f"Correct the filters to see {listed.noun}." in html
            assert "<tbody>" not in html
            assert analyst.get(f"/{listed.name}.csv?{query}").status_code == 400


def test_address_without_empty_parameters_is_the_only_one(analyst: Client) -> None:
    response = analyst.get("/readings/?sort=-stored&to=&kind=estimate&flag=&sender=+ZZDC+")
    assert (response.status_code, response["Location"]) == (302, "/readings/?kind=estimate&sender=ZZDC")


def test_filters_are_named_in_title_and_each_has_a_link_that_removes_it(analyst: Client) -> None:
    deliver_sample("d0010.uff")
    html = analyst.get("/readings/?kind=actual&from=2026-03-01").content.decode()
    assert "<title>Readings: kind of reading Actual, from 01 Mar 2026 · Meterbox</title>" in html
    assert '<a href="/readings/?from=2026-03-01" title="Remove this filter">' in html
    assert '<a href="/readings/?kind=actual" title="Remove this filter">' in html


def test_wrong_period_is_marked(analyst: Client) -> None:
    response = analyst.get("/readings/?from=2026-03-02&to=2026-03-01")
    assert response.status_code == 400
    assert "The last day is before the first day." in text_of(response.content.decode())


def many(number: int) -> None:
    blocks = [block(reading(f"{each}.0"), mpan=mpan(each), meter=f"K{each}") for each in range(number)]
    deliver(flow(*blocks), "many.uff")


@pytest.mark.parametrize("sort", ["", "stored", "meter-point", "-meter-point"])
def test_pages_lead_through_all_rows_and_back(sort: str, analyst: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "PAGE", 3)
    many(8)
    address, read = f"/readings/?sort={sort}" if sort else "/readings/", []
    while address:
        html = analyst.get(address).content.decode()
        read.append([row[4] for row in shown(analyst, address)[1:]])
        last, address = address, link(html, "Next page")
    every = [row[4] for row in exported(analyst, f"/readings.csv?sort={sort}")[1:]]
    assert [value for page in read for value in page] == every
    assert list(map(len, read)) == [3, 3, 2]
    back = []
    while last:
        back.append([row[4] for row in shown(analyst, last)[1:]])
        last = link(analyst.get(last, follow=True).content.decode(), "Previous page")
    assert back == read[::-1]


def test_number_of_many_rows_stays_unknown(analyst: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    for module in (lists, page):
        monkeypatch.setattr(module, "CAP", 3)
    many(3)
    assert "3 readings." in text_of(analyst.get("/readings/").content.decode())
    deliver(flow(block(reading("9.0"), mpan=mpan(9)), identifier="TEST000002"), "one_more.uff")
    assert "More than 3 readings." in text_of(analyst.get("/readings/").content.decode())


def test_rare_value_is_searched_stretch_by_stretch(analyst: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "STRETCH", 3)
    many(8)
    deliver(flow(block(reading("9.0", flag="F"), mpan=mpan(9)), identifier="TEST000002"), "suspect.uff")
    many_more = [block(reading("1.0"), mpan=mpan(each), meter=f"K{each}") for each in range(20, 28)]
    deliver(flow(*many_more, identifier="TEST000003"), "more.uff")
    address, found, pages_read = "/readings/?flag=suspect", [], 0
    while address:
        html = analyst.get(address).content.decode()
        found += [row[4] for row in shown(analyst, address)[1:]]
        pages_read, address = pages_read + 1, link(html, "Search on")
    assert (found, pages_read) == (["9.0"], 6)
    assert "No match among the first 3 readings" in text_of(analyst.get("/readings/?flag=suspect").content.decode())
    assert [row[4] for row in exported(analyst, "/readings.csv?flag=suspect")[1:]] == ["9.0"]


def test_export_and_a_look_at_one_meter_point_are_in_the_trail(analyst: Client) -> None:
    deliver_sample("d0010.uff")
    shown(analyst, "/readings/")
    assert list(Trail.objects.filter(action=Action.VIEW)) == []
    shown(analyst, f"/readings/?meter_point={MPAN}")
    look = Trail.objects.get(action=Action.VIEW)
    assert (look.identifier, look.subject) == (MPAN, "list of readings")
    exported(analyst, f"/readings.csv?meter_point={MPAN}&flag=valid")
    entry = Trail.objects.get(action=Action.EXPORT)
    assert (entry.subject, entry.identifier, entry.by_whom) == ("readings.csv flag=valid meter_point=1", MPAN, "ann")
    assert MPAN not in entry.subject


def test_unknown_page_is_not_found(analyst: Client) -> None:
    for key in ("x", "1~2", "-1", "99999999999999999999", "1%00"):
        assert analyst.get(f"/readings/?after={key}").status_code == 404

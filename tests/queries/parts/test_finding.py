from __future__ import annotations

import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from readings.models import Arrival, FlowFile, NamePart
from readings.queries.parts.finding import MOST_PARTIAL, Found, find_each
from readings.queries.search import look_up
from tests.making import mdff
from tests.making.dtc import MPAN, flow, mpan, reading_of
from tests.running.imported import NOON, deliver

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgresql]

IDENTIFIER = "4410000007"
NAME = f"D0010_{IDENTIFIER}_1.usr"


def find(word: str) -> Found:
    return find_each([word])[word]


def described(word: str) -> dict[str, list[str]]:
    """Return the matches of a word by the way in which they match, best first."""
    found = find(word)
    ways: dict[str, list[Any]] = {
        "full": found.rows,
        "begins": list(found.parts.meter_points.rows),
        "serial begins": list(found.parts.beginning.rows),
        "serial ends": list(found.parts.ending.rows),
        "name": [name for _, name in found.parts.flow_files.rows],
    }
    return {way: list(map(str, rows)) for way, rows in ways.items() if rows}


@pytest.mark.parametrize(("word", "numbers"), [("3100", [2, 1]), (mpan(1)[:12], [1]), (" 31 0000 0000 02", [2])])
def test_beginning_of_an_mpan_finds_it(word: str, numbers: list[int]) -> None:
    deliver(flow(*reading_of(1), *reading_of(2)), "f")
    assert described(word) == {"begins": [mpan(number) for number in numbers]}


@pytest.mark.parametrize("word", [mdff.NMI[:6], mdff.NMI[:6].lower()])
def test_beginning_of_an_nmi_finds_it(word: str) -> None:
    deliver(mdff.nem13(mdff.accumulation()), "f")
    assert described(word)["begins"] == [mdff.NMI]


def test_beginning_of_an_unusual_identifier_finds_it() -> None:
    deliver(mdff.nem13(mdff.accumulation(nmi="nmi1x")), "f")
    assert described("nmi1")["begins"] == ["NMI1X"]


@pytest.mark.parametrize("word", ["4567", "04567", " 0 4567", "b 04567", "B04567"])
def test_end_of_a_serial_number_finds_the_meter(word: str) -> None:
    deliver(flow(*reading_of(1, serial_number="K12B 04567")), "f")
    assert described(word) == {"serial ends": ["K12B 04567"]}


@pytest.mark.parametrize("word", ["k12b", "K12B 0", "K 12 B 045"])
def test_beginning_of_a_serial_number_finds_the_meter(word: str) -> None:
    deliver(flow(*reading_of(1, serial_number="K12B 04567")), "f")
    assert described(word) == {"serial begins": ["K12B 04567"]}


@pytest.mark.parametrize(
    "word",
    [
        f"D0010_{IDENTIFIER}_1",
        f"d0010 {IDENTIFIER} 1 USR",
        f"{IDENTIFIER}_1",
        "44100",
        f"{IDENTIFIER}.usr",
        f"usr D0010-{IDENTIFIER[:5]}",
        f"archive/D0010_{IDENTIFIER}_",
    ],
)
def test_words_of_a_file_name_find_it(word: str) -> None:
    deliver(flow(*reading_of(1), identifier="X"), NAME)
    deliver(flow(*reading_of(2), identifier="Y"), "D0010_5510000008_1.usr")
    expected = {} if word.startswith("archive") else {"name": [NAME]}
    assert described(word) == expected


def test_file_identifier_finds_its_file_in_full() -> None:
    report = deliver(flow(*reading_of(1), identifier="TEST000009"), "f.usr")
    assert [row.sha256 for row in find("test 000009").full.flow_files] == [report.sha256]


@pytest.mark.parametrize("number", ["01 801 902 {}", "S 01 801 902 {}", "s01801902{}", "01 801 902 {}  "])
def test_supply_number_of_a_bill_finds_its_meter_point(number: str) -> None:
    deliver(flow(*reading_of(1)), "f")
    text = number.format(mpan(1))
    assert described(text) == {"full": [mpan(1)]}
    assert [str(row) for term in look_up(text).terms for row in term.meter_points] == [mpan(1)]


@pytest.mark.parametrize("word", ["310", "X1", "usr", "1"])
def test_less_than_four_characters_find_only_full_names(word: str) -> None:
    deliver(flow(*reading_of(1, serial_number="X1")), NAME)
    assert described(word) == ({"full": ["X1"]} if word == "X1" else {})


@pytest.mark.parametrize(
    "word", ["\0", "%", "____", "4567%", "\U0010ffff" * 4, "'" * 5, '"' * 5, "x" * 5000, "日本語日本語"]
)
def test_strange_words_find_nothing(word: str) -> None:
    deliver(flow(*reading_of(1, serial_number="K12B 04567")), NAME)
    assert described(word.replace("\0", "")) == {}


def test_full_matches_are_first_then_live_data_then_the_newest() -> None:
    deliver(flow(*reading_of(3, serial_number="A4567"), test_flag="TR01"), "live then test 1.usr")
    deliver(flow(*reading_of(1, serial_number="4567"), *reading_of(2, serial_number="4567"), identifier="B"), "b.usr")
    deliver(flow(*reading_of(4, serial_number="4567B"), *reading_of(5, serial_number="B4567"), identifier="C"), "c")
    deliver(flow(*reading_of(6, serial_number="C4567"), identifier="D"), "live then test 2.usr")
    found = find("4567")
    assert [meter.meter_point.identifier for meter in found.full.meters] == [mpan(2), mpan(1)]
    assert str(found.parts.beginning.rows[0]) == "4567B"
    assert [str(row) for row in found.parts.ending.rows if str(row) != "4567"] == ["C4567", "B4567", "A4567"]
    assert described("live then")["name"] == ["live then test 2.usr", "live then test 1.usr"]


def test_word_with_one_full_match_is_not_searched_for_in_part() -> None:
    deliver(flow(*reading_of(1, serial_number="4567"), *reading_of(2, serial_number="A4567")), "f")
    assert described("4567") == {"full": ["4567"]}


def test_words_of_a_list_with_a_full_match_are_not_searched_for_in_part() -> None:
    deliver(flow(*(line for each in (1, 2) for line in reading_of(each, serial_number="4567"))), "f")
    deliver(flow(*reading_of(3, serial_number="A4567"), identifier="B"), "g")
    found = find_each(["4567", "567"])
    assert found["4567"].parts.ending.rows == ()
    assert str(find("4567").parts.ending.rows[0]) == "A4567"


def store_files(number: int) -> None:
    """Store files with frequent words in their names, the newest with the lowest number."""
    names = [f"D0010_{each:06}.usr" for each in range(number, 0, -1)]
    files = FlowFile.objects.bulk_create(FlowFile(sha256=name, size=1, received_at=NOON) for name in names)
    arrivals = Arrival.objects.bulk_create(
        Arrival(flow_file=file, name=file.sha256, received_at=NOON, channel="INBOX", outcome="REJECTED")
        for file in files
    )
    for arrival in arrivals:
        NamePart.objects.store(arrival.pk, arrival.name)


def test_word_of_many_names_finds_the_newest_and_says_that_there_are_more() -> None:
    store_files(MOST_PARTIAL * 2)
    some = find("d0010").parts.flow_files
    assert some.is_cut
    assert [name for _, name in some.rows] == [f"D0010_{each:06}.usr" for each in range(1, MOST_PARTIAL + 1)]
    rare = find("d0010 000007").parts.flow_files
    assert ([name for _, name in rare.rows], rare.is_cut) == (["D0010_000007.usr"], False)


def test_file_of_several_names_is_found_once_by_the_newest() -> None:
    for name in ("march 1.uff", "march 2.uff"):
        deliver(flow(*reading_of(1)), name)
    assert described("march") == {"name": ["march 2.uff"]}


@pytest.mark.parametrize("words", [1, 3, 500])
def test_number_of_queries_does_not_grow_with_the_words(words: int) -> None:
    deliver(flow(*reading_of(1, serial_number="K12B 04567")), NAME)
    some = [MPAN[:5], "04567", "K12B", "d0010", "usr D0010 4410", *(f"nothing {number}" for number in range(500))]
    with CaptureQueriesContext(connection) as captured:
        find_each(some[:words])
    assert len(captured) <= 18


@pytest.mark.parametrize("word", [MPAN[:5], "04567", "K12B", "d0010 4410", "usr d0010", IDENTIFIER])
def test_search_reads_no_table_whole(word: str) -> None:
    deliver(flow(*reading_of(1, serial_number="K12B 04567"), *reading_of(1)), NAME)
    with CaptureQueriesContext(connection) as captured:
        find(word)
    queries = [query["sql"] for query in captured if "LIMIT 500" not in query["sql"]]
    assert len(queries) >= 5
    for query in queries:
        plan = plan_of(query)
        assert re.search(r"\b(Seq Scan on|SCAN) readings_", plan) is None, plan
    beginnings = [query for query in queries if "wanted" in query]
    assert beginnings
    for query in beginnings:
        assert re.search(
            r"Index Cond: .*~>=~|SEARCH \w+ USING (COVERING )?INDEX \w+ \(\w+>\? AND \w+<\?\)", plan_of(query)
        )


def plan_of(query: str) -> str:
    """Return the plan of a query, by an index if there is one: a small table is read whole otherwise."""
    with connection.cursor() as cursor:
        is_postgresql = connection.vendor == "postgresql"
        for way in ("seqscan", "bitmapscan", "sort") if is_postgresql else ():
            cursor.execute(f"SET LOCAL enable_{way} = off")
        cursor.execute(f"EXPLAIN {'' if is_postgresql else 'QUERY PLAN '}{query.replace('%', '%%')}", [])
        return "\n".join(str(row[-1]) for row in cursor.fetchall())

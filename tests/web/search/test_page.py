import csv
import re
from io import StringIO

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from readings.formats.mdff.catalogue.nmi import nmi_check_digit
from readings.models.roles import ANALYST
from readings.queries.parts.finding import MOST_PARTIAL
from readings.web.search.answer import MOST
from readings.web.search.rows import COLUMNS
from tests.making.dtc import MPAN, block, flow, mpan, reading, reading_of
from tests.running.imported import deliver, deliver_sample
from tests.running.pages import client_of, logged_in, support_client, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgresql]

#: Number of queries of a posted list and of the page to which it leads, at most.
MOST_QUERIES = 32


@pytest.fixture
def support() -> Client:
    return support_client()


@pytest.fixture
def analyst() -> Client:
    return client_of(ANALYST)


def look_up(client: Client, *words: str) -> str:
    """Return the text of the table for a list of identifiers."""
    response = client.post("/search", {"q": "\n".join(words)}, follow=True)
    assert response.status_code == 200
    return text_of(response.content.decode().partition('<h2 id="results">')[2].partition("</table>")[0])


@pytest.mark.parametrize(
    ("text", "address"),
    [
        ("3190001042118", "/meter-points/3190001042118/"),
        (" 31 9000 1042 118 ", "/meter-points/3190001042118/"),
        ("k12b04567", "/meter-points/3190001042118/"),
        ("6123456789", "/meter-points/6123456789/"),
        ("6123456789" + nmi_check_digit("6123456789"), "/meter-points/6123456789/"),
    ],
)
def test_search_for_one_meter_point_redirects_to_its_page(support: Client, text: str, address: str) -> None:
    deliver_sample("d0010.uff")
    deliver_sample("nem12.csv")
    assert support.get("/search", {"q": text}).headers.get("Location") == address


def test_search_for_one_file_redirects_to_its_page(support: Client) -> None:
    sha256 = deliver_sample("d0010.uff").sha256
    for text in ("d0010.uff", sha256, sha256[:12], f"archive/2026/01/31/d0010.uff.{sha256[:12]}"):
        assert support.get("/search", {"q": text}).headers["Location"] == f"/flow-files/{sha256}/"


def test_a_serial_number_at_two_meter_points_lists_both(support: Client) -> None:
    deliver(flow(*reading_of(1, serial_number="X1"), *reading_of(2, serial_number="X1")), "f")
    words = text_of(support.get("/search", {"q": "x 1"}).content.decode())
    assert f"Meter X1 at MPAN {mpan(1)}" in words
    assert f"Meter X1 at MPAN {mpan(2)}" in words


def test_two_spellings_of_a_meter_are_noted_as_probably_one(support: Client) -> None:
    deliver(flow(block(reading("1"), meter="K64B 31177"), block(reading("2"), meter="k64b31177")), "file.uff")
    text = text_of(support.get("/search", {"q": "K64B31177"}).content.decode())
    assert f"{MPAN} : Meters k64b31177 and K64B 31177 differ only in spelling: probably one meter." in text


def test_list_shows_the_latest_reading_of_each_with_its_kind(support: Client) -> None:
    deliver_sample("d0010.uff")
    deliver_sample("nem12.csv")
    words = look_up(support, "3190001042118", "3390003170646", "6123456789", "d0010.uff")
    assert "MPAN 3190001042118 meter K12B 04567: register S 20998.2 01 Mar 2025 00:00:00 GMT Routine (R)" in words
    assert "MPAN 3390003170646 meter D0248399: register TO 46102.0 01 Mar 2025 00:00:00 GMT" in words
    assert "6123456789 NMI 6123456789 meter " in words
    assert "registers 1 · suffix E1 · kWh, 2 · suffix B1 · kWh intervals to 27 Feb 2026" in words
    assert "d0010.uff File d0010.uff Imported" in words


def test_withdrawn_or_corrected_reading_is_not_the_latest(support: Client) -> None:
    deliver(flow(*reading_of(1, value="100.0")), "a")
    deliver(flow(*reading_of(1, value="120.0"), identifier="B"), "b")
    deliver(flow(*reading_of(1, day="20260301", value="500.0", flag="F"), identifier="C"), "c")
    assert "120.0 01 Feb 2026" in look_up(support, mpan(1), "no-such-thing")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("31900010", "MPAN number begins with 31900010 3190001042118 meter K12B 04567: register S 20998.2"),
        ("k12b", "Meter K12B 04567 at MPAN serial number begins with k12b 3190001042118 register S 20998.2"),
        ("b04567", "Meter K12B 04567 at MPAN serial number ends with b04567 3190001042118 register S 20998.2"),
        ("d0010 uff", "File file name contains d0010 uff d0010.uff Imported"),
    ],
)
def test_part_of_a_name_lists_how_it_matches(support: Client, text: str, expected: str) -> None:
    deliver_sample("d0010.uff")
    response = support.get("/search", {"q": text})
    words = text_of(response.content.decode())
    assert f"Nothing has the name “{text}” in full. These have it in part:" in words
    assert expected in words


def test_both_registers_of_a_meter_are_named(support: Client) -> None:
    readings = (reading("1", register="01"), reading("2", register="02"))
    deliver(flow(block(*readings, meter="K12B 04567")), "f")
    assert f"at MPAN serial number ends with 4567 {MPAN} registers 01, 02" in text_of(
        support.get("/search", {"q": "4567"}).content.decode()
    )
    assert f"MPAN {MPAN} meter K12B 04567: registers 01, 02" in look_up(support, MPAN, "x")


def test_matches_that_are_not_listed_are_counted(support: Client) -> None:
    deliver(flow(*(line for number in range(13) for line in reading_of(number))), "f")
    words = text_of(support.get("/search", {"q": "3100"}).content.decode())
    assert words.count("number begins with 3100") == 11
    assert "and 3 more whose number begins with 3100" in words
    assert look_up(support, "3100", "x").count("number begins with 3100") == 4


def test_very_many_matches_are_cut_with_a_note(support: Client) -> None:
    deliver(flow(*(line for number in range(MOST_PARTIAL + 1) for line in reading_of(number))), "f")
    words = text_of(support.get("/search", {"q": "3100"}).content.decode())
    assert "and more whose number begins with 3100: type more characters to find them" in words


def test_test_data_is_marked_and_below_live_data(support: Client) -> None:
    deliver(flow(*reading_of(1), identifier="A"), "march live.usr")
    deliver(flow(*reading_of(2), identifier="B", test_flag="TR01"), "march test.usr")
    words = text_of(support.get("/search", {"q": "march"}).content.decode())
    assert re.search(r"march live\.usr Imported .* march test\.usr Test data Imported", words)


def test_short_text_without_a_match_says_how_long_parts_are(support: Client) -> None:
    words = text_of(support.get("/search", {"q": "319"}).content.decode())
    assert (
        "Nothing is found for “319”. No match: with 4 characters or more, a search finds parts of names, too."
        in words
    )


@pytest.mark.parametrize(
    "text", ["01 801 902 {}", "S 01 801 902 {}", "S01801902\n{}", "S\n01 801 902\n{}", "01801902{}", "01801902\n{}"]
)
def test_supply_number_of_a_bill_leads_to_the_meter_point(support: Client, text: str) -> None:
    deliver(flow(*reading_of(1)), "f")
    text = text.format(mpan(1))
    assert support.get("/search", {"q": text})["Location"] == f"/meter-points/{mpan(1)}/"
    assert support.get(f"/meter-points/01801902{mpan(1)}/")["Location"] == f"/meter-points/{mpan(1)}/"


def test_serial_number_above_an_mpan_is_a_line_of_its_own(support: Client) -> None:
    deliver(flow(*reading_of(1, serial_number="01801902")), "f")
    words = look_up(support, "01801902", mpan(1))
    assert f"Meter 01801902 at MPAN {mpan(1)}" in words


def test_file_is_found_by_its_identifier_and_by_its_name_without_the_ending(support: Client) -> None:
    report = deliver(flow(*reading_of(1), identifier="4410000007"), "D0010_4410000007_1.usr")
    assert support.get("/search", {"q": "4410000007"})["Location"] == f"/flow-files/{report.sha256}/"
    words = text_of(support.get("/search", {"q": "D0010_4410000007_1"}).content.decode())
    assert "file name contains D0010_4410000007_1 D0010_4410000007_1.usr Imported" in words


def test_missing_identifiers_are_listed_with_a_reason(support: Client) -> None:
    deliver_sample("d0010.uff")
    response = support.post("/search", {"q": "3190001042118, 3190001042119; no-such-thing\t61234567890"}, follow=True)
    words = text_of(response.content.decode())
    assert "1 of 4 found." in words
    assert "3190001042119 Not found the check digit of these 12 digits is 8" in words
    assert (
        "no-such-thing Not found no match: no number begins with it, no serial number ends with it, "
        "and no file name contains it" in words
    )
    assert f"wrong check digit for NMI 6123456789: expected {nmi_check_digit('6123456789')}" in words


def test_identifiers_separated_by_spaces_are_a_list(support: Client) -> None:
    deliver_sample("d0010.uff")
    words = look_up(support, "3190001042118 3290002209572", "K12B 04567")
    assert words.count("MPAN 3190001042118") == 2
    assert "3290002209572 MPAN 3290002209572" in words


def test_each_word_is_listed_once(support: Client) -> None:
    deliver_sample("d0010.uff")
    assert look_up(support, *["3190001042118"] * 3, "x").count("MPAN 3190001042118") == 1


def test_more_than_five_hundred_identifiers_are_reported_as_not_looked_up(analyst: Client) -> None:
    text = "\n".join(f"unknown{number}" for number in range(MOST + 3))
    words = text_of(analyst.post("/search", {"q": text}, follow=True).content.decode())
    assert f"Only the first {MOST} were looked up; 3 were not." in words
    assert f"0 of {MOST + 3} found." in words
    assert analyst.post("/search.csv", {"q": text}).status_code == 400


@pytest.mark.parametrize("number", [1, 20, MOST])
def test_number_of_queries_does_not_grow_with_the_list(support: Client, number: int) -> None:
    groups = [group for each in range(min(number, 100)) for group in reading_of(each)]
    deliver(flow(*groups), "f")
    words = [*(mpan(each) for each in range(number - 1)), "f"]
    with CaptureQueriesContext(connection) as executed:
        look_up(support, *words)
    assert len(executed) <= MOST_QUERIES


def test_csv_has_a_row_for_each_match_and_no_formula(analyst: Client) -> None:
    deliver(flow(*reading_of(1, serial_number="=1+1")), "f")
    response = analyst.post("/search.csv", {"q": f"{mpan(1)}\n=1+1\n3190001042119"})
    assert response.headers["Content-Disposition"] == 'attachment; filename="search.csv"'
    header, *rows = csv.reader(StringIO(response.content.decode(), newline=""))
    assert tuple(header) == COLUMNS
    assert [row[1] for row in rows] == [
        "MPAN",
        "Meter =1+1 at MPAN",
        "Nothing: the check digit of these 12 digits is 8",
    ]
    assert [row[4] for row in rows] == ["", "'=1+1", ""]
    assert rows[0][5:8] == ["01 Feb 2026 00:00:00 GMT", "100.0", "Routine (R)"]


def test_csv_names_how_parts_match(analyst: Client) -> None:
    deliver(flow(*reading_of(1, serial_number="K12B 04567")), "march.usr")
    response = analyst.post("/search.csv", {"q": "4567\n31000\nmarch"})
    _, *rows = csv.reader(StringIO(response.content.decode(), newline=""))
    assert [(row[1], row[3], row[9]) for row in rows] == [
        ("Meter K12B 04567 at MPAN: serial number ends with 4567", mpan(1), ""),
        ("MPAN: number begins with 31000", mpan(1), ""),
        ("File: file name contains march", "", "march.usr"),
    ]


def test_empty_search_shows_the_form(support: Client) -> None:
    words = text_of(support.get("/search").content.decode())
    assert "found" not in words
    assert "up to 500 at once" in words


@pytest.mark.parametrize("text", ["\0", "x" * 5000, "%", "'", "\\", "💡", " ".join(["1"] * 50)])
def test_no_search_text_causes_an_error(support: Client, text: str) -> None:
    assert support.get("/search", {"q": text}).status_code == 200
    assert support.post("/search", {"q": text}, follow=True).status_code == 200


def test_search_text_is_escaped(support: Client) -> None:
    assert "<b>" not in support.get("/search", {"q": "<b>"}).content.decode()


def test_search_requires_the_view_permissions() -> None:
    nobody = logged_in(User.objects.create_user("bob", is_staff=True))
    assert nobody.get("/search").status_code == 403
    assert nobody.post("/search.csv", {"q": "x"}).status_code == 403
    assert Client().get("/search").status_code == 302

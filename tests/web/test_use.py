"""The use over time on the page of a meter point."""

from __future__ import annotations

import json
import re
from datetime import date, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from readings.models.roles import ANALYST
from tests.making import mdff
from tests.making.consumption import consumer, days
from tests.making.dtc import MPAN, block, flow, reading
from tests.running.imported import deliver
from tests.running.pages import client_of, support_client, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgresql]


#: Number of queries of the page of an NMI with reads and intervals, at most.
MOST_QUERIES = 45


@pytest.fixture
def support() -> Client:
    return support_client()


def page(client: Client, identifier: str = MPAN) -> str:
    return client.get(f"/meter-points/{identifier}/").content.decode()


def drawing(html: str, key: str = "use-1") -> dict[str, Any]:
    found = re.search(rf'<script id="figure-{key}" type="application/json">(.+?)</script>', html)
    assert found
    drawing: dict[str, Any] = json.loads(found[1])
    return drawing


def stated(*lines: list[str], number: int = 1) -> None:
    assert deliver(flow(*lines, identifier=f"F{number}"), f"{number}.usr").outcome == "IMPORTED"


def exchange(*, has_final: bool = True) -> None:
    """Import an exchange of meters: 300 in 30 days, then 280 in 28 days."""
    final = [block(reading("41300", at="20260131000000"), meter="OLD", kind="F")] if has_final else []
    stated(
        block(reading("41000", at="20260101000000"), reading("41200", at="20260121000000"), meter="OLD"),
        *final,
        block(reading("0", at="20260131000000"), meter="NEW", kind="I"),
        block(reading("280", at="20260228000000"), meter="NEW"),
    )


def test_exchange_of_meters_is_one_chart_with_its_total_and_mean(support: Client) -> None:
    exchange()
    html = page(support)
    words = text_of(html)
    assert "Total 580.0 01 Jan 2026 – 28 Feb 2026" in words
    assert "Mean per day 10.0 580.0 in 58 calendar days" in words
    assert "Not actual 0.0 % 0 of 58 calendar days" in words
    assert "Last actual reading 28 Feb 2026 register S: 280" in words
    assert "Sum of meter OLD (register S) and meter NEW (register S)." in words
    assert "31 Jan 2026: meter OLD (register S) replaced by meter NEW (register S)." in words
    assert [line["values"] for line in drawing(html)["lines"]] == [[10, 10, 10], [None, None, 10]]
    assert "use-2" not in html
    assert "style=" not in html


def test_gap_names_the_missing_final_reading(support: Client) -> None:
    exchange(has_final=False)
    words = text_of(page(support))
    why = "No final reading of meter OLD: the use between 21 Jan 2026 and 31 Jan 2026 is unknown."
    assert why in words
    assert "480.0 in 48 calendar days" in words


def test_table_rounds_what_is_spread_for_drawing_only(support: Client) -> None:
    of_day = [reading(value, at=f"202601{day}000000", register="DY") for value, day in (("0", "01"), ("10", "04"))]
    of_night = [reading(value, at=f"202601{day}000000", register="NT") for value, day in (("0", "01"), ("7", "03"))]
    stated(block(*of_day, *of_night))
    words = text_of(page(support))
    assert "Total 17.0" in words
    assert "01 Jan 2026 03 Jan 2026 2 13.666667 6.833333 Actual" in words
    assert "03 Jan 2026 04 Jan 2026 1 3.333333 3.333333 Actual" in words
    assert "No reading of register NT of meter K12B 04567 after 03 Jan 2026" in words


def test_meter_without_a_second_reading_is_no_point_in_the_chart(support: Client) -> None:
    stated(
        block(reading("0", at="20260101000000"), reading("300", at="20260131000000"), meter="OLD"),
        block(reading("0", at="20260210000000"), meter="NEW", kind="I"),
    )
    html = page(support)
    assert len(drawing(html)["lines"]) == 1
    words = text_of(html)
    assert "10 Feb 2026: meter OLD (register S) replaced by meter NEW (register S)." in words
    assert "No final reading of meter OLD: the use between 31 Jan 2026 and 10 Feb 2026 is unknown." in words


def test_estimates_are_marked_with_their_share(support: Client) -> None:
    stated(block(reading("100", at="20260101000000"), reading("400", at="20260131000000")))
    stated(block(reading("500", at="20260210000000"), kind="D"), number=2)
    html = page(support)
    assert drawing(html)["lines"][0]["marks"] == "AE"
    words = text_of(html)
    assert "Not actual 25.0 % 10 of 40 calendar days" in words
    assert "Estimated: 25.0 % of 400.0 register units, 10 of 40 calendar days" in words
    assert "31 Jan 2026 10 Feb 2026 10 100 10 Estimated" in words


def test_each_direction_of_intervals_has_a_chart_in_one_unit(support: Client) -> None:
    three = [mdff.day(f"202602{day:02}", values=",".join(["1.5"] * 48)) for day in (1, 2, 4)]
    deliver(mdff.nem12(mdff.channel(*three), mdff.channel(*three, suffix="B1", register="2")), "a.csv")
    html = page(support, mdff.NMI)
    words = text_of(html)
    assert drawing(html, "use-2")["unit"] == "kWh"
    assert "From grid (consumption), channels E (kWh)" in words
    assert "To grid (generation), channels B (kWh)" in words
    assert words.count("Mean per day 72.0 kWh 216.0 in 3 calendar days") == 2
    assert words.count("No intervals on 1 calendar day: 03 Feb 2026.") == 2
    assert "Last actual day 04 Feb 2026" in words


def test_consumption_without_quality_has_no_share(support: Client) -> None:
    consumer("3000", *days("2016-10-29", 3))
    words = text_of(page(support, "3000"))
    assert "Total 1.440 kWh 29 Oct 2016 – 31 Oct 2016" in words
    assert "Mean per day 0.480 kWh 1.440 in 3 calendar days" in words
    assert "Last day 31 Oct 2016" in words
    assert "Not actual" not in words


def test_support_downloads_no_values(support: Client) -> None:
    exchange()
    assert "csv=use-1" not in page(support)
    assert support.get(f"/meter-points/{MPAN}/", {"csv": "use-1"}).status_code == 403


def test_analyst_downloads_the_values_of_a_chart() -> None:
    exchange()
    analyst = client_of(ANALYST)
    assert "csv=use-1" in page(analyst)
    response = analyst.get(f"/meter-points/{MPAN}/", {"csv": "use-1"})
    lines = b"".join(response.streaming_content).decode().splitlines()  # type: ignore[attr-defined]
    assert lines[0] == "From,To,Calendar days,Amount (register units),Per day (register units),Quality"
    assert lines[-1] == "31 Jan 2026,28 Feb 2026,28,280,10,Actual"


def test_mean_of_a_reading_counts_calendar_days(support: Client) -> None:
    stated(
        block(
            reading("0", at="20260328000000"),
            reading("20", at="20260330000000"),
            reading("21", at="20260330120000"),
        )
    )
    words = text_of(page(support))
    assert "20 20 10.00 over 2 days" in words
    assert "21 1 – Routine" in words


def test_statements_of_one_reading_are_together(support: Client) -> None:
    for number, sender in ((1, "D|ZZDC"), (2, "X|ZZAL")):
        lines = block(reading("1.0", register="DY"), reading("2.0", register="NT"), status="VU"[number - 1])
        deliver(flow(lines, identifier=f"F{number}", sender=sender), f"{number}.usr")
    words = text_of(page(support)).rpartition(" Readings ")[2]
    found = re.findall(r"(same register and time|01 Mar 2026 00:00:00 GMT) K12B 04567 (DY|NT)", words)
    assert [(time == "same register and time", register) for time, register in found] == [
        (False, "DY"),
        (True, "DY"),
        (False, "NT"),
        (True, "NT"),
    ]


def test_number_of_queries_does_not_grow_with_the_history(support: Client) -> None:
    def look() -> int:
        with CaptureQueriesContext(connection) as executed:
            page(support, mdff.NMI)
        return len(executed)

    def history(year: int, number: int) -> bytes:
        days = [f"{date(year, 1, 1) + timedelta(day):%Y%m%d}" for day in range(number)]
        lines = [mdff.day(day, values=",".join(["1"] * 48), updated=f"{year + 1}0101000000") for day in days]
        serial_number = f"SN{year}"
        channels = (mdff.channel(*lines, serial_number=serial_number, suffix=suffix) for suffix in ("E1", "B1"))
        return mdff.nem12(*channels, created=f"{year + 1}01010000")

    def reads(year: int) -> bytes:
        return mdff.nem13(
            mdff.accumulation(
                "0",
                "9",
                "9",
                previous_at=f"{year}0101093000",
                current_at=f"{year}0401093000",
                serial_number=f"R{year}",
            )
        )

    deliver(history(2020, 3), "a.csv")
    deliver(reads(2020), "b.csv")
    look()
    number = look()
    for year in (2021, 2022):
        deliver(history(year, 40), f"{year}.csv")
        deliver(reads(year), f"{year}-reads.csv")
    assert look() <= number
    assert number <= MOST_QUERIES

"""The latest reading of each register on the page of its meter point."""

from __future__ import annotations

import pytest
from django.test import Client

from tests.making import mdff
from tests.making.dtc import MPAN, block, flow, reading
from tests.running.imported import deliver
from tests.running.pages import support_client, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgresql]


@pytest.fixture
def support() -> Client:
    return support_client()


def latest(client: Client, identifier: str = MPAN, **query: str) -> str:
    """Return the part of the page with the latest readings."""
    words = text_of(client.get(f"/meter-points/{identifier}/", query).content.decode())
    return words.partition(" Kind ")[2].partition(" Superseded and withdrawn ones are left out.")[0]


def stated(*lines: list[str], number: int = 1, **header: str) -> None:
    created = f"202604{number:02}061500"
    assert deliver(flow(*lines, identifier=f"F{number}", created=created, **header), f"{number}.usr").outcome


def test_actual_reading_is_first_and_later_ones_of_each_other_kind_follow(support: Client) -> None:
    stated(block(reading("100.0", at="20260201000000")))
    for number, (value, kind, flag) in enumerate(
        (("150.0", "D", "T"), ("160.0", "C", "T"), ("900.0", "R", "F")), start=2
    ):
        stated(block(reading(value, at=f"202603{number:02}000000", flag=flag), kind=kind), number=number)
    words = latest(support)
    parts = (
        "100.0 01 Feb 2026 00:00:00 GMT Actual Routine (R) 1.usr",
        "900.0 04 Mar 2026 00:00:00 GMT Doubtful Routine (R), suspect 4.usr",
        "160.0 03 Mar 2026 00:00:00 GMT Customer’s own Customer own read (C) 3.usr",
        "150.0 02 Mar 2026 00:00:00 GMT Estimate Deemed or estimated (D) 2.usr",
    )
    places = [words.index(part) for part in parts]
    assert places == sorted(places)


def test_earlier_readings_of_other_kinds_are_left_out(support: Client) -> None:
    stated(block(reading("90.0", at="20260101000000"), kind="D"))
    stated(block(reading("80.0", at="20260102000000", flag="F")), number=2)
    stated(block(reading("100.0", at="20260201000000")), number=3)
    words = latest(support)
    assert "Actual" in words
    assert "Estimate" not in words
    assert "Doubtful" not in words


def test_every_register_is_listed_also_without_an_actual_reading(support: Client) -> None:
    stated(block(reading("1.0", register="DY"), reading("2.0", register="NT", flag="F")))
    stated(block(reading("3.0", register="EV"), kind="D"), number=2)
    words = latest(support)
    assert words.count("Register ") == 3
    assert "Register DY Meter K12B 04567 1.0 01 Mar 2026 00:00:00 GMT Actual" in words
    assert "Register NT Meter K12B 04567 2.0 01 Mar 2026 00:00:00 GMT Doubtful" in words
    assert "Register EV Meter K12B 04567 3.0 01 Mar 2026 00:00:00 GMT Estimate" in words


def test_initial_reading_is_the_latest_and_the_final_one_closes_the_old_meter(support: Client) -> None:
    stated(
        block(reading("500.0"), meter="OLD", kind="F"),
        block(reading("0.0"), meter="NEW", kind="I"),
    )
    words = latest(support)
    new, old = words.split(" Registers of meters no longer in use ")
    assert "Register S Meter NEW 0.0 01 Mar 2026 00:00:00 GMT Actual Initial (I)" in new
    assert "Register S Meter OLD Removed 500.0 01 Mar 2026 00:00:00 GMT Actual Final (F)" in old


def test_superseded_and_withdrawn_readings_are_never_the_latest(support: Client) -> None:
    stated(block(reading("100.0")))
    stated(block(reading("120.0")), number=2)
    stated(block(reading("900.0", at="20260302000000")), number=3)
    stated(block(reading("900.0", at="20260302000000"), kind="W"), number=4)
    words = latest(support)
    assert "120.0 01 Mar 2026" in words
    assert "100.0" not in words
    assert "900.0" not in words


def test_read_of_a_nmi_has_the_badge_of_its_quality(support: Client) -> None:
    first = {"previous_at": "20250901093000", "current_at": "20251201093000"}
    second = {"previous_at": "20251201093000", "current_at": "20260301093000"}
    deliver(
        mdff.nem13(
            mdff.accumulation("0", "300", "300", **first),
            mdff.accumulation("300", "580", "280", current_quality="E64,,", **second),
            mdff.accumulation("0", "7", "7", register="2", suffix="41", current_quality="F61,77,", **first),
        ),
        "a.csv",
    )
    words = latest(support, mdff.NMI)
    assert "300 01 Dec 2025 09:30:00 UTC+10:00 Actual Actual (A)" in words
    assert "580 01 Mar 2026 09:30:00 UTC+10:00 Estimate Forward estimate (E64: agreed)" in words
    assert "7 01 Dec 2025 09:30:00 UTC+10:00 Substituted Final substitute (F61: previous year)" in words


def test_channel_has_its_latest_actual_day_and_its_latest_day(support: Client) -> None:
    ones = ",".join(["1"] * 48)
    days = [mdff.day(f"202602{day:02}", values=ones, quality=quality) for day, quality in ((1, "A"), (2, "V"))]
    deliver(
        mdff.nem12(
            mdff.channel(*days, "400,1,24,A,79,", "400,25,48,A,,", mdff.day("20260203", values=ones, quality="E64"))
        ),
        "a.csv",
    )
    words = latest(support, mdff.NMI)
    assert "48 kWh 02 Feb 2026 Actual Varies within the day (V)" in words
    assert "48 kWh 03 Feb 2026 Estimate Forward estimate (E64: agreed)" in words
    assert "01 Feb 2026" not in words


def test_test_data_has_its_latest_readings_on_its_own_page(support: Client) -> None:
    stated(block(reading("777.0")), test_flag="TEST")
    assert "777.0 01 Mar 2026 00:00:00 GMT Actual" in latest(support, scheme="TEST_MPAN")

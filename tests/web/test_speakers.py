"""Who stated the values on the page of a meter point, and which of them count."""

from __future__ import annotations

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from readings.models import MeterPoint
from readings.queries.meter_point_files import files_of
from tests.making import mdff
from tests.making.dtc import MPAN, block, flow, reading
from tests.making.mdff import channel, day, nem12
from tests.running.imported import codes, deliver
from tests.running.pages import support_client, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgresql]

SUPPLIER = "X|ZZAL"


@pytest.fixture
def support() -> Client:
    return support_client()


def page(client: Client, identifier: str = MPAN) -> str:
    response = client.get(f"/meter-points/{identifier}/")
    assert response.status_code == 200
    return text_of(response.content.decode())


def stated(value: str, number: int, *, sender: str = "D|ZZDC", status: str = "V", kind: str = "R") -> None:
    """Import a file, numbered by the day of March 2026 on which it was made."""
    lines = block(reading(value), status=status, kind=kind)
    content = flow(lines, identifier=f"F{number}", created=f"202603{number:02}061500", sender=sender)
    assert deliver(content, f"{number}.uff").outcome == "IMPORTED"


def test_one_sender_is_named_once(support: Client) -> None:
    stated("100.0", 5)
    words = page(support)
    assert "All readings were stated by Data collector ZZDC." in words
    assert words.count("Data collector ZZDC") == 1
    assert "5.uff line 4, stated 05 Mar 2026 06:15 GMT" in words
    assert " Counts " not in words


def test_correction_is_named_with_value_time_and_reason(support: Client) -> None:
    stated("100.0", 5)
    stated("120.0", 6)
    why = "Superseded by 120.0 : a later statement of the same sender."
    assert f"{why} Stated 06 Mar 2026 06:15 GMT, line 4 of 6.uff" in page(support)


def test_validated_reading_counts_before_the_copy_of_another_sender(support: Client) -> None:
    stated("100.0", 5)
    stated("150.0", 6, sender=SUPPLIER, status="U")
    words = page(support)
    assert "2 senders stated readings: Data collector ZZDC, Supplier ZZAL." in words
    assert "Counts Supplier ZZAL states 150.0 (not validated)." in words
    why = "Superseded by 100.0 of Data collector ZZDC: it is validated, this one is not validated."
    assert f"{why} Stated 05 Mar 2026 06:15 GMT, line 4 of 5.uff" in words
    assert "Supplier ZZAL 6.uff line 4, stated 06 Mar 2026" in words
    assert (
        "100.0 01 Mar 2026 00:00:00 GMT Actual Routine (R) Counts Supplier ZZAL states 150.0 (not validated)."
        in words
    )


def test_later_word_of_another_sender_counts(support: Client) -> None:
    stated("100.0", 5)
    stated("100.0", 6, sender=SUPPLIER)
    words = page(support)
    assert "a later statement of another sender." in words
    assert "Counts Data collector ZZDC states the same value." in words


def test_statement_whose_sender_changed_its_mind_gives_that_reason(support: Client) -> None:
    stated("100.0", 5, sender=SUPPLIER)
    stated("110.0", 6, sender="D|ZZDC")
    stated("120.0", 7, sender="D|ZZDC", status="U")
    words = page(support)
    assert "its own sender stated another value since." in words
    assert "Counts Data collector ZZDC states 120.0 (not validated)." in words


def test_validated_reading_that_its_sender_replaced_gives_that_reason(support: Client) -> None:
    stated("100.0", 5)
    stated("110.0", 6, status="U")
    stated("120.0", 7, status="U", sender=SUPPLIER)
    words = page(support)
    assert "Superseded by 120.0 of Supplier ZZAL: its own sender stated another value since." in words
    assert "Superseded by 120.0 of Supplier ZZAL: a later statement of another sender." in words


def test_later_line_of_the_same_file_gives_that_reason(support: Client) -> None:
    deliver(flow(block(reading("100.0"), reading("120.0"))), "f")
    assert "Superseded by 120.0 : a later line of the same file." in page(support)


def test_files_of_the_same_time_give_that_reason(support: Client) -> None:
    deliver(flow(block(reading("100.0"))), "a")
    deliver(flow(block(reading("120.0")), identifier="B"), "b")
    assert "both files have the same time, and its file has the greater hash." in page(support)


def test_files_without_a_sender_are_one_of_several_senders(support: Client) -> None:
    headed = mdff.nem13(mdff.accumulation())
    deliver(headed, "a.csv")
    record = mdff.accumulation(previous="001300.0", current="001400.0", quantity="100.0")
    deliver(headed.replace(b"MDPA,RETB", b",").replace(mdff.accumulation().encode(), record.encode()), "b.csv")
    words = page(support, mdff.NMI)
    assert "2 senders stated readings: files without a sender, MDPA." in words


def test_withdrawal_names_the_reading_and_the_reading_its_withdrawal(support: Client) -> None:
    stated("100.0", 5)
    stated("100.0", 6, kind="W")
    words = page(support)
    assert "Withdrawn by Data collector ZZDC. Stated 06 Mar 2026 06:15 GMT, line 4 of 6.uff" in words
    assert "Takes back 100.0. Stated 05 Mar 2026 06:15 GMT, line 4 of 5.uff" in words
    assert "No valid reading." in words


def test_two_withdrawals_both_take_the_reading_back(support: Client) -> None:
    stated("100.0", 5)
    stated("100.0", 6, kind="W")
    stated("100.0", 7, kind="W", sender="D|ZZOT")
    words = page(support)
    assert words.count("Takes back 100.0. ") == words.count("Takes back 100.0 of Data collector ZZDC. ") == 1


def test_withdrawal_of_another_value_takes_back_nothing(support: Client) -> None:
    stated("100.0", 5)
    stated("999.0", 6, kind="W")
    assert "Takes back nothing: no reading of this value is stored for this register and time." in page(support)


def test_withdrawal_of_another_role_takes_back_nothing(support: Client) -> None:
    stated("100.0", 5)
    stated("100.0", 6, kind="W", sender=SUPPLIER)
    assert "Takes back nothing: 100.0 of Data collector ZZDC has a sender in another role." in page(support)


def test_withdrawn_reading_that_is_stated_again_counts_again(support: Client) -> None:
    stated("100.0", 5)
    stated("100.0", 6, kind="W")
    stated("100.0", 7)
    words = page(support)
    assert "Takes back nothing: 100.0 was stated later, 07 Mar 2026 06:15 GMT." in words
    assert "Stated again 07 Mar 2026 06:15 GMT, line 4 of 7.uff" in words
    assert "Withdrawn" not in words


def test_files_that_only_repeat_are_listed_with_their_lines(support: Client) -> None:
    stated("100.0", 5)
    stated("100.0", 6)
    lines = block(reading("100.0"), reading("200.0", at="20260302000000"))
    report = deliver(flow(lines, identifier="F7", created="20260307061500"), "7.uff")
    assert (report.repeats, codes(report)) == (1, [])
    (point,) = MeterPoint.objects.all()
    assert [(each.rows, each.repeats) for each in files_of(point)] == [(2, 1), (1, 1), (1, 0)]
    files = page(support).rpartition(" Lines ")[2]
    assert files.index("7.uff") < files.index("6.uff") < files.index("5.uff")
    assert "2 1 repeat " in files
    assert "1 only repeats " in files


def test_interval_day_is_stated_again_in_another_file(support: Client) -> None:
    deliver(nem12(channel(day())), "a.csv")
    deliver(nem12(channel(day(updated="20260302021500")), created="202604010000"), "b.csv")
    assert "Stated again 02 Mar 2026 02:15 UTC+10:00, line 3 of b.csv" in page(support, mdff.NMI)


def test_meters_and_registers_that_differ_only_in_spelling_are_noted(support: Client) -> None:
    one = block(reading("1.0", register="1"), reading("2.0", register="01"), meter="K12B 04567")
    two = block(reading("3.0", register="1"), meter="k12B04567")
    three = block(reading("4.0", register="1"), reading("4.0", register="01"), meter="L1")
    deliver(flow(one, two, three), "f")
    words = page(support)
    assert "Meters K12B 04567 and k12B04567 differ only in spelling: probably one meter." in words
    assert "Registers 1 and 01 differ only in leading zeros: probably one register." in words
    assert "Registers 1 and 01 of meter L1 differ only in leading zeros: probably one register." in words


def test_meters_without_a_serial_number_are_not_alike(support: Client) -> None:
    deliver(nem12(channel(day())), "a.csv")
    assert "differ only" not in page(support, mdff.NMI)


@pytest.mark.parametrize("number", [2, 12])
def test_number_of_queries_does_not_grow_with_the_speakers(support: Client, number: int) -> None:
    for each in range(1, number + 1):
        stated(f"{each}.0", each, sender=f"D|ZZ{each:02}")
        stated(f"{each}.0", each, sender=f"D|ZZ{each:02}", kind="W")
    with CaptureQueriesContext(connection) as executed:
        page(support)
    assert len(executed) <= 33

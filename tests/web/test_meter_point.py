import re
from decimal import Decimal

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from readings.formats.mdff.catalogue.nmi import nmi_check_digit
from readings.imports.problems import MOST_OF_A_CODE
from readings.models import FlowFile, IntervalDay, MeterPoint, Reading, Scheme, Surplus
from readings.models.advances import Standing
from readings.models.roles import ANALYST
from readings.queries import meter_point as queries
from readings.queries.findings import LISTED
from tests.making import mdff
from tests.making.dtc import flow, mpan, reading_of
from tests.running.imported import deliver, deliver_sample
from tests.running.pages import client_of, logged_in, support_client, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgresql]

#: Number of queries, at most: session, user, permissions; the meter point with meters, charts and files; readings;
#: problems and surpluses with the names of their files; doubtful readings; statements beside those of the page; the
#: entry in the trail.
MOST_QUERIES = 34
#: Beginning of the statement that nothing is wrong.
NOTHING = "No problems: none is stored about this meter point, and none of its current readings is suspect."


@pytest.fixture
def support() -> Client:
    return support_client()


@pytest.fixture
def analyst() -> Client:
    return client_of(ANALYST)


def page(client: Client, identifier: str, **query: str) -> str:
    response = client.get(f"/meter-points/{identifier}/", query)
    assert response.status_code == 200
    return text_of(response.content.decode())


def page_at(client: Client, address: str) -> str:
    return text_of(client.get(address).content.decode())


def section(words: str, heading: str, following: str) -> str:
    """Return the text of a page between two headings, after its list of sections."""
    return words.rpartition(f" {heading} ")[2].partition(f" {following} ")[0]


def months(number: int, first: int = 20_000, step: int = 300, start: int = 2020) -> tuple[str, ...]:
    """Return readings of one register, on the first of each month."""
    lines = [
        f"030|S|{start + month // 12}{month % 12 + 1:02}01000000|{first + step * month}.0|||T|P|"
        for month in range(number)
    ]
    return (f"026|{mpan(1)}|V|", "028|K000001|R|", *lines)


def test_readings_are_listed_in_words_with_sender_file_and_line(support: Client) -> None:
    deliver_sample("d0010.uff")
    words = page(support, "3190001042118")
    assert words.count("Routine (R) Valid · BSC status: Validated (V) · Viewed by an agent (P)") == 3
    assert "All readings were stated by Data collector ZZDC." in words
    assert "d0010.uff line 6, stated 03 Mar 2025 06:15 GMT" in words


def test_advance_and_mean_per_day_are_between_actual_readings(support: Client) -> None:
    deliver_sample("d0010.uff")
    words = page(support, "3190001042118")
    assert "20998.2 267.7 9.56 over 28 days" in words
    assert "20730.5 313.5 10.11 over 31 days" in words
    assert "20417.0 – –" in words


def test_estimate_has_its_own_advance_and_begins_none(support: Client) -> None:
    deliver(flow(*reading_of(1, day="20260101", value="100.0")), "a")
    deliver(flow(*reading_of(1, day="20260111", value="900.0", reading_type="D"), identifier="B"), "b")
    deliver(flow(*reading_of(1, day="20260121", value="300.0"), identifier="C"), "c")
    words = page(support, mpan(1))
    assert "900.0 800.0 To an estimate 80.00 over 10 days" in words
    assert "300.0 200.0 10.00 over 20 days" in words


def test_a_suspect_reading_has_no_advance(support: Client) -> None:
    deliver(flow(*reading_of(1, day="20260101", value="100.0")), "a")
    deliver(flow(*reading_of(1, day="20260111", value="900.0", flag="F"), identifier="B"), "b")
    assert "900.0 – – Routine (R) Suspect" in page(support, mpan(1))


def test_plausible_rollover_is_explained(support: Client) -> None:
    deliver(flow(*reading_of(1, day="20260101", value="99990.0")), "a")
    deliver(flow(*reading_of(1, day="20260111", value="10.0"), identifier="B"), "b")
    words = page(support, mpan(1))
    assert "10.0 20.0 2.00 over 10 days" in words
    assert "taken as a rollover: 9xxxx → 0xxxx with 5 digits if the dial has that many" in words


def test_maximum_demand_has_no_advance(support: Client) -> None:
    groups = (
        f"026|{mpan(1)}|V|",
        "028|K000001|R|",
        "030|02|20260101000000|42.7|20260101000000|1|T|P|",
        "030|02|20260201000000|40.2|20260201000000|1|T|P|",
    )
    deliver(flow(*groups), "f")
    words = page(support, mpan(1))
    assert "40.2 – – Routine (R)" in words
    assert "02 Maximum demand 01 Jan 2026 – 01 Feb 2026" in words
    assert "Mean per day" not in words


def test_removed_meter_is_listed_after_the_one_in_use(support: Client) -> None:
    deliver_sample("d0010_all_groups.uff")
    words = page(support, "3190007000052")
    meters = words.partition("Installed, removed")[2]
    assert meters.index("P25D 71144") < meters.index("P09D 00318 Removed")
    assert "removed 27 Feb 2025 00:00:00 GMT, register S at 99998.0" in words
    assert "installed 27 Feb 2025 00:00:00 GMT, register S at 0.0" in words
    assert "Change of meter (10) – Meter P09D 00318" in words


def test_superseded_reading_links_to_its_correction(support: Client) -> None:
    deliver(flow(*reading_of(1, value="100.0")), "first")
    deliver(flow(*reading_of(1, value="120.0"), identifier="B"), "second")
    words = page(support, mpan(1))
    assert "Superseded" in words
    assert "Stated 05 Mar 2026 06:15 GMT, line 4 of second" in words


def test_withdrawn_reading_links_to_its_withdrawal(support: Client) -> None:
    deliver_sample("d0010.uff")
    deliver_sample("d0010_withdrawal.uff")
    point = Reading.objects.exclude(withdrawn_by=None).get().meter_point
    assert "line 4 of d0010_withdrawal.uff" in page(support, point.identifier)


def test_a_nmi_shows_reads_accumulations_and_days(support: Client) -> None:
    deliver_sample("nem12.csv")
    deliver_sample("nem13.csv")
    words = page(support, "6123456789")
    assert "Times are NEM time, UTC+10:00, all year." in words
    assert "001300.0 65.5 0.74 over 89 days Actual (A)" in words
    assert "65.5 kWh nem13.csv line 2" in words
    assert "17.168 kWh Final substitute (F14: like day) Substituted nem12.csv line 8" in words


def test_rollover_proven_by_the_reported_quantity_is_explained(support: Client) -> None:
    deliver_sample("nem13.csv")
    words = page(support, "6123456789")
    assert "000120 140 To an estimate 1.57 over 89 days" in words
    assert "Advance: rolled over with 5 digits: the sender states this amount." in words
    assert "no rollover or multiplier explains" not in words


def test_a_nmi_may_have_its_check_digit(support: Client) -> None:
    deliver_sample("nem13.csv")
    response = support.get(f"/meter-points/6123456789{nmi_check_digit('6123456789')}/")
    assert response.headers["Location"] == "/meter-points/6123456789/"
    response = support.get("/meter-points/vabx210034/")
    assert response.headers["Location"] == "/meter-points/VABX210034/"


def test_a_consumer_shows_area_tariff_and_days(support: Client) -> None:
    deliver_sample("nem12.csv")
    MeterPoint.objects.update(scheme=Scheme.CONSUMER, identifier="3000", area="a1", tariff="t2")
    IntervalDay.objects.update(unit="Wh", quality_method="")
    words = page(support, "3000")
    assert "Consumer 3000 Area a1 · tariff t2. Times are local clock time" in words
    assert "/consumption/CONSUMER/3000/" in support.get("/meter-points/3000/").content.decode()


def test_test_data_is_marked_and_live_data_comes_first(support: Client) -> None:
    deliver(flow(*reading_of(1, value="100.0")), "live")
    deliver(flow(*reading_of(1, value="777.0"), identifier="T", test_flag="TEST"), "test")
    live = page(support, mpan(1))
    assert "777.0" not in live
    assert "Other meter points with this identifier" in live
    test = page(support, mpan(1), scheme="TEST_MPAN")
    assert "This is test data" in test
    assert "777.0" in test


def test_findings_concern_only_its_own_lines(support: Client) -> None:
    groups = (*reading_of(1), *reading_of(2, flag="F"), *reading_of(3))
    deliver(flow(*groups), "f")
    assert "suspect-without-reason" in page(support, mpan(2))
    for other in (1, 3):
        assert NOTHING in page(support, mpan(other))
    assert NOTHING not in page(support, mpan(2))


def test_finding_about_a_parent_record_belongs_to_the_following_meter_point(support: Client) -> None:
    serial = reading_of(2, serial_number=" K000002")
    deliver(flow(*reading_of(1), *serial, *reading_of(3)), "f")
    assert "padded-field" in page(support, mpan(2))
    assert "padded-field" not in page(support, mpan(1))
    assert "padded-field" not in page(support, mpan(3))


def test_finding_about_an_event_belongs_to_the_preceding_day(support: Client) -> None:
    event = mdff.channel(mdff.day(quality="V"), "400,1,48,F14,999,")
    deliver(mdff.nem12(event, mdff.channel(mdff.day(), nmi=mdff.OTHER_NMI)), "f")
    assert " 400 " not in page(support, mdff.OTHER_NMI)
    assert "line 4" in section(page(support, mdff.NMI), "Findings", "Files")


def test_many_findings_of_one_code_do_not_hide_another_and_the_rest_is_stated(support: Client) -> None:
    groups = [group for number in range(MOST_OF_A_CODE + 1264) for group in reading_of(number, flag="F")]
    deliver(flow(*groups, *reading_of(9999, day="20270101")), "many.uff")
    text = section(page(support, mpan(9999)), "Findings", "Files")
    assert "Warning future-reading is later than the creation date of the file many.uff , line 4,396" in text
    rest = "many.uff has 1,264 more warnings suspect-without-reason , counted but not stored"
    assert f"{rest}; some may concern this meter point." in text
    assert "suspect-without-reason" in section(page(support, mpan(0)), "Findings", "Files")
    assert NOTHING not in text


def test_suspect_reading_is_a_finding_that_links_to_it(support: Client) -> None:
    for number, flag in ((1, "T"), (2, "F"), (3, "F"), (4, "T")):
        groups = reading_of(1, day=f"2026020{number}", flag=flag)
        deliver(flow(groups[0], groups[1], groups[2], "032|27|F|" if flag == "F" else "032|27|T|"), f"f{number}")
    html = support.get(f"/meter-points/{mpan(1)}/").content.decode()
    text = section(text_of(html), "Findings", "Files")
    assert "Doubtful 2 suspect readings, the newest of 03 Feb 2026 00:00:00 GMT" in text
    assert NOTHING not in text
    address = html.partition("Doubtful")[2].partition('href="')[2].partition("#")[0].replace("&amp;", "&")
    readings = section(page_at(support, f"/meter-points/{mpan(1)}/{address}"), "Readings", "Findings")
    assert (readings.count("Suspect"), readings.count("R) Valid")) == (2, 1)


def test_problems_of_unknown_code_that_were_only_counted_are_stated(support: Client) -> None:
    deliver(flow(*reading_of(1)), "old.uff")
    Surplus.objects.create(flow_file=FlowFile.objects.get(), severity="WARNING", code="", number=1)
    text = section(page(support, mpan(1)), "Findings", "Files")
    assert text == "old.uff has 1 more warning, counted but not stored; some may concern this meter point."


def test_reading_that_failed_validation_is_a_finding(support: Client) -> None:
    deliver(flow(*reading_of(1, status="F")), "f")
    assert "1 reading that failed validation, the newest of 01 Feb 2026" in page(support, mpan(1))


def test_finding_of_a_rejected_file_is_displayed_at_its_meter_point(support: Client) -> None:
    deliver(flow(*reading_of(1, value="x")), "rejected.uff")
    deliver(flow(*reading_of(1), identifier="B"), "corrected.uff")
    text = section(page(support, mpan(1)), "Findings", "Files")
    assert "Error not-a-number" in text
    assert "rejected.uff , line 4, Register Reading: x" in text


def test_page_lists_fifty_problems_and_states_that_there_are_more(support: Client) -> None:
    lines = [f"030|S|{20260101000000 + number}|x|||T|P|" for number in range(LISTED + 1)]
    deliver(flow(f"026|{mpan(1)}|V|", "028|K000001|R|", *lines), "rejected")
    deliver(flow(*reading_of(1), identifier="B"), "good")
    text = section(page(support, mpan(1)), "Findings", "Files")
    assert text.count("Error not-a-number") == LISTED
    assert "Only 50 problems are listed, those of the newest files; there are more." in text


def test_readings_are_paged_by_key_and_advances_span_pages(support: Client) -> None:
    deliver(flow(*months(queries.PAGE + 10)), "f")
    response = support.get(f"/meter-points/{mpan(1)}/")
    html = response.content.decode()
    older = html.partition('rel="next"')[0].rpartition('href="')[2].partition("#")[0].replace("&amp;", "&")
    first, second = text_of(html), text_of(support.get(f"/meter-points/{mpan(1)}/{older}").content.decode())
    assert first.count("Routine (R) Valid") == queries.PAGE
    assert second.count("Routine (R) Valid") == 10
    assert "20000.0 – –" in second
    assert f"{20_000 + 300 * 10}.0 300.0" in first
    assert "Older readings" not in second
    assert "Newest readings" in second


@pytest.mark.parametrize("key", ["nonsense", "2026-01-01T00:00:00_x", "_1", "0001-01-01T00:00:00_1_1"])
def test_invalid_page_key_is_not_found(support: Client, key: str) -> None:
    deliver_sample("d0010.uff")
    assert support.get("/meter-points/3190001042118/", {"before": key}).status_code == 404


def test_missing_meter_point_states_the_reason(support: Client) -> None:
    response = support.get("/meter-points/3190001042119/")
    assert response.status_code == 404
    assert "The check digit of these 12 digits is 8." in text_of(response.content.decode())
    assert support.get("/meter-points/%00/").status_code == 404  # PostgreSQL stores no zero byte.


def test_page_requires_the_view_permissions() -> None:
    deliver_sample("d0010.uff")
    nobody = logged_in(User.objects.create_user("bob", is_staff=True))
    assert nobody.get("/meter-points/3190001042118/").status_code == 403
    response = Client().get("/meter-points/3190001042118/")
    assert response.headers["Location"].startswith("/log-in/")


@pytest.mark.parametrize("number", [2, 60, 200])
def test_number_of_queries_does_not_grow_with_the_store(support: Client, number: int) -> None:
    for part in range(0, number, 20):
        start = 2020 + part // 12
        suspects = [group for each in range(number, number + 201) for group in reading_of(each, flag="F")]
        groups = months(min(20, number - part), first=20_000 + 3_000 * part, start=start)
        suspect = groups[:2] + tuple(line.replace("|T|", "|F|") for line in groups[-1:])
        deliver(flow(*groups[:-1], *suspect, *suspects, identifier=f"F{part}"), f"f{part}")
    with CaptureQueriesContext(connection) as executed:
        text = page(support, mpan(1))
    assert "more warnings suspect-without-reason" in text
    assert len(executed) <= MOST_QUERIES


def test_annotated_standing_of_a_reading_agrees_with_the_predicates() -> None:
    for number, (kind, flag, status) in enumerate(
        (kind, flag, status) for kind in "RDWCF" for flag in ("T", "F", "") for status in "VF"
    ):
        day = f"2026{number // 28 + 1:02}{number % 28 + 1:02}"
        groups = reading_of(1, day=day, value=f"{number}.0", reading_type=kind, flag=flag, status=status)
        deliver(flow(*groups, identifier=f"F{number}"), f"f{number}")
    deliver_sample("nem13.csv")
    judged = {row.pk: row.standing for row in Reading.objects.with_standing()}
    actual, countable = (
        set(rows.values_list("pk", flat=True)) for rows in (Reading.objects.actual(), Reading.objects.countable())
    )
    assert {key for key, standing in judged.items() if standing == Standing.ACTUAL} == actual
    assert {key for key, standing in judged.items() if standing == Standing.ESTIMATE} == countable - actual
    assert {key for key, standing in judged.items() if standing == Standing.LEFT_OUT} == set(judged) - countable
    assert actual < countable < set(judged)


def test_values_keep_the_digits_that_were_sent(support: Client) -> None:
    deliver(flow(*reading_of(1, value="000100.0")), "f")
    assert Reading.objects.get().value == Decimal("100.0")
    assert "100.0" in page(support, mpan(1))


def test_exports_of_a_page_select_its_meter_point(analyst: Client) -> None:
    deliver_sample("d0010.uff")
    deliver_sample("nem12.csv")
    for identifier, days, number in (
        ("3190001042118", {"from": "", "to": ""}, 3),
        ("3190001042118", {"from": "2025-02-01", "to": "2025-02-28"}, 1),
        ("6123456789", {"from": "", "to": ""}, 192),
    ):
        html = analyst.get(f"/meter-points/{identifier}/").content.decode()
        (address,) = re.findall(r'action="(/exports/[^"]+)"', html)
        hidden = dict(re.findall(r'type="hidden" name="([^"]+)" value="([^"]+)"', html.partition(address)[2]))
        response = analyst.get(address, {**hidden, **days})
        assert response.status_code == 200
        assert b"".join(response).count(b"\r\n") == number + 1

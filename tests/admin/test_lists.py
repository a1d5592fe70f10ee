import re
from html import unescape
from urllib.parse import unquote

import pytest
from django.apps import apps
from django.contrib.auth.models import Group, User
from django.core.management import call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from readings.models import FlowFile, MeterPoint, Problem, Reading
from readings.queries import details, lists
from readings.queries.flow_files.problems import PAGE
from readings.web.flow_files.problems import SHOWN
from tests.making.dtc import flow, mpan, reading_of
from tests.running.imported import deliver, deliver_sample
from tests.running.pages import get, lines, logged_in, nav, notes, page_of, support_client, text_of
from tests.running.places import SAMPLES

pytestmark = [pytest.mark.django_db, pytest.mark.slow]

LISTS = ("reading", "flowfile", "arrival", "problem", "meterpoint", "meter", "sitevisit")
#: Number of queries of a list, at most: session, user, permissions, search, count, rows, and their related rows.
MOST_QUERIES = 12


@pytest.fixture
def support() -> Client:
    return support_client()


@pytest.fixture
def administrator() -> Client:
    return logged_in(User.objects.create_superuser("root"))


def test_reading_is_listed_in_words(support: Client) -> None:
    deliver_sample("d0010.uff")
    (line,) = lines(get(support, "reading", q="3690005901426"))
    assert line == ("3690005901426 36933511 S 28 Feb 2025 14:25:00 GMT 702.4 Special (S) Valid d0010.uff")


@pytest.mark.parametrize(
    ("reading_type", "words"),
    [
        ("D", "Deemed or estimated (D) Estimate"),
        ("O", "Old supplier's estimated change of supplier reading (O) Estimate"),
        ("C", "Customer own read (C) Customer read"),
        ("W", "Withdraws an earlier reading (W) Withdrawal"),
        ("R", "Routine (R)"),
        ("K", "Unknown code (K)"),
    ],
)
def test_estimate_is_marked(support: Client, reading_type: str, words: str) -> None:
    deliver(flow(*reading_of(1, reading_type=reading_type)), "f")
    (line,) = lines(get(support, "reading"))
    assert line.endswith(f"100.0 {words} Valid f")


@pytest.mark.parametrize(
    ("flag", "result", "words"),
    [
        ("T", "", "Valid"),
        ("F", "", "Suspect"),
        ("", "", "None"),
        ("F", "032|05|T|", "Suspect, later valid"),
        ("F", "032|05|F|", "Suspect"),
        ("", "032|05|F|", "Suspect"),
    ],
)
def test_flag_is_displayed_in_words(support: Client, flag: str, result: str, words: str) -> None:
    groups = (*reading_of(1, flag=flag), *filter(None, [result]))
    deliver(flow(*groups), "f")
    (line,) = lines(get(support, "reading"))
    assert line.endswith(f"Routine (R) {words} f")


def test_reading_that_failed_validation_is_marked(support: Client) -> None:
    deliver(flow(*reading_of(1, status="F")), "f")
    assert "Routine (R) Failed validation" in lines(get(support, "reading"))[0]


def test_a_corrected_reading_is_struck_through(support: Client) -> None:
    deliver_sample("d0010.uff")
    deliver_sample("d0010_correction.uff")
    html = get(support, "reading", q="S95204418")
    corrected, correction = sorted(lines(html))
    assert "8120 Customer own read (C) Superseded" in corrected
    assert "Superseded" not in correction
    assert "<s>8120</s>" in html
    assert "<s>8210</s>" not in html


def test_a_withdrawn_reading_is_struck_through(support: Client) -> None:
    deliver_sample("d0010.uff")
    deliver_sample("d0010_withdrawal.uff")
    html = get(support, "reading", q="D0248399")
    assert html.count("<s>46102.0</s>") == 1
    assert sum("Withdrawn" in line for line in lines(html)) == 1


def test_times_are_british_clock_time_with_their_zone(support: Client) -> None:
    deliver_sample("d0010_change_nights.uff")
    text = " ".join(lines(get(support, "reading")))
    assert "01 Jul 2025 00:00:00 BST" in text
    assert "01 Nov 2025 23:59:59 GMT" in text
    assert "26 Oct 2025 01:30:00 BST sent as 20251026013000" in text


def test_test_data_has_a_list_of_its_own(support: Client) -> None:
    deliver_sample("d0010.uff")
    deliver_sample("d0010_test_flag.uff")
    assert len(lines(get(support, "reading"))) == 10
    (line,) = lines(get(support, "reading", data="test"))
    assert "Test data" in line
    (live,) = lines(get(support, "reading", q="3290002209572"))
    assert "8120" in live
    html = get(support, "reading", q="d0010_test_flag.uff")
    assert lines(html) == []
    assert "Test data has a list of its own" in notes(html)
    assert re.search(r'<a href="\?[^"]*data=test[^"]*">search test data</a>', html)


def test_unknown_name_is_answered_with_search_help(support: Client) -> None:
    deliver_sample("d0010.uff")
    html = get(support, "reading", q="3690005901 36933511")
    assert notes(html) == (
        "Meter 36933511 at MPAN 3690005901426 "
        "“3690005901”: nothing has this name in full. Search for a part of a name"
    )
    assert '<a href="/search?q=3690005901">' in html
    assert "An MPAN, an NMI (its check digit may follow), a meter's serial number" in text_of(html)


@pytest.mark.parametrize("text", ["01 801 902 3690005901426", "S 01 801 902 3690005901426", "018019023690005901426"])
def test_supply_number_of_a_bill_finds_the_readings_of_its_mpan(support: Client, text: str) -> None:
    deliver_sample("d0010.uff")
    (line,) = lines(get(support, "reading", q=text))
    assert "3690005901426" in line


def test_a_mistyped_mpan_is_answered_with_its_check_digit(support: Client) -> None:
    html = get(support, "reading", q="3690005901427")
    assert "“3690005901427”: the check digit of these 12 digits is 6." in notes(html)


def test_search_text_is_escaped(support: Client) -> None:
    html = get(support, "reading", q="<script>alert(1)</script>")
    assert "<script>alert" not in html
    assert "“<script>alert(1)</script>”" in notes(html)


def test_note_reports_a_file_that_contains_only_repeats(support: Client) -> None:
    deliver_sample("d0010.uff")
    groups = ("026|3690005901426|V|", "028|36933511|S|", "030|S|20250228142500|702.4|||T|P|")
    report = deliver(flow(*groups), "again.uff")
    assert (report.readings, report.repeats) == (0, 1)
    html = get(support, "reading", q="again.uff")
    assert "File again.uff contains only repeats: earlier files contain the same 1 reading" in notes(html)
    assert f'File <a href="/flow-files/{report.sha256}/">again.uff</a> contains only repeats' in html
    assert "Repeats 1 Header" in page_of(support, FlowFile.objects.get(sha256=report.sha256))


def test_note_reports_a_rejected_file(support: Client) -> None:
    deliver_sample("d0010_two_faults.uff")
    html = get(support, "reading", q="d0010_two_faults.uff")
    assert "d0010_two_faults.uff was rejected: nothing was stored" in notes(html)


def test_reading_links_to_its_file(support: Client) -> None:
    flow_file = deliver_sample("d0010.uff")
    html = get(support, "reading", q="3690005901426")
    (row,) = re.findall(r"<tr.*?</tr>", html.partition("<tbody>")[2], re.DOTALL)
    assert f'<a href="/flow-files/{flow_file.sha256}/">d0010.uff</a>' in row


def test_page_of_a_file_shows_its_outcome(support: Client) -> None:
    content = flow(*reading_of(1), identifier="ABC")
    deliver(content, "first.uff")
    deliver(content, "second.uff", by_whom="bob")
    text = page_of(support, FlowFile.objects.get())
    for words in (
        "first.uff Imported Report Report as JSON Header Problems Readings Arrivals",
        "Meter points 1 Meters 1 Registers 1 New readings 1 Header",
        "File identifier ABC From ZZDC (NHHDC) To ZZSU (Supplier)",
        "first.uff Command ann 05 Mar 2026 12:00:00 GMT Imported archive/first.uff",
        "second.uff Command bob 05 Mar 2026 12:00:00 GMT Duplicate archive/second.uff",
        f"4 {mpan(1)} K000001 S 01 Feb 2026 00:00:00 GMT 100.0 Routine (R)",
    ):
        assert words in text
    assert "Repeats" not in text


def test_page_of_a_file_links_to_its_readings(support: Client) -> None:
    few = deliver_sample("d0010.uff")
    html = get(support, f"flowfile/{few.pk}/change")
    assert len(lines(html)) == few.readings
    assert "Show all" not in html
    number = details.MOST_STATEMENTS + 1
    groups = [group for each in range(number) for group in reading_of(each)]
    for flag in ("OPER", "TEST"):
        report = deliver(flow(*groups, test_flag=flag), f"{flag}.uff")
        html = get(support, f"flowfile/{FlowFile.objects.get(sha256=report.sha256).pk}/change")
        assert len(lines(html)) == details.MOST_STATEMENTS
        link = re.search(rf'The first {details.MOST_STATEMENTS} of {number}\. <a href="([^"]*)">Show all</a>', html)
        assert link
        listed = lines(support.get(unescape(link[1])).content.decode())
        assert len(listed) == number
        assert all(f"{flag}.uff" in line for line in listed)


def test_page_of_a_file_lists_its_problems_by_code(support: Client) -> None:
    faults = (SAMPLES / "d0010_two_faults.uff").read_bytes()
    deliver(faults.replace(b"|K12B 04567|", b"| K12B 04567|"), "bad.uff")
    text = page_of(support, FlowFile.objects.get())
    assert "Errors 2 Warnings 1" in text
    expected = (
        "Error Wrong check digit wrong-check-digit Line: 2 . The check digit of these 12 digits is 6.",
        "Line 2 · record 026 · MPAN Core 3690005901427",
        "Error Not a date time not-a-date-time Line: 7 . Is not in the calendar; expected",
        "Line 7 · record 030 · Reading Date & Time · 3190001042118 20250230000000",
        "1 warning Warning Padded field padded-field Line: 6 .",
        "Line 6 · record 028",
    )
    places = [text.find(words) for words in expected]
    assert -1 not in places
    assert places == sorted(places)


def test_page_of_a_file_lists_the_first_problems_and_leads_to_the_others(support: Client) -> None:
    bad = "".join(f"030|S|20260201000000|{number}.25|||T|P|\n" for number in range(150))
    deliver(flow(*reading_of(1)[:2], *bad.splitlines()), "bad.uff")
    flow_file = FlowFile.objects.get()
    html = get(support, f"flowfile/{flow_file.pk}/change")
    assert "Errors 150" in text_of(html)
    assert html.count('<li id="problem-') == SHOWN
    for following in ("Show 150 problems", "More problems", "More problems"):
        link = re.search(rf'<a href="([^"#]*)#problems"[^>]*>{following}</a>', html)
        assert link
        html = support.get(f"/flow-files/{flow_file.sha256}/{unescape(link[1])}").content.decode()
        assert html.count('<li id="problem-') == PAGE
    assert "First problems" in html
    assert "More problems" not in html


def test_page_of_a_reading_shows_versions_and_withdrawals(support: Client) -> None:
    deliver_sample("d0010.uff")
    deliver_sample("d0010_correction.uff")
    deliver_sample("d0010_withdrawal.uff")
    corrected = page_of(support, Reading.objects.get(value="8120"))
    assert "2 open 8210 Customer own read (C) Customer read Valid d0010_correction.uff" in corrected
    withdrawn = page_of(support, Reading.objects.get(reading_type="D"))
    assert "Withdrawn by" in withdrawn
    assert "Withdraws an earlier reading (W) Withdrawal Valid d0010_withdrawal.uff" in withdrawn
    assert "Withdraws" in page_of(support, Reading.objects.get(reading_type="W"))


def test_page_of_a_reading_shows_validation_and_site_visits(support: Client) -> None:
    deliver_sample("d0010_all_groups.uff")
    text = page_of(support, Reading.objects.get(register__meter__serial_number="Z00P000017"))
    for words in (
        "BSC validation status: Failed validation (F)",
        "Reason: Consumption exceeds twice expected advance (05)",
        "Reading method: Not viewed by an agent (N)",
        "Suspected tampering (06) Cover off; agent told the distributor",
    ):
        assert words in text


def test_page_of_a_meter_point_shows_latest_readings_and_site_visits(support: Client) -> None:
    deliver_sample("d0010_all_groups.uff")
    (listed,) = lines(get(support, "meterpoint", q="3190007000016"))
    assert "M14C 22091 (registers 01, MD)" in listed
    text = page_of(support, MeterPoint.objects.get(identifier="3190007000016"))
    for words in (
        "M14C 22091 – 01 28 Feb 2025 MD Maximum demand 28 Feb 2025",
        "Register 01 Meter M14C 22091 91234.5 28 Feb 2025 00:00:00 GMT Actual Routine (R)",
        "Register MD Meter M14C 22091 42.7 28 Feb 2025 00:00:00 GMT Actual Routine (R)",
        "28 Feb 2025 00:00:00 GMT M14C 22091 MD 42.7 – – Routine (R) Valid",
        "resets: 1 d0010_all_groups.uff line 7",
        "Site occupied (01)",
        'Seals damaged (16) Seal "B" renewed Meter M14C 22091 d0010_all_groups.uff line 5',
    ):
        assert words in text


def test_latest_reading_that_is_an_estimate_is_marked(support: Client) -> None:
    deliver(flow(*reading_of(1, reading_type="D")), "f")
    text = page_of(support, MeterPoint.objects.get(identifier=mpan(1)))
    assert "100.0 01 Feb 2026 00:00:00 GMT Estimate Deemed or estimated (D)" in text


def test_a_count_stops_at_ten_thousand(support: Client) -> None:
    flow_file = deliver_sample("d0010.uff")
    Problem.objects.bulk_create(
        Problem(flow_file=flow_file, severity="ERROR", line=line, code="made-up", message="made up")
        for line in range(lists.CAP + 1)
    )
    html = get(support, "problem")
    assert "10,000+ problems" in text_of(html)
    assert "The list shows the first 10,000 problems" in notes(html)
    assert len(lines(get(support, "problem", p="200"))) == 50
    assert "10,000+" not in text_of(get(support, "reading"))


@pytest.mark.parametrize("listed", LISTS)
@pytest.mark.parametrize("query", [{}, {"q": "d0010_all_groups.uff"}, {"q": "3190007000016"}])
def test_number_of_queries_of_a_list_does_not_grow_with_its_rows(
    administrator: Client, listed: str, query: dict[str, str]
) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            get(administrator, listed, **query)
        return len(captured)

    deliver_sample("d0010_all_groups.uff")
    deliver_sample("d0010_two_faults.uff")
    few = count()
    deliver_sample("d0010.uff")
    for number in range(20):
        day = f"202602{number + 1:02}"
        content = flow(
            *("026|3190007000016|V|", "027|02|Nobody there|", f"028|M{number}|R|"),
            f"030|01|{day}000000|100.25|||T|P|" if number % 2 else f"030|01|{day}000000|1|||F|P|",
        )
        deliver(content, f"file {number}.uff")
    assert count() <= few <= MOST_QUERIES


@pytest.mark.parametrize("listed", LISTS)
def test_nobody_adds_changes_or_deletes(administrator: Client, listed: str) -> None:
    deliver_sample("d0010_all_groups.uff")
    deliver_sample("d0010_two_faults.uff")
    assert lines(get(administrator, listed))
    key = apps.get_model("readings", listed)._default_manager.values_list("pk", flat=True)[0]
    for path in ("add/", f"{key}/change/", f"{key}/delete/"):
        response = administrator.post(f"/admin/readings/{listed}/{path}", {"name": "x"})
        assert response.status_code == 403
    html = get(administrator, listed)
    assert 'name="action"' not in html
    assert "addlink" not in html


@pytest.mark.parametrize("listed", LISTS)
def test_every_row_has_a_page(support: Client, listed: str) -> None:
    deliver_sample("d0010_all_groups.uff")
    deliver_sample("d0010_two_faults.uff")
    deliver_sample("d0010_test_flag.uff")
    keys = list(apps.get_model("readings", listed)._default_manager.values_list("pk", flat=True))
    assert keys
    for key in keys:
        html = get(support, f"{listed}/{key}/change")
        content = re.search(r'<(?:div id="content-main"|main id="main").*', html, re.DOTALL)
        assert content
        assert "<form" not in content[0]


def test_support_may_view_and_nothing_else() -> None:
    group = Group.objects.get(name="support")
    granted = {permission.codename for permission in group.permissions.all()}
    models = {"arrival", "flowfile", "meter", "meterpoint", "problem", "reading", "register", "sitevisit"}
    models |= {"accumulation", "intervalday"}
    assert granted == {f"view_{name}" for name in models}


def test_support_does_not_see_users(support: Client) -> None:
    assert support.get("/admin/auth/user/").status_code == 403
    assert "Users" not in support.get("/admin/").content.decode()


def test_group_support_gets_its_permissions_after_every_migration() -> None:
    Group.objects.get(name="support").delete()
    call_command("migrate", verbosity=0)
    call_command("migrate", verbosity=0)
    assert Group.objects.get(name="support").permissions.count() == 10


def test_pages_require_a_log_in() -> None:
    for path in ("", "readings/reading/", "readings/flowfile/1/change/"):
        (*_, (last, status)) = Client().get(f"/admin/{path}", follow=True).redirect_chain
        assert (unquote(last), status) == (f"/log-in/?next=/admin/{path}", 302)


@pytest.mark.parametrize(
    "query", [{"p": "99"}, {"q": "\0"}, {"data": "x"}, {"nonsense": "1"}, {"o": "5"}, {"q": "é " * 40}]
)
def test_unknown_parameters_cause_no_error(support: Client, query: dict[str, str]) -> None:
    deliver_sample("d0010.uff")
    response = support.get("/admin/readings/reading/", query, follow=True)
    assert response.status_code == 200


@pytest.mark.parametrize("listed", LISTS)
def test_pages_have_no_script_or_style_of_their_own(support: Client, listed: str) -> None:
    deliver_sample("d0010_all_groups.uff")
    html = get(support, listed) + support.get("/admin/").content.decode()
    assert re.findall(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\ssrc=)", html) == []
    assert re.findall(r'(?:src|href)="(?:https?:)?//', html) == []


def test_lists_and_pages_lead_to_the_pages_outside(support: Client) -> None:
    deliver_sample("d0010.uff")
    names = {"reading": "readings", "flowfile": "flow-files", "meterpoint": "meter-points", "meter": "meters"}
    names |= {"problem": "problems", "arrival": "arrivals", "accumulation": "accumulations"}
    for model, name in names.items():
        html = get(support, model)
        assert f'<a href="/{name}/">This list with filters and CSV</a>' in html
        assert nav(html) == ["Start", "Readings", "Files", "Consumption", "Administration"]
        assert (
            f'<a href="/admin/readings/{model}/">In Administration</a>' in support.get(f"/{name}/").content.decode()
        )
    html = get(support, f"flowfile/{FlowFile.objects.get().pk}/change")
    link = re.search(r'<a href="(/admin/[^"]*)">In Administration</a>', html)
    assert link
    assert len(lines(support.get(link[1]).content.decode())) == 1
    row = Reading.objects.order_by("pk")[0]
    html = get(support, f"reading/{row.pk}/change")
    link = re.search(r'<a href="([^"]*)">On the page of MPAN \d+</a>', html)
    assert link
    assert support.get(unescape(link[1]).partition("#")[0]).status_code == 200

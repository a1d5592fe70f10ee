"""Lists and pages of Australian meter data in the admin."""

import json
import re
from collections.abc import Callable, Sequence
from html import unescape
from io import BytesIO
from typing import Any
from zipfile import ZipFile

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from readings.formats.mdff.catalogue import labels
from readings.formats.mdff.catalogue.nmi import nmi_check_digit
from readings.models import Accumulation, FlowFile, IntervalDay, MeterPoint, Reading
from readings.models.roles import ANALYST
from readings.queries import details
from tests.making import mdff
from tests.running.imported import deliver, deliver_sample
from tests.running.pages import client_of, get, lines, logged_in, notes, page_of, support_client, text_of

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.only_on("sqlite")]

LISTS = ("accumulation", "intervalday")
#: Number of queries of a list, at most, as for British lists.
MOST_QUERIES = 12


@pytest.fixture
def support() -> Client:
    return support_client()


@pytest.fixture
def analyst() -> Client:
    return client_of(ANALYST)


def deliver_nem13(*lines: str, name: str = "nem13.csv") -> FlowFile:
    report = deliver(mdff.nem13(*(lines or (mdff.accumulation(),))), name)
    assert report.outcome == "IMPORTED", report.problems
    return FlowFile.objects.get(sha256=report.sha256)


def deliver_nem12(*channels: list[str], name: str = "nem12.csv") -> FlowFile:
    report = deliver(mdff.nem12(*(channels or (mdff.channel(mdff.day()),))), name)
    assert report.outcome == "IMPORTED", report.problems
    return FlowFile.objects.get(sha256=report.sha256)


def test_reading_is_listed_with_leading_zeros_and_nem_time(support: Client) -> None:
    deliver_nem13()
    current, previous = lines(get(support, "reading", q=mdff.NMI))
    assert current == (
        "6123456789 SN0012345 1 suffix 11 · kWh 27 Feb 2026 10:15:00 UTC+10:00 001300.0 Actual (A) – nem13.csv"
    )
    assert "30 Nov 2025 09:30:00 UTC+10:00 001234.5" in previous


@pytest.mark.parametrize(
    ("quality", "words"),
    [
        ("A,,", "Actual (A) –"),
        ("E64,,", "Forward estimate (E64: agreed) Estimate –"),
        ("S62,12,", "Substitute (S62: previous read) Substituted –"),
        ("F66,0,By hand", "Final substitute (F66: revision) Substituted –"),
        ("S88,12,", "Substitute (S88: unknown method) Substituted –"),
    ],
)
def test_estimates_and_substitutes_are_marked(support: Client, quality: str, words: str) -> None:
    deliver_nem13(mdff.accumulation(current_quality=quality))
    assert f" 001300.0 {words} nem13.csv" in lines(get(support, "reading"))[0]
    assert words.removesuffix(" –") in lines(get(support, "accumulation"))[0]


def test_a_final_substitute_counts_as_the_latest_reading(support: Client) -> None:
    deliver_nem13(mdff.accumulation(current_quality="F66,12,"))
    text = page_of(support, MeterPoint.objects.get())
    latest = "001300.0 27 Feb 2026 10:15:00 UTC+10:00 Substituted Final substitute (F66: revision) nem13.csv"
    assert f"Register 1 · suffix 11 · kWh Meter SN0012345 {latest}" in text


def test_unknown_time_of_day_is_marked(support: Client) -> None:
    deliver_nem13(mdff.accumulation(current_at="20260227000001"))
    assert "27 Feb 2026 00:00:01 UTC+10:00 time of day unknown" in lines(get(support, "reading"))[0]
    assert "27 Feb 2026 00:00:01 UTC+10:00 time of day unknown" in lines(get(support, "accumulation"))[0]


def test_page_of_a_reading_links_to_its_accumulations(support: Client) -> None:
    deliver_nem13(mdff.accumulation(previous_quality="S62,0,Gate was locked"))
    text = page_of(support, Reading.objects.get(register_read="001234.5"))
    assert "Reason: Gate was locked (0)" in text
    assert "Accumulations that begin or end at this reading" in text
    assert "001300.0 27 Feb 2026 10:15:00 UTC+10:00 Actual (A) 65.5 kWh nem13.csv" in text
    assert "Maximum demand" not in text


def test_accumulation_is_listed_with_both_of_its_reads(support: Client) -> None:
    deliver_nem13()
    (line,) = lines(get(support, "accumulation", q=mdff.NMI))
    assert line == (
        "6123456789 SN0012345 1 suffix 11 · kWh E: from grid (consumption) "
        "001234.5 30 Nov 2025 09:30:00 UTC+10:00 Actual (A) "
        "001300.0 27 Feb 2026 10:15:00 UTC+10:00 Actual (A) 65.5 kWh nem13.csv"
    )


def test_page_of_an_accumulation_shows_every_field_of_its_line(support: Client) -> None:
    line = mdff.accumulation(
        direction="I", current_quality="E64,77,", previous_quality="S62,12,No answer", loaded="20260301010203"
    )
    deliver_nem13(line, "550,N,SO1,E,", "550,S,,E,SO2")
    text = page_of(support, Accumulation.objects.get())
    for words in (
        "Direction: I: to grid (generation)",
        "Previous read: 001234.5 Taken at: 30 Nov 2025 09:30:00 UTC+10:00",
        "Quality: Substitute (S62: previous read) Substituted Reason: Locked premises (12): No answer",
        "Quality: Forward estimate (E64: agreed) Estimate Reason: Estimation forecast (77)",
        "Quantity: 65.5 kWh From the reads: The quantity is the difference of the reads.",
        "Line: 2",
        "UpdateDateTime: 28 Feb 2026 12:00:00 UTC+10:00 MSATSLoadDateTime: 01 Mar 2026 01:02:03 UTC+10:00",
        "NMI configuration: 1141 MDM data stream: 11 Next scheduled read: 29 May 2026",
        "Normal read (N) SO1 Estimate (E) –",
        "Special read (S) – Estimate (E) SO2",
    ):
        assert words in text


@pytest.mark.parametrize(
    ("previous", "current", "quantity", "unit", "words"),
    [
        ("001234.5", "001300.0", "65.5", "kWh", ""),
        ("000777", "000777", "0", "kWh", ""),
        ("99890", "02034", "2144", "kWh", "rolled over: it has 5 digits before the point"),
        ("9999941.00", "0000106.00", "165", "kWh", "rolled over: it has 7 digits before the point"),
        ("02034", "01934", "100", "kWh", "counts down"),
        ("00034", "99990", "44", "kWh", "counts down and rolled over"),
        ("00990.0", "00980.0", "-10", "kWh", "ran backwards"),
        ("000100", "000200", "4000", "kWh", "advanced by 100; the quantity is 40 times that"),
        ("99900", "00000", "150.0", "kWh", "rolled over and advanced by 100; the quantity is 1.5 times"),
        ("000545", "000877", "8.77", "kW", "0.01 times the current read"),
        ("000545", "000877", "877", "kW", "the quantity is the current read"),
        ("0000950", "0010015", "65", "kWh", "differ by 9065; no rollover or multiplier explains the quantity"),
        ("000545", "000877", "3.1415", "kW", "no multiplier of the current read explains the quantity"),
    ],
)
def test_a_quantity_that_is_not_the_difference_is_explained(
    support: Client, previous: str, current: str, quantity: str, unit: str, words: str
) -> None:
    deliver_nem13(mdff.accumulation(previous, current, quantity, unit=unit))
    text = page_of(support, Accumulation.objects.get())
    assert (words or "The quantity is the difference of the reads.") in text
    assert ("not the difference" in lines(get(support, "accumulation"))[0]) == bool(words)


def test_a_corrected_accumulation_is_struck_through(support: Client) -> None:
    deliver_nem13(name="first.csv")
    deliver_nem13(mdff.accumulation(current="001301.0", quantity="66.5", updated="20260301120000"), name="second.csv")
    html = get(support, "accumulation", q=mdff.NMI)
    assert "<s>65.5 kWh</s>" in html
    assert "<s>66.5 kWh</s>" not in html
    text = page_of(support, Accumulation.objects.get(quantity="65.5"))
    assert "1 this page 65.5 kWh Actual (A) → Actual (A) Superseded" in text
    assert "2 open 66.5 kWh Actual (A) → Actual (A) 01 Mar 2026 12:00:00 UTC+10:00 second.csv 2" in text


def test_interval_day_is_listed_with_its_total(support: Client) -> None:
    deliver_nem12()
    (line,) = lines(get(support, "intervalday", q=mdff.NMI))
    assert line == (
        "6123456789 SN0012345 E1 · register 1 Export kWh, master: from grid (consumption) "
        "27 Feb 2026 48 × 30 min 117.6 kWh Actual (A) nem12.csv"
    )


def test_voltages_are_never_summed(support: Client) -> None:
    values = ",".join(["240.5", "241.5"] * 24)
    deliver_nem12(mdff.channel(mdff.day(values=values), unit="V", suffix="V1", configuration="V1"))
    assert "48 × 30 min mean 241 V" in lines(get(support, "intervalday"))[0]


def test_mean_of_a_day_excludes_null_data(support: Client) -> None:
    values = ",".join(["0"] * 24 + ["10"] * 24)
    events = ("400,1,24,N,,", "400,25,48,A,,")
    deliver_nem12(mdff.channel(mdff.day(values=values, quality="V"), *events, unit="kW"))
    assert "mean 10 kW Varies within the day (V) No reading" in lines(get(support, "intervalday"))[0]


def day_of_qualities(support: Client) -> tuple[str, str]:
    """Return the HTML of a day whose quality varies, and its text."""
    events = ("400,1,26,A,,", "400,27,31,S53,9,", "400,32,48,E52,,", "500,S,SO9,20260227093000,001300.0")
    deliver_nem12(mdff.channel(mdff.day(quality="V"), *events))
    html = get(support, f"intervalday/{IntervalDay.objects.get().pk}/change")
    return html, text_of(html)


def test_page_of_a_day_shows_each_value_by_the_end_of_its_interval(support: Client) -> None:
    _, text = day_of_qualities(support)
    for words in (
        "Day: 27 Feb 2026, 00:00 to 24:00 UTC+10:00",
        "+30 min is the interval that ends 30 minutes after the start of its row",
        "Hour +30 min +60 min 00:00 to 01:00 0.1 0.2 01:00 to 02:00 0.3 0.4",
        "13:00 to 14:00 2.7 S53 2.8 S53",
        "23:00 to 24:00 4.7 E52 4.8 E52",
    ):
        assert words in text


def test_page_of_a_day_shows_the_quality_of_each_part(support: Client) -> None:
    _, text = day_of_qualities(support)
    for words in (
        "Quality: Varies within the day (V) Estimate Substituted",
        "1 to 26 00:00 13:00 Actual (A) –",
        "27 to 31 13:00 15:30 Substitute (S53: revision) Substituted Under investigation (9)",
        "32 to 48 15:30 24:00 Forward estimate (E52: previous read) Estimate –",
        "Special read (S) SO9 27 Feb 2026 09:30:00 UTC+10:00 001300.0",
    ):
        assert words in text


def drawing(html: str) -> dict[str, Any]:
    (text,) = re.findall(r'type="application/json">(.*?)</script>', html)
    figure: dict[str, Any] = json.loads(text)
    return figure


def test_chart_of_a_day_has_value_and_quality_of_each_interval(support: Client) -> None:
    html, _ = day_of_qualities(support)
    drawn = drawing(html)
    assert drawn["x"] == {"start": 0, "step": 1_800, "count": 48}
    (line,) = drawn["lines"]
    assert line["values"] == [each / 10 for each in range(1, 49)]
    assert line["marks"] == "A" * 26 + "S" * 5 + "E" * 17
    assert "Estimated: 57.8 % of 117.6 kWh" in text_of(html)
    assert 'aria-label="The day in kWh; lowest 0.100, highest 4.800;' in html


@pytest.mark.parametrize(("length", "count", "columns"), [(5, 288, 12), (15, 96, 4), (30, 48, 2), (60, 24, 1)])
def test_every_interval_length_fills_the_day(support: Client, length: int, count: int, columns: int) -> None:
    deliver_nem12(mdff.channel(mdff.day(count=count), length=length))
    html = get(support, f"intervalday/{IntervalDay.objects.get().pk}/change")
    grid = html.partition('<table class="grid">')[2].partition("</table>")[0]
    assert len(re.findall(r"<td", grid)) == count + 24
    assert grid.count('scope="col"') == columns + 1
    assert f"23:00 to 24:00 {' '.join(f'{each / 10}' for each in range(count - columns + 1, count + 1))}" in text_of(
        grid
    )


def test_negative_values_and_levels_are_drawn_with_their_axis(support: Client) -> None:
    values = ",".join(["-0.5", "0.5"] * 24)
    deliver_nem12(mdff.channel(mdff.day(values=values), suffix="N1", configuration="N1"))
    drawn = drawing(get(support, f"intervalday/{IntervalDay.objects.get().pk}/change"))
    assert drawn["lines"][0]["values"] == [-0.5, 0.5] * 24
    assert (drawn["levels"], drawn["lines"][0]["style"]) == (False, "bars")


def test_meter_without_serial_number_is_marked_as_not_stated(support: Client) -> None:
    deliver_nem12(mdff.channel(mdff.day(), serial_number="", register=""))
    assert lines(get(support, "intervalday"))[0].startswith("6123456789 not stated E1 Export kWh")
    text = page_of(support, MeterPoint.objects.get())
    channel = "– suffix E1 · kWh Export kWh, master: from grid (consumption)"
    assert f"from – to not stated – {channel} – 27 Feb 2026" in text
    assert f"not stated {channel} 27 Feb 2026 – 27 Feb 2026 kWh 30" in text
    assert "not stated (register E1)" in lines(get(support, "meterpoint"))[0]


def test_a_corrected_day_is_struck_through(support: Client) -> None:
    deliver_nem12(name="first.csv")
    late = mdff.day(values=",".join(["1.0"] * 48), quality="F16", reason="12", updated="20260401000000")
    deliver_nem12(mdff.channel(late), name="second.csv")
    html = get(support, "intervalday")
    assert "<s>117.6 kWh</s>" in html
    text = page_of(support, IntervalDay.objects.get(total="117.6"))
    assert "1 this page 117.6 kWh Actual (A) Superseded" in text
    assert "2 open 48.0 kWh Final substitute (F16: agreed) Substituted 01 Apr 2026 00:00:00 UTC+10:00" in text


@pytest.mark.parametrize("listed", ["reading", *LISTS, "meterpoint", "meter"])
@pytest.mark.parametrize("text", [mdff.NMI, mdff.NMI + nmi_check_digit(mdff.NMI), "6123 456 789", "sn 0012345"])
def test_one_search_box_finds_by_nmi_and_serial_number(support: Client, listed: str, text: str) -> None:
    deliver_nem13()
    deliver_nem12()
    deliver_nem13(mdff.accumulation(nmi=mdff.OTHER_NMI, serial_number="OTHER"), name="other13.csv")
    deliver_nem12(mdff.channel(mdff.day(), nmi=mdff.OTHER_NMI, serial_number="OTHER"), name="other12.csv")
    rows = lines(get(support, listed, q=text))
    assert rows
    assert all(mdff.NMI in line for line in rows)


def test_nmi_is_found_regardless_of_case(support: Client) -> None:
    deliver_nem13(mdff.accumulation(nmi=mdff.OTHER_NMI))
    assert len(lines(get(support, "accumulation", q=mdff.OTHER_NMI.lower()))) == 1


def test_wrong_check_digit_finds_nothing_and_is_reported(support: Client) -> None:
    deliver_nem13()
    right = nmi_check_digit(mdff.NMI)
    wrong = str((int(right) + 1) % 10)
    html = get(support, "accumulation", q=mdff.NMI + wrong)
    assert lines(html) == []
    assert f"“{mdff.NMI}{wrong}”: wrong check digit for NMI {mdff.NMI}: expected {right}." in notes(html)


def test_search_links_to_the_other_lists(support: Client) -> None:
    deliver_nem12()
    html = get(support, "reading", q=mdff.NMI)
    assert lines(html) == []
    assert "The same search in other lists: accumulations · interval days" in notes(html)
    assert f'<a href="/admin/readings/intervalday/?q={mdff.NMI}">interval days</a>' in html


def test_page_of_a_file_shows_its_counts_and_links_to_its_rows(support: Client) -> None:
    deliver_nem13()
    number = details.MOST_STATEMENTS + 1
    flow_file = deliver_nem12(mdff.channel(*(mdff.day(f"202602{each:02}") for each in range(1, number + 1))))
    html = get(support, f"flowfile/{flow_file.pk}/change")
    text = text_of(html)
    assert f"New interval days {number} Intervals {number * 48} Header" in text
    assert "Created 01 Mar 2026 02:15:00 UTC+10:00" in text
    assert len(lines(html)) == details.MOST_STATEMENTS
    assert lines(html)[0] == "3 6123456789 1 suffix E1 · kWh 01 Feb 2026 117.6 kWh Actual (A)"
    link = re.search(rf'The first {details.MOST_STATEMENTS} of {number}\. <a href="([^"]*)">Show all</a>', html)
    assert link
    assert len(lines(support.get(unescape(link[1])).content.decode())) == number
    nem13 = page_of(support, FlowFile.objects.get(format="NEM13"))
    assert "New readings 2 New accumulations 1 Header" in nem13
    assert "2 6123456789 SN0012345 1 suffix 11 · kWh 27 Feb 2026 10:15:00 UTC+10:00 001300.0 Actual (A)" in nem13
    assert "001300.0 27 Feb 2026 10:15:00 UTC+10:00 Actual (A) 65.5 kWh" in nem13


def zipped(**members: bytes) -> bytes:
    content = BytesIO()
    with ZipFile(content, "w") as archive:
        for name, member in members.items():
            archive.writestr(f"{name}.csv", member)
    return content.getvalue()


def test_page_of_a_zip_links_to_its_members_and_back(support: Client) -> None:
    deliver(zipped(good=mdff.nem13(mdff.accumulation()), bad=mdff.nem13(mdff.accumulation(current="x"))), "both.zip")
    container = FlowFile.objects.get(format="ZIP")
    html = get(support, f"flowfile/{container.pk}/change")
    assert lines(html) == [
        "both.zip/good.csv Imported 2 readings, 1 accumulation 0",
        "both.zip/bad.csv Rejected nothing new 1",
    ]
    assert "Each file in the zip is imported separately." in text_of(html)
    assert "New readings" not in text_of(html)
    member = FlowFile.objects.get(arrivals__name="both.zip/good.csv")
    assert f'<a href="/flow-files/{member.sha256}/">both.zip/good.csv</a>' in html
    back = f'in <a href="/flow-files/{container.sha256}/">both.zip</a>'
    assert back in get(support, f"flowfile/{member.pk}/change")
    assert "in both.zip" in lines(get(support, "arrival", q="both.zip/good.csv"))[0]


def test_statements_are_found_by_the_name_of_their_zip(support: Client) -> None:
    deliver(zipped(a=mdff.nem13(mdff.accumulation()), b=mdff.nem12(mdff.channel(mdff.day()))), "both.zip")
    deliver_nem13(mdff.accumulation(nmi=mdff.OTHER_NMI), name="other.csv")
    assert len(lines(get(support, "accumulation", q="both.zip"))) == 1
    assert len(lines(get(support, "intervalday", q="both.zip"))) == 1
    assert len(lines(get(support, "flowfile", q="both.zip"))) == 3


def test_page_of_a_meter_point_shows_the_latest_metered_amounts(analyst: Client) -> None:
    deliver_nem13()
    days = [mdff.day(f"202602{number:02}") for number in range(1, details.FEW + 3)]
    deliver_nem12(mdff.channel(*days))
    html = get(analyst, f"meterpoint/{MeterPoint.objects.get().pk}/change")
    accumulations, _, rest = text_of(html).partition(" Latest accumulations ")[2].partition(" Intervals ")
    assert "001300.0 27 Feb 2026 10:15:00 UTC+10:00 Actual (A) 65.5 kWh nem13.csv line 2" in accumulations
    latest = rest.partition(" Latest days ")[2].partition(" Findings ")[0]
    assert re.findall(r"(\d\d Feb 2026) 1 suffix E1 · kWh 117\.6 kWh Actual \(A\) nem12\.csv", latest) == [
        f"{number:02} Feb 2026" for number in range(details.FEW + 2, 2, -1)
    ]
    assert "02 Feb 2026" not in latest
    assert f"01 Feb 2026 – {details.FEW + 2} Feb 2026 kWh 30" in rest
    assert f'<a class="button" href="/consumption/NMI/{mdff.NMI}/">' in html
    for export in ("readings", "intervals"):
        assert f'action="/exports/{export}.csv"' in html
    for listed in ("reading", *LISTS):
        assert f'<a href="/admin/readings/{listed}/?q={mdff.NMI}">' in get(analyst, "meterpoint")


def test_live_data_and_test_data_have_separate_lists_with_nmis(support: Client) -> None:
    deliver_nem13()
    deliver_sample("d0010_test_flag.uff")
    assert len(lines(get(support, "reading"))) == 2
    assert len(lines(get(support, "reading", data="test"))) == 1


@pytest.mark.slow
@pytest.mark.parametrize("listed", ["reading", *LISTS, "flowfile", "arrival", "meterpoint", "meter"])
@pytest.mark.parametrize("query", [{}, {"q": "both.zip"}, {"q": mdff.NMI}])
def test_number_of_queries_of_a_list_does_not_grow_with_its_rows(
    support: Client, listed: str, query: dict[str, str]
) -> None:
    def count() -> int:
        with CaptureQueriesContext(connection) as captured:
            get(support, listed, **query)
        return len(captured)

    deliver(zipped(a=mdff.nem13(mdff.accumulation()), b=mdff.nem12(mdff.channel(mdff.day()))), "both.zip")
    few = count()
    for number in range(1, 15):
        day = f"202601{number:02}"
        content = zipped(
            a=mdff.nem13(mdff.accumulation(serial_number=f"M{number}", current_at=f"{day}101500")),
            b=mdff.nem12(mdff.channel(mdff.day(day), serial_number=f"M{number}")),
        )
        deliver(content, f"{number}.zip")
    assert count() <= few <= MOST_QUERIES


@pytest.mark.parametrize("listed", LISTS)
def test_nobody_adds_changes_or_deletes(listed: str) -> None:
    deliver_nem13()
    deliver_nem12()
    administrator = logged_in(User.objects.create_superuser("root"))
    key = {"accumulation": Accumulation, "intervalday": IntervalDay}[listed]._default_manager.get().pk
    for path in ("add/", f"{key}/change/", f"{key}/delete/"):
        assert administrator.post(f"/admin/readings/{listed}/{path}", {"unit": "x"}).status_code == 403


def every_page(support: Client) -> Sequence[str]:
    rows = [*Accumulation.objects.all(), *IntervalDay.objects.all(), *FlowFile.objects.all(), *Reading.objects.all()]
    return [get(support, f"{row._meta.model_name}/{row.pk}/change") for row in rows]


def test_pages_have_no_script_or_style_of_their_own(support: Client) -> None:
    deliver_nem13()
    deliver_nem12()
    for html in (*(get(support, listed) for listed in LISTS), *every_page(support)):
        assert re.findall(r"<style|\sstyle=|\son\w+=|<script(?![^>]*\s(src=|type=\"application/json\"))", html) == []


def test_text_from_files_is_escaped(support: Client) -> None:
    deliver_nem12(mdff.channel(mdff.day(quality="S14", reason="0", description="<b>x</b>")))
    html = get(support, f"intervalday/{IntervalDay.objects.get().pk}/change")
    assert "<b>x</b>" not in html
    assert "<b>x</b> (0)" in unescape(html)


@pytest.mark.parametrize(
    ("say", "code", "words"),
    [
        (labels.quality, "", "–"),
        (labels.quality, "Z", "Unknown quality (Z)"),
        (labels.quality, "S13", "Substitute (S13: SCADA)"),
        (labels.trans_code, "Q", "Unknown code (Q)"),
        (labels.direction, "B", "B: unknown direction"),
        (labels.channel, "B1", "Import kWh, master: to grid (generation)"),
        (labels.channel, "?", ""),
    ],
)
def test_unknown_codes_are_displayed_as_sent(say: Callable[[str], str], code: str, words: str) -> None:
    assert say(code) == words

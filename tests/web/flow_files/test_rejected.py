"""The page of a rejected file: what to ask of its sender, putting it back, and the file that corrects it."""

import re
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils.html import escape

from readings.models.roles import OPERATOR
from tests.making.dtc import flow, mpan, reading_of
from tests.running.commands import digest
from tests.running.pages import client_of, support_client, text_of
from tests.web.flow_files import Archive

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgresql]

#: Number of queries of a page with everything.
MOST_QUERIES = 24
REJECTED = flow(*reading_of(1, value="x"), identifier="UDMS000001")
OTHER = b"ZHV|DC00000417|D0086002|D|NDCX|X|NEWX|20260601093000||||OPER|\nZPT|DC00000417|0||0|20260601093200|\n"
CORRECTED = flow(*reading_of(1), identifier="UDMS000001")


def page(client: Client, content: bytes) -> str:
    response = client.get(f"/flow-files/{digest(content)}/")
    assert response.status_code == 200
    return str(response.content.decode())


def letter(html: str) -> str:
    """Return the text for the sender, as the browser shows it."""
    found = re.search(r"<textarea[^>]*>(.*?)</textarea>", html, re.DOTALL)
    assert found
    return found[1]


def test_text_for_the_sender_names_file_errors_lines_and_request(folders_of_pages: Archive) -> None:
    content = flow(*reading_of(1, value="much"), *reading_of(2, value=""), *reading_of(3, value=""), identifier="U1")
    folders_of_pages.put(content, "bad.uff", is_rejected=True)
    assert letter(page(support_client(), content)).splitlines() == [
        "We could not accept your file bad.uff on 05 Mar 2026.",
        "Flow D0010002, from ZZDC (NHHDC)",
        "File identifier U1, created 05 Mar 2026 06:15:00 GMT",
        "",
        "3 errors found:",
        "1. Missing value (missing-value), 2 lines: 7, 10",
        f"   line 7, record 030 Register Reading, MPAN {mpan(2)}: is mandatory but empty",
        "2. Not a number (not-a-number), line: 4",
        f"   line 4, record 030 Register Reading, MPAN {mpan(1)}: found “much”; "
        "expected a number of at most 9 digits, at most 1 after the point, without sign",
        "",
        "Please correct the file and send all of it again, under the same name if you can.",
    ]


def test_text_for_the_sender_stays_short_and_counts_the_rest(folders_of_pages: Archive) -> None:
    many = [group for number in range(500) for group in reading_of(number, value="x")]
    others = [
        *reading_of(501, day="20250230"),
        *reading_of(502, status="Q"),
        *reading_of(503, value=""),
        *reading_of(504, reading_type="?"),
        "026|3690005901427|V|",
        "028|K1|R|",
        "999|what|",
    ]
    content = flow(*many, *others)
    folders_of_pages.put(content, "bad.uff", is_rejected=True)
    lines = letter(page(support_client(), content)).splitlines()
    assert "1. Not a number (not-a-number), 500 problems, lines: 4, 7, 10, 13, 16, 19, 22, 25 and others" in lines
    assert len(lines) <= 20
    assert re.fullmatch(r"and \d errors? of \d other kinds?\.", lines[-3])


def test_text_about_a_zip_names_its_members(folders_of_pages: Archive) -> None:
    content = BytesIO()
    with ZipFile(content, "w") as packed:
        for name in ("a.uff", "b.uff"):
            packed.writestr(name, flow(*reading_of(1, value="x"), identifier=name[0]))
    folders_of_pages.put(content.getvalue(), "two.zip", is_rejected=True)
    assert letter(page(support_client(), content.getvalue())).splitlines()[2:6] == [
        "2 errors found:",
        "1. Member rejected (member-rejected), 2 problems",
        "   “a.uff”: the member was rejected: not-a-number",
        "   “b.uff”: the member was rejected: not-a-number",
    ]


def test_imported_file_has_no_text_for_its_sender(folders_of_pages: Archive) -> None:
    folders_of_pages.put(CORRECTED, "good.uff")
    assert "<textarea" not in page(support_client(), CORRECTED)


def test_text_for_the_sender_is_escaped(folders_of_pages: Archive) -> None:
    content = flow(*reading_of(1, value="</textarea><b>"))
    folders_of_pages.put(content, "<i>.uff", is_rejected=True)
    html = page(support_client(), content)
    assert "&lt;/textarea&gt;&lt;b&gt;" in letter(html)
    assert "<b>" not in html
    assert "<i>" not in html


def test_rejected_file_is_put_back_from_its_page(folders_of_pages: Archive, tmp_path: Path) -> None:
    folders_of_pages.put(REJECTED, "bad.uff", is_rejected=True)
    client = client_of(OPERATOR)
    html = page(client, REJECTED)
    hidden = dict(re.findall(r'<input type="hidden" name="(name|sha256|next)" value="([^"]*)"', html))
    assert hidden == {"name": "bad.uff", "sha256": digest(REJECTED), "next": f"/flow-files/{digest(REJECTED)}/"}
    answer = client.post("/inbox/put-back/", hidden, follow=True)
    assert answer.redirect_chain == [(f"/flow-files/{digest(REJECTED)}/", 302)]
    html = answer.content.decode()
    assert "The file bad.uff is back in the inbox." in html
    assert ">Put back<" not in html
    assert (tmp_path / "inbox" / "bad.uff").read_bytes() == REJECTED


@pytest.mark.parametrize("following", ["https://else.example/", "//else.example/", "javascript:alert(1)", ""])
def test_put_back_leads_to_no_other_site(folders_of_pages: Archive, following: str) -> None:
    folders_of_pages.put(REJECTED, "bad.uff", is_rejected=True)
    form = {"name": "bad.uff", "sha256": digest(REJECTED), "next": following}
    assert client_of(OPERATOR).post("/inbox/put-back/", form).headers["Location"] == "/inbox/"


def test_member_of_a_zip_offers_to_put_the_zip_back(folders_of_pages: Archive, tmp_path: Path) -> None:
    content = BytesIO()
    with ZipFile(content, "w") as packed:
        packed.writestr("bad.uff", REJECTED)
    folders_of_pages.put(content.getvalue(), "one.zip", is_rejected=True)
    client = client_of(OPERATOR)
    html = page(client, REJECTED)
    assert "Put back the zip" in text_of(html)
    form = dict(re.findall(r'<input type="hidden" name="(name|sha256|next)" value="([^"]*)"', html))
    client.post("/inbox/put-back/", form)
    assert (tmp_path / "inbox" / "one.zip").read_bytes() == content.getvalue()


def test_colleague_without_the_permission_sees_no_button(folders_of_pages: Archive) -> None:
    folders_of_pages.put(REJECTED, "bad.uff", is_rejected=True)
    assert "Put back" not in page(support_client(), REJECTED)


@pytest.mark.parametrize("name", ["half.tmp", ".hidden"])
def test_file_that_the_watcher_would_ignore_has_no_button(folders_of_pages: Archive, name: str) -> None:
    folders_of_pages.put(REJECTED, name, is_rejected=True)
    assert "Put back" not in page(client_of(OPERATOR), REJECTED)


def test_imported_file_has_no_button(folders_of_pages: Archive) -> None:
    folders_of_pages.put(CORRECTED, "good.uff")
    assert "Put back" not in page(client_of(OPERATOR), CORRECTED)


def test_file_of_another_flow_is_set_aside_and_has_its_header(folders_of_pages: Archive) -> None:
    folders_of_pages.put(OTHER, "D0086.usr", is_rejected=True)
    html = page(client_of(OPERATOR), OTHER)
    words = text_of(html)
    assert "Other flow Set aside: this flow is not read here." in words
    assert "Flow D0086002 File identifier DC00000417 From NDCX (NHHDC) To NEWX (Supplier)" in words
    assert "Put back" in words
    assert "Notes Other flow other-flow Line: 1 . Is not read here; set aside, nothing was stored." in words
    assert "Warning" not in words
    assert "<textarea" not in html


@pytest.mark.parametrize(
    ("name", "content", "is_it"),
    [
        ("other.uff", CORRECTED, True),
        ("bad.uff", flow(*reading_of(1), identifier="UDMS000002"), True),
        ("other.uff", flow(*reading_of(1), identifier="UDMS000002"), False),
        ("bad.uff", flow(*reading_of(1), identifier="UDMS000002", sender="D|QALT"), False),
    ],
)
def test_file_that_came_after_names_and_is_named_by_the_rejected_one(
    name: str, content: bytes, is_it: bool, folders_of_pages: Archive
) -> None:
    folders_of_pages.put(REJECTED, "bad.uff", is_rejected=True)
    folders_of_pages.put(content, name)
    client = support_client()
    correction = f'Corrected by <a href="/flow-files/{digest(content)}/">{name}</a>, imported on 05 Mar 2026'
    attempt = f'Earlier attempt: <a href="/flow-files/{digest(REJECTED)}/">bad.uff</a>, rejected on 05 Mar 2026'
    assert (correction in page(client, REJECTED)) is is_it
    assert (attempt in page(client, content)) is is_it


def test_file_imported_before_corrects_nothing(folders_of_pages: Archive) -> None:
    folders_of_pages.put(CORRECTED, "bad.uff")
    folders_of_pages.put(REJECTED, "bad.uff", is_rejected=True)
    client = support_client()
    assert "Corrected by" not in page(client, REJECTED)
    assert "Earlier attempt" not in page(client, CORRECTED)


def test_first_of_several_corrections_is_named(folders_of_pages: Archive) -> None:
    folders_of_pages.put(REJECTED, "bad.uff", is_rejected=True)
    folders_of_pages.put(CORRECTED, "first.uff")
    folders_of_pages.put(flow(*reading_of(1), *reading_of(2), identifier="UDMS000001"), "second.uff")
    html = page(support_client(), REJECTED)
    assert html.count("Corrected by") == 1
    assert ">first.uff</a>" in html


def test_every_failed_attempt_is_named_once(folders_of_pages: Archive) -> None:
    again = flow(*reading_of(1, value="y"), identifier="UDMS000001")
    folders_of_pages.put(REJECTED, "bad.uff", is_rejected=True)
    folders_of_pages.put(REJECTED, "bad again.uff", is_rejected=True)
    folders_of_pages.put(again, "bad.uff", is_rejected=True)
    folders_of_pages.put(CORRECTED, "good.uff")
    html = page(support_client(), CORRECTED)
    assert re.findall(r"Earlier attempt: <a href=[^>]*>([^<]*)<", html) == ["bad.uff", "bad again.uff"]


def test_number_of_queries_of_a_rejected_file_is_fixed(folders_of_pages: Archive) -> None:
    client = client_of(OPERATOR)
    numbers = []
    for number in (2, 250):
        groups = [group for each in range(number) for group in reading_of(each, value="x")]
        faults = [*reading_of(501, day="20250230"), *reading_of(502, status="Q"), *reading_of(503, flag="F")]
        content = flow(*groups, *faults, identifier=f"F{number}")
        folders_of_pages.put(content, f"bad{number}.uff", is_rejected=True)
        page(client, content)
        with CaptureQueriesContext(connection) as queries:
            assert len(page(client, content)) < 60_000
        numbers.append(len(queries))
    assert numbers[0] == numbers[1] <= MOST_QUERIES


def test_readings_of_a_file_link_to_the_list_of_its_estimates(folders_of_pages: Archive) -> None:
    content = flow(*reading_of(1), *reading_of(2, reading_type="E"))
    folders_of_pages.put(content, "good.uff")
    client = support_client()
    html = page(client, content)
    address = f"/readings/?flow_file={digest(content)}&kind=estimate"
    assert f'<a href="{escape(address)}">Only estimates</a>' in html
    listed = client.get(address, follow=True).content.decode()
    assert mpan(2) in listed
    assert mpan(1) not in listed

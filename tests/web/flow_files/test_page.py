import os
import re
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_DEFLATED, ZipFile

import pytest
from django.contrib.auth.models import User
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from pytest_django.fixtures import Settings

from readings.formats import raw_lines
from readings.formats.dtc import d0010
from readings.formats.mdff import items
from readings.formats.raw_lines import Marked, lines_at, mark
from readings.formats.text import printable
from readings.imports import kept_files
from readings.imports.arrivals import Delivery
from readings.imports.operations import import_flow
from readings.imports.problems import MOST_OF_A_CODE
from readings.imports.reports import ImportReport
from readings.models import Arrival, Channel, FlowFile, Surplus
from readings.models.roles import ANALYST
from readings.queries.flow_files.problems import PAGE
from readings.web.flow_files.problems import SHOWN
from tests.making import mdff
from tests.making.dtc import flow, mpan, reading_of
from tests.running.commands import digest
from tests.running.imported import NOON, RULES, deliver, deliver_sample
from tests.running.pages import client_of, logged_in, support_client, text_of
from tests.running.places import SAMPLES

pytestmark = [pytest.mark.django_db, pytest.mark.slow_on_postgresql]

TWO_FAULTS = (SAMPLES / "d0010_two_faults.uff").read_bytes()
MOST_QUERIES = 20


@pytest.fixture
def support() -> Client:
    return support_client()


@pytest.fixture
def analyst() -> Client:
    return client_of(ANALYST)


@pytest.fixture
def archive(tmp_path: Path, settings: Settings) -> Path:
    settings.ARCHIVE_DIR, settings.REJECTED_DIR = tmp_path / "archive", tmp_path / "rejected"
    for folder in (settings.ARCHIVE_DIR, settings.REJECTED_DIR):
        folder.mkdir()
    return tmp_path / "archive"


def put(content: bytes, place: Path) -> ImportReport:
    """Write a content to a place, and import it from there."""
    place.write_bytes(content)
    delivery = Delivery(
        name=printable(os.fsencode(place.name)), channel=Channel.COMMAND, resting_place=printable(os.fsencode(place))
    )
    return import_flow(BytesIO(content), delivery, clock=lambda: NOON, rules=RULES)


def page(client: Client, sha256: str, **query: str) -> str:
    response = client.get(f"/flow-files/{sha256}/", query)
    assert response.status_code == 200
    return str(response.content.decode())


def test_problem_is_listed_with_its_line_and_marked_field(support: Client, archive: Path) -> None:
    report = put(TWO_FAULTS, archive / "f.uff")
    html = page(support, report.sha256)
    assert "026|<mark>3690005901427</mark>|V|" in html
    assert "030|S|<mark>20250230000000</mark>|20997.0|||T|P|" in html
    assert "Rejected Nothing was stored." in text_of(html)


def test_an_empty_field_is_marked_too(support: Client, archive: Path) -> None:
    content = flow(*reading_of(1, value=""))
    html = page(support, put(content, archive / "f.uff").sha256)
    assert '030|S|20260201000000|<mark><span class="quiet">empty</span></mark>|||T|P|' in html


def test_text_of_a_line_is_escaped(support: Client, archive: Path) -> None:
    content = flow(*reading_of(1, serial_number="<b>x</b>&"), *reading_of(2, value="<i>"))
    html = page(support, put(content, archive / "<u>.uff").sha256)
    assert "<i>" not in html
    assert "<u>" not in html
    assert "<mark>&lt;i&gt;</mark>" in html


def test_header_and_counts_are_displayed(support: Client) -> None:
    words = text_of(page(support, deliver_sample("d0010.uff").sha256))
    assert "Flow D0010002 File identifier SAMPLE0001 From ZZDC (NHHDC) To ZZSU (Supplier)" in words
    assert "Meter points 5" in words
    assert "New readings 10" in words
    assert "Superseded" not in words


@pytest.mark.parametrize("sample", ["nem12.csv", "nem13.csv", "d0010.uff"])
def test_statements_link_to_their_meter_points(support: Client, sample: str) -> None:
    html = page(support, deliver_sample(sample).sha256)
    expected = "3190001042118" if sample == "d0010.uff" else "6123456789"
    assert f'<a href="/meter-points/{expected}/">{expected}</a>' in html


def test_every_arrival_is_listed(support: Client) -> None:
    sha256 = deliver_sample("d0010.uff").sha256
    deliver((SAMPLES / "d0010.uff").read_bytes(), "again.uff", by_whom="bea")
    assert "again.uff Command bea 05 Mar 2026 12:00:00 GMT Duplicate" in text_of(page(support, sha256))


def test_file_is_found_by_twelve_digits_of_its_hash(support: Client) -> None:
    sha256 = deliver_sample("d0010.uff").sha256
    response = support.get(f"/flow-files/{sha256[:12].upper()}/")
    assert response.headers["Location"] == f"/flow-files/{sha256}/"


def test_several_subjects_of_one_hash_are_listed(support: Client) -> None:
    first = deliver_sample("d0010.uff")
    FlowFile.objects.filter(pk=first.pk).update(subject="3000")
    FlowFile.objects.create(sha256=first.sha256, subject="3001", size=1, received_at=NOON)
    html = page(support, first.sha256)
    assert f"/flow-files/{first.sha256}/?subject=3001" in html
    assert "Subject 3000" in text_of(page(support, first.sha256, subject="3000"))


@pytest.mark.parametrize("sha256", ["0" * 12, "0" * 64])
def test_unknown_hash_is_not_found(support: Client, sha256: str) -> None:
    assert support.get(f"/flow-files/{sha256}/").status_code == 404


@pytest.mark.parametrize("after", ["x", "1", "1_2_3", "_"])
def test_invalid_page_key_is_not_found(support: Client, after: str) -> None:
    sha256 = deliver_sample("d0010.uff").sha256
    assert support.get(f"/flow-files/{sha256}/", {"after": after}).status_code == 404


def test_missing_file_is_reported(support: Client, archive: Path) -> None:
    report = put(TWO_FAULTS, archive / "f.uff")
    (archive / "f.uff").unlink()
    words = text_of(page(support, report.sha256))
    assert f"Some lines cannot be shown as sent: {archive}/f.uff cannot be opened: No such file" in words
    assert "wrong-check-digit" in words


@pytest.mark.parametrize("change", [b"longer", b""])
def test_lines_of_a_changed_file_are_not_displayed(support: Client, archive: Path, change: bytes) -> None:
    report = put(TWO_FAULTS, archive / "f.uff")
    (archive / "f.uff").write_bytes(TWO_FAULTS.replace(b"590", b"591") + change)
    words = text_of(page(support, report.sha256))
    assert "f.uff was changed after the import" in words
    assert "026|" not in words


def test_a_link_is_not_followed(support: Client, archive: Path, tmp_path: Path) -> None:
    report = put(TWO_FAULTS, archive / "f.uff")
    (archive / "f.uff").rename(tmp_path / "elsewhere")
    (archive / "f.uff").symlink_to(tmp_path / "elsewhere")
    assert "is no longer a regular file" in page(support, report.sha256)


def test_fifo_does_not_block_the_page(support: Client, archive: Path) -> None:
    report = put(TWO_FAULTS, archive / "f.uff")
    (archive / "f.uff").unlink()
    os.mkfifo(archive / "f.uff")
    assert "is no longer a regular file" in page(support, report.sha256)


def test_a_large_file_outside_the_archive_is_not_trusted(
    support: Client, archive: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_files, "HASHED", 10)
    inside, outside = put(TWO_FAULTS, archive / "f.uff"), put(TWO_FAULTS + b"\n", tmp_path / "f.uff")
    assert "<mark>" in page(support, inside.sha256)
    assert "is outside the archive" in page(support, outside.sha256)


def test_older_copy_is_read_if_the_newest_is_missing(support: Client, archive: Path) -> None:
    report = put(TWO_FAULTS, archive / "f.uff")
    put(TWO_FAULTS, archive / "again.uff")
    (archive / "again.uff").unlink()
    assert "<mark>" in page(support, report.sha256)


def test_file_with_an_undecodable_name_is_opened(support: Client, archive: Path) -> None:
    report = put(TWO_FAULTS, archive / os.fsdecode(b"caf\xe9 \\x.uff"))
    assert "<mark>" in page(support, report.sha256)


def test_pruned_file_is_reported(support: Client, archive: Path) -> None:
    report = put(TWO_FAULTS, archive / "f.uff")
    Arrival.objects.update(resting_place="(removed by inbox_prune; was archive/f.uff)")
    assert "as sent: removed by inbox_prune." in text_of(page(support, report.sha256))


def zipped(**members: bytes) -> bytes:
    content = BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as packed:
        for name, member in members.items():
            packed.writestr(f"{name}.uff", member)
    return content.getvalue()


def test_lines_of_a_member_are_read_from_its_zip(support: Client, archive: Path) -> None:
    put(zipped(good=flow(*reading_of(1)), bad=TWO_FAULTS), archive / "both.zip")
    sha256 = digest(TWO_FAULTS)
    assert "026|<mark>3690005901427</mark>|V|" in page(support, sha256)
    # Its name in the zip is another one, as after an erasure.
    Arrival.objects.filter(name="both.zip/bad.uff").update(name="both.zip/other.uff")
    assert "026|<mark>3690005901427</mark>|V|" in page(support, sha256)
    (archive / "both.zip").write_bytes(zipped(good=flow(*reading_of(1))))
    assert "both.zip was changed after the import" in page(support, sha256)


def test_a_large_member_is_not_unpacked_for_a_page(
    support: Client, archive: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(kept_files, "UNPACKED", 10)
    put(zipped(bad=TWO_FAULTS), archive / "one.zip")
    words = text_of(page(support, digest(TWO_FAULTS)))
    assert "one.zip contains the file, which is too large to be unpacked here: 244 bytes" in words


def test_problems_of_one_code_are_paged_by_key_each_once(support: Client, archive: Path) -> None:
    number = PAGE + 7
    groups = [group for each in range(number) for group in reading_of(each, value="x")]
    report = put(flow(*groups), archive / "f.uff")
    query = {"code": "not-a-number"}
    first = page(support, report.sha256, **query)
    more = first.partition('rel="next"')[0].rpartition("after=")[2].partition("#")[0]
    second = page(support, report.sha256, **query, after=more)
    assert (first.count("<mark>x</mark>"), second.count("<mark>x</mark>")) == (PAGE, 7)
    assert 'rel="next"' not in second
    # A line leads to the page that begins with it.
    assert page(support, report.sha256, **query, after="100_0").count("<mark>x</mark>") == number - 33 + 1


def test_problems_are_grouped_by_code_errors_first(support: Client, archive: Path) -> None:
    groups = [group for each in range(30) for group in reading_of(each, value="x")]
    faults = [*reading_of(31, flag="F"), *reading_of(32, day="20250230"), *reading_of(33, status="Q")]
    html = page(support, put(flow(*groups, *faults), archive / "f.uff").sha256)
    codes = re.findall('<code class="quiet">([a-z-]+)</code>', html)
    assert codes == ["not-a-number", "not-a-date-time", "invalid-code", "suspect-without-reason"]
    words = text_of(html)
    assert "Not a number not-a-number 30 problems, lines: 4 , 7 , 10 ," in words
    assert "and 10 more. Expected a number of at most 9 digits" in words
    assert "Show 30 problems" in words
    assert html.count("<mark>x</mark>") == SHOWN
    assert "Error Invalid code invalid-code Line: 98 ." in words
    before, _, folded = words.partition(" 1 warning ")
    assert "Invalid code" in before
    assert "Suspect without reason" in folded.partition("Text for the sender")[0]
    assert "<details" in html


def test_warnings_of_an_imported_file_are_not_folded(support: Client) -> None:
    html = page(support, deliver(flow(*reading_of(1, flag="F")), "f.uff").sha256)
    assert "suspect-without-reason" in html
    assert "<details" not in html


def test_problems_that_were_only_counted_are_part_of_their_code(support: Client) -> None:
    groups = [group for each in range(MOST_OF_A_CODE + 1264) for group in reading_of(each, flag="F")]
    sha256 = deliver(flow(*groups, *reading_of(9999, day="20270101")), "f.uff").sha256
    text = text_of(page(support, sha256))
    assert "1,464 problems, lines: 4 , 7 , 10 ," in text
    assert "and 1,444 more." in text
    assert "1,264 more were counted but not stored." in text
    assert text.count("counted but not stored") == 1


def test_surplus_of_an_unknown_code_is_counted(support: Client, archive: Path) -> None:
    report = put(TWO_FAULTS, archive / "f.uff")
    flow_file = FlowFile.objects.get(sha256=report.sha256)
    Surplus.objects.create(flow_file=flow_file, severity="ERROR", code="", number=1_000)
    assert "Further problems 1,000 problems. 1,000 more were counted but not stored." in text_of(
        page(support, report.sha256)
    )


def test_code_that_the_file_does_not_have_is_not_found(support: Client) -> None:
    sha256 = deliver_sample("d0010.uff").sha256
    assert support.get(f"/flow-files/{sha256}/", {"code": "no-such"}).status_code == 404


def test_problem_links_to_its_meter_point_if_that_is_stored(support: Client) -> None:
    html = page(support, deliver(flow(*reading_of(1, flag="F")), "f.uff").sha256)
    assert f'Meter Reading Flag · <a href="/meter-points/{mpan(1)}/">{mpan(1)}</a>' in html
    html = page(support, deliver(flow(*reading_of(2, value="x")), "rejected.uff").sha256)
    assert f"Register Reading · {mpan(2)}" in html
    assert f"/meter-points/{mpan(2)}/" not in html


@pytest.mark.parametrize("number", [1, 40])
def test_number_of_queries_does_not_grow_with_the_file(support: Client, archive: Path, number: int) -> None:
    groups = [group for each in range(number) for group in reading_of(each, flag="F")]
    report = put(flow(*groups), archive / "f.uff")
    with CaptureQueriesContext(connection) as queries:
        page(support, report.sha256)
    assert len(queries) <= MOST_QUERIES


def test_page_requires_the_view_permissions() -> None:
    sha256 = deliver_sample("d0010.uff").sha256
    assert logged_in(User.objects.create_user("bob", is_staff=True)).get(f"/flow-files/{sha256}/").status_code == 403
    assert Client().get(f"/flow-files/{sha256}/").status_code == 302


def test_lines_across_chunks_are_read_completely(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raw_lines, "CHUNK", 7)
    content = b"".join(b"line %d%s" % (number, b"\r\n" if number % 2 else b"\n") for number in range(1, 100)) + b"end"
    lines = lines_at(BytesIO(content), {1, 2, 50, 99, 100, 101})
    assert lines == {1: b"line 1", 2: b"line 2", 50: b"line 50", 99: b"line 99", 100: b"end"}


def test_lines_too_far_down_are_left_out(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(raw_lines, "CHUNK", 10)
    content = b"123456789\n" * 10
    assert lines_at(BytesIO(content + b"tail"), {1, 3, 9, 11}, most=30) == {1: b"123456789", 3: b"123456789"}
    assert lines_at(BytesIO(b"12345678901234567890\n"), {1}, most=10) == {}


def test_line_without_end_does_not_fill_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    lines = lines_at(BytesIO(b"x" * 3_000_000), {1})
    assert len(lines[1]) == raw_lines.DISPLAYED_BYTES


def test_a_field_is_marked_by_its_name_in_every_format() -> None:
    line = mdff.accumulation(quantity="65.x").encode()
    assert mark(line, names=items.NEM13_FIELDS["250"], record="250", field="Quantity", value="65.x").field == "65.x"
    assert mark(line, names=items.NEM13_FIELDS["250"], record="250", field="NMI", value="").field == mdff.NMI
    assert mark(b"3000,a1,a1", names=(), record="", field="area", value="a1") == Marked("3000,a1,a1")
    assert mark(b"3000,a1,t2", names=(), record="", field="area", value="a1") == Marked("3000,", "a1", ",t2")
    assert mark(b"026|1|", names=d0010.FIELDS["028"], record="028", field="Reading Type", value="") == Marked(
        "026|1|"
    )


def test_readings_of_a_file_of_test_data_are_marked(support: Client) -> None:
    sha256 = deliver_sample("d0010_test_flag.uff").sha256
    assert "?scheme=TEST_MPAN" in page(support, sha256)
    assert mpan(1) not in page(support, sha256)


@pytest.mark.parametrize(
    ("sample", "export", "number"), [("d0010.uff", "readings", 10), ("nem12.csv", "intervals", 192)]
)
def test_export_of_a_page_selects_its_file(analyst: Client, sample: str, export: str, number: int) -> None:
    sha256 = deliver_sample(sample).sha256
    address = f"/exports/{export}.csv?file={sha256[:12]}"
    assert f'href="{address}"' in page(analyst, sha256)
    assert b"".join(analyst.get(address)).count(b"\r\n") == number + 1

"""Zips are imported member by member, with a report about each."""

from __future__ import annotations

import json
from hashlib import sha256
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZIP_DEFLATED, ZipFile

import psycopg
import pytest
from django.db import connection

from readings.imports.arrivals import Delivery, report_of, unsettled
from readings.imports.attempts import ContentChanged
from readings.imports.loading.locks import BeingImported
from readings.imports.operations import import_flow
from readings.imports.reports import ImportReport, as_json, as_text
from readings.models import Arrival, FlowFile, Outcome, Reading
from tests.making.dtc import OTHER_MPAN, block, flow, other_flow, reading
from tests.running.box import Box, files_below
from tests.running.imported import NOON, RULES

GOOD = flow(block(reading("1.0")))
OTHER = flow(block(reading("2.0"), mpan=OTHER_MPAN), identifier="TEST000002")
BAD = b"404: Not Found\n"

pytestmark = pytest.mark.django_db


class Ended(Exception):
    """The test ends the importer here."""


def zipped(**members: bytes) -> bytes:
    """Return a zip; two underscores in a keyword become the point of a name."""
    content = BytesIO()
    with ZipFile(content, "w", ZIP_DEFLATED) as archive:
        for name, member in members.items():
            archive.writestr(name.replace("__", "."), member)
    return content.getvalue()


def imported(content: bytes, name: str = "all.zip", **options: Any) -> ImportReport:
    delivery = Delivery(name=name, channel="INBOX", identity="1:2:3:4")
    return import_flow(BytesIO(content), delivery, clock=lambda: NOON, rules=RULES, **options)


def test_each_member_is_imported_as_a_separate_content() -> None:
    report = imported(zipped(a__uff=GOOD, b__uff=OTHER))
    assert (report.outcome, report.format, report.readings, report.meter_points) == ("IMPORTED", "ZIP", 2, 2)
    assert [(member.name, member.outcome) for member in report.members] == [
        ("all.zip/a.uff", "IMPORTED"),
        ("all.zip/b.uff", "IMPORTED"),
    ]
    assert report.arrival_id
    zip_arrival = Arrival.objects.get(pk=report.arrival_id)
    assert zip_arrival.settled_at is None
    assert [(each.name, each.resting_place, each.settled_at) for each in zip_arrival.members.order_by("pk")] == [
        ("all.zip/a.uff", "(in all.zip)", NOON),
        ("all.zip/b.uff", "(in all.zip)", NOON),
    ]
    assert FlowFile.objects.get(format="ZIP").readings == 0
    assert sorted(FlowFile.objects.values_list("format", "readings")) == [("D0010", 1), ("D0010", 1), ("ZIP", 0)]


def test_stored_member_is_a_duplicate_and_the_zip_is_not() -> None:
    imported(GOOD, "a.uff")
    report = imported(zipped(a__uff=GOOD, b__uff=OTHER))
    assert [member.outcome for member in report.members] == ["DUPLICATE", "IMPORTED"]
    assert report.outcome == "IMPORTED"
    assert report.members[0].duplicate_of == "a.uff"


def test_the_same_zip_again_is_a_duplicate() -> None:
    content = zipped(a__uff=GOOD)
    imported(content)
    again = imported(content, "again.zip")
    assert (again.outcome, again.duplicate_of, again.members) == ("DUPLICATE", "all.zip", [])
    assert Reading.objects.count() == 1


def test_zip_with_one_invalid_member_is_rejected_and_valid_members_are_stored() -> None:
    report = imported(zipped(a__uff=GOOD, page__html=BAD))
    assert report.outcome == "REJECTED"
    [problem] = report.problems
    assert (problem.code, problem.value) == ("member-rejected", "page.html")
    assert "unknown-format" in problem.message
    assert Reading.objects.count() == 1
    text = as_text(report).splitlines()
    assert text[0] == "all.zip: rejected: 1 error, 0 warnings; its valid members were stored"
    assert any(line.startswith("all.zip/page.html:1: unknown-format") for line in text)
    assert [member["outcome"] for member in as_json(report)["members"]] == ["imported", "rejected"]


def test_zip_with_documents_alone_is_rejected() -> None:
    report = imported(zipped(letter__txt=b"Your data will follow.\n", terms__pdf=b"%PDF-1.4\0"))
    assert (report.outcome, report.members) == ("REJECTED", [])
    assert [problem.code for problem in report.problems] == ["left-out", "left-out", "no-flow-file"]


def test_damaged_flow_file_with_the_name_of_a_document_is_not_skipped() -> None:
    report = imported(zipped(a__uff=GOOD, b__txt=GOOD[20:]))
    assert (report.outcome, len(report.members)) == ("REJECTED", 2)


def test_rejected_zip_can_be_imported_again() -> None:
    content = zipped(a__uff=GOOD, page__html=BAD)
    imported(content)
    again = imported(content)
    assert again.outcome == "REJECTED"
    assert Reading.objects.count() == 1


def test_damaged_zip_is_rejected_with_the_cause() -> None:
    content = zipped(a__uff=GOOD, b__uff=OTHER)
    damaged = content.replace(b"PK\x01\x02", b"PK\x01\x03", 1)
    report = imported(damaged)
    assert (report.outcome, [problem.code for problem in report.problems]) == ("REJECTED", ["damaged-zip"])
    assert Reading.objects.count() == 0


def test_dry_run_returns_the_same_report_and_stores_nothing() -> None:
    content = zipped(a__uff=GOOD, page__html=BAD)
    dry = imported(content, dry_run=True)
    assert FlowFile.objects.count() == Arrival.objects.count() == 0
    real = imported(content)
    assert [(each.code, each.value) for each in dry.problems] == [(each.code, each.value) for each in real.problems]
    assert [(each.outcome, each.readings) for each in dry.members] == [
        (each.outcome, each.readings) for each in real.members
    ]


def test_interrupted_importer_continues_with_the_next_member() -> None:
    content = zipped(a__uff=GOOD, b__uff=OTHER)

    positions: list[int] = []

    def on_progress(position: int, values: int) -> None:
        positions.extend([position] if position else [])  # 0 while the zip is hashed
        if position > min(positions, default=0):  # The first member is stored, and the second is being read.
            assert values == 1
            raise Ended

    with pytest.raises(Ended):
        imported(content, on_progress=on_progress)
    assert positions[-1] <= len(content)
    assert Reading.objects.count() == 1
    report = imported(content)
    assert [(member.outcome, member.readings) for member in report.members] == [("IMPORTED", 1), ("IMPORTED", 1)]
    assert Arrival.objects.count() == 3
    assert Arrival.objects.filter(container=report.arrival_id).count() == 2


def test_zip_that_changes_during_the_import_is_not_settled() -> None:
    with pytest.raises(ContentChanged):
        imported(zipped(a__uff=GOOD), is_unchanged=lambda: False)
    assert not FlowFile.objects.filter(status=Outcome.IMPORTED, format="ZIP").exists()


def test_stored_report_of_a_zip_equals_the_original() -> None:
    report = imported(zipped(a__uff=GOOD, page__html=BAD))
    arrival = unsettled("1:2:3:4")
    assert arrival
    assert report.arrival_id == arrival.id
    again = as_json(report_of(arrival.id))
    expected = as_json(report)
    for one in (again, expected, *again["members"], *expected["members"]):
        del one["seconds"]
    assert again == expected


def test_zip_above_the_limit_is_rejected_unread() -> None:
    rules = RULES.__class__(max_bytes=10, max_attempts=3)
    report = import_flow(
        BytesIO(zipped(a__uff=GOOD)),
        Delivery(name="all.zip", channel="COMMAND", resting_place="all.zip"),
        clock=lambda: NOON,
        rules=rules,
    )
    assert [problem.code for problem in report.problems] == ["too-large"]
    assert report.members == []


@pytest.mark.slow
def test_the_watcher_archives_a_zip_whose_members_were_all_imported(tmp_path: Path, database_url: str) -> None:
    box = Box(tmp_path, database_url)
    box.drop("good.zip", zipped(a__uff=GOOD, b__uff=OTHER))
    box.drop("bad.zip", zipped(a__uff=GOOD, page__html=BAD))
    box.drop("cut.zip", zipped(a__uff=GOOD)[:-3])
    assert box.once()[0] == 1
    assert [path.partition(".zip.")[0] for path in files_below(box.archive)] == ["good"]
    rejected = files_below(box.rejected)
    [report] = [json.loads(content) for name, content in rejected.items() if name.endswith(".json")]
    assert [(member["name"], member["outcome"]) for member in report["members"]] == [
        ("bad.zip/a.uff", "duplicate"),
        ("bad.zip/page.html", "rejected"),
    ]
    assert list(files_below(box.inbox)) == ["cut.zip"]
    assert box.count_readings() == 2


@pytest.mark.parametrize("name", ["", "\0", "\0dir/", "d" * 2000 + ".uff"])
def test_member_with_any_name_is_imported(name: str) -> None:
    content = BytesIO()
    with ZipFile(content, "w") as archive:
        archive.writestr("x", GOOD)
        archive.filelist[0].filename = archive.filelist[0].orig_filename = name
    assert imported(content.getvalue()).outcome in ("IMPORTED", "REJECTED")


def test_member_locked_by_another_importer_adds_no_attempt() -> None:
    content = zipped(a__uff=GOOD, b__uff=OTHER)
    if connection.vendor == "postgresql":  # SQLite has one writer: no other importer holds a content.
        parameters = connection.get_connection_params()
        del parameters["cursor_factory"], parameters["context"]
        with psycopg.connect(**parameters) as other:
            other.execute("SELECT pg_advisory_lock(%s)", [int(sha256(OTHER).hexdigest()[:15], 16)])
            for _ in range(RULES.max_attempts + 1 if RULES.max_attempts else 0):
                with pytest.raises(BeingImported):
                    imported(content)
        assert Reading.objects.count() == 1
    report = imported(content)
    assert (report.outcome, [member.outcome for member in report.members]) == ("IMPORTED", ["IMPORTED", "IMPORTED"])


def test_member_of_another_flow_leaves_the_zip_to_the_others() -> None:
    report = imported(zipped(a__uff=GOOD, b__usr=other_flow()))
    assert (report.outcome, [member.outcome for member in report.members]) == ("IMPORTED", ["IMPORTED", "OTHER_FLOW"])
    assert [(each.severity, each.code, each.value) for each in report.problems] == [
        ("WARNING", "other-flow", "b.usr")
    ]
    rejected = imported(zipped(a__uff=BAD, b__usr=other_flow()))
    assert (rejected.outcome, rejected.errors) == ("REJECTED", 1)


def test_zip_of_other_flows_alone_is_set_aside() -> None:
    report = imported(zipped(a__usr=other_flow("D0086002"), b__usr=other_flow("D0052001")))
    assert (report.outcome, report.errors) == ("OTHER_FLOW", 0)
    summary, *lines = as_text(report).splitlines()
    aside = "2 files of flows that are not read here (D0052, D0086); set aside, nothing was stored"
    assert summary == f"all.zip: other-flow: {aside}"
    assert lines == [
        "all.zip/a.usr: other-flow: D0086002 is not read here; set aside, nothing was stored",
        "all.zip/b.usr: other-flow: D0052001 is not read here; set aside, nothing was stored",
    ]
    assert sorted(FlowFile.objects.values_list("format", "status")) == [
        ("D0052", "OTHER_FLOW"),
        ("D0086", "OTHER_FLOW"),
        ("ZIP", "OTHER_FLOW"),
    ]
    assert imported(zipped(a__usr=other_flow("D0086002"), b__usr=other_flow("D0052001"))).outcome == "OTHER_FLOW"


def test_zip_that_comes_again_tries_its_members_of_other_flows_again() -> None:
    content = zipped(a__uff=GOOD, b__usr=other_flow())
    imported(content)
    again = imported(content, "again.zip")
    assert again.outcome == "DUPLICATE"
    assert [member.outcome for member in again.members] == ["DUPLICATE", "OTHER_FLOW"]

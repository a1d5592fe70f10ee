"""Flow files: lists, resources, problems, bytes."""

from __future__ import annotations

from pathlib import Path

import pytest
from django.utils.dateparse import parse_datetime
from pytest_django.fixtures import Settings

from readings.models import FlowFile
from readings.models.trail import Action, Trail
from tests.making.dtc import flow, other_flow, reading_of
from tests.running.api import Program
from tests.running.imported import deliver, deliver_sample, put_away
from tests.running.places import SAMPLES

pytestmark = pytest.mark.django_db


@pytest.fixture
def program() -> Program:
    return Program()


def names(program: Program, **filters: str) -> list[str]:
    return [row["name"] for row in program.items("flow-files/", filters)]


def test_flow_files_are_found_by_status_format_sender_and_name(program: Program) -> None:
    for name in ("d0010.uff", "d0010_two_faults.uff", "nem13.csv"):
        deliver_sample(name)
    assert names(program) == ["nem13.csv", "d0010_two_faults.uff", "d0010.uff"]
    assert names(program, status="rejected") == ["d0010_two_faults.uff"]
    assert names(program, format="NEM13") == names(program, sender="MDPA") == ["nem13.csv"]
    assert names(program, status="imported", sender="ZZDC") == names(program, name="d0010.uff") == ["d0010.uff"]
    assert names(program, name="none") == names(program, status="received") == []
    for name in ("'; DROP TABLE readings_reading", "%", "é", "\u202e"):
        assert names(program, name=name) == []


def test_flow_file_of_another_flow_is_found_by_its_outcome_and_flow(program: Program) -> None:
    deliver(other_flow("D0086002"), "D0086.usr")
    deliver_sample("d0010.uff")
    assert names(program, status="other-flow") == names(program, format="D0086") == ["D0086.usr"]
    assert names(program, status="rejected") == []
    document = program.get(f"flow-files/{FlowFile.objects.get(format='D0086').sha256}").json()
    assert (document["status"], document["version"], document["errors"]) == ("other-flow", "002", 0)
    assert [each["outcome"] for each in document["arrivals"]] == ["other-flow"]


def test_flow_file_has_its_header_counts_arrivals_and_times(program: Program) -> None:
    sha256 = deliver_sample("d0010.uff").sha256
    deliver((SAMPLES / "d0010.uff").read_bytes(), "again.uff", by_whom="bob")
    document = program.get(f"flow-files/{sha256[:12]}").json()
    expected = {"sha256": sha256, "name": "d0010.uff", "format": "D0010", "status": "imported", "sender": "ZZDC"}
    assert {name: document[name] for name in expected} == expected
    assert document["created_at"] == "2025-03-03T06:15:00+00:00"
    row = FlowFile.objects.get()
    assert [document[name] for name in ("readings", "meter_points", "size")] == [
        row.readings,
        row.meter_points,
        row.size,
    ]
    assert parse_datetime(document["imported_at"]) == row.imported_at
    arrivals = [(each["name"], each["by_whom"], each["outcome"]) for each in document["arrivals"]]
    assert arrivals == [("d0010.uff", "ann", "imported"), ("again.uff", "bob", "duplicate")]
    listed = program.items("flow-files/")[0]
    assert {name: document[name] for name in listed} == listed


def test_problems_are_listed_by_line_and_filtered_by_severity(program: Program) -> None:
    sha256 = deliver_sample("d0010_two_faults.uff").sha256
    rows = program.items(f"flow-files/{sha256}/problems")
    assert [row["line"] for row in rows] == sorted(row["line"] for row in rows)
    errors = program.items(f"flow-files/{sha256}/problems", {"severity": "ERROR"})
    warnings = program.items(f"flow-files/{sha256}/problems", {"severity": "WARNING"})
    assert [row for row in rows if row["severity"] == "ERROR"] == errors != []
    assert [row for row in rows if row["severity"] == "WARNING"] == warnings
    assert program.rows(f"flow-files/{sha256}/problems")[0]["message"] == rows[0]["message"]
    assert rows[0].keys() >= {"code", "record", "field", "value", "meter_point"}


def test_readings_of_a_file_are_those_of_the_list_with_its_filter(program: Program) -> None:
    deliver_sample("d0010.uff")
    sha256 = deliver(flow(*reading_of(1), *reading_of(2)), "two.uff").sha256
    rows = program.items(f"flow-files/{sha256}/readings")
    assert rows == program.items("readings", {"flow_file": sha256})
    assert [row["line"] for row in rows] == [4, 7]


def test_bytes_are_sent_as_they_arrived_and_noted(program: Program, settings: Settings, tmp_path: Path) -> None:
    contents = {name: (SAMPLES / f"d0010{name}.uff").read_bytes() for name in ("", "_two_faults")}
    for name, folder in (("", "archive"), ("_two_faults", "rejected")):
        (tmp_path / folder).mkdir()
        setattr(settings, f"{folder.upper()}_DIR", tmp_path / folder)
        put_away("naïve\r\nname.uff", contents[name], tmp_path / folder)
    for row in FlowFile.objects.order_by("pk"):
        response = program.get(f"flow-files/{row.sha256}/content")
        assert b"".join(response.streaming_content) == contents["" if row.status == "IMPORTED" else "_two_faults"]
        assert response.headers["Content-Type"] == "application/octet-stream"
        assert response.headers["Content-Disposition"].startswith("attachment;")
        assert "\n" not in response.headers["Content-Disposition"]
        tag = response.headers["ETag"]
        unchanged = program.get(f"flow-files/{row.sha256}/content", status=304, headers={"If-None-Match": tag})
        for answer in (response, unchanged):
            assert answer.headers["Cache-Control"] == "private, no-cache"
            assert {"Accept", "Authorization", "Cookie"} <= set(answer.headers["Vary"].split(", "))
    entries = Trail.objects.filter(action=Action.EXPORT).values_list("sha256", "subject").order_by("pk")
    shas = FlowFile.objects.order_by("pk").values_list("sha256", flat=True)
    assert list(entries) == [(sha256, "naïve\r\nname.uff") for sha256 in shas]


def test_bytes_that_are_in_no_folder_are_404(program: Program, settings: Settings, tmp_path: Path) -> None:
    for folder in ("archive", "rejected"):
        (tmp_path / folder).mkdir()
        setattr(settings, f"{folder.upper()}_DIR", tmp_path / folder)
    sha256 = deliver_sample("d0010.uff").sha256
    details = program.refused(f"flow-files/{sha256}/content", status=404)["detail"]
    assert details.startswith("The bytes are not there: ")
    assert str(tmp_path) not in details
    assert not Trail.objects.filter(action=Action.EXPORT).exists()


def test_files_of_the_same_bytes_are_chosen_by_their_subject(program: Program) -> None:
    content = (SAMPLES / "consumption" / "3000.csv").read_bytes()
    shas = {deliver(content, name).sha256 for name in ("3000.csv", "3001.csv")}
    [sha256] = shas
    assert program.wrong(f"flow-files/{sha256}", {}) == ["subject"]
    assert program.get(f"flow-files/{sha256}", {"subject": "3001"}).json()["name"] == "3001.csv"
    program.refused(f"flow-files/{sha256}", {"subject": "3002"}, status=404)


def test_file_whose_name_has_no_subject_is_at_the_address_without_one(program: Program) -> None:
    content = (SAMPLES / "consumption" / "3000.csv").read_bytes()
    sha256 = deliver(content, "no subject.csv").sha256
    deliver(content, "3000.csv")
    found = program.get(f"flow-files/{sha256}").json()
    assert (found["name"], found["subject"], found["status"]) == ("no subject.csv", "", "rejected")
    assert program.items(f"flow-files/{sha256}/problems") != []
    assert program.get(f"flow-files/{sha256}", {"subject": "3000"}).json()["status"] == "imported"

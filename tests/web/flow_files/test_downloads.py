"""Downloads of a flow file: reports, and its bytes as sent."""

import json
from io import BytesIO
from pathlib import Path
from zipfile import ZipFile

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from readings.imports.arrivals import report_of
from readings.imports.kept_files import keep
from readings.models import Arrival, Trail
from readings.models.roles import ANALYST
from readings.models.trail import Action, Door
from tests.making.dtc import flow, reading_of
from tests.running.commands import digest
from tests.running.imported import NOON, deliver
from tests.running.pages import client_of, support_client
from tests.running.places import SAMPLES
from tests.web.flow_files import Archive

pytestmark = pytest.mark.django_db

TWO_FAULTS = (SAMPLES / "d0010_two_faults.uff").read_bytes()
ADDRESS = f"/flow-files/{digest(TWO_FAULTS)}"


def zipped(**members: bytes) -> bytes:
    content = BytesIO()
    with ZipFile(content, "w") as packed:
        for name, member in members.items():
            packed.writestr(f"{name}.uff", member)
    return content.getvalue()


def test_report_is_that_of_the_import_command(folders_of_pages: Archive) -> None:
    folders_of_pages.put(TWO_FAULTS, "bad.uff")
    text = support_client().get(f"{ADDRESS}/report.txt")
    lines = text.content.decode().splitlines()
    assert lines[0] == "bad.uff: rejected: 2 errors, 0 warnings; nothing was stored"
    assert lines[1].startswith("bad.uff:2: wrong-check-digit error: ")
    assert text.headers["Content-Disposition"] == 'attachment; filename="bad.uff.report.txt"'


def test_report_as_json_states_every_problem(folders_of_pages: Archive) -> None:
    folders_of_pages.put(TWO_FAULTS, "bad.uff")
    answer = support_client().get(f"{ADDRESS}/report.json")
    report = json.loads(answer.content)
    assert (report["outcome"], [each["line"] for each in report["problems"]]) == ("rejected", [2, 7])
    assert answer.headers["Content-Type"] == "application/json"


def test_report_of_a_zip_takes_a_fixed_number_of_queries() -> None:
    few = deliver(zipped(a=flow(*reading_of(1)), b=TWO_FAULTS), "few.zip")
    members = {f"m{number}": flow(*reading_of(number, value="x")) for number in range(10)}
    many = deliver(zipped(**members), "many.zip")
    numbers = []
    for report in (few, many):
        assert report.arrival_id
        with CaptureQueriesContext(connection) as queries:
            assert len(report_of(report.arrival_id).members) == len(report.members)
        numbers.append(len(queries))
    assert numbers[0] == numbers[1] <= 5


def test_bytes_are_downloaded_as_sent_and_noted_in_the_trail(folders_of_pages: Archive) -> None:
    folders_of_pages.put(TWO_FAULTS, 'a "b" <c>.uff')
    answer = client_of(ANALYST).get(f"{ADDRESS}/original")
    assert b"".join(answer) == TWO_FAULTS
    assert answer.headers["Content-Disposition"] == r'attachment; filename="a \"b\" <c>.uff"'
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    [entry] = Trail.objects.filter(action=Action.EXPORT)
    assert (entry.door, entry.by_whom, entry.subject) == (Door.PAGE, "ann", 'a "b" <c>.uff')
    assert entry.sha256 == digest(TWO_FAULTS)


def test_bytes_of_a_member_are_those_in_the_zip(folders_of_pages: Archive) -> None:
    folders_of_pages.put(zipped(good=flow(*reading_of(1)), bad=TWO_FAULTS), "both.zip")
    answer = client_of(ANALYST).get(f"{ADDRESS}/original")
    assert b"".join(answer) == TWO_FAULTS
    assert answer.headers["Content-Disposition"] == 'attachment; filename="bad.uff"'


def test_bytes_need_the_permission_to_export(folders_of_pages: Archive) -> None:
    folders_of_pages.put(TWO_FAULTS, "bad.uff")
    client = support_client()
    assert client.get(f"{ADDRESS}/original").status_code == 403
    assert "File as sent" not in client.get(f"{ADDRESS}/").content.decode()
    assert not Trail.objects.filter(action=Action.EXPORT).exists()


@pytest.mark.parametrize("part", ["report.txt", "report.json", "original"])
def test_start_of_a_hash_is_not_found(folders_of_pages: Archive, part: str) -> None:
    folders_of_pages.put(TWO_FAULTS, "bad.uff")
    assert client_of(ANALYST).get(f"{ADDRESS[:-1]}/{part}").status_code == 404


def test_bytes_that_are_gone_are_not_found(folders_of_pages: Archive) -> None:
    folders_of_pages.put(TWO_FAULTS, "bad.uff").unlink()
    assert client_of(ANALYST).get(f"{ADDRESS}/original").status_code == 404


def test_a_file_kept_for_a_later_day_is_found(folders_of_pages: Archive, tmp_path: Path) -> None:
    folders_of_pages.put(TWO_FAULTS, "bad.uff").unlink()
    place = keep(BytesIO(TWO_FAULTS), tmp_path / "archive", name="bad.uff", sha256="0" * 64, day=NOON.date())
    Arrival.objects.update(resting_place=str(place))
    assert b"".join(client_of(ANALYST).get(f"{ADDRESS}/original")) == TWO_FAULTS

"""Consumers, their area and tariff, and their half hours: by folder, by inbox, by zip."""

from __future__ import annotations

import json
from datetime import datetime
from decimal import Decimal
from io import BytesIO, StringIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pytest
from django.core.management import call_command

from readings.imports.reports import ImportReport, as_text
from readings.models import ConsumerDetails, FlowFile, IntervalDay, MeterPoint, Reading
from readings.queries.meter_point_files import files_of
from tests.running.box import Box, wait_until
from tests.running.imported import NOON, codes, imported
from tests.running.places import SHARED

SMAP = SHARED / "smap"
FIELD = SHARED / "field" / "consumption" / "tariff-and-back"
HALF_HOURS = b"datetime,consumption\r\n2026-03-01 00:00:00,39.0\r\n2026-03-01 00:30:00,100.\r\n"
USERS = b"id,area,tariff\r\n3000,a1,t2\r\n3001,a2,t3\r\n"

needs_shared = pytest.mark.skipif(not SMAP.exists(), reason="needs ../shared")
needs_field = pytest.mark.skipif(not FIELD.exists(), reason="needs ../shared")


def days() -> list[tuple[str, str, int, Decimal]]:
    rows = IntervalDay.objects.order_by("meter_point__identifier", "day", "occurrence")
    return [(day.meter_point.identifier, f"{day.day}", day.occurrence, day.total) for day in rows]


@pytest.mark.django_db
def test_two_consumers_with_the_same_bytes_are_both_imported_each_once() -> None:
    first, second, again = (imported(HALF_HOURS, name) for name in ("3000.csv", "3001.csv", "3001.csv"))
    assert [report.outcome for report in (first, second, again)] == ["IMPORTED", "IMPORTED", "DUPLICATE"]
    assert days() == [("3000", "2026-03-01", 0, Decimal(139)), ("3001", "2026-03-01", 0, Decimal(139))]
    assert sorted(FlowFile.objects.values_list("subject", "intervals")) == [("3000", 2), ("3001", 2)]


@pytest.mark.django_db
def test_file_name_without_consumer_id_is_rejected_with_instructions() -> None:
    report = imported(HALF_HOURS, "half hours of may.csv")
    assert report.outcome == "REJECTED"
    assert [(problem.line, problem.code) for problem in report.problems] == [(0, "no-consumer")]
    assert "3000.csv" in report.problems[0].message


@pytest.mark.django_db
def test_consumption_is_imported_before_its_consumer_data() -> None:
    imported(HALF_HOURS, "3000.csv")
    assert MeterPoint.objects.values_list("scheme", "identifier", "area", "tariff").get() == (
        *("CONSUMER", "3000"),
        *("", ""),
    )
    report = imported(USERS, "user_data.csv")
    assert (report.outcome, report.meter_points) == ("IMPORTED", 2)
    assert list(MeterPoint.objects.order_by("identifier").values_list("identifier", "area", "tariff")) == [
        ("3000", "a1", "t2"),
        ("3001", "a2", "t3"),
    ]


@pytest.mark.django_db
def test_consumer_data_that_states_nothing_new_is_listed_as_a_repeat() -> None:
    imported(USERS, "user_data.csv")
    report = imported(USERS + b"3002,a1,t1\r\n", "user_data.csv")
    assert (report.repeats, report.warnings) == (2, 0)
    [again, _] = files_of(MeterPoint.objects.get(identifier="3000"))
    assert (again.flow_file.sha256, again.rows, again.repeats) == (report.sha256, 1, 1)


@pytest.mark.django_db
def test_repeated_consumer_data_keeps_the_latest_area_and_tariff() -> None:
    imported(USERS, "user_data.csv")
    imported(USERS.replace(b"3000,a1,t2", b"3000,a3,t1"), "user_data.csv")
    assert MeterPoint.objects.values_list("area", "tariff").get(identifier="3000") == ("a3", "t1")


@pytest.mark.django_db
def test_longer_part_of_a_day_completes_a_shorter_one() -> None:
    imported(HALF_HOURS, "3000.csv")
    longer = imported(HALF_HOURS + b"2026-03-01 01:00:00,1.0\r\n", "3000.csv")
    assert (longer.interval_days, longer.intervals, longer.superseded, longer.completed) == (1, 3, 0, 1)
    current = IntervalDay.objects.get(superseded_by=None)
    assert (current.total, current.version) == (Decimal("140.0"), 2)


@pytest.mark.django_db
def test_file_that_begins_within_a_day_completes_the_stored_day() -> None:
    imported(HALF_HOURS, "3000.csv")
    rest = b"datetime,consumption\r\n2026-03-01 12:00:00,1.0\r\n2026-03-01 12:30:00,2.0\r\n"
    imported(rest, "3000.csv")
    current = IntervalDay.objects.get(superseded_by=None)
    assert current.total == Decimal("142.0")
    assert [value for value in current.values.split(",") if value] == ["39.0", "100.", "1.0", "2.0"]
    part = rest.replace(b"2026-03-01 12:30:00,2.0\r\n", b"")
    assert imported(part, "3000.csv").repeats == 1
    corrected = imported(part.replace(b",1.0", b",5.0"), "3000.csv")
    assert (corrected.superseded, IntervalDay.objects.get(superseded_by=None).total) == (1, Decimal("146.0"))


@pytest.mark.django_db
def test_whole_day_without_a_time_that_another_file_repeats_is_renewed() -> None:
    half_hours = [f"2026-03-01 {half // 2:02}:{half % 2 * 30:02}:00,1.0\r\n" for half in range(48)]
    day = "".join(["datetime,consumption\r\n", *half_hours]).encode()
    imported(day, "3000.csv")
    report = imported(day + b"2026-03-02 00:00:00,1.0\r\n", "3000.csv")
    assert (report.repeats, report.interval_days) == (1, 1)
    row = IntervalDay.objects.get(day="2026-03-01")
    assert row.restated_in
    assert (row.restated_in.sha256, row.restated_line, row.restated_at) == (report.sha256, 2, None)


@pytest.mark.django_db
def test_values_that_arrive_again_as_a_duplicate_are_the_last_word() -> None:
    corrected = HALF_HOURS.replace(b"39.0", b"49.0")
    for content in (HALF_HOURS, corrected):
        imported(content, "3000.csv")
    again = imported(HALF_HOURS, "3000.csv")
    assert (again.outcome, again.superseded, again.interval_days) == ("DUPLICATE", 1, 0)
    assert "count again, in place of 1 statement" in as_text(again)
    assert IntervalDay.objects.current().get().total == Decimal("139.0")
    assert imported(HALF_HOURS, "3000.csv").superseded == 0
    assert imported(corrected, "3000.csv", dry_run=True).superseded == 1
    assert IntervalDay.objects.current().get().total == Decimal("139.0")


@pytest.mark.django_db
def test_zip_that_arrives_again_makes_its_members_the_last_word() -> None:
    content = BytesIO()
    with ZipFile(content, "w") as archive:
        archive.writestr("3000.csv", HALF_HOURS)
    imported(content.getvalue(), "first.zip")
    imported(HALF_HOURS.replace(b"39.0", b"49.0"), "3000.csv")
    rehearsed = imported(content.getvalue(), "second.zip", dry_run=True)
    again = imported(content.getvalue(), "second.zip")
    for report in (rehearsed, again):
        assert (report.outcome, report.superseded, len(report.members)) == ("DUPLICATE", 1, 1)
    assert IntervalDay.objects.current().get().total == Decimal("139.0")


@pytest.mark.django_db
def test_consumer_data_that_arrives_again_as_a_duplicate_is_the_last_word() -> None:
    imported(USERS, "user_data.csv")
    imported(USERS.replace(b"3000,a1,t2", b"3000,a3,t1"), "user_data.csv")
    again = imported(USERS, "user_data.csv")
    assert (again.outcome, again.superseded) == ("DUPLICATE", 1)
    assert MeterPoint.objects.values_list("area", "tariff").get(identifier="3000") == ("a1", "t2")


def history(identifier: str) -> list[tuple[str, str, str, int | None, datetime | None]]:
    rows = ConsumerDetails.objects.filter(meter_point__identifier=identifier).order_by("pk")
    return [(row.area, row.tariff, row.flow_file.sha256[:12], row.line, row.since) for row in rows if row.flow_file]


def at(hour: int, content: bytes) -> ImportReport:
    """Import consumer data at an hour of a day."""
    return imported(content, "user_data.csv", clock=lambda: NOON.replace(hour=hour))


@pytest.mark.django_db
def test_changed_area_and_tariff_are_warnings_and_have_a_history() -> None:
    first = at(8, USERS)
    second = at(9, USERS.replace(b"3000,a1,t2", b"3000,a3,t1"))
    assert (codes(first), codes(second)) == ([], ["changed-area", "changed-tariff"])
    area, tariff = second.problems
    assert (area.line, area.field, area.value) == (2, "area", "a3")
    assert (tariff.value, tariff.message) == ("t1", "replaces t2 for consumer 3000 from now on")
    assert history("3000") == [
        ("a1", "t2", first.sha256[:12], 2, NOON.replace(hour=8)),
        ("a3", "t1", second.sha256[:12], 2, NOON.replace(hour=9)),
    ]
    assert len(history("3001")) == 1
    files = files_of(MeterPoint.objects.get(identifier="3000"))
    assert [(each.flow_file.sha256, each.rows) for each in files] == [(second.sha256, 1), (first.sha256, 1)]


@pytest.mark.django_db
def test_consumer_data_without_a_change_gives_no_warning() -> None:
    imported(USERS, "user_data.csv")
    again = imported(USERS.replace(b"3001,a2,t3", b"3002,a2,t3"), "user_data.csv")
    assert (codes(again), again.superseded) == ([], 0)
    assert len(history("3000")) == 1
    assert imported(USERS, "user_data.csv").superseded == 0


@pytest.mark.django_db
def test_rejected_consumer_data_leaves_no_history() -> None:
    imported(USERS, "user_data.csv")
    report = imported(b"id,area,tariff\r\n3000,a1,t9\r\n3001,,t9\r\n", "user_data.csv")
    assert (report.outcome, len(history("3000"))) == ("REJECTED", 1)
    assert imported(USERS.replace(b"t2", b"t9"), "user_data.csv", dry_run=True).warnings == 1
    assert len(history("3000")) == 1


@pytest.mark.django_db
@needs_field
def test_tariff_that_arrives_again_as_a_duplicate_counts_and_has_a_history() -> None:
    one, nine = ((FIELD / name / "user_data.csv").read_bytes() for name in "12")
    first, second, third = at(8, one), at(9, nine), at(10, one)
    assert [report.outcome for report in (first, second, third)] == ["IMPORTED", "IMPORTED", "DUPLICATE"]
    assert codes(second) == ["changed-tariff"]
    assert third.superseded == 1
    assert "its statements count again, in place of 1 statement" in as_text(third)
    assert MeterPoint.objects.get(identifier="Q3104").tariff == "t1"
    changes = [(tariff, since.hour if since else None) for _, tariff, _, _, since in history("Q3104")]
    assert changes == [("t1", 8), ("t9", 9), ("t1", 10)]
    assert len(history("Q3105")) == 1


@pytest.mark.django_db
def test_an_id_in_a_folder_of_another_system_is_found() -> None:
    assert imported(HALF_HOURS, "smap.zip/consumption\\3000.csv").outcome == "IMPORTED"
    assert MeterPoint.objects.get().identifier == "3000"


@pytest.mark.django_db
def test_zip_of_a_folder_gives_the_same_rows_as_the_folder() -> None:
    content = BytesIO()
    with ZipFile(content, "w") as archive:
        archive.writestr("consumption/3001.csv", HALF_HOURS)
        archive.writestr("consumption/3000.csv", HALF_HOURS)
        archive.writestr("user_data.csv", USERS)
    report = imported(content.getvalue(), "smap.zip")
    assert (report.outcome, report.intervals, len(report.members)) == ("IMPORTED", 4, 3)
    assert [identifier for identifier, *_ in days()] == ["3000", "3001"]
    assert not Reading.objects.exists()


@pytest.mark.django_db
def test_commands_import_the_whole_folder_in_one_call(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / "data"
    (folder / "consumption").mkdir(parents=True)
    (folder / "user_data.csv").write_bytes(USERS)
    for name in ("3000", "3001"):
        (folder / "consumption" / f"{name}.csv").write_bytes(HALF_HOURS)
    monkeypatch.chdir(tmp_path)
    assert [report["outcome"] for report in called("import")] == ["imported"] * 3
    before = days()
    assert [report["outcome"] for report in called("import", "data")] == ["duplicate"] * 3
    assert [report["outcome"] for report in called("import_flow", "data")] == ["duplicate"] * 3
    assert days() == before
    assert len(before) == 2


def called(command: str, *arguments: str) -> list[dict[str, Any]]:
    """Return the reports that a command prints."""
    output = StringIO()
    call_command(command, *arguments, "--format", "json", stdout=output)
    return [json.loads(line) for line in output.getvalue().splitlines()]


@pytest.mark.slow
def test_the_inbox_gives_the_same_result(tmp_path: Path, database_url: str) -> None:
    box = Box(tmp_path, database_url)
    with box.watcher():
        box.drop("3000.csv", HALF_HOURS)
        box.drop("3001.csv", HALF_HOURS)
        box.drop("user_data.csv", USERS)
        wait_until(lambda: len(box.outcomes()) == 3)
        wait_until(lambda: not any(box.inbox.iterdir()))
    assert sorted(box.outcomes()) == [
        ("3000.csv", "IMPORTED"),
        ("3001.csv", "IMPORTED"),
        ("user_data.csv", "IMPORTED"),
    ]
    stored = box.rows(
        "SELECT point.identifier, point.area, day.total FROM readings_intervalday day"
        " JOIN readings_meterpoint point ON point.id = day.meter_point_id ORDER BY 1"
    )
    assert [(identifier, area, Decimal(str(total))) for identifier, area, total in stored] == [
        ("3000", "a1", Decimal(139)),
        ("3001", "a2", Decimal(139)),
    ]


@pytest.mark.slow
@needs_shared
@pytest.mark.django_db
def test_the_public_data_set_is_imported_whole() -> None:
    paths = [SMAP / "user_data.csv", *sorted((SMAP / "consumption").iterdir())]
    reports: list[ImportReport] = [imported(path.read_bytes(), path.name) for path in paths]
    assert {report.outcome for report in reports} == {"IMPORTED"}
    assert sum(report.intervals for report in reports) == 489_716
    assert MeterPoint.objects.exclude(area="").count() == 60
    assert sum(IntervalDay.objects.values_list("total", flat=True)) == Decimal("247758910.0")
    again = IntervalDay.objects.filter(occurrence=1)
    assert again.count() == 60
    repeated = [value for values in again.values_list("values", flat=True) for value in values.split(",") if value]
    assert len(repeated) == 116

"""Exports of current rows as CSV."""

from __future__ import annotations

import csv
import json
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from collections.abc import Iterable
from datetime import timedelta, timezone
from decimal import Decimal
from io import StringIO
from pathlib import Path

import pytest
from django.contrib.auth.models import User
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from hypothesis import given
from hypothesis import strategies as st

from readings.formats.contract import NEM_TIME
from readings.models import FlowFile, IntervalDay
from readings.models.roles import ANALYST
from readings.presentation import exports
from readings.presentation.csv_rows import cell, row
from readings.queries.selection import Selection, WrongSelection, parsed_day
from tests.making.dtc import flow, mpan, reading_of
from tests.making.mdff import NMI, accumulation, channel, day, nem12, nem13
from tests.running.forks import manage
from tests.running.imported import deliver, deliver_sample
from tests.running.pages import client_of
from tests.running.places import ROOT, SAMPLES

SMAP = ROOT.parent / "shared" / "samples" / "smap"
HALF_HOURS = "\r\n".join(
    (
        "datetime,consumption",
        "2026-10-25 00:30:00,10.0",
        "2026-10-25 01:00:00,20.0",
        "2026-10-25 01:00:00,30.0",
        "2026-10-25 23:30:00,40.0",
        "",
    )
)


def parsed(text: str) -> list[dict[str, str]]:
    """Return the rows of a CSV text, read by the standard library."""
    return list(csv.DictReader(StringIO(text, newline=""), strict=True))


def readings(**selection: object) -> list[dict[str, str]]:
    return parsed("".join(exports.readings(Selection(**selection), nem_time=NEM_TIME)))  # type: ignore[arg-type]


def intervals(**selection: object) -> list[dict[str, str]]:
    return parsed("".join(exports.intervals(Selection(**selection), nem_time=NEM_TIME)))  # type: ignore[arg-type]


def exported(name: str, *arguments: str) -> str:
    out = StringIO()
    call_command(f"export_{name}", *arguments, stdout=out)
    return out.getvalue()


def totals(rows: list[dict[str, str]]) -> dict[tuple[str, str], Decimal]:
    """Return the sums of exported values by scheme and unit."""
    return summed(((each["scheme"], each["unit"]), Decimal(each["value"] or 0)) for each in rows)


def stored_totals() -> dict[tuple[str, str], Decimal]:
    """Return the sums of the totals that imports stored."""
    days = IntervalDay.objects.filter(superseded_by=None).values_list("meter_point__scheme", "unit", "total")
    return summed(((scheme, unit), total) for scheme, unit, total in days)


def summed(amounts: Iterable[tuple[tuple[str, str], Decimal]]) -> dict[tuple[str, str], Decimal]:
    sums: dict[tuple[str, str], Decimal] = defaultdict(Decimal)
    for key, amount in amounts:
        sums[key] += amount
    return sums


@pytest.fixture
def analyst() -> Client:
    return client_of(ANALYST)


# Content of the rows.


@pytest.mark.django_db
def test_a_reading_is_exported_with_its_zone_quality_file_and_line() -> None:
    flow_file = deliver_sample("d0010.uff")
    [reading] = readings(meter_points=("3690005901426",))
    assert reading == {
        **dict.fromkeys(exports.READING_COLUMNS, ""),
        "scheme": "MPAN",
        "meter_point": "3690005901426",
        "meter": "36933511",
        "register": "S",
        "read_at": "2025-02-28T14:25:00+00:00",
        "zone": "Europe/London",
        "value": "702.4",
        "reading_type": "S",
        "flag": "T",
        "method": "P",
        "validation_status": "V",
        "file": "d0010.uff",
        "sha12": flow_file.sha256[:12],
        "line": reading["line"],
    }
    line = (SAMPLES / "d0010.uff").read_text().splitlines()[int(reading["line"]) - 1]
    assert line.startswith("030|S|20250228142500|702.4|")


@pytest.mark.django_db
def test_an_interval_is_exported_with_its_start_and_end_and_unit_and_quality() -> None:
    deliver(nem12(channel(day(reason="79", description="Power failure; storm"))), "nem12.csv")
    first, *_, last = intervals()
    assert first == {
        **dict.fromkeys(exports.INTERVAL_COLUMNS, ""),
        "scheme": "NMI",
        "meter_point": NMI,
        "meter": "SN0012345",
        "register": "1",
        "suffix": "E1",
        "starts_at": "2026-02-27T00:00:00+10:00",
        "ends_at": "2026-02-27T00:30:00+10:00",
        "zone": "UTC+10:00",
        "occurrence": "0",
        "value": "0.1",
        "unit": "kWh",
        "quality_method": "A",
        "reason_code": "79",
        "reason_description": "Power failure; storm",
        "file": "nem12.csv",
        "sha12": FlowFile.objects.get().sha256[:12],
        "line": "3",
    }
    assert (last["starts_at"], last["ends_at"]) == ("2026-02-27T23:30:00+10:00", "2026-02-28T00:00:00+10:00")


@pytest.mark.django_db
def test_times_of_consumers_have_no_offset_and_repeated_hours_have_an_occurrence() -> None:
    deliver(b"id,area,tariff\r\n3000,a1,t2\r\n", "user_data.csv")
    deliver(HALF_HOURS.encode(), "3000.csv")
    rows = intervals()
    times = [(each["starts_at"], each["ends_at"], each["occurrence"], each["value"]) for each in rows]
    assert times == [
        ("2026-10-25T00:30:00", "2026-10-25T01:00:00", "0", "10.0"),
        ("2026-10-25T01:00:00", "2026-10-25T01:30:00", "0", "20.0"),
        ("2026-10-25T23:30:00", "2026-10-26T00:00:00", "0", "40.0"),
        ("2026-10-25T01:00:00", "2026-10-25T01:30:00", "1", "30.0"),
    ]
    assert {(each["zone"], each["unit"], each["area"], each["tariff"]) for each in rows} == {
        ("clock time", "Wh", "a1", "t2")
    }


@pytest.mark.django_db
def test_a_british_summer_time_and_nem_time_have_their_offsets() -> None:
    deliver(flow(*reading_of(1, day="20260701")), "summer")
    deliver(nem13(accumulation()), "nem13")
    assert [each["read_at"] for each in readings(scheme="MPAN")] == ["2026-07-01T00:00:00+01:00"]
    assert [each["read_at"] for each in readings(scheme="NMI")] == [
        "2025-11-30T09:30:00+10:00",
        "2026-02-27T10:15:00+10:00",
    ]


@pytest.mark.django_db
def test_configured_nem_time_is_the_zone_of_the_rows() -> None:
    deliver(nem12(channel(day())), "nem12")
    selection, zone = Selection(), timezone(timedelta(hours=9, minutes=30))
    first = parsed("".join(exports.intervals(selection, nem_time=zone)))[0]
    assert (first["starts_at"], first["zone"]) == ("2026-02-27T00:00:00+09:30", "UTC+09:30")


@pytest.mark.django_db
def test_each_interval_of_a_variable_day_has_its_own_quality() -> None:
    variable = (day(quality="V"), "400,1,20,A,,", "400,21,48,F14,76,")
    deliver(nem12(channel(*variable)), "nem12")
    qualities = [(each["quality_method"], each["reason_code"]) for each in intervals()]
    assert qualities == [("A", "")] * 20 + [("F14", "76")] * 28


@pytest.mark.django_db
def test_null_data_is_exported_without_its_value() -> None:
    deliver(nem12(channel(day(quality="V"), "400,1,47,A,,", "400,48,48,N,,")), "nem12")
    values = [(each["value"], each["quality_method"]) for each in intervals()]
    assert values[46:] == [("4.7", "A"), ("", "N")]
    deliver(nem12(channel(day("20260228", quality="N"))), "all of it")
    assert {(each["value"], each["quality_method"]) for each in intervals(file="all of it")} == {("", "N")}


@pytest.mark.django_db
def test_exported_values_add_up_to_the_stored_totals() -> None:
    deliver_sample("nem12.csv")
    deliver_sample("d0010.uff")
    deliver((SAMPLES / "consumption" / "3000.csv").read_bytes(), "3000.csv")
    deliver(nem12(channel(day(quality="V"), "400,1,47,A,,", "400,48,48,N,,", nmi="6123456780")), "null data")
    for updated in ("20260301021500", "20260401021500"):
        values = ",".join([updated[5]] * 48)
        deliver(nem12(channel(day(values=values, updated=updated), nmi="VABX210034", unit="kVArh")), updated)
    assert totals(intervals()) == stored_totals()
    assert totals(intervals())["NMI", "kVArh"] == 4 * 48


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.skipif(not SMAP.exists(), reason="needs ../shared")
def test_exports_of_sixty_consumers_add_up_to_the_sums_of_their_files() -> None:
    call_command("import", str(SMAP), stdout=StringIO())
    rows = csv.reader(StringIO(exported("intervals"), newline=""), strict=True)
    names = next(rows)
    area, value, unit = (names.index(name) for name in ("area", "value", "unit"))
    sums, count = Counter[tuple[str, str]](), 0
    for each in rows:
        count += 1
        # All values are whole numbers, written with one decimal.
        sums[each[area], each[unit]] += int(each[value].removesuffix(".0"))
    assert count == 489_716
    assert sums == {("a1", "Wh"): 137_360_142, ("a2", "Wh"): 110_398_768}
    assert stored_totals() == {("CONSUMER", "Wh"): Decimal(247_758_910)}


@pytest.mark.django_db
def test_operations_page_quotes_the_exported_columns() -> None:
    deliver((SAMPLES / "user_data.csv").read_bytes(), "user_data.csv")
    deliver((SAMPLES / "consumption" / "3000.csv").read_bytes(), "3000.csv")
    page = (ROOT / "docs" / "operations.md").read_text()
    [command] = re.findall(r"(?m)^\$ manage.py export_intervals (.*) > 3000.csv$", page)
    printed = page.partition("$ head -n 3 3000.csv\n")[2].partition("```")[0]
    assert exported("intervals", *command.split()).splitlines()[:3] == printed.splitlines()


# Selection of the rows.


@pytest.mark.django_db
def test_superseded_and_withdrawn_rows_are_not_exported() -> None:
    deliver(flow(*reading_of(1, value="1.0"), *reading_of(2, value="2.0")), "first")
    later = flow(*reading_of(1, value="1.5"), identifier="LATER", created="20260306061500")
    deliver(later, "correction")
    deliver(flow(*reading_of(2, value="2.0", reading_type="W"), identifier="WITHDRAWAL"), "withdrawal")
    assert [(each["value"], each["file"]) for each in readings()] == [("1.5", "correction")]


@pytest.mark.django_db
def test_test_data_is_exported_only_on_request() -> None:
    deliver(flow(*reading_of(1), test_flag="TR01"), "test")
    assert readings() == readings(meter_points=(mpan(1),)) == readings(scheme="MPAN") == []
    assert {each["scheme"] for each in readings(scheme="TEST_MPAN") + readings(file="test")} == {"TEST_MPAN"}


@pytest.mark.django_db
def test_period_of_an_export_is_in_the_clock_time_of_the_readings() -> None:
    deliver(flow(*reading_of(1, day="20260701"), *reading_of(1, day="20260702")), "summer")
    deliver(nem13(accumulation(previous_at="20260701000000", current_at="20260701235959")), "nem13")
    selection = {"first_day": parsed_day("2026-07-01"), "last_day": parsed_day("2026-07-01")}
    assert [each["read_at"] for each in readings(**selection)] == [
        "2026-07-01T00:00:00+01:00",
        "2026-07-01T00:00:00+10:00",
        "2026-07-01T23:59:59+10:00",
    ]
    assert [each["read_at"] for each in readings(first_day=parsed_day("2026-07-02"))] == ["2026-07-02T00:00:00+01:00"]


@pytest.mark.django_db
def test_intervals_are_narrowed_by_meter_point_day_area_tariff_and_file() -> None:
    deliver(b"id,area,tariff\r\n3000,a1,t2\r\n3001,a2,t2\r\n", "user_data.csv")
    for identifier in ("3000", "3001"):
        deliver(HALF_HOURS.encode(), f"{identifier}.csv")
    deliver(nem12(channel(day("20260226"), day("20260227"), day("20260228"))), "nem12")

    def days_of(**selection: object) -> set[str]:
        return {f"{each['meter_point']} {each['starts_at'][:10]}" for each in intervals(**selection)}

    assert days_of(meter_points=("3000",)) == days_of(area="a1") == days_of(file="3000.csv") == {"3000 2026-10-25"}
    assert days_of(tariff="t2") == days_of(scheme="CONSUMER") == {"3000 2026-10-25", "3001 2026-10-25"}
    assert days_of(meter_points=("3001", NMI), last_day=parsed_day("2026-02-26")) == {f"{NMI} 2026-02-26"}
    assert days_of(first_day=parsed_day("2026-02-28"), scheme="NMI") == {f"{NMI} 2026-02-28"}
    assert days_of(file=FlowFile.objects.get(format="NEM12").sha256[:12], area="a1") == set()


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("selection", "words"),
    [
        ({"meter_points": ("3000", "nobody")}, "no such meter point: 'nobody'"),
        ({"meter_points": ("3000",), "scheme": "NMI"}, "no such meter point: '3000'"),
        ({"file": "never.csv"}, "no such flow file: 'never.csv'"),
        ({"file": "3000"}, "no such flow file: '3000'"),
        ({"scheme": "MPAM"}, "'MPAM' is not a scheme"),
        ({"first_day": parsed_day("2026-02-28"), "last_day": parsed_day("2026-02-27")}, "is after"),
    ],
)
def test_invalid_selection_raises_an_error_before_the_first_block(selection: dict[str, object], words: str) -> None:
    deliver(HALF_HOURS.encode(), "3000.csv")
    for export in (exports.readings, exports.intervals):
        with pytest.raises(WrongSelection, match=words):
            export(Selection(**selection), nem_time=NEM_TIME)  # type: ignore[arg-type]


@pytest.mark.parametrize("text", ["", "2026-02-30", "26-02-2026", "0001-01-01", "9999-12-31", "today", "20260228"])
def test_text_that_is_not_a_day_is_rejected(text: str) -> None:
    with pytest.raises(WrongSelection, match="expected YYYY-MM-DD"):
        parsed_day(text)


# Cells.


@pytest.mark.parametrize("start", [*"=+-@\t\r\n\x01\x0b＝＋－＠", " =", "\t=", "\n\n@"])
def test_cell_that_could_be_a_formula_is_escaped(start: str) -> None:
    text = f"{start}HYPERLINK(1)"
    [[back, other]] = csv.reader(StringIO(row([text, "A"]), newline=""), strict=True)
    assert (back[0], back.replace("'", ""), other) == ("'", text, "A")


@pytest.mark.parametrize("separator", [";", "\t", "\r\n"])
def test_formula_after_another_separator_is_escaped(separator: str) -> None:
    assert cell(f"storm{separator}=1+1").endswith("'=1+1\"")


@pytest.mark.parametrize("number", ["-10", "-0.5", "0", "702.4", "000123"])
def test_a_number_stays_a_number(number: str) -> None:
    assert cell(number) == number


@pytest.mark.parametrize("text", ["-1+1", "+1", "-", "--1", "-1.", "-1e5", "１"])
def test_text_that_looks_like_a_number_is_escaped(text: str) -> None:
    assert cell(text)[0] not in "+-="


# No stored text contains NUL, and the reader of Python 3.10 rejects it.
@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")), min_size=2))
def test_cells_survive_a_round_trip_except_apostrophes(texts: list[str]) -> None:
    written = row(texts)
    [back] = csv.reader(StringIO(written, newline=""), strict=True)
    assert [text.replace("'", "") for text in back] == [text.replace("'", "") for text in texts]
    assert written.endswith("\r\n")


@pytest.mark.django_db
def test_a_formula_in_a_file_is_exported_as_text() -> None:
    deliver(nem12(channel(day(reason="79", description='=HYPERLINK("x")'))), "-nem12.csv")
    assert FlowFile.objects.get().status == "IMPORTED"
    assert {(each["reason_description"], each["file"]) for each in intervals()} == {
        ('\'=HYPERLINK("x")', "'-nem12.csv")
    }


@pytest.mark.django_db
def test_a_negative_value_is_a_number() -> None:
    deliver(nem12(channel(day(values=",".join(["-1.5"] * 48)))), "nem12")
    assert FlowFile.objects.get().status == "IMPORTED"
    assert {each["value"] for each in intervals()} == {"-1.5"}


@pytest.mark.django_db
def test_every_line_ends_with_crlf() -> None:
    deliver_sample("d0010.uff")
    text = exported("readings")
    assert text.count("\n") == text.count("\r\n") == len(readings()) + 1
    assert text.endswith("\r\n")


# Output of the commands.


@pytest.mark.django_db
def test_blocks_are_small_and_rows_cost_no_queries() -> None:
    def exported_blocks() -> list[str]:
        return list(exports.intervals(Selection(), nem_time=NEM_TIME))

    dates = [f"202602{number:02}" for number in range(1, 29)]
    deliver(nem12(channel(*(day(date) for date in dates[:2]))), "two days")
    with CaptureQueriesContext(
        connection,
    ) as few:
        assert len(exported_blocks()) == 1
    deliver(nem12(channel(*(day(date) for date in dates[2:]))), "all days")
    with CaptureQueriesContext(connection) as many:
        blocks = exported_blocks()
    assert len(blocks) > 2
    assert max(map(len, blocks)) < 100_000
    assert len(few) == len(many) <= 4


@pytest.mark.slow
def test_memory_does_not_grow_with_the_export(database_url: str, tmp_path: Path) -> None:
    environment = {**os.environ, "DATABASE_URL": database_url}
    path = tmp_path / "nem12.csv"
    sample = ("make_sample", "NEM12", "--meter-points", "25", "--days", "60", "--interval-length", "5")
    with path.open("wb") as file:
        subprocess.run([sys.executable, "manage.py", *sample], stdout=file, check=True, cwd=ROOT, env=environment)
    count = json.loads(manage(["import_flow", "--format", "json", str(path)], environment).out)["intervals"]
    assert count > 400_000
    little, peak_of_little = exported_size(environment, "--to", "1999-12-31")
    much, peak_of_much = exported_size(environment)
    assert little < 1_000
    assert much > 120 * count
    assert peak_of_much - peak_of_little < 25_000_000


def exported_size(environment: dict[str, str], *arguments: str) -> tuple[int, int]:
    """Export intervals in a separate process; return the number of bytes and the peak memory."""
    command = [sys.executable, "manage.py", "export_intervals", *arguments]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, cwd=ROOT, env=environment)
    assert process.stdout
    size = 0
    with process.stdout as output:
        while block := output.read(1 << 20):
            size += len(block)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = os.waitstatus_to_exitcode(status)
    assert process.returncode == 0
    return size, usage.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


@pytest.mark.slow
def test_closed_pipe_ends_the_export_silently(database_url: str, tmp_path: Path) -> None:
    environment = {**os.environ, "DATABASE_URL": database_url}
    path = tmp_path / "nem12.csv"
    path.write_bytes(nem12(channel(*(day(f"202601{number:02}") for number in range(1, 32)))))
    assert manage(["import_flow", str(path)], environment).code == 0
    command = [sys.executable, "manage.py", "export_intervals"]
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT, env=environment)
    assert process.stdout
    assert process.stdout.read(6) == b"scheme"
    process.stdout.close()
    assert process.stderr
    assert (process.stderr.read(), process.wait(60)) == (b"", 0)
    process.stderr.close()


@pytest.mark.slow
def test_the_command_writes_utf_8_whatever_the_terminal_is_set_to(database_url: str, tmp_path: Path) -> None:
    environment = {**os.environ, "DATABASE_URL": database_url, "PYTHONIOENCODING": "latin-1"}
    path = tmp_path / "nem12.csv"
    path.write_bytes(nem12(channel(day(reason="79", description="Zähler – Sturm"))))
    assert manage(["import_flow", str(path)], environment).code == 0
    output = subprocess.check_output([sys.executable, "manage.py", "export_intervals"], cwd=ROOT, env=environment)
    assert parsed(output.decode())[0]["reason_description"] == "Zähler – Sturm"
    assert output.count(b"\n") == output.count(b"\r\n") == 49


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["readings", "intervals"])
def test_wrong_usage_of_a_command_exits_with_2(name: str) -> None:
    with pytest.raises(CommandError, match="no such meter point: 'nobody'") as raised:
        exported(name, "--meter-point", "nobody")
    assert raised.value.returncode == 2
    with pytest.raises(CommandError, match="'tomorrow' is not a day, expected YYYY-MM-DD"):
        exported(name, "--from", "tomorrow")


# The download.


@pytest.mark.django_db
def test_a_download_has_the_bytes_that_the_command_writes(analyst: Client) -> None:
    deliver_sample("d0010.uff")
    deliver_sample("nem12.csv")
    for name, command in (
        ("readings", ("--meter-point", "3190001042118", "3690005901426", "--from", "2025-02-01")),
        ("intervals", ("--scheme", "NMI", "--from", "2026-02-26", "--to", "2026-02-26", "--file", "nem12.csv")),
    ):
        query = {
            "meter-point": ["3190001042118", "3690005901426"] if name == "readings" else [],
            "scheme": "NMI" if name == "intervals" else " ",
            "from": "2025-02-01" if name == "readings" else "2026-02-26",
            "to": "" if name == "readings" else "2026-02-26",
            "file": "" if name == "readings" else "nem12.csv",
        }
        response = analyst.get(reverse(f"export-{name}"), query)
        assert response.status_code == 200
        assert response.streaming
        content = b"".join(response.streaming_content)  # type: ignore[attr-defined]
        assert content.decode() == exported(name, *command)
        assert len(parsed(content.decode())) > 2
        assert response["Content-Type"].startswith("text/csv; charset=utf-8")
        assert response["Content-Disposition"] == f'attachment; filename="{name}.csv"'
        assert "no-store" in response["Cache-Control"]


@pytest.mark.django_db
@pytest.mark.parametrize("query", ["meterpoint=1", "from=tomorrow", "scheme=X", "area=a1&area=a2", "file=never"])
def test_download_with_a_wrong_parameter_states_the_reason(analyst: Client, query: str) -> None:
    response = analyst.get(f"{reverse('export-intervals')}?{query}")
    assert response.status_code == 400
    assert response["Content-Type"].startswith("text/plain")
    assert query.partition("=")[0] in response.content.decode() or "expected" in response.content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["export-readings", "export-intervals"])
def test_a_download_needs_a_log_in_and_the_permission(name: str) -> None:
    client = Client()
    response = client.get(reverse(name))
    assert (response.status_code, response["Location"].partition("?")[0]) == (302, reverse("log-in"))
    client.force_login(User.objects.create_user("bob"))
    assert client.get(reverse(name)).status_code == 403


@pytest.mark.django_db
def test_a_download_changes_nothing(analyst: Client) -> None:
    assert analyst.post(reverse("export-intervals")).status_code == 405


@pytest.mark.django_db
def test_aborted_export_closes_its_cursor() -> None:
    deliver(nem12(channel(*(day(f"202601{number:02}") for number in range(1, 32)))), "nem12")
    blocks = exports.intervals(Selection(), nem_time=NEM_TIME)
    assert next(blocks).startswith("scheme,")
    blocks.close()
    assert IntervalDay.objects.count() == 31
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SELECT count(*) FROM pg_cursors")
            assert cursor.fetchone() == (0,)

from __future__ import annotations

import tracemalloc
from collections.abc import Iterator
from datetime import datetime, timezone
from io import BufferedReader
from pathlib import Path

import pytest

from readings.formats import content
from readings.formats.contract import ERROR, WARNING, Batch, ParseContext
from readings.formats.dtc import d0010
from readings.formats.recognition import is_complete
from readings.formats.samples.d0010 import d0010 as sample_of
from readings.formats.statements import MPAN, TEST_MPAN, RegisterReading
from tests.making.one_fault_dtc import GOOD, counted
from tests.running.parsed import Arriving, parsed
from tests.running.places import SAMPLES

GOOD_SAMPLES = sorted(path for path in SAMPLES.glob("d0010*.uff") if "fault" not in path.name)

#: Fields of each record in the Data Transfer Catalogue 15.4: mandatory or optional, and the length.
FIELDS = {
    "ZHV": "M10 M8 M2 M4 M2 M4 M14 O5 O5 O1 O4",
    "026": "M13 M1",
    "027": "M2 O200",
    "028": "M10 M1",
    "029": "M2 O200",
    "030": "M2 M14 M10 O14 O3 O1 O1",
    "032": "M2 M1",
    "033": "M2 O200",
    "ZPT": "M10 M10 O10 M8 M14",
}

for_every_good_sample = pytest.mark.parametrize("path", GOOD_SAMPLES, ids=lambda path: path.name)


def test_the_sample_yields_the_readings_in_its_description() -> None:
    whole = parsed((SAMPLES / "d0010.uff").read_bytes())
    assert whole.problems == []
    assert whole.header
    assert (whole.header.flow, whole.header.version, whole.header.file_identifier) == (
        "D0010",
        "002",
        "SAMPLE0001",
    )
    assert whole.header.created_at == datetime(2025, 3, 3, 6, 15, tzinfo=timezone.utc)
    assert len({reading.register[1] for reading in whole.readings}) == 5
    assert len({reading.register[1:4] for reading in whole.readings}) == 6
    assert [reading.reading_type for reading in whole.readings] == list("RRRCDRRRRS")


def test_a_reading_is_returned_as_sent() -> None:
    whole = parsed((SAMPLES / "d0010.uff").read_bytes())
    assert whole.readings[1] == RegisterReading(
        line=5,
        register=(MPAN, "3190001042118", "K12B 04567", "S", ""),
        read_at=datetime(2025, 2, 1, tzinfo=timezone.utc),
        read_at_as_sent="",
        value="20730.5",
        reading_type="R",
        validation_status="V",
        md_reset_at=None,
        md_resets=None,
        flag="T",
        method="P",
    )
    assert whole.readings[3].value == "8120"


@pytest.mark.parametrize(
    ("name", "warnings"),
    [
        ("d0010.uff", []),
        ("d0010_all_groups.uff", []),
        ("d0010_correction.uff", []),
        ("d0010_withdrawal.uff", []),
        ("d0010_test_flag.uff", [(1, "test-data")]),
        ("d0010_change_nights.uff", [(5, "missing-hour"), (10, "repeated-hour")]),
    ],
)
def test_a_sample_has_the_warnings_in_its_description(name: str, warnings: list[tuple[int, str]]) -> None:
    problems = parsed((SAMPLES / name).read_bytes()).problems
    assert [(problem.line, problem.code) for problem in problems] == warnings
    assert all(problem.severity == WARNING for problem in problems)


def test_every_fault_is_reported() -> None:
    problems = parsed((SAMPLES / "d0010_two_faults.uff").read_bytes()).problems
    assert [(problem.severity, problem.line, problem.code) for problem in problems] == [
        (ERROR, 2, "wrong-check-digit"),
        (ERROR, 7, "not-a-date-time"),
    ]


def test_a_sample_has_every_group() -> None:
    lines = (SAMPLES / "d0010_all_groups.uff").read_text().splitlines()
    assert {line[:3] for line in lines} == FIELDS.keys()


def test_a_site_visit_belongs_to_the_nearest_line_of_its_parent_group() -> None:
    visits = parsed((SAMPLES / "d0010_all_groups.uff").read_bytes()).site_visits
    assert [
        (visit.line, visit.identifier[-2:], visit.serial_number, visit.reading_line, visit.check_code)
        for visit in visits
    ] == [
        (3, "16", None, None, "01"),
        (5, "16", "M14C 22091", None, "16"),
        (8, "16", "M14C 22091", 7, "11"),
        (13, "25", "Z00P000017", 11, "06"),
        (14, "25", "Z00P000017", 11, "36"),
        (20, "43", None, None, "20"),
        (21, "43", None, None, "30"),
        (25, "52", "P09D 00318", None, "10"),
    ]
    assert visits[1].additional_information == 'Seal "B" renewed'


def test_a_meter_without_a_reading_yields_its_details() -> None:
    [details] = parsed((SAMPLES / "d0010_all_groups.uff").read_bytes()).meter_points
    assert (details.line, details.identifier, details.serial_number) == (22, "3190007000043", "A 9")


def test_a_validation_result_belongs_to_the_reading_before_it() -> None:
    readings = parsed((SAMPLES / "d0010_all_groups.uff").read_bytes()).readings
    assert {each.line: (each.reason_code, each.reading_status) for each in readings if each.reading_status} == {
        11: ("05", "F"),
        17: ("27", "T"),
    }


def test_a_maximum_demand_reading_has_its_reset() -> None:
    readings = parsed((SAMPLES / "d0010_all_groups.uff").read_bytes()).readings
    midnight = datetime(2025, 2, 28, tzinfo=timezone.utc)
    assert [(each.md_reset_at, each.md_resets) for each in readings[:2]] == [(None, None), (midnight, 1)]


def test_a_validation_result_does_not_affect_an_earlier_meter() -> None:
    whole = parsed(counted(GOOD[0], *GOOD[8:11], "028|P25D 71144|I|", GOOD[5], GOOD[6], GOOD[-1]))
    fields = [(each.register[2], each.reading_type, each.reason_code, each.reading_status) for each in whole.readings]
    assert fields == [("M14C 22091", "R", "", ""), ("P25D 71144", "I", "27", "T")]


def test_a_reading_in_summer_is_stored_one_hour_earlier_in_utc() -> None:
    readings = parsed((SAMPLES / "d0010_change_nights.uff").read_bytes()).readings
    assert [(f"{each.read_at:%m-%d %H:%M:%S}", each.read_at_as_sent) for each in readings] == [
        ("03-30 00:30:00", ""),
        ("03-30 01:30:00", "20250330013000"),
        ("03-30 02:00:00", ""),
        ("06-30 23:00:00", ""),
        ("07-30 22:59:59", ""),
        ("10-25 23:30:00", ""),
        ("10-26 00:30:00", "20251026013000"),
        ("10-26 02:30:00", ""),
        ("11-01 23:59:59", ""),
    ]


def test_test_data_has_its_own_scheme() -> None:
    whole = parsed((SAMPLES / "d0010_test_flag.uff").read_bytes())
    assert [reading.register[0] for reading in whole.readings] == [TEST_MPAN]


@for_every_good_sample
def test_a_cut_at_any_byte_before_the_last_pipe_is_an_error(path: Path) -> None:
    content = path.read_bytes()
    for size in range(len(content) - 1):
        cut = content[:size]
        assert is_complete(cut, cut) is False, cut[-40:]
        codes = {problem.code for problem in parsed(cut).problems if problem.severity == ERROR}
        assert ("truncated" if cut else "empty") in codes, cut[-40:]
    assert is_complete(content, content)
    assert is_complete(content[:-1], content[:-1])


@for_every_good_sample
def test_a_cut_file_with_a_line_end_after_the_cut_is_an_error(path: Path) -> None:
    """Editors add such a line end."""
    content = path.read_bytes()
    for size in range(len(content) - 2):
        assert any(problem.severity == ERROR for problem in parsed(content[:size] + b"\n").problems)


@for_every_good_sample
def test_a_lost_or_repeated_group_is_an_error(path: Path) -> None:
    lines = path.read_bytes().splitlines(keepends=True)
    for number, line in enumerate(lines[1:-1], start=1):
        for damaged in ([*lines[:number], *lines[number + 1 :]], [*lines[:number], line, *lines[number:]]):
            codes = {problem.code for problem in parsed(b"".join(damaged)).problems}
            assert "wrong-total-group-count" in codes, line


@for_every_good_sample
def test_an_empty_mandatory_field_is_an_error(path: Path) -> None:
    for where, damaged in with_each_field(path, "M", ""):
        assert where in errors(parsed(damaged)), where


@for_every_good_sample
def test_an_empty_optional_field_is_not_an_error(path: Path) -> None:
    for where, damaged in with_each_field(path, "O", ""):
        assert where not in errors(parsed(damaged)), where


@for_every_good_sample
@pytest.mark.parametrize("optional", ["M", "O"])
def test_a_field_that_is_too_long_is_an_error(path: Path, optional: str) -> None:
    for where, damaged in with_each_field(path, optional, "overlong"):
        assert where in errors(parsed(damaged)), where


def test_a_validation_result_reaches_its_reading_across_batches() -> None:
    whole = parsed("".join(sample_of(30_000)).encode())
    assert whole.problems == []
    assert len(whole.readings) == 31_800
    assert [
        reading.line for reading in whole.readings if (reading.flag == "F") != (reading.reading_status != "")
    ] == []


def test_the_chunk_size_does_not_change_the_result(monkeypatch: pytest.MonkeyPatch) -> None:
    sample = (SAMPLES / "d0010_all_groups.uff").read_bytes()
    whole = parsed(sample)
    for size in range(1, 120):
        monkeypatch.setattr(content, "CHUNK", size)
        assert parsed(sample) == whole, size


@pytest.mark.slow
@pytest.mark.parametrize(
    "pattern",
    [
        b"x" * 10_000,
        b"030|%010000d|20250301000000|1.0|||T|P|\n",
        b"030|S|%010000d|1.0|||T|P|\n",
        b"030|S|20250301000000|1.0|%010000d||T|P|\n",
    ],
    ids=["a line without an end", "long register ids", "long times", "long ends of lines"],
)
def test_memory_stays_small_for_any_content(pattern: bytes) -> None:
    def lines() -> Iterator[bytes]:
        yield "\n".join(GOOD[:4]).encode() + b"\n"
        for number in range(3_000):
            yield pattern % number if b"%" in pattern else pattern

    tracemalloc.start()
    try:
        for _ in d0010.parse(BufferedReader(Arriving(lines())), ParseContext(encoding="ascii")):
            pass
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 16_000_000


def test_an_overlong_line_stops_the_parser() -> None:
    whole = parsed("\n".join(GOOD[:4]).encode() + b"\n" + b"x" * 2_000_000)
    assert [(problem.severity, problem.line, problem.code) for problem in whole.problems] == [
        (ERROR, 5, "line-too-long")
    ]
    assert whole.lines == 5


def with_each_field(path: Path, optional: str, text: str) -> Iterator[tuple[int, bytes]]:
    """Yield the file with a text in each mandatory or each optional field, and the line of the field."""
    lines = path.read_text().splitlines()
    for number, line in enumerate(lines):
        code, *texts = line.split("|")
        for place, kind in enumerate(FIELDS[code].split()):
            if kind[0] != optional:
                continue
            other = "1" * (int(kind[1:]) + 1) if text == "overlong" else text
            changed = "|".join([code, *texts[:place], other, *texts[place + 1 :]])
            yield number + 1, "\n".join([*lines[:number], changed, *lines[number + 1 :], ""]).encode()


def errors(whole: Batch) -> set[int]:
    return {problem.line for problem in whole.problems if problem.severity == ERROR}

from __future__ import annotations

import os
import re
import subprocess
import sys
import tracemalloc
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import date, datetime, timezone
from functools import partial
from io import StringIO
from itertools import pairwise

import pytest
from django.core.management import CommandError, call_command

from readings.formats.samples.d0010 import d0010
from readings.formats.samples.nem12 import nem12
from readings.formats.samples.nem13 import nem13
from tests.running.forks import Ended, manage
from tests.running.parsed import parsed
from tests.running.places import ROOT


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("seed", [0, 7, 123_456])
@pytest.mark.parametrize("readings", [1, 3])
def test_a_sample_has_no_problem(seed: int, readings: int, plain: bool) -> None:
    content = "".join(d0010(200, readings_per_meter_point=readings, seed=seed, plain=plain))
    whole = parsed(content.encode())
    assert whole.problems == []
    assert len({reading.register[1] for reading in whole.readings}) == 200


def test_fifty_meter_points_contain_every_record_and_code() -> None:
    content = "".join(d0010(50))
    whole = parsed(content.encode())
    groups = Counter(line[:3] for line in content.splitlines())
    assert groups.keys() == {"ZHV", "026", "027", "028", "029", "030", "032", "033", "ZPT"}
    assert groups["030"] > groups["028"] == groups["026"] == 50
    assert {reading.reading_type for reading in whole.readings} == set("ACDRS")
    assert {reading.validation_status for reading in whole.readings} == set("FUV")
    assert {(reading.flag, reading.method) for reading in whole.readings} == {("T", "P"), ("T", "N"), ("F", "P")}
    assert {reading.md_resets for reading in whole.readings} == {None, 1}
    assert {" " in str(reading.register[2]) for reading in whole.readings} == {False, True}
    assert {reading.register[3] for reading in whole.readings} == {"S", "01", "TO", "DY", "NT", "MD"}


def test_the_same_arguments_make_the_same_file() -> None:
    assert list(d0010(100, seed=3)) == list(d0010(100, seed=3))


def test_two_seeds_share_no_meter_point() -> None:
    seen = Counter(line for seed in range(100) for line in d0010(60, seed=seed, plain=True) if line[:3] == "026")
    assert len(seen) == 6_000


def test_every_meter_point_occurs_once() -> None:
    seen = {line for line in d0010(100_000, plain=True) if line[:3] == "026"}
    assert len(seen) == 100_000


def test_later_first_day_gives_later_and_never_lower_readings() -> None:
    values = [
        [(reading.register[1:4], float(reading.value)) for reading in parsed(content.encode()).readings]
        for content in ("".join(d0010(40, first_day=date(2026, month, 1), plain=True)) for month in (1, 2, 3))
    ]
    for earlier, later in pairwise(values):
        assert [register for register, _ in earlier] == [register for register, _ in later]
        assert all(before <= after for (_, before), (_, after) in zip(earlier, later, strict=True))
    assert values[0] != values[2]


def test_a_register_is_read_once_a_day() -> None:
    whole = parsed("".join(d0010(1, readings_per_meter_point=3, first_day=date(2026, 2, 27))).encode())
    days = [datetime(2026, 2, 27), datetime(2026, 2, 28), datetime(2026, 3, 1)]
    assert [reading.read_at for reading in whole.readings] == [day.replace(tzinfo=timezone.utc) for day in days]


def test_a_plain_file_has_three_groups_for_each_reading() -> None:
    lines = list(d0010(10, readings_per_meter_point=2, plain=True))
    assert [line[:3] for line in lines[1:-1]] == ["026", "028", "030"] * 20


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("seed", [0, 7, 123_456])
@pytest.mark.parametrize("length", [5, 15, 30])
def test_a_sample_of_intervals_has_no_problem(seed: int, length: int, plain: bool) -> None:
    content = "".join(nem12(60, days=3, interval_length=length, seed=seed, plain=plain))
    whole = parsed(content.encode())
    assert whole.problems == []
    assert len({day.register[1] for day in whole.interval_days}) == 60
    assert {day.values.count(",") + 1 for day in whole.interval_days} == {1440 // length}


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("seed", [0, 7, 123_456])
@pytest.mark.parametrize("readings", [1, 3])
def test_a_sample_of_accumulations_has_no_problem(seed: int, readings: int, plain: bool) -> None:
    whole = parsed("".join(nem13(60, readings_per_meter_point=readings, seed=seed, plain=plain)).encode())
    assert whole.problems == []
    assert len({record.register[1] for record in whole.accumulations}) == 60
    assert len(whole.accumulations) == readings * len({record.register for record in whole.accumulations})


def test_fifty_meter_points_contain_every_quality_of_intervals() -> None:
    whole = parsed("".join(nem12(50, days=1)).encode())
    assert {day.quality_method for day in whole.interval_days} == {"A", "V", "S14", "F14", "E52"}
    assert {day.register[4] for day in whole.interval_days} == {"E1", "E2", "B1", "Q1"}
    assert {event[2] for day in whole.interval_days for event in day.events} == {"A", "S14", "F17", "E52"}
    assert {read[0] for day in whole.interval_days for read in day.transactions} == {"N", "S", "E"}
    assert {day.unit for day in whole.interval_days} == {"kWh", "kVArh"}
    assert {day.msats_load_at is None for day in whole.interval_days} == {True, False}
    for day in whole.interval_days:
        covered = [number for first, last, *_ in day.events for number in range(first, last + 1)]
        assert covered == (list(range(1, 49)) if day.quality_method == "V" else [])


def test_fifty_meter_points_contain_every_quality_of_accumulations() -> None:
    whole = parsed("".join(nem13(50)).encode())
    qualities = {"A", "S62", "F61", "S64"}
    assert {record.previous_quality_method for record in whole.accumulations} == qualities
    assert {record.current_quality_method for record in whole.accumulations} == {*qualities, "E64"}
    assert {record.register[4] for record in whole.accumulations} == {"11", "41"}
    codes = {transaction[::2] for record in whole.accumulations for transaction in record.transactions}
    assert {code for pair in codes for code in pair} == {"N", "A", "S", "E"}


def test_plain_files_of_meter_data_contain_only_common_records() -> None:
    indicators = Counter(line[:3] for line in nem12(20, days=4, plain=True))
    assert indicators == {"100": 1, "200": 20, "300": 80, "900": 1}
    assert Counter(line[:3] for line in nem13(20, plain=True)) == {"100": 1, "250": 20, "900": 1}


def test_each_accumulation_begins_at_the_end_of_the_previous_one() -> None:
    records = parsed("".join(nem13(50, readings_per_meter_point=4)).encode()).accumulations
    pairs = [(before, after) for before, after in pairwise(records) if before.register == after.register]
    assert len(pairs) == len(records) * 3 // 4
    for before, after in pairs:
        assert before.current_read_at == after.previous_read_at
        assert before.current_read == after.previous_read
        assert before.current_quality_method == after.previous_quality_method


def test_files_that_overlap_have_the_same_values_on_the_same_day() -> None:
    first = nem12(5, days=3, first_day=date(2026, 2, 27))
    second = nem12(5, days=3, first_day=date(2026, 2, 28))
    shared = {line for line in first if line[:12] in ("300,20260228", "300,20260301")}
    assert len(shared) == 2 * 9
    assert shared < set(second)


@pytest.mark.parametrize("make", [partial(nem12, days=1), nem13], ids=["nem12", "nem13"])
def test_two_seeds_share_no_nmi_and_each_occurs_once(make: Callable[..., Iterator[str]]) -> None:
    records = [line.split(",") for seed in range(100) for line in make(60, seed=seed, plain=True)]
    nmis = Counter(fields[1] for fields in records if fields[0] in ("200", "250"))
    assert len(nmis) == 6_000
    assert set(nmis.values()) == {1}
    assert all(re.fullmatch("[0-9A-HJ-NP-Z]{10}", nmi) for nmi in nmis)


@pytest.mark.slow
@pytest.mark.parametrize(("make", "meter_points"), [(d0010, 10_000), (nem12, 20), (nem13, 5_000)])
def test_memory_does_not_grow_with_the_file(make: Callable[..., Iterator[str]], meter_points: int) -> None:
    tracemalloc.start()
    try:
        for _ in make(meter_points):
            pass
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 500_000


def test_the_command_writes_a_valid_file_to_the_standard_output() -> None:
    written = run("D0010", "--meter-points", "60", "--readings-per-meter-point", "2", "--seed", "5")
    assert written.code == 0, written.err
    assert written.out == "".join(d0010(60, readings_per_meter_point=2, seed=5))


def test_the_command_takes_the_first_day_and_plain() -> None:
    out = StringIO()
    call_command("make_sample", "D0010", "--meter-points=3", "--first-day=2025-07-01", "--plain", stdout=out)
    assert out.getvalue() == "".join(d0010(3, first_day=date(2025, 7, 1), plain=True))


def test_the_command_writes_meter_data_with_the_line_ends_of_the_specification() -> None:
    written = run("NEM12", "--meter-points=3", "--days=2", "--interval-length=15", "--seed=4")
    assert written.code == 0, written.err
    assert written.out == "".join(nem12(3, days=2, interval_length=15, seed=4))
    assert {line[-2:] for line in written.out.splitlines(keepends=True)} == {"\r\n"}
    written = run("NEM13", "--meter-points=3", "--readings-per-meter-point=2", "--first-day=2025-07-01")
    assert written.out == "".join(nem13(3, readings_per_meter_point=2, first_day=date(2025, 7, 1)))


def test_a_file_without_meter_points_can_be_made() -> None:
    out = StringIO()
    call_command("make_sample", "D0010", "--meter-points=0", stdout=out)
    assert [problem.code for problem in parsed(out.getvalue().encode()).problems] == ["no-data"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["D0011", "--meter-points=1"], "'D0011'"),
        (["D0010"], "--meter-points"),
        (["D0010", "--meter-points=-1"], "'-1' is not a whole number"),
        (["D0010", "--meter-points=many"], "'many' is not a whole number"),
        (["D0010", "--meter-points=1", "--readings-per-meter-point=0"], "'0' is not a whole number"),
        (["NEM12", "--meter-points=1", "--interval-length=10"], "10"),
        (["NEM12", "--meter-points=1", "--readings-per-meter-point=2"], "is for D0010 and NEM13"),
        (["NEM13", "--meter-points=1", "--days=2"], "--days is for NEM12"),
        (["D0010", "--meter-points=1", "--interval-length=5"], "--interval-length is for NEM12"),
        (["D0010", "--meter-points=1", "--first-day=tomorrow"], "'tomorrow' is not a day"),
        (["D0010", "--meter-points=1", "--first-day=1999-01-01"], "1999-01-01 is not between"),
    ],
)
def test_wrong_arguments_are_reported(arguments: list[str], complaint: str) -> None:
    with pytest.raises(CommandError, match=complaint):
        call_command("make_sample", *arguments)


def test_wrong_usage_exits_with_2() -> None:
    ended = run("D0011", "--meter-points=1")
    assert ended.code == 2
    assert "choose from" in ended.err
    assert ended.out == ""


def test_closed_pipe_is_not_an_error() -> None:
    writer = subprocess.Popen(
        [sys.executable, "manage.py", "make_sample", "D0010", "--meter-points=200000"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    assert writer.stdout
    assert writer.stderr
    assert writer.stdout.readline().startswith("ZHV|")
    writer.stdout.close()
    complaint = writer.stderr.read()
    writer.stderr.close()
    assert writer.wait(timeout=60) == 0
    assert complaint == ""


def run(*arguments: str) -> Ended:
    return manage(["make_sample", *arguments], os.environ)

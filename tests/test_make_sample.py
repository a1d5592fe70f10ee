from __future__ import annotations

import subprocess
import sys
import tracemalloc
from collections import Counter
from datetime import date, datetime, timezone
from io import StringIO
from itertools import pairwise
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command

from readings.sampling import d0010
from tests.parsed import parsed

ROOT = Path(__file__).parent.parent


@pytest.mark.parametrize("plain", [False, True])
@pytest.mark.parametrize("seed", [0, 7, 123_456])
@pytest.mark.parametrize("readings", [1, 3])
def test_a_sample_has_no_problem(seed: int, readings: int, plain: bool) -> None:
    content = "".join(d0010(200, readings_per_meter_point=readings, seed=seed, plain=plain))
    whole = parsed(content.encode())
    assert whole.problems == []
    assert len({reading[2] for reading in whole.readings}) == 200


def test_fifty_meter_points_show_everything() -> None:
    content = "".join(d0010(50))
    whole = parsed(content.encode())
    groups = Counter(line[:3] for line in content.splitlines())
    assert groups.keys() == {"ZHV", "026", "027", "028", "029", "030", "032", "033", "ZPT"}
    assert groups["030"] > groups["028"] == groups["026"] == 50
    assert {reading[7] for reading in whole.readings} == set("ACDRS")
    assert {reading[8] for reading in whole.readings} == set("FUV")
    assert {reading[9][2:] for reading in whole.readings} == {("T", "P"), ("T", "N"), ("F", "P")}
    assert {reading[9][1] for reading in whole.readings} == {None, 1}
    assert {" " in reading[3] for reading in whole.readings} == {False, True}
    assert {reading[4] for reading in whole.readings} == {"S", "01", "TO", "DY", "NT", "MD"}


def test_the_same_arguments_make_the_same_file() -> None:
    assert list(d0010(100, seed=3)) == list(d0010(100, seed=3))


def test_two_seeds_share_no_meter_point() -> None:
    seen = Counter(line for seed in range(100) for line in d0010(60, seed=seed, plain=True) if line[:3] == "026")
    assert len(seen) == 6_000


def test_no_meter_point_comes_twice() -> None:
    seen = {line for line in d0010(100_000, plain=True) if line[:3] == "026"}
    assert len(seen) == 100_000


def test_a_later_day_makes_later_readings_of_the_same_meters_that_never_fall() -> None:
    values = [
        [(reading[2:5], float(reading[6])) for reading in parsed(content.encode()).readings]
        for content in ("".join(d0010(40, first_day=date(2026, month, 1), plain=True)) for month in (1, 2, 3))
    ]
    for earlier, later in pairwise(values):
        assert [register for register, _ in earlier] == [register for register, _ in later]
        assert all(before <= after for (_, before), (_, after) in zip(earlier, later, strict=True))
    assert values[0] != values[2]


def test_a_register_is_read_once_a_day() -> None:
    whole = parsed("".join(d0010(1, readings_per_meter_point=3, first_day=date(2026, 2, 27))).encode())
    days = [datetime(2026, 2, 27), datetime(2026, 2, 28), datetime(2026, 3, 1)]
    assert [reading[5][0] for reading in whole.readings] == [day.replace(tzinfo=timezone.utc) for day in days]


def test_a_plain_file_has_three_groups_for_each_reading() -> None:
    lines = list(d0010(10, readings_per_meter_point=2, plain=True))
    assert [line[:3] for line in lines[1:-1]] == ["026", "028", "030"] * 20


def test_memory_does_not_grow_with_the_file() -> None:
    tracemalloc.start()
    try:
        for _ in d0010(20_000):
            pass
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 500_000


def test_the_command_writes_a_valid_file_to_the_standard_output() -> None:
    written = run("D0010", "--meter-points", "60", "--readings-per-meter-point", "2", "--seed", "5")
    assert written.returncode == 0, written.stderr
    assert written.stdout == "".join(d0010(60, readings_per_meter_point=2, seed=5))


def test_the_command_takes_the_first_day_and_plain() -> None:
    out = StringIO()
    call_command("make_sample", "D0010", "--meter-points=3", "--first-day=2025-07-01", "--plain", stdout=out)
    assert out.getvalue() == "".join(d0010(3, first_day=date(2025, 7, 1), plain=True))


def test_a_file_without_meter_points_can_be_made() -> None:
    out = StringIO()
    call_command("make_sample", "D0010", "--meter-points=0", stdout=out)
    assert [problem.code for problem in parsed(out.getvalue().encode()).problems] == ["no-data"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["D0011", "--meter-points=1"], "'D0011'"),
        (["D0010"], "--meter-points"),
        (["D0010", "--meter-points=-1"], "'-1' is no whole number"),
        (["D0010", "--meter-points=many"], "'many' is no whole number"),
        (["D0010", "--meter-points=1", "--readings-per-meter-point=0"], "'0' is no whole number"),
        (["D0010", "--meter-points=1", "--first-day=tomorrow"], "'tomorrow' is no day"),
        (["D0010", "--meter-points=1", "--first-day=1999-01-01"], "1999-01-01 does not lie in"),
    ],
)
def test_wrong_arguments_are_told(arguments: list[str], complaint: str) -> None:
    with pytest.raises(CommandError, match=complaint):
        call_command("make_sample", *arguments)


def test_wrong_use_ends_with_2() -> None:
    ended = run("D0011", "--meter-points=1")
    assert ended.returncode == 2
    assert "choose from" in ended.stderr
    assert ended.stdout == ""


def test_a_reader_who_has_seen_enough_is_no_error() -> None:
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


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "manage.py", "make_sample", *arguments]
    return subprocess.run(command, capture_output=True, text=True, cwd=ROOT, check=False)

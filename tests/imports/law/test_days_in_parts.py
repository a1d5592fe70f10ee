"""Days that several files state in parts, doubled rows, and days of a whole direction."""

from __future__ import annotations

import json
from collections.abc import Sequence
from decimal import Decimal
from io import StringIO
from itertools import permutations

import pytest
from django.core.management import call_command

from readings.imports.rederivation import rederive
from readings.imports.reports import ImportReport, as_text
from readings.models import FlowFile, IntervalDay
from readings.queries.intervals import sources_of_intervals
from tests.making.mdff import channel, day, written
from tests.running.imported import codes, imported

pytestmark = pytest.mark.django_db

DAY = "2026-10-25"


def rows(places: Sequence[int], value: str = "8.0") -> bytes:
    """Return a file with a row for each of these half hours."""
    lines = [f"{DAY} {place // 2:02}:{place % 2 * 30:02}:00,{value}" for place in places]
    return "".join(f"{line}\n" for line in ("datetime,consumption", *lines)).encode()


def deliver(*contents: bytes) -> list[ImportReport]:
    return [imported(content, "3000.csv") for content in contents]


def totals() -> list[tuple[int, Decimal]]:
    return [(row.occurrence, row.total) for row in IntervalDay.objects.current().order_by("occurrence")]


def sources() -> list[tuple[str, str, str, int, int]]:
    """Return clock times, start of the hash, and lines of the sources of the day that counts."""
    row = IntervalDay.objects.current().get(occurrence=0)
    each_source = sources_of_intervals(row)
    return [(s.begins_at, s.ends_at, s.flow_file.sha256[:4], s.first_line, s.last_line) for s in each_source]


def test_second_part_completes_the_day_and_each_interval_keeps_its_file_and_line() -> None:
    first, second = deliver(rows(range(20)), rows(range(20, 48)))
    assert (second.completed, second.superseded, codes(second)) == (1, 0, [])
    assert "1 completed" in as_text(second)
    assert totals() == [(0, Decimal("384.0"))]
    assert sources() == [
        ("00:00", "10:00", first.sha256[:4], 2, 21),
        ("10:00", "24:00", second.sha256[:4], 2, 29),
    ]
    part = IntervalDay.objects.get(superseded_by__isnull=False)
    assert part.values.count("8.0") == 20


def test_part_completes_a_day_that_an_earlier_version_stored_without_lines() -> None:
    earlier, part = rows(range(2)), rows([2], "9.0")
    [first] = deliver(earlier)
    IntervalDay.objects.update(lines="")
    [second] = deliver(part)
    assert (second.outcome, second.completed, totals()) == ("IMPORTED", 1, [(0, Decimal("25.0"))])
    assert sources() == [
        ("00:00", "01:00", first.sha256[:4], 2, 2),
        ("01:00", "01:30", second.sha256[:4], 2, 2),
    ]


def test_export_of_a_file_has_its_own_part_of_the_day() -> None:
    morning, evening = deliver(rows(range(24)), rows(range(20, 48), "9.0"))
    for report, number in ((morning, 20), (evening, 28)):
        output = StringIO()
        call_command("export_intervals", "--file", report.sha256[:12], stdout=output)
        _, *lines = output.getvalue().splitlines()
        assert len(lines) == number
        assert all(report.sha256[:12] in line for line in lines)


def test_part_with_other_values_is_a_correction_of_these_half_hours_alone() -> None:
    _, second = deliver(rows(range(48)), rows(range(10, 20), "9.0"))
    assert (second.completed, second.superseded, codes(second)) == (0, 1, ["correction"])
    assert totals() == [(0, Decimal("394.0"))]
    assert [lines for *_, lines in sources()] == [11, 11, 49]


def test_part_whose_values_all_count_already_is_a_repeat() -> None:
    *_, third = deliver(rows(range(20)), rows(range(20, 48)), rows(range(48), "8"))
    assert (third.interval_days, third.repeats, third.superseded, third.completed) == (0, 1, 0, 0)
    assert IntervalDay.objects.count() == 2


def test_whole_day_replaces_the_repeated_hour_of_an_earlier_one() -> None:
    twice = [0, 1, 2, 3, 2, 3, *range(4, 48)]
    deliver(rows(twice), rows(range(48), "9.0"))
    assert totals() == [(0, Decimal("432.0"))]


def test_part_replaces_both_passes_of_its_clock_times_and_keeps_the_other_second_pass() -> None:
    twice = [0, 1, 2, 3, 2, 3, *range(4, 48)]
    deliver(rows(twice), rows([3, 4], "9.0"))
    assert totals() == [(0, Decimal("386.0")), (1, Decimal("8.0"))]
    again = IntervalDay.objects.current().get(occurrence=1)
    assert again.values_as_sent.count("8.0") == 2
    assert again.values.count("8.0") == 1


def test_part_that_begins_with_an_hour_of_other_values_asks_for_the_second_pass() -> None:
    _, second = deliver(rows(range(4)), rows(range(2, 48), "9.0"))
    [problem] = second.problems
    assert problem.code == "corrected-or-repeated"
    assert "01:00 to 02:00" in problem.message


def test_part_that_arrives_again_counts_again() -> None:
    whole, part = rows(range(48)), rows(range(10, 20), "9.0")
    deliver(whole, part, whole)
    assert totals() == [(0, Decimal("384.0"))]
    assert IntervalDay.objects.current().get().values_as_sent == ""
    [again] = deliver(part)
    assert (again.outcome, again.superseded) == ("DUPLICATE", 1)
    assert totals() == [(0, Decimal("394.0"))]
    assert codes(again) == ["stated-again"]
    assert FlowFile.objects.get(sha256=again.sha256).problems.filter(code="stated-again").count() == 1


def test_duplicate_that_is_too_large_by_now_is_not_the_last_word() -> None:
    deliver(rows(range(48)), rows(range(48), "9.0"))
    again = imported(rows(range(48)), "3000.csv", max_bytes=10)
    assert (again.outcome, again.superseded) == ("DUPLICATE", 0)
    assert [each for step in rederive(store=False) for each in step.derived] == []
    deliver(rows([0], "7.0"))
    assert totals() == [(0, Decimal("430.0"))]


@pytest.mark.parametrize(
    "places",
    [[place for place in range(48) for _ in "ab"], [*range(48), *range(48)]],
    ids=["each row twice", "the day twice"],
)
def test_doubled_export_counts_once_with_one_warning(places: list[int]) -> None:
    [report] = deliver(rows(places))
    assert codes(report) == ["doubled-export"]
    assert "48 rows" in report.problems[0].message
    assert totals() == [(0, Decimal("384.0"))]


def test_doubled_export_of_a_day_with_a_repeated_hour_keeps_the_hour_twice() -> None:
    hours = [0, 1, 2, 3, 2, 3, *range(4, 48)]
    [report] = deliver(rows([place for place in hours for _ in "ab"]))
    assert codes(report) == ["doubled-export", "repeated-half-hour"]
    assert totals() == [(0, Decimal("384.0")), (1, Decimal("16.0"))]


def test_lines_in_any_order_are_those_of_the_rows() -> None:
    deliver(rows([5, 4, 3, 0, 1, 2, 10, 12]))
    row = IntervalDay.objects.get()
    assert json.loads(row.lines) == [[1, 5, 1], [4, 4, -1], [11, 8, 1], [13, 9, 1]]


def nem12(suffix: str, value: str) -> bytes:
    return written(*channel(day("20260301", values=",".join([value] * 48)), suffix=suffix), "900")


@pytest.mark.parametrize("order", [(0, 1, 2), (2, 1, 0), (1, 2, 0)])
def test_numbered_streams_count_and_the_whole_direction_is_kept_beside_them(order: tuple[int, ...]) -> None:
    contents = [nem12("E", "3"), nem12("E1", "1"), nem12("E2", "2")]
    reports = [imported(contents[number], f"{number}.csv") for number in order]
    current = IntervalDay.objects.current().order_by("register__suffix")
    assert [(row.register.suffix, row.total) for row in current] == [("E1", Decimal(48)), ("E2", Decimal(96))]
    assert IntervalDay.objects.count() == 3
    assert ("whole-direction" in codes(reports[-1])) == (order[-1] == 0)


def test_whole_direction_alone_counts() -> None:
    imported(nem12("E", "3"))
    imported(nem12("B1", "1"))
    assert {row.register.suffix for row in IntervalDay.objects.current()} == {"E", "B1"}


@pytest.mark.parametrize("order", list(permutations((0, 1, 2))))
def test_stream_with_the_values_of_its_whole_direction_is_no_repeat(order: tuple[int, ...]) -> None:
    contents = [nem12("E", "1"), nem12("E1", "1"), nem12("E2", "2")]
    for number in order:
        imported(contents[number], f"{number}.csv")
    current = IntervalDay.objects.current().order_by("register__suffix")
    assert [(row.register.suffix, row.total) for row in current] == [("E1", Decimal(48)), ("E2", Decimal(96))]

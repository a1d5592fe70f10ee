"""Tables and pages of the benchmark of imports."""

from __future__ import annotations

from datetime import datetime, timezone

import pytest

from tests.benchmarks.imports.contract import Comparison, Section, Table, table_of
from tests.benchmarks.imports.report import Stamp, as_markdown, page, section_text

STAMP = Stamp(datetime(2026, 11, 30, 6, 15, tzinfo=timezone.utc), "a machine, 2 cores", "0123abc")


def test_table_of_comparisons_has_medians_ratios_and_a_verdict() -> None:
    comparisons = [
        Comparison("new meters", "sqlite", [50_000, 60_000, 70_000], [100_000, 90_000, 100_000], wanted=0.6),
        Comparison("known meters", "postgresql", [59_900], [100_000], wanted=0.6),
        Comparison("duplicates", "sqlite", [1234.5]),
    ]
    assert as_markdown(table_of(comparisons, "ours, readings/s", "limit, readings/s")).splitlines() == [
        "| work | database | ours, readings/s | limit, readings/s | ratio | in the rounds | wanted | met |",
        "| --- | --- | ---: | ---: | ---: | ---: | ---: | --- |",
        "| new meters | sqlite | 60,000 | 100,000 | 0.60 | 0.50–0.70 | ≥ 0.60 | yes |",
        "| known meters | postgresql | 59,900 | 100,000 | 0.59 | 0.59–0.59 | ≥ 0.60 | no |",
        "| duplicates | sqlite | 1,234 | – | – | – | – | – |",
    ]


@pytest.mark.parametrize(
    ("ours", "text"), [(29, "0.29"), (59.99, "0.59"), (499, "4.99"), (699, "6.9"), (8_700, "87"), (10_000, "100")]
)
def test_ratio_is_rounded_down(ours: float, text: str) -> None:
    assert Comparison("work", "sqlite", [ours], [100.0]).cells()[4] == text


def test_section_has_its_date_commit_machine_and_sizes() -> None:
    text = section_text(section("Growth", "1"), STAMP)
    assert "Measured on 2026-11-30 06:15 UTC at 0123abc: 3 files.\n\na machine, 2 cores." in text


def test_new_section_replaces_the_older_one_of_its_part_alone() -> None:
    titles = ["Files", "Growth", "Memory"]
    first = page("", {title: section_text(section(title, "1"), STAMP) for title in ("Memory", "Files")}, titles)
    second = page(first, {title: section_text(section(title, "2"), STAMP) for title in ("Growth", "Files")}, titles)
    assert [line for line in second.splitlines() if line.startswith(("# ", "## ", "| value"))] == [
        *("# Performance", "## Files", "| value 2 |", "## Growth", "| value 2 |", "## Memory", "| value 1 |"),
    ]
    assert page(second, {}, titles) == second


def section(title: str, value: str) -> Section:
    return Section(title, "Words.", "3 files", [Table(["measured"], [[f"value {value}"]])])

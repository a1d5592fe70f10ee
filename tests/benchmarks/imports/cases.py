"""D0010 imports beside their limit: new meters, known meters, ten readings of each meter."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.benchmarks.imports.contract import Comparison, Plan, Section, Table, progress, table_of
from tests.benchmarks.imports.files import MONTH, write_d0010
from tests.benchmarks.imports.limits import ALL, LIMITS, READINGS, constraints
from tests.benchmarks.imports.stores import EMPTY, Stores
from tests.benchmarks.measuring import in_its_own_process, manage

TEXT: Final = """\
The limit is a bulk load (`COPY` on PostgreSQL, `executemany` on SQLite) of the same rows, prepared in advance, in one
durable transaction, into a copy of the empty database with the same columns, constraints and indexes. It reads,
checks and looks up nothing. For new meters it writes all rows of meter points, meters, registers and readings. For
known ones, the month before is stored, and the limit writes the rows of readings alone."""


@dataclass(frozen=True)
class Case:
    """One kind of file and of store."""

    work: str
    readings_each: int
    is_known: bool
    wanted: dict[str, float]

    @property
    def tables(self) -> tuple[str, ...]:
        """Return the tables whose rows the limit writes."""
        return (READINGS,) if self.is_known else ALL


CASES: Final = (
    Case("a new meter for each reading", 1, False, {"postgresql": 0.60, "sqlite": 0.60}),
    Case("known meters, one reading each", 1, True, {"postgresql": 0.40, "sqlite": 0.50}),
    Case("known meters, ten readings each", 10, True, {"postgresql": 0.60, "sqlite": 0.60}),
)


@dataclass(frozen=True)
class Sample:
    """The files of two months of the same meters."""

    first: Path
    second: Path


def measure(plan: Plan) -> Section:
    """Measure all cases on all databases."""
    samples = {}
    for each in {case.readings_each for case in CASES}:
        progress(f"d0010: writing files of {plan.readings:,} readings, {each} of each meter")
        samples[each] = _written(plan, each)
    comparisons, tables = [], []
    for of in plan.stores:
        comparisons += [_compared(plan, of, case, samples[case.readings_each]) for case in CASES]
        if of.kind == "postgresql":
            tables.append(Table(("table on PostgreSQL", "constraints", "other indexes"), constraints(of.url(EMPTY))))
    table = table_of(comparisons, "ours, readings/s", "limit, readings/s")
    return Section(
        "D0010 beside the limit", TEXT, plan.sizes(f"{plan.readings:,} readings in each file"), [table, *tables]
    )


def _written(plan: Plan, each: int) -> Sample:
    first, second = (plan.folder / f"{name}-{each}.uff" for name in ("first", "second"))
    number = plan.readings // each
    return Sample(write_d0010(first, number, each=each), write_d0010(second, number, each=each, later=MONTH))


def _compared(plan: Plan, of: Stores, case: Case, sample: Sample) -> Comparison:
    """Return the rates of a case beside its limit."""
    source = EMPTY
    if case.is_known:
        source = "base"
        imported(of.copy(EMPTY, source), sample.first)
        of.settle(source)
    path = sample.second if case.is_known else sample.first
    ours, limits = [], []
    for number in range(1, plan.rounds + 1):
        progress(f"d0010, {of.kind}: {case.work}, round {number} of {plan.rounds}")
        filled = of.copy(source, "ours")
        of.rest()
        seconds, _ = imported(filled, path)
        ours.append(plan.readings / seconds)
        target = of.copy(EMPTY, "limit")
        of.rest()
        limits.append(plan.readings / in_its_own_process(LIMITS[of.kind], filled, target, case.tables))
    for name in ("ours", "limit", "base"):
        of.drop(name)
    return Comparison(case.work, of.kind, ours, limits, case.wanted[of.kind])


def imported(url: str, path: Path, outcome: str = "imported") -> tuple[float, int]:
    """Import a file; return the seconds of the import, without the start of Python, and the peak memory in MB."""
    output, memory = manage(url, "import_flow", "--format", "json", str(path))
    report = json.loads(output)
    assert report["outcome"] == outcome, report
    # The report has milliseconds.
    return max(float(report["seconds"]), 0.001), memory

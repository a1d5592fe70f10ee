"""Memory and speed of D0010 imports of growing files, and of a file that meets a store of their size."""

from __future__ import annotations

from pathlib import Path
from typing import Final

from tests.benchmarks.imports.cases import imported
from tests.benchmarks.imports.contract import NOTHING, Plan, Section, Table, decimal, number, progress, yes
from tests.benchmarks.imports.files import write_d0010
from tests.benchmarks.imports.stores import EMPTY, Stores

TEXT: Final = """\
Files with a new meter for each reading, each imported into an empty store; then a smaller file of other meters is
imported into the store that the first one filled. Memory is the peak of the process that imports; it is wanted to be
at most 150 MB, and flat within 10 % of that of the smallest file."""
MOST_MEGABYTES: Final = 150
MOST_GROWTH: Final = 1.10
HEADER: Final = (
    *("database", "readings", "readings/s", "of the smallest's", "peak MB", "of the smallest's", "met"),
    "then, readings/s",
)


def measure(plan: Plan) -> Section:
    """Measure all sizes on all databases."""
    least = plan.growth[0]
    progress("growth: writing files")
    paths = {readings: _written(plan.folder, readings, 0) for readings in plan.growth}
    then = _written(plan.folder, least, 1)
    rows = []
    for of in plan.stores:
        measured = {readings: _measured(of, paths[readings], readings, then, least) for readings in plan.growth}
        rows += [_row(of.kind, readings, each, measured[least]) for readings, each in measured.items()]
    sizes = f"{', '.join(f'{readings:,}' for readings in plan.growth)} readings, then {least:,} more; 1 round"
    return Section("Growth", TEXT, sizes, [Table(HEADER, rows)])


def _written(folder: Path, readings: int, seed: int) -> Path:
    return write_d0010(folder / f"growth-{readings}-{seed}.uff", readings, seed=seed)


def _measured(of: Stores, path: Path, readings: int, then: Path, more: int) -> tuple[float, int, float]:
    """Return the rate, the memory, and the rate of the file that follows."""
    progress(f"growth, {of.kind}: {readings:,} readings")
    url = of.copy(EMPTY, "ours")
    of.rest()
    seconds, memory = imported(url, path)
    of.settle("ours")
    of.rest()
    later, _ = imported(url, then)
    of.drop("ours")
    return readings / seconds, memory, more / later


def _row(kind: str, readings: int, each: tuple[float, int, float], first: tuple[float, int, float]) -> list[str]:
    rate, memory, later = each
    growth = memory / first[1]
    is_smallest = each is first
    met = yes(memory <= MOST_MEGABYTES and growth <= MOST_GROWTH)
    relative = [NOTHING if is_smallest else decimal(ratio) for ratio in (rate / first[0], growth)]
    return [kind, number(readings), number(rate), relative[0], number(memory), relative[1], met, number(later)]

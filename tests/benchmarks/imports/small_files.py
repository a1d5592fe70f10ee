"""Files per second through the watcher, beside those of another commit."""

from __future__ import annotations

import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from shutil import rmtree
from typing import Final

from tests.benchmarks.imports.contract import Comparison, Plan, Program, Section, progress, table_of
from tests.benchmarks.imports.machine import commit
from tests.benchmarks.imports.stores import EMPTY, Stores, make_empty
from tests.benchmarks.measuring import run
from tests.making.numbered import flow
from tests.running.places import ROOT

TEXT: Final = """\
D0010 files of 13 readings of the same meters, which wait in the inbox when `manage.py watch_inbox --once` starts. The
seconds are those of the command, without those of the same command with one file in the inbox. All folders are on one
disk; each file is stored, moved to the archive and recorded durably."""
SMALL: Final = 13
WANTED: Final = 2.0


@dataclass(frozen=True)
class Side:
    """A checkout, and the name of its empty database."""

    empty: str
    program: Program


def measure(plan: Plan) -> Section:
    """Measure this checkout, and the other one if there is one, on all databases."""
    sides = [Side(EMPTY, Program(sys.executable, ROOT))]
    if plan.base:
        sides.append(Side("empty_base", plan.base))
    other = f"at {commit(plan.base.checkout)}, files/s" if plan.base else "other commit, files/s"
    comparisons = []
    for of in plan.stores:
        for side in sides[1:]:
            make_empty(of, side.empty, side.program.python, side.program.checkout)
        comparisons.append(_compared(plan, of, sides))
    table = table_of(comparisons, "ours, files/s", other)
    return Section("Small files", TEXT, plan.sizes(f"{plan.files:,} files"), [table])


def _compared(plan: Plan, of: Stores, sides: list[Side]) -> Comparison:
    rates: list[list[float]] = [[] for _ in sides]
    for turn in range(1, plan.rounds + 1):
        progress(f"small-files, {of.kind}: round {turn} of {plan.rounds}")
        for side, measured in zip(sides, rates, strict=True):
            rest = _seconds(plan.folder, of, side, 1)
            seconds = _seconds(plan.folder, of, side, plan.files)
            measured.append((plan.files - 1) / max(seconds - rest, 0.001))
    of.drop("ours")
    ours, *other = rates
    return Comparison(f"{SMALL} readings a file", of.kind, ours, other[0] if other else (), WANTED)


def _seconds(folder: Path, of: Stores, side: Side, files: int) -> float:
    """Return the seconds of the watcher that drains an inbox."""
    url = of.copy(side.empty, "ours")
    place = folder / "folders"
    paths = {name: place / name for name in ("inbox", "archive", "rejected")}
    for path in paths.values():
        path.mkdir(parents=True)
    for number in range(files):
        (paths["inbox"] / f"{number}.uff").write_bytes(flow(number, SMALL))
    environment = {f"{name.upper()}_DIR": str(path) for name, path in paths.items()}
    environment |= {"DATABASE_URL": url, "QUIET_SECONDS": "0.1", "SCAN_SECONDS": "0.1"}
    of.rest()
    began = time.perf_counter()
    command = (side.program.python, "manage.py", "watch_inbox", "--once")
    with (folder / "log").open("w") as log:
        run(*command, environment=environment, stderr=log, folder=side.program.checkout)
    seconds = time.perf_counter() - began
    archived = sum(len(names) for _, _, names in os.walk(paths["archive"]))
    assert archived == files, f"{archived} of {files} files are in the archive"
    rmtree(place)
    return seconds

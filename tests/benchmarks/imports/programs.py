"""D0010 imports on SQLite beside other public programs, each in its own environment and in a copy of its checkout."""

from __future__ import annotations

import json
import shutil
import subprocess
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from typing import Final

from tests.benchmarks.imports.cases import imported
from tests.benchmarks.imports.contract import Comparison, Plan, Program, Section, progress, table_of
from tests.benchmarks.imports.files import write_d0010
from tests.benchmarks.imports.machine import commit
from tests.benchmarks.imports.stores import EMPTY, Stores
from tests.benchmarks.measuring import run

TEXT: Final = """\
Each program imports a D0010 with a new meter for each reading into its own new SQLite database, with the one command
that it has for this, and with the settings of its checkout. The row states the size of its file; ours is imported in
turns with it."""
#: Readings of the file that all programs import, if they are fast enough; else the smaller number.
MANY: Final = 100_000
FEW: Final = 2_000
#: Seconds that one import of MANY readings may take.
PATIENCE: Final = 300
IMPORT: Final = """
import json, sys, time
sys.path.insert(0, "")
import django
from django.apps import apps
from django.core.management import call_command
django.setup()
call_command("migrate", verbosity=0)
command, path, model = sys.argv[1:]
began_at = time.perf_counter()
call_command(command, path)
seconds = time.perf_counter() - began_at
readings = apps.get_model("meter_readings", model).objects.count()
print()
print(json.dumps({"seconds": seconds, "readings": readings}))
"""


@dataclass(frozen=True)
class Rival:
    """How a program imports a file."""

    option: str
    name: str
    folder: str
    settings: str
    command: str
    model: str
    wanted: float | None
    environment: dict[str, str] = field(default_factory=dict)


RIVALS: Final = (
    Rival(
        *("kraken_d0010_project", "mxcode1/kraken_d0010_project", "", "config.settings", "import_d0010", "Reading"),
        wanted=70,
    ),
    Rival(
        *("kraken_d0010_project", "mxcode1/kraken_d0010_project, DEBUG=False"),
        *("", "config.settings", "import_d0010", "Reading"),
        wanted=None,
        environment={"DEBUG": "False"},
    ),
    Rival(
        *("kraken_energy", "nitishlobo/kraken-energy"),
        *("src", "kraken.settings", "import_d0010_files", "EnergyReading"),
        wanted=45,
    ),
)


def measure(plan: Plan) -> Section | None:
    """Measure the programs at hand; return None without one."""
    rivals = [(rival, plan.programs[rival.option]) for rival in RIVALS if rival.option in plan.programs]
    sqlite = [of for of in plan.stores if of.kind == "sqlite"]
    if not rivals or not sqlite:
        progress("programs: none is at hand")
        return None
    few, many = _written(plan.folder, min(plan.readings, FEW)), _written(plan.folder, min(plan.readings, MANY))
    comparisons = []
    for rival, program in rivals:
        counts, ours, other = _compared(plan, sqlite[0], rival, program, {"few": few, "many": many})
        work = f"{rival.name} at {commit(program.checkout)}: {counts}"
        comparisons.append(Comparison(work, "sqlite", ours, other, rival.wanted))
    table = table_of(comparisons, "ours, readings/s", "program, readings/s")
    sizes = f"{many[1]:,} readings in our file"
    return Section("D0010 beside other programs", TEXT, plan.sizes(sizes) if plan.is_quick else sizes, [table])


def _written(folder: Path, readings: int) -> tuple[Path, int]:
    path = folder / f"programs-{readings}.uff"
    return write_d0010(path, readings), readings


def _compared(
    plan: Plan, of: Stores, rival: Rival, program: Program, files: dict[str, tuple[Path, int]]
) -> tuple[str, list[float], list[float]]:
    """Return what the program imported, our rates and its rates; the large file has one round."""
    few, many = files["few"], files["many"]
    ours, other = [], []
    for turn in range(plan.rounds if plan.is_quick else 1):
        progress(f"programs: {rival.name}, {few[1]:,} readings, round {turn + 1}")
        ours.append(_ours(of, *many))
        other.append(_rate(plan.folder, rival, program, *few))
    seconds = many[1] / median(other)
    if plan.is_quick or seconds > PATIENCE:
        return f"{few[1]:,} readings", ours, other
    progress(f"programs: {rival.name}, {many[1]:,} readings, about {seconds:.0f} s")
    other = [_rate(plan.folder, rival, program, *many)]
    return f"{many[1]:,} readings", [*ours, _ours(of, *many)], other


def _ours(of: Stores, path: Path, readings: int) -> float:
    url = of.copy(EMPTY, "ours")
    of.rest()
    return readings / imported(url, path)[0]


def _rate(folder: Path, rival: Rival, program: Program, path: Path, readings: int) -> float:
    """Return the readings per second of a program, which runs in a copy of its checkout."""
    with tempfile.TemporaryDirectory(dir=folder) as name:
        unneeded = shutil.ignore_patterns(".git", "*.sqlite3")
        copy = shutil.copytree(program.checkout, Path(name) / "copy", ignore=unneeded)
        output, _ = run(
            *(program.python, "-c", IMPORT, rival.command, str(path), rival.model),
            environment={"DJANGO_SETTINGS_MODULE": rival.settings, **rival.environment},
            stderr=subprocess.DEVNULL,
            folder=copy / rival.folder,
        )
    report = json.loads(output.splitlines()[-1])
    assert report["readings"] == readings, report
    return readings / float(report["seconds"])

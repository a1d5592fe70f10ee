"""Speed and memory of imports, beside their limits and other programs; writes docs/performance.md.

    python -m tests.benchmarks [--quick] [--database sqlite|postgresql] [--part NAME …] [--write PATH]

Everything is made in a temporary folder: files, databases, and a PostgreSQL server that commits durably. Each import
runs in its own process, in turns with what it is compared with. A part that is measured again replaces its older
result in the page; the others stay.

Other programs are no dependencies of Meterbox, and are compared only if an option names an interpreter that can run
them, and their checkout.
"""

from __future__ import annotations

import argparse
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import datetime, timezone
from pathlib import Path
from typing import Any, Final

from tests.benchmarks.imports import cases, growth, nem, programs, small_files
from tests.benchmarks.imports.contract import Plan, Program, Section, progress
from tests.benchmarks.imports.machine import machine, revision
from tests.benchmarks.imports.report import Stamp, page, section_text
from tests.benchmarks.imports.stores import Stores, stores
from tests.benchmarks.measuring import DATABASES
from tests.running.places import ROOT

PARTS: Final[dict[str, tuple[str, Callable[[Plan], Section | None]]]] = {
    "d0010": ("D0010 beside the limit", cases.measure),
    "programs": ("D0010 beside other programs", programs.measure),
    "nem": ("NEM12 and NEM13 beside a parser", nem.measure),
    "growth": ("Growth", growth.measure),
    "small-files": ("Small files", small_files.measure),
}
RIVALS: Final = ("kraken_d0010_project", "kraken_energy")
PAGE: Final = ROOT / "docs" / "performance.md"


def parsed(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    """Return the options."""
    parser = argparse.ArgumentParser(
        prog="tests.benchmarks", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    add = parser.add_argument
    add("--quick", action="store_true", help="smaller files: at most three minutes on two cores")
    add("--database", choices=DATABASES, help="default: both")
    add("--part", choices=PARTS, action="append", help="may be repeated; default: all")
    add("--write", type=Path, default=PAGE, metavar="PATH", help="the page; default: docs/performance.md")
    add("--readings", type=int, metavar="N", help="of each D0010; other sizes follow; default: 1000000, quick 100000")
    add("--rounds", type=int, metavar="N", help="default: 3, quick 2")
    add("--files", type=int, metavar="N", help="small files; default: 2000, quick 200")
    program: dict[str, Any] = {"nargs": 2, "metavar": ("PYTHON", "CHECKOUT")}
    for name in RIVALS:
        add(f"--{name.replace('_', '-')}", **program, help="another program that imports a D0010")
    add("--base", **program, help="another commit of Meterbox, for small files")
    add("--nemreader", metavar="PYTHON", help="an interpreter that has nemreader")
    return parser.parse_args(arguments)


def plan_of(options: argparse.Namespace, folder: Path, kinds: tuple[Stores, ...]) -> Plan:
    """Return the sizes of a run."""
    readings = options.readings or (100_000 if options.quick else 1_000_000)
    growing = (readings,) if options.quick else (readings // 10, readings, readings * 10)
    rivals = {name: _program(given) for name in RIVALS if (given := getattr(options, name))}
    return Plan(
        folder=folder,
        stores=kinds,
        readings=readings,
        rounds=options.rounds or (2 if options.quick else 3),
        growth=growing,
        files=options.files or (200 if options.quick else 2_000),
        meter_points=max(readings // (500 if options.quick else 1_000), 1),
        days=30 if options.quick else 90,
        records=max(readings // 10, 1),
        is_quick=options.quick,
        programs=rivals,
        base=_program(options.base) if options.base else None,
        nemreader=_interpreter(options.nemreader) if options.nemreader else None,
    )


def _program(given: Sequence[str]) -> Program:
    return Program(_interpreter(given[0]), Path(given[1]).resolve())


def _interpreter(name: str) -> str:
    """Return a name that is valid in every folder; links stay, because they lead to environments."""
    return str(Path(name).absolute()) if "/" in name else name


def main() -> None:
    """Measure the chosen parts, and write the page after each of them."""
    options = parsed()
    stamp = Stamp(datetime.now(timezone.utc), machine(), revision())
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="benchmarks-")))
        progress("creating databases")
        chosen = (options.database,) if options.database else DATABASES
        plan = plan_of(options, folder, tuple(stack.enter_context(stores(kind, folder)) for kind in chosen))
        for name in options.part or PARTS:
            with tempfile.TemporaryDirectory(dir=folder) as place:
                section = PARTS[name][1](replace(plan, folder=Path(place)))
            if section:
                _write(options.write, PARTS[name][0], section_text(section, stamp))
                progress(f"{name}: written to {options.write}")


def _write(path: Path, title: str, text: str) -> None:
    older = path.read_text() if path.exists() else ""
    path.write_text(page(older, {title: text}, [title for title, _ in PARTS.values()]))


if __name__ == "__main__":
    main()

"""Proof that the figures that Meterbox shows are those of the raw files.

    python -m tests.proofs.figures --pandas PYTHON [--database sqlite|postgresql] [--list]

Imports the samples of SMAP, NEM12, NEM13 and D0010, and written files of the hard cases, into a fresh store, and
compares its figures with those that a script computes from the files with pandas alone: sums exactly, ratios to 1e-9.
PYTHON is an interpreter that has pandas, for instance of
`python3 -m venv /tmp/pandas && /tmp/pandas/bin/pip install pandas`. Refused files are left out.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from zipfile import ZipFile

from tests.benchmarks.measuring import DATABASES, database, rerun
from tests.running.places import SHARED

ALONE: Final = Path(__file__).with_name("alone.py")
#: Folders with files about the figures, below the samples.
FOLDERS: Final = ("smap", "nem", "d0010", "field/nem", "field/consumption")
#: Precision of figures that are ratios or interpolated, by the first word.
PRECISIONS: Final = {
    **dict.fromkeys(("mean", "share", "exceeded", "base load", "usual"), 1e-9),
    # The charts round what they spread over days to six decimals, and typical days to four.
    "use": 1e-7,
    "typical": 5.001e-5,
}


def written(folder: Path) -> Iterator[Path]:
    """Write the files, in the order in which they arrive, and yield their paths."""
    from tests.proofs.figures.cases import files

    number = 0
    for place in FOLDERS:
        for path in sorted((SHARED / place).rglob("*")):
            if path.suffix.lower() == ".zip":
                with ZipFile(path) as members:
                    contents = [(name.replace("/", "_"), members.read(name)) for name in members.namelist()]
            else:
                contents = [(path.name, path.read_bytes())] if path.is_file() and path.suffix != ".md" else []
            for name, content in contents:
                number += 1
                yield _put(folder / f"{number:04}", name, content)
    for name, content in files():
        number += 1
        yield _put(folder / f"{number:04}", name, content)


def _put(folder: Path, name: str, content: bytes) -> Path:
    folder.mkdir()
    (folder / name).write_bytes(content)
    return folder / name


def imported(paths: Iterator[Path]) -> list[Path]:
    """Import files, with sums that are brought up to date now and then; return those that are not refused."""
    from readings.imports.summing.update import bring_up_to_date
    from tests.running.imported import deliver

    outcomes: Counter[str] = Counter()
    accepted = []
    for number, path in enumerate(paths):
        report = deliver(path.read_bytes(), path.name)
        outcomes[str(report.outcome)] += 1
        if report.outcome == "IMPORTED":
            accepted.append(path)
        assert number % 5 or bring_up_to_date()
    assert bring_up_to_date()
    print(f"  files: {', '.join(f'{number} {outcome.lower()}' for outcome, number in sorted(outcomes.items()))}")
    return accepted


def computed(python: str, paths: list[Path]) -> dict[str, dict[str, str]]:
    """Return the figures that the script computes."""
    output = subprocess.check_output([python, str(ALONE), *map(str, paths)], text=True)
    found: dict[str, dict[str, str]] = json.loads(output)
    return found


def differences(ours: dict[str, dict[str, str]], theirs: dict[str, dict[str, str]]) -> tuple[Counter[str], list[str]]:
    """Return how many figures of each kind agree, and a line for each that does not."""
    agreeing: Counter[str] = Counter()
    lines = []
    for subject in sorted({*ours, *theirs}):
        if subject not in ours or subject not in theirs:
            lines.append(f"{subject}: only {'pandas' if subject in theirs else 'Meterbox'} has it")
            continue
        for name, wanted in theirs[subject].items():
            found = ours[subject].get(name)
            if found is None:
                continue
            precision = next((precision for word, precision in PRECISIONS.items() if name.startswith(word)), None)
            if found == wanted or (precision and is_close(found, wanted, precision)):
                agreeing[_kind(name)] += 1
            else:
                lines.append(f"{subject}, {name}: Meterbox {found}, pandas {wanted}")
        if unknown := sorted(set(ours[subject]) - set(theirs[subject])):
            lines.append(f"{subject}: only Meterbox has {', '.join(unknown)}")
    return agreeing, lines


def is_close(found: str, wanted: str, precision: float) -> bool:
    """Return whether two ratios agree to a precision."""
    return abs(float(found) - float(wanted)) <= precision * max(1.0, abs(float(wanted)))


def _kind(name: str) -> str:
    return re.sub(r" [\d:-].*", "", name)


def prove(python: str, *, is_listed: bool) -> bool:
    """Print what agrees and what does not on the configured database; return whether all agrees."""
    from tests.proofs.figures import charts, ratios, shown

    with TemporaryDirectory() as folder:
        theirs = computed(python, imported(written(Path(folder))))
    ours = shown.figures()
    for further in (charts.figures(), ratios.figures()):
        ours = {subject: ours.get(subject, {}) | further.get(subject, {}) for subject in {*ours, *further}}
    agreeing, lines = differences(ours, theirs)
    print("  equal:", ", ".join(f"{name} {number:,}" for name, number in sorted(agreeing.items())))
    missing = Counter(
        _kind(name) for subject in theirs for name in theirs[subject] if name not in ours.get(subject, ())
    )
    print("  not compared:", ", ".join(f"{name} {number:,}" for name, number in sorted(missing.items())) or "none")
    print(f"  {len(lines)} differences", *(lines if is_listed else lines[:20]), sep="\n    ", flush=True)
    return not lines


def main() -> None:
    """Run the proof on one database or on both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--pandas", required=True, metavar="PYTHON", help="an interpreter that has pandas")
    parser.add_argument("--database", choices=DATABASES)
    parser.add_argument("--list", action="store_true", help="print all differences, not twenty")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        import django
        from django.test.utils import setup_test_environment

        django.setup()
        setup_test_environment()
        sys.exit(not prove(options.pandas, is_listed=options.list))
    statuses = [_on(kind) for kind in ([options.database] if options.database else DATABASES)]
    sys.exit(any(statuses))


def _on(kind: str) -> int:
    with TemporaryDirectory() as name, database(kind, Path(name), fsync=False) as url:
        print(kind, flush=True)
        return rerun("tests.proofs.figures", url)


if __name__ == "__main__":
    main()

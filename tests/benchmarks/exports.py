"""Speed and memory use of exports of intervals and readings.

    python -m tests.benchmarks.exports [--intervals 10000000] [--readings 1000000] [--interval-length 30]
        [--database sqlite|postgresql]

For each database: a NEM12 and a D0010 of about these numbers are imported, then exported
whole by the commands, each in its own process; the benchmark prints its peak memory and counts its output.
Seconds are those of the whole process with its start; an export without rows is measured for comparison.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from time import perf_counter

from tests.benchmarks.measuring import DATABASES, database, manage, write_sample
from tests.running.places import ROOT

DAYS = 90
#: Average number of channels of a site that make_sample writes.
CHANNELS = 1.8
NO_ROW = ("--to", "1999-12-31")


def measured(url: str, *arguments: str) -> tuple[int, int, float, int]:
    """Run an export; return the number of its rows, its bytes, its seconds, and its peak memory in MB."""
    began_at = perf_counter()
    command = [sys.executable, "manage.py", *arguments]
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, "DATABASE_URL": url}, stdout=subprocess.PIPE)
    assert process.stdout
    rows, size = -1, 0
    while block := process.stdout.read(1 << 20):
        rows, size = rows + block.count(b"\n"), size + len(block)
    _, status, usage = os.wait4(process.pid, 0)
    seconds = perf_counter() - began_at
    process.returncode = os.waitstatus_to_exitcode(status)
    if process.returncode:
        raise SystemExit(f"{' '.join(command)} failed")
    return rows, size, seconds, usage.ru_maxrss // (1024 if sys.platform != "darwin" else 1024**2)


def measure(url: str, samples: dict[str, Path]) -> None:
    """Import the samples, export them, and print the results."""
    manage(url, "migrate", "--verbosity", "0")
    for name, path in samples.items():
        manage(url, "import_flow", str(path))
        _, _, start, least = measured(url, f"export_{name}", *NO_ROW)
        rows, size, seconds, most = measured(url, f"export_{name}")
        print(
            f"  {rows:,} {name}: {seconds:.2f} s, {rows / seconds:,.0f}/s, {size / 1e6:,.0f} MB, {most} MB peak; "
            f"without a row {start:.2f} s, {least} MB",
            flush=True,
        )


def options() -> argparse.Namespace:
    """Return the parsed options."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--intervals", type=int, default=10_000_000, help="approximate number; 0 for none")
    parser.add_argument("--readings", type=int, default=1_000_000, help="0 for none")
    parser.add_argument("--interval-length", type=int, default=30, choices=(5, 15, 30))
    parser.add_argument("--database", choices=DATABASES)
    return parser.parse_args()


def main() -> None:
    """Run the benchmark."""
    chosen = options()
    with tempfile.TemporaryDirectory() as name:
        samples: dict[str, Path] = {}
        if chosen.intervals:
            samples["intervals"] = Path(name, "nem12.csv")
            sites = round(chosen.intervals / DAYS / CHANNELS / (24 * 60 / chosen.interval_length))
            size = ("--days", str(DAYS), "--interval-length", str(chosen.interval_length))
            write_sample(samples["intervals"], "NEM12", "--meter-points", str(sites), *size)
        if chosen.readings:
            samples["readings"] = Path(name, "d0010.uff")
            write_sample(samples["readings"], "D0010", "--meter-points", str(chosen.readings))
        for kind in [chosen.database] if chosen.database else DATABASES:
            with tempfile.TemporaryDirectory(dir=name) as folder, database(kind, Path(folder)) as url:
                print(f" {kind}")
                measure(url, samples)


if __name__ == "__main__":
    main()

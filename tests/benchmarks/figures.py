"""Speed of the figures of one NMI in the API, with ten years of intervals of five minutes.

    python -m tests.benchmarks.figures [--days 3653] [--length 5] [--database sqlite|postgresql]

For each database: a NEM12 is imported, and Django's test client requests the first page of each figure six times in
one process. The benchmark prints the first time, the median of the others, the number of queries, and the size of the
answer. PostgreSQL runs with fsync.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
from datetime import date, timedelta
from pathlib import Path
from typing import Final

from tests.benchmarks.measuring import DATABASES, database, manage, request_each, run
from tests.running.places import ROOT

FIRST_DAY: Final = date(2016, 1, 1)
_GROUPS: Final = ("half-hour", "hour", "day", "week", "month")
_FIGURES: Final = (
    *(f"consumption?group_by={group}" for group in _GROUPS),
    *("consumption?group_by=month&limit=1000", "intervals", "intervals?limit=1000", "advances"),
)


def store(days: int, length: int) -> None:
    """Import the intervals of some days."""
    from tests.making.mdff import channel, day, nem12
    from tests.running.imported import deliver

    chance = random.Random(1)
    lines = []
    for number in range(days):
        values = ",".join(f"{chance.lognormvariate(0, 0.6):.3f}" for _ in range(24 * 60 // length))
        lines.append(day(f"{FIRST_DAY + timedelta(number):%Y%m%d}", values=values))
    assert deliver(nem12(channel(*lines, length=length)), "nem12.csv").outcome == "IMPORTED"


def measure() -> None:
    """Request each figure six times, and print the times."""
    from tests.making.mdff import NMI

    request_each({figure: f"/api/meter-points/{NMI}/{figure}" for figure in _FIGURES})


def main() -> None:
    """Measure on each database."""
    parser = argparse.ArgumentParser(description="Measure the figures of one NMI.")
    parser.add_argument("--days", type=int, default=3653)
    parser.add_argument("--length", type=int, default=5)
    parser.add_argument("--database", choices=DATABASES)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        import django

        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        django.setup()
        store(options.days, options.length)
        measure()
        return
    for kind in [options.database] if options.database else DATABASES:
        print(kind, flush=True)
        with tempfile.TemporaryDirectory() as folder, database(kind, Path(folder)) as url:
            manage(url, "migrate", "--verbosity=0")
            arguments = ("--here", "--days", str(options.days), "--length", str(options.length))
            command = (sys.executable, "-m", "tests.benchmarks.figures", *arguments)
            run(*command, environment={"DATABASE_URL": url, "PYTHONPATH": str(ROOT)}, stdout=None)


if __name__ == "__main__":
    main()

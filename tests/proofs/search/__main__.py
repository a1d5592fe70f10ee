"""Time of each kind of search in the database, in a store of any size.

    python -m tests.proofs.search [--readings 20000000] [--database sqlite|postgresql] [--searches 200] [--plans]
    python -m tests.proofs.search --url postgresql://postgres@127.0.0.1:54320/meterbox

Builds a store, straight into the tables, unless the one of `--url` is filled; then draws searches of each kind and
prints the median and the 95th percentile of the time that their queries take, and of the whole search. `--plans` adds
the plans of the slowest search of each kind.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from statistics import quantiles
from typing import Any, Final

from tests.benchmarks.measuring import DATABASES, database, manage
from tests.running.places import ROOT

#: Time in the database that 95 of 100 searches may take, in milliseconds.
LIMIT: Final = 20.0


def measure(searches: int, *, with_plans: bool) -> bool:
    """Print the times of each kind of search; return whether all are within the limit."""
    from readings.models import MeterPoint
    from tests.proofs.search.drawn import KINDS

    points = MeterPoint.objects.count()
    is_within = True
    heads = ("in the database", "of 95 %", "whole search", "of 95 %")
    print(f"  {'':<44}", *(f"{head:>17}" for head in heads))
    for name, draw in KINDS.items():
        texts = [draw(number * 7919 % points + 1) for number in range(searches)]
        # The fastest of five: other programs of the machine are no part of a search.
        timed = [min(timed_search(text) for _ in range(5)) for text in texts]
        figures = [*percentiles([each[0] for each in timed]), *percentiles([each[1] for each in timed])]
        print(f"  {name:<44}", *(f"{figure:14.1f} ms" for figure in figures), flush=True)
        is_within &= figures[1] <= LIMIT
        if with_plans:
            print_plans(max(zip(timed, texts, strict=True))[1])
    return is_within


def percentiles(times: list[float]) -> tuple[float, float]:
    """Return the median and the 95th percentile in milliseconds."""
    parts = quantiles(times, n=20)
    return parts[9] * 1000, parts[18] * 1000


def timed_search(text: str) -> tuple[float, float]:
    """Search; return the seconds that the database takes for the queries and their rows, and those of the search."""
    from django.db import connection

    from readings.queries.parts.finding import find_each

    queries: list[tuple[Any, Any]] = []

    def noted(execute: Any, sql: Any, parameters: Any, *arguments: Any) -> Any:
        queries.append((sql, parameters))
        return execute(sql, parameters, *arguments)

    began_at = time.perf_counter()
    with connection.execute_wrapper(noted):
        find_each([text])
    whole, began_at = time.perf_counter() - began_at, time.perf_counter()
    with connection.cursor() as cursor:
        for sql, parameters in queries:
            cursor.execute(sql, parameters)
            cursor.fetchall()
    return time.perf_counter() - began_at, whole


def print_plans(text: str) -> None:
    """Print the plans of the queries of a search."""
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from readings.queries.parts.finding import find_each

    with CaptureQueriesContext(connection) as captured:
        find_each([text])
    explain = "EXPLAIN (ANALYZE, BUFFERS)" if connection.vendor == "postgresql" else "EXPLAIN QUERY PLAN"
    print(f"    slowest: {text!r}")
    with connection.cursor() as cursor:
        for query in sorted(captured, key=lambda each: -float(each["time"]))[:3]:
            cursor.execute(f"{explain} {query['sql'].replace('%', '%%')}", [])
            print(f"      {query['sql'][:300]}", *(f"        {row[-1]}" for row in cursor.fetchall()), sep="\n")


def prove(readings: int, searches: int, *, with_plans: bool) -> bool:
    """Fill the configured database if it is empty, and measure."""
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    django.setup()
    from readings.models import MeterPoint
    from tests.proofs.search.filled import fill

    if not MeterPoint.objects.exists():
        began_at = time.perf_counter()
        fill(readings)
        print(f"  {readings:,} readings stored in {time.perf_counter() - began_at:.0f} s", flush=True)
    return measure(searches, with_plans=with_plans)


def main() -> None:
    """Prove it on each database."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--readings", type=int, default=1_000_000)
    parser.add_argument("--searches", type=int, default=200, help="of each kind")
    parser.add_argument("--database", choices=DATABASES)
    parser.add_argument("--url", help="database to fill, if it is empty, and to measure")
    parser.add_argument("--plans", action="store_true", help="print the plans of the slowest searches")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        sys.exit(not prove(options.readings, options.searches, with_plans=options.plans))
    if options.url:
        prove_on(options.url, options)
        return
    for kind in [options.database] if options.database else DATABASES:
        print(kind, flush=True)
        with tempfile.TemporaryDirectory() as folder, database(kind, Path(folder), fsync=False) as url:
            prove_on(url, options)


def prove_on(url: str, options: argparse.Namespace) -> None:
    """Migrate a database, and prove it there in a process of its own."""
    manage(url, "migrate", "--verbosity=0")
    arguments = ["--here", "--readings", str(options.readings), "--searches", str(options.searches)]
    arguments += ["--plans"] if options.plans else []
    environment = {"DATABASE_URL": url, "PYTHONPATH": str(ROOT)}
    command = (sys.executable, "-m", "tests.proofs.search", *arguments)
    if subprocess.call(command, cwd=ROOT, env={**os.environ, **environment}):
        raise SystemExit(f"Some searches took more than {LIMIT:.0f} ms in the database.")


if __name__ == "__main__":
    main()

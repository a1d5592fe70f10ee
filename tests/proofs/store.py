"""Proof that what counts depends only on the set of statements, not on their order, their doors, or the database.

    python -m tests.proofs.store [--sets 2000] [--orders 4] [--first 0] [--database sqlite|postgresql]

Draws sets of files, imports each set in several orders and by all doors, with duplicates, refused files, killed
importers and rehearsals between, and compares what counts in the store with the slow model of the law.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from random import Random
from tempfile import TemporaryDirectory
from typing import Any, Final, TypeAlias

from tests.benchmarks.measuring import DATABASES, database, manage
from tests.proofs.consumption import draw as draw_consumption
from tests.proofs.d0010 import draw as draw_d0010
from tests.proofs.doors import deliver
from tests.proofs.drawn import DrawnSet
from tests.proofs.mdff import draw_nem12, draw_nem13
from tests.proofs.model import (
    Statement,
    accumulations_that_count,
    days_that_count,
    half_hours_that_count,
    readings_that_count,
    without_overtaken_ends,
)
from tests.proofs.stored import half_hours, stored

#: Function that draws a set of each flow; the number of a set decides which.
FLOWS: Final = (draw_d0010, draw_nem12, draw_consumption, draw_d0010, draw_nem13)
#: What is compared of a statement that counts: what it is about, what it says, and its source.
Counting: TypeAlias = tuple[Any, ...]


def draw(seed: int) -> DrawnSet:
    """Return the set of a number."""
    return FLOWS[seed % len(FLOWS)](seed)


def expected(drawn: DrawnSet, arrivals: Sequence[bytes]) -> set[Counting]:
    """Return what counts by the model after these arrivals."""
    arrived = {content: number for number, content in enumerate(arrivals, start=1)}
    files = [file for file in drawn.files if file.content in arrived]
    files.sort(key=lambda file: arrived[file.content])

    def made(kind: str) -> list[Statement]:
        return [replace(each, arrived=arrived[file.content]) for file in files for each in getattr(file, kind)]

    return {
        *(_counting("reading", each) for each in _readings(made("readings"), made("accumulations"))),
        *((*_counting("day", each), *each.spelling) for each in days_that_count(made("days"))),
        *(_counting("accumulation", each) for each in accumulations_that_count(made("accumulations"))),
        *(("half hour", *each) for each in half_hours_that_count(file.half_hours for file in files)),
    }


def _readings(readings: list[Statement], accumulations: list[Statement]) -> set[Statement]:
    counting = readings_that_count(readings)
    return without_overtaken_ends(counting, accumulations) if accumulations else counting


def _counting(name: str, each: Statement) -> Counting:
    return name, *each.place, each.kind, each.meter, each.value, *each.details, *each.source


def deliver_plainly(drawn: DrawnSet) -> set[Counting]:
    """Import a set into an empty store, as drawn; return what counts by the model."""
    from tests.running.imported import imported

    empty_the_store()
    contents = [file.content for file in drawn.files]
    for content in contents:
        imported(content, drawn.name, max_attempts=None)
    return expected(drawn, contents)


def empty_the_store() -> None:
    """Remove all rows of the last order."""
    from django.db import connection

    statements = ("consumerdetails", "repeat", "reading", "sitevisit", "accumulation", "intervalday")
    tables = (*statements, "register", "meter", "meterpoint")
    with connection.cursor() as cursor:
        cursor.execute("UPDATE readings_arrival SET container_id = NULL")
        for name in (*tables, "problem", "namepart", "arrival", "flowfile"):
            cursor.execute(f"DELETE FROM readings_{name}")


def orders(drawn: DrawnSet, number: int, random: Random) -> Iterator[list[bytes]]:
    """Yield some orders of the files, first the drawn one and its reverse."""
    contents = [file.content for file in drawn.files]
    yield contents
    if number > 1:
        yield contents[::-1]
    for _ in range(number - 2):
        yield random.sample(contents, len(contents))


def counter_examples(seed: int, number: int, *, kills: bool = False) -> Iterator[str]:
    """Yield a description of each order of a set that ends otherwise than the model; `kills` as in `deliver`."""
    drawn = draw(seed)
    random = Random(seed)
    for place, contents in enumerate(orders(drawn, number, random)):
        empty_the_store()
        arrivals = list(deliver(contents, drawn.name, random, kills=kills))
        wanted = expected(drawn, arrivals)
        if (found := stored()) != wanted:
            text = b"\n".join(arrivals).decode()
            yield f"set {seed}, order {place}:\n{text}\ncounts: {found - wanted}\nshould: {wanted - found}"
        if untrue := [each for each in half_hours() if each not in _rows_of(drawn)]:
            yield f"set {seed}, order {place}: wrong file or line: {untrue}"


def _rows_of(drawn: DrawnSet) -> set[Any]:
    """Return all half hours of a set, each with hash and line."""
    digests = [(sha256(file.content).hexdigest(), each) for file in drawn.files for each in file.half_hours]
    return {((each.day, each.place, each.again, each.value), (digest, each.line)) for digest, each in digests}


def prove(first: int, sets: int, number: int) -> int:
    """Print what was tried and found on the configured database; return the number of counter-examples."""
    import django
    from django.db.backends.signals import connection_created
    from django.test.utils import setup_test_environment

    django.setup()
    setup_test_environment()
    connection_created.connect(_skip_waiting_for_the_disk)
    found, cases, began = 0, Counter[str](), time.monotonic()
    for seed in range(first, first + sets):
        drawn = draw(seed)
        cases.update({drawn.flow} | {f"{drawn.flow} {case}" for case in drawn.cases})
        for example in counter_examples(seed, number, kills=True):
            found += 1
            if found <= 3:
                print(example, flush=True)
    tried = f"{sets:,} sets × {number} orders in {time.monotonic() - began:.0f} s: {found} counter-examples"
    print(
        f"  {tried}; sets with {', '.join(f'{name}: {times:,}' for name, times in sorted(cases.items()))}", flush=True
    )
    return found


def _skip_waiting_for_the_disk(connection: Any, **_: Any) -> None:
    if connection.vendor == "sqlite":
        with connection.cursor() as cursor:
            cursor.execute("PRAGMA synchronous = OFF")


def main() -> None:
    """Run the proof on one database or on both."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sets", type=int, default=2000)
    parser.add_argument("--orders", type=int, default=4)
    parser.add_argument("--first", type=int, default=0, help="number of the first set")
    parser.add_argument("--database", choices=DATABASES)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        sys.exit(1 if prove(options.first, options.sets, options.orders) else 0)
    failed = False
    for kind in [options.database] if options.database else DATABASES:
        with TemporaryDirectory() as name, database(kind, Path(name), fsync=False) as url:
            print(kind, flush=True)
            manage(url, "migrate", "--verbosity", "0")
            failed |= _in_a_process(url, options)
    sys.exit(1 if failed else 0)


def _in_a_process(url: str, options: argparse.Namespace) -> bool:
    import subprocess

    numbers = {"--sets": options.sets, "--orders": options.orders, "--first": options.first}
    arguments = [text for name, value in numbers.items() for text in (name, str(value))]
    environment = {**os.environ, "DATABASE_URL": url, "DJANGO_SETTINGS_MODULE": "config.settings"}
    command = [sys.executable, "-m", "tests.proofs.store", "--here", *arguments]
    return subprocess.run(command, env=environment, check=False).returncode != 0


if __name__ == "__main__":
    main()

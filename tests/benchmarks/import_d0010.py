"""Speed of a D0010 import, compared with the fastest bulk load of the same rows in the same run.

    python -m tests.benchmarks.import_d0010 [--readings 1000000] [--database sqlite|postgresql]

For each database: a file of plain readings is imported with all meter points new, then a second one of the same
meter points (other file, other day) whose meter points are stored; each in its own process, with its peak memory.
Raw is COPY (PostgreSQL) or executemany (SQLite) of the rows of the second import, prepared in advance,
into an empty table with the same columns, constraints and indexes, committed as durably. PostgreSQL runs with fsync.
"""

from __future__ import annotations

import argparse
import json
import re
import sqlite3
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg

from tests.benchmarks.measuring import DATABASES, database, in_its_own_process, manage, write_sample


def write_next_month(first: Path, second: Path) -> None:
    """Write the file of the next month: other identifier and times, same meter points."""
    with first.open() as lines, second.open("w") as file:
        for line in lines:
            moved = re.sub(r"\|2026(\d\d)(?=\d{8}\|)", lambda month: f"|2026{int(month[1]) + 1:02}", line)
            file.write(re.sub(r"^(Z..\|).", r"\g<1>N", moved) if line[0] == "Z" else moved)


def measured_import(url: str, what: str, path: Path) -> float:
    """Import a file and print its rate and peak memory; return the seconds."""
    output, memory = manage(url, "import_flow", "--format", "json", str(path))
    report = json.loads(output)
    assert report["outcome"] == "imported", report
    rate = report["readings"] / report["seconds"]
    print(f"  {what:<28}{report['seconds']:8.1f} s {rate:10,.0f} readings/s {memory:6} MB peak", flush=True)
    return float(report["seconds"])


def raw_copy(url: str) -> float:
    """Return the seconds of one COPY of the last file's rows into an empty copy of the readings table."""
    with psycopg.connect(url) as connection:
        last = "SELECT * FROM readings_reading WHERE flow_file_id = (SELECT max(id) FROM readings_flowfile)"
        with connection.cursor().copy(f"COPY ({last}) TO STDOUT") as copy:
            blocks = [bytes(block) for block in _joined(copy)]
        connection.execute("CREATE TABLE raw (LIKE readings_reading INCLUDING ALL)")
        connection.commit()
        began = time.perf_counter()
        with connection.cursor().copy("COPY raw FROM STDIN") as copy:
            for block in blocks:
                copy.write(block)
        connection.commit()
        return time.perf_counter() - began


def _joined(copy: Any) -> Iterator[bytes]:
    block = bytearray()
    for row in copy:
        block += row
        if len(block) > 1 << 20:
            yield bytes(block)
            block.clear()
    yield bytes(block)


def raw_executemany(path: Path) -> float:
    """Return the seconds of one executemany of the last file's rows into an empty copy of the readings table."""
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA synchronous=FULL")
    query = "SELECT * FROM readings_reading WHERE flow_file_id = (SELECT max(id) FROM readings_flowfile)"
    rows = connection.execute(query).fetchall()
    kinds = "sql IS NOT NULL AND tbl_name = 'readings_reading' ORDER BY type DESC"
    for (statement,) in connection.execute(f"SELECT sql FROM sqlite_master WHERE {kinds}").fetchall():
        names = ("readings_reading", "reading_by_file", "withdrawal_by_register")
        for name in names:
            statement = statement.replace(f'"{name}"', f'"raw_{name}"')
        connection.execute(statement)
    connection.commit()
    marks = ", ".join("?" * len(rows[0]))
    began = time.perf_counter()
    connection.executemany(f"INSERT INTO raw_readings_reading VALUES ({marks})", rows)
    connection.commit()
    return time.perf_counter() - began


def main() -> None:
    """Run the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--readings", type=int, default=1_000_000)
    parser.add_argument(
        "--readings-per-meter-point", type=int, default=1, help="a day each; --readings is all of them"
    )
    parser.add_argument("--database", choices=DATABASES)
    options = parser.parse_args()
    kinds = [options.database] if options.database else DATABASES
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        first, second = folder / "first.uff", folder / "second.uff"
        days = options.readings_per_meter_point
        counts = ("--meter-points", str(options.readings // days), "--readings-per-meter-point", str(days))
        write_sample(first, "D0010", *counts, "--plain")
        write_next_month(first, second)
        print(f"{options.readings:,} readings, {first.stat().st_size:,} bytes")
        for kind in kinds:
            with database(kind, folder) as url:
                print(kind)
                manage(url, "migrate", "--verbosity", "0")
                new = measured_import(url, "all meter points new", first)
                stored = measured_import(url, "all meter points stored", second)
                if kind == "postgresql":
                    raw = in_its_own_process(raw_copy, url)
                else:
                    raw = in_its_own_process(raw_executemany, folder / "benchmark.sqlite3")
                print(f"  {'raw, the same rows':<28}{raw:8.1f} s {options.readings / raw:10,.0f} readings/s")
                print(f"  ratio to raw: new {raw / new:.2f}, stored {raw / stored:.2f}", flush=True)


if __name__ == "__main__":
    main()

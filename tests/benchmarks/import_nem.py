"""Speed and space of NEM12 and NEM13 imports, compared with parsing the same files by nemreader.

    python -m tests.benchmarks.import_nem [--meter-points 1000] [--days 90] [--interval-length 30]
        [--records 100000] [--records-per-meter-point 1] [--database sqlite|postgresql] [--nemreader PYTHON] [--full]

For each database, four imports of each format, each in its own process, with its peak memory: of a file
whose meter points are all new; of the following days of the same meter points; of the first file's bytes
again (a duplicate); and of its days again under another header (all repeats). Stored bytes are those of the tables
of readings with their indexes, after the first import. Files are plain without `--full`. PostgreSQL runs
with fsync.

nemreader only parses: it checks little and stores nothing. It is no dependency of Meterbox; PYTHON is an interpreter
that has it, for instance of `python3 -m venv /tmp/nemreader && /tmp/nemreader/bin/pip install nemreader`.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import tempfile
from contextlib import closing
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg

from readings.formats.samples.meters import FIRST_DAY
from tests.benchmarks.measuring import DATABASES, database, manage, run, write_sample

PARSE = """
import json, sys, time
from nemreader import NEMFile, __version__
began_at = time.perf_counter()
readings = NEMFile(sys.argv[1]).nem_data().readings
seconds = time.perf_counter() - began_at
readings = sum(len(values) for channels in readings.values() for values in channels.values())
print(json.dumps({"seconds": seconds, "readings": readings, "version": __version__}))
"""
TABLES = {
    "NEM12": ("readings_intervalday",),
    "NEM13": ("readings_accumulation", "readings_reading"),
}


@dataclass
class Sample:
    """A file, its copy with another header, the file of the following days, and their contents."""

    format: str
    path: Path
    again: Path
    later: Path
    #: Kind and number of its items.
    unit: str
    count: int
    #: Number of 300 or 250 records.
    records: int

    def line(self, what: str, seconds: float, memory: int) -> str:
        """Return the measurement as text."""
        rates = "".join(f"{number / seconds:14,.0f} {unit}/s" for unit, number in self.counts())
        return f"  {what:<30}{seconds:8.2f} s{rates}{memory:7} MB peak"

    def counts(self) -> list[tuple[str, int]]:
        """Return the unit of speed and space."""
        records = ("records", self.records)
        return [records] if self.unit == "records" else [(self.unit, self.count), records]


def made(folder: Path, name: str, unit: str, days: int, *arguments: str) -> Sample:
    """Write a sample of a number of days."""
    path, again, later = (folder / f"{name}{what}.csv" for what in ("", "-again", "-later"))
    write_sample(path, name, *arguments)
    write_sample(later, name, *arguments, "--first-day", str(FIRST_DAY + timedelta(days)))
    count = records = 0
    with path.open(newline="") as lines, again.open("w", newline="") as file:
        for line in lines:
            if line.startswith("100,"):
                line = line.replace("0615,ZZ", "0915,ZZ")
            elif line.startswith(("250,", "300,")):
                records += 1
                count += 1 if unit == "records" else line.count(".")
            file.write(line)
    sample = Sample(name, path, again, later, unit, count, records)
    held = ", ".join(f"{number:,} {of}" for of, number in sample.counts())
    print(f"{name}: {held}, {path.stat().st_size:,} bytes", flush=True)
    return sample


def measured_import(url: str, what: str, sample: Sample, path: Path, outcome: str) -> float:
    """Import a file and print the result; return the seconds."""
    output, memory = manage(url, "import_flow", "--format", "json", str(path))
    report = json.loads(output)
    assert report["outcome"] == outcome, report
    print(sample.line(what, report["seconds"], memory), flush=True)
    return float(report["seconds"])


def measured_parse(python: str, sample: Sample) -> float:
    """Parse a file with nemreader and print the result; return the seconds."""
    output, memory = run(python, "-c", PARSE, str(sample.path))
    report = json.loads(output)
    assert report["readings"] == sample.count, report
    print(sample.line(f"nemreader {report['version']}, parse alone", report["seconds"], memory), flush=True)
    return float(report["seconds"])


def stored_bytes(url: str, tables: tuple[str, ...]) -> int | None:
    """Return the size of tables and their indexes, or None if this SQLite does not report it."""
    if url.startswith("postgres"):
        size = "SELECT pg_total_relation_size(%s::regclass)"
        with psycopg.connect(url) as server:
            return sum(int(server.execute(size, [table]).fetchall()[0][0]) for table in tables)
    names = f"SELECT name FROM sqlite_master WHERE tbl_name IN ({', '.join('?' * len(tables))})"
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as file:
        try:
            return int(file.execute(f"SELECT sum(pgsize) FROM dbstat WHERE name IN ({names})", tables).fetchone()[0])
        except sqlite3.OperationalError:
            return None


def measure(kind: str, folder: Path, sample: Sample, parse: float | None) -> None:
    """Import a sample three times into a new database, and print the results."""
    with tempfile.TemporaryDirectory(dir=folder) as name, database(kind, Path(name)) as url:
        print(f" {kind}")
        manage(url, "migrate", "--verbosity", "0")
        empty = stored_bytes(url, TABLES[sample.format])
        new = measured_import(url, "all meter points new", sample, sample.path, "imported")
        full = stored_bytes(url, TABLES[sample.format])
        stored = measured_import(url, "all meter points stored", sample, sample.later, "imported")
        measured_import(url, "the same bytes again", sample, sample.path, "duplicate")
        measured_import(url, "the same days again", sample, sample.again, "imported")
        if empty is not None and full is not None:
            sizes = [f"{(full - empty) / number:.1f} bytes for each of the {of}" for of, number in sample.counts()]
            print(f"  stored: {', '.join(sizes)}")
        if parse is not None:
            print(
                f"  ratio to nemreader's parse alone: new {parse / new:.2f}, stored {parse / stored:.2f}", flush=True
            )


def options() -> argparse.Namespace:
    """Return the parsed options."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--meter-points", type=int, default=1_000, help="of the NEM12; 0 for none")
    parser.add_argument("--days", type=int, default=90, help="of the NEM12")
    parser.add_argument("--interval-length", type=int, default=30, choices=(5, 15, 30))
    parser.add_argument("--records", type=int, default=100_000, help="of the NEM13; 0 for none")
    parser.add_argument("--records-per-meter-point", type=int, default=1, help="a quarter each; --records is all")
    parser.add_argument("--database", choices=DATABASES)
    parser.add_argument("--nemreader", metavar="PYTHON", help="an interpreter that has nemreader")
    parser.add_argument("--full", action="store_true", help="with everything that make_sample makes")
    return parser.parse_args()


def main() -> None:
    """Run the benchmark."""
    chosen = options()
    plain = () if chosen.full else ("--plain",)
    intervals = ("--days", str(chosen.days), "--interval-length", str(chosen.interval_length))
    each = chosen.records_per_meter_point
    reads = ("--meter-points", str(chosen.records // each), "--readings-per-meter-point", str(each))
    wanted = (
        (
            "NEM12",
            "intervals",
            chosen.meter_points,
            chosen.days,
            ("--meter-points", str(chosen.meter_points), *intervals),
        ),
        ("NEM13", "records", chosen.records, 91 * each, reads),
    )
    with tempfile.TemporaryDirectory() as name:
        for format_name, unit, number, days, arguments in wanted:
            if not number:
                continue
            sample = made(Path(name), format_name, unit, days, *arguments, *plain)
            parse = measured_parse(chosen.nemreader, sample) if chosen.nemreader else None
            for kind in [chosen.database] if chosen.database else DATABASES:
                measure(kind, Path(name), sample, parse)


if __name__ == "__main__":
    main()

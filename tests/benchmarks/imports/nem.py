"""NEM12 and NEM13 imports beside the parse alone of nemreader, and their bytes on disk."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import psycopg

from tests.benchmarks.imports.cases import imported
from tests.benchmarks.imports.contract import (
    NOTHING,
    Comparison,
    Plan,
    Section,
    Table,
    number,
    progress,
    table_of,
    yes,
)
from tests.benchmarks.imports.files import QUARTER, write_nem
from tests.benchmarks.imports.stores import EMPTY, Stores
from tests.benchmarks.measuring import run

TEXT: Final = """\
nemreader parses the same file into lists: it checks little and stores nothing. Rates are those of intervals for a
NEM12, and of records for a NEM13. “New” imports into an empty store, “following” the next days of the same meter
points. “Again, same bytes” is a duplicate; “again, same days” has another header, and all its values are stored
already. Stored bytes are those of the tables of readings with their indexes, after the first import."""
PARSE: Final = """
import json, sys, time
from nemreader import NEMFile, __version__
began_at = time.perf_counter()
readings = NEMFile(sys.argv[1]).nem_data().readings
seconds = time.perf_counter() - began_at
readings = sum(len(values) for channels in readings.values() for values in channels.values())
print(json.dumps({"seconds": seconds, "readings": readings, "version": __version__}))
"""
TABLES: Final = {
    "NEM12": ("readings_intervalday",),
    "NEM13": ("readings_accumulation", "readings_reading"),
}
WANTED: Final = {"NEM12": 5.0, "NEM13": 1.0}
#: Bytes of an interval on disk, at most.
MOST_BYTES: Final = {"NEM12": 10.0}


@dataclass(frozen=True)
class Sample:
    """A file, its copy with another header, the file of the following days, and their contents."""

    format: str
    path: Path
    again: Path
    later: Path
    #: Kind and number of its items.
    unit: str
    count: int

    def works(self) -> list[tuple[str, Path, str]]:
        """Return what is imported in a round: its name, file and outcome."""
        return [
            ("new", self.path, "imported"),
            ("following", self.later, "imported"),
            ("again, same bytes", self.path, "duplicate"),
            ("again, same days", self.again, "imported"),
        ]


@dataclass
class Measured:
    """Rates by name, memory and stored bytes of one sample on one database."""

    rates: dict[str, list[float]] = field(default_factory=dict)
    memory: int = 0
    stored: float | None = None

    def add(self, work: str, rate: float) -> None:
        self.rates.setdefault(work, []).append(rate)


def measure(plan: Plan) -> Section:
    """Measure both formats on all databases."""
    progress("nem: writing files")
    samples = [
        _made(plan.folder, "NEM12", "intervals", plan.meter_points, plan.days),
        _made(plan.folder, "NEM13", "records", plan.records, None),
    ]
    comparisons: list[Comparison] = []
    sizes: list[list[str]] = []
    for of in plan.stores:
        for sample in samples:
            measured = _measured(plan, of, sample)
            comparisons += _comparisons(sample, of.kind, measured)
            sizes.append(_sizes(sample, of.kind, measured))
    space = Table(("file", "database", "stored bytes each", "wanted", "met", "peak MB"), sizes)
    text = " and ".join(f"{number(each.count)} {each.unit} ({each.format})" for each in samples)
    table = table_of(comparisons, "ours, each/s", "nemreader, each/s")
    notes = [f"nemreader {_version(plan.nemreader)}."] if plan.nemreader else []
    return Section("NEM12 and NEM13 beside a parser", TEXT, plan.sizes(text), [table, space], notes)


def _made(folder: Path, name: str, unit: str, meter_points: int, days: int | None) -> Sample:
    """Write the files of a sample: of a number of days, or of a quarter."""
    path, again, later = (folder / f"{name}{what}.csv" for what in ("", "-again", "-later"))
    write_nem(path, meter_points, days=days)
    write_nem(later, meter_points, days=days, later=days or QUARTER)
    count = 0
    with path.open(newline="") as lines, again.open("w", newline="") as file:
        for line in lines:
            if line.startswith("100,"):
                line = line.replace("0615,ZZ", "0915,ZZ")
            elif line.startswith(("250,", "300,")):
                count += 1 if unit == "records" else line.count(".")
            file.write(line)
    return Sample(name, path, again, later, unit, count)


def _measured(plan: Plan, of: Stores, sample: Sample) -> Measured:
    measured = Measured()
    for turn in range(1, plan.rounds + 1):
        progress(f"nem, {of.kind}: {sample.format}, round {turn} of {plan.rounds}")
        if plan.nemreader:
            measured.add("nemreader", _parse_rate(plan.nemreader, sample))
        url = of.copy(EMPTY, "ours")
        empty = _stored_bytes(url, TABLES[sample.format])
        for work, path, outcome in sample.works():
            of.rest()
            seconds, memory = imported(url, path, outcome)
            measured.add(work, sample.count / seconds)
            measured.memory = max(measured.memory, memory)
            if work == "new" and empty is not None:
                full = _stored_bytes(url, TABLES[sample.format])
                measured.stored = None if full is None else (full - empty) / sample.count
    of.drop("ours")
    return measured


def _comparisons(sample: Sample, kind: str, measured: Measured) -> list[Comparison]:
    """Return what is stored beside nemreader, and what is not beside nothing."""
    other = measured.rates.get("nemreader", [])
    rows = []
    for work, _, _ in sample.works():
        name = f"{sample.format}, {work}"
        if work in ("new", "following"):
            wanted = WANTED[sample.format] if work == "new" else None
            rows.append(Comparison(name, kind, measured.rates[work], other, wanted))
        else:
            rows.append(Comparison(name, kind, measured.rates[work]))
    return rows


def _sizes(sample: Sample, kind: str, measured: Measured) -> list[str]:
    most, stored = MOST_BYTES.get(sample.format), measured.stored
    return [
        f"{sample.format}, {sample.unit}",
        kind,
        NOTHING if stored is None else f"{stored:.1f}",
        NOTHING if most is None else f"≤ {most:.0f}",
        NOTHING if most is None or stored is None else yes(stored <= most),
        number(measured.memory),
    ]


def _parse_rate(python: str, sample: Sample) -> float:
    """Return the items per second of nemreader's parse."""
    output, _ = run(python, "-c", PARSE, str(sample.path))
    report = json.loads(output)
    assert report["readings"] == sample.count, report
    return sample.count / float(report["seconds"])


def _version(python: str) -> str:
    output, _ = run(python, "-c", "import nemreader; print(nemreader.__version__)")
    return output.strip()


def _stored_bytes(url: str, tables: tuple[str, ...]) -> int | None:
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

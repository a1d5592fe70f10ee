"""Lists that are read page by page while imports run: no row twice, and none missed that is there all the time."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from random import Random
from typing import Any, Final, TypeAlias

from django.db import connection

from tests.making.dtc import flow, mpan, reading_of
from tests.running.api import Program

#: Number of rows of a page.
LIMIT: Final = 7
#: Numbers of the meter points before the imports, and among which new ones appear.
METER_POINTS: Final = range(0, 120, 2)
NEW: Final = range(1, 240)
DAYS: Final = ("20260201", "20260202", "20260203")
#: What a row is.
Identity: TypeAlias = tuple[Any, ...]


class Importer(threading.Thread):
    """Imports files with corrections, withdrawals and new meter points, one after the other."""

    def __init__(self, files: int, seed: int) -> None:
        super().__init__()
        self.files = files
        self.random = Random(seed)
        self.imported = 0
        self.error: BaseException | None = None
        #: Meter points and days that each file corrects or withdraws.
        self.touched: list[set[tuple[str, str]]] = []
        #: Last value of each meter point and day.
        self.values = {(number, day): _value(0, number, day) for number in METER_POINTS for day in DAYS}

    def run(self) -> None:
        """Import the files; keep an error for the thread that reads."""
        try:
            while self.imported < self.files:
                self._deliver(self.imported + 1)
                self.imported += 1
        except BaseException as error:
            self.error = error
        finally:
            connection.close()

    def _deliver(self, number: int) -> None:
        """Import a file that corrects, withdraws and adds readings; all values that are read differ."""
        lines: list[str] = []
        places = self.random.sample(sorted(self.values), 4)
        self.touched.append({(mpan(point), f"{day[:4]}-{day[4:6]}-{day[6:]}") for point, day in places})
        for point, day in places:
            if self.random.random() < 0.3:
                lines += reading_of(point, day=day, value=self.values[point, day], reading_type="W")
            else:
                self.values[point, day] = _value(number, point, day)
                lines += reading_of(point, day=day, value=self.values[point, day])
        new = self.random.choice(NEW)
        lines += reading_of(new, day="20260204", value=_value(number, new, "04"))
        made = f"202603{2 + number // 1440:02}{number // 60 % 24:02}{number % 60:02}00"
        _import(flow(*lines, identifier=f"L{number}", created=made), f"later{number}.uff")


def deliver_first() -> str:
    """Import the meter points that are there before; return the hash of the file."""
    places = [(number, day) for number in METER_POINTS for day in DAYS]
    lines = [line for place in places for line in reading_of(place[0], day=place[1], value=_value(0, *place))]
    return _import(flow(*lines, identifier="FIRST", created="20260301000000"), "first.uff")


def _import(content: bytes, name: str) -> str:
    from tests.running.imported import deliver

    report = deliver(content, name)
    assert report.outcome == "IMPORTED", report
    return report.sha256


def _value(file: int, point: int, day: str) -> str:
    return f"{file}{point:03}{day[-2:]}.5"


def _reading(row: Mapping[str, Any]) -> Identity:
    return row["meter_point"], row["read_at"][:10], row["register_id"], row["reading_type"], row["value"]


@dataclass(frozen=True)
class List:
    """A list with its filters, and what its rows are."""

    address: str
    filters: Mapping[str, str]
    identity: Callable[[Mapping[str, Any]], Identity]

    def rows(self, program: Program, limit: int) -> Iterator[Identity]:
        """Yield the rows, page by page."""
        for page in program.pages(self.address, {**self.filters, "limit": limit}):
            yield from map(self.identity, page)

    def faults(self, program: Program, importer: Importer) -> Iterator[str]:
        """Read the list once; yield the rows that were there all the time and not once in it.

        A reading whose correction is withdrawn counts before and after, and not between: it may be missed.
        """
        first = importer.imported
        before = set(self.rows(program, 1000))
        seen = Counter(self.rows(program, LIMIT))
        after = set(self.rows(program, 1000))
        missed = (before & after) - set(seen)
        if self.filters.get("counts") == "only":
            touched = set().union(*importer.touched[first:])
            missed = {row for row in missed if row[:2] not in touched}
        twice = {row for row, number in seen.items() if number > 1}
        for kind, rows in (("missed", missed), ("twice", twice)):
            if rows:
                yield f"{self.address} {dict(self.filters)}: {kind}: {sorted(rows)[:5]}"


def lists(sha256: str) -> list[List]:
    """Return the lists, of all and of one file."""
    readings = [
        List(address, {"counts": counts}, _reading)
        for counts in ("only", "all")
        for address in ("readings", f"flow-files/{sha256}/readings")
    ]
    return [
        *readings,
        List("meter-points", {}, lambda row: (row["scheme"], row["identifier"])),
        List("meters", {}, lambda row: (row["meter_point"], row["serial_number"])),
        List("flow-files/", {}, lambda row: (row["sha256"],)),
    ]


def faults(files: int, seed: int) -> Iterator[str]:
    """Read the lists in turn while files are imported, each at least once; print what was done, and yield faults."""
    every, program, rounds = lists(deliver_first()), Program(), 0
    importer = Importer(files, seed)
    importer.start()
    while importer.is_alive() or rounds == 0:
        for each in every:
            yield from each.faults(program, importer)
        rounds += 1
    importer.join()
    if importer.error:
        raise importer.error
    print(f"  {len(every)} lists read {rounds} times each, {importer.imported} files imported meanwhile", flush=True)


def prove(files: int, seed: int) -> int:
    """Print what was read and found on the configured database; return the number of faults."""
    found = list(faults(files, seed))
    print("\n".join([f"  {len(found)} faults", *found]), flush=True)
    return len(found)

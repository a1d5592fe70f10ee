"""How a batch of a flow file becomes rows."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain
from typing import Any, Final

from django.db import IntegrityError

from readings import versions
from readings.codes import WITHDRAWN
from readings.fields import REMEMBERED
from readings.flow import Batch, MeterPointDetails, Moment, Problem, RegisterReading, SiteVisit
from readings.loading import READING_COLUMNS, Ids, Insertion, Key, insert, prepare, resolve, utc_text
from readings.locks import wait_for_other_imports
from readings.models import Reading
from readings.versions import Row

SITE_VISIT_COLUMNS: Final = (
    "flow_file_id",
    "line",
    "meter_point_id",
    "meter_id",
    "reading_line",
    "check_code",
    "additional_information",
)


class Withdraws(Exception):
    """The file takes a reading back, which it may only while no other import runs."""


class Distinct:
    """Count distinct primary keys with one bit each, so that memory does not grow with the file."""

    def __init__(self) -> None:
        self._bits = bytearray()

    def add(self, ids: Iterable[int]) -> None:
        """Take note of some; None and what was seen before do not count."""
        bits = self._bits
        for number in ids:
            place = number >> 3
            if place >= len(bits):
                bits.extend(bytes(place - len(bits) + 4096))
            bits[place] |= 1 << (number & 7)

    def __len__(self) -> int:
        return int.from_bytes(self._bits, "little").bit_count()


@dataclass(slots=True)
class Counts:
    """What the batches of a file brought."""

    meter_points: Distinct = field(default_factory=Distinct)
    meters: Distinct = field(default_factory=Distinct)
    registers: Distinct = field(default_factory=Distinct)
    readings: int = 0
    repeats: int = 0
    superseded: int = 0
    withdrawn: int = 0

    def as_numbers(self) -> dict[str, int]:
        """Return the counts by the names under which reports give them."""
        return {
            "meter_points": len(self.meter_points),
            "meters": len(self.meters),
            "registers": len(self.registers),
            "readings": self.readings,
            "repeats": self.repeats,
            "superseded": self.superseded,
            "withdrawn": self.withdrawn,
        }


class BatchLoader:
    """Load the batches of one file, in order, inside one transaction.

    The readings of a batch are still on their way when `load` returns, so that the next batch can be parsed
    meanwhile: use it as a context manager, and `finish` at the end.
    """

    def __init__(self, flow_file_id: int, *, alone: bool) -> None:
        self.flow_file_id = flow_file_id
        self.alone = alone
        self.file_created_at = ""
        self.counts = Counts()
        #: The file meets stored readings: look at them first, instead of finding out by the unique index.
        self._meets = False
        self._on_their_way: tuple[Insertion, list[Row]] | None = None
        #: Moments and their columns: they come again and again.
        self._columns_of: dict[Moment, tuple[str, str]] = {}
        wait_for_other_imports(alone=alone)
        prepare()
        self._withdrawals_are_stored = Reading.objects.filter(reading_type=WITHDRAWN).exists()

    def __enter__(self) -> BatchLoader:
        return self

    def __exit__(self, kind: Any, error: BaseException | None, traceback: Any) -> None:
        if self._on_their_way and error:
            self._on_their_way[0].give_up(error)

    def load(self, batch: Batch) -> list[Problem]:
        """Store a batch; what comes back are warnings about readings that were already stored."""
        return [*self.finish(), *self._load(batch)]

    def finish(self) -> list[Problem]:
        """Wait for the readings that are still on their way."""
        if not self._on_their_way:
            return []
        (insertion, rows), self._on_their_way = self._on_their_way, None
        try:
            insertion.finish()
        except IntegrityError:
            # The natural key stands in the store, or twice among these readings.
            return self._meet_stored(rows)
        self.counts.readings += len(rows)
        return []

    def _load(self, batch: Batch) -> list[Problem]:
        if batch.header and batch.header.created_at:
            self.file_created_at = utc_text(batch.header.created_at) or ""
        keys = _keys(batch)
        if not keys:
            return []
        found = dict(zip(keys, resolve(keys), strict=True))
        self._count(found.values())
        self._load_site_visits(batch, found)
        rows = [self._row(reading, found) for reading in batch.readings]
        return self._load_readings(rows) if rows else []

    def _count(self, found: Iterable[Ids]) -> None:
        meter_points, meters, registers = zip(*found, strict=True)
        self.counts.meter_points.add(meter_points)
        self.counts.meters.add(filter(None, meters))
        self.counts.registers.add(filter(None, registers))

    def _row(self, reading: RegisterReading, found: dict[Key, Ids]) -> Row:
        line, scheme, identifier, serial_number, register_id, moment, value, reading_type, status, details, result = (
            reading
        )
        ids = found[scheme, identifier, serial_number, register_id]
        md_reset_at, md_resets, flag, method = details
        return (
            self.flow_file_id,
            line,
            ids[0],
            ids[2],
            *(self._columns_of.get(moment) or self._columns(moment)),
            value,
            reading_type,
            status,
            md_reset_at and utc_text(md_reset_at),
            md_resets,
            flag,
            method,
            *result,
            1,
            None,
            None,
        )

    def _columns(self, moment: Moment) -> tuple[str, str]:
        if len(self._columns_of) >= REMEMBERED:
            self._columns_of.clear()
        columns = self._columns_of[moment] = (utc_text(moment[0]) or "", moment[1])
        return columns

    def _load_readings(self, rows: list[Row]) -> list[Problem]:
        if self._touches_withdrawals(rows) or self._meets:
            return self._meet_stored(rows)
        try:
            self._on_their_way = Insertion("readings_reading", READING_COLUMNS, rows), rows
        except IntegrityError:
            return self._meet_stored(rows)
        return []

    def _touches_withdrawals(self, rows: list[Row]) -> bool:
        if any(row[versions.TYPE] == WITHDRAWN for row in rows):
            if not self.alone:
                raise Withdraws
            self._withdrawals_are_stored = True
            return True
        if not self._withdrawals_are_stored:
            return False
        meter_points = {row[versions.METER_POINT] for row in rows}
        return Reading.objects.filter(reading_type=WITHDRAWN, meter_point_id__in=meter_points).exists()

    def _meet_stored(self, rows: list[Row]) -> list[Problem]:
        outcome = self._insert_versions(rows)
        versions.link(outcome, self.flow_file_id)
        self.counts.readings += len(outcome.new)
        self.counts.repeats += outcome.repeats
        self.counts.superseded += outcome.superseded
        self.counts.withdrawn += outcome.withdrawn
        self._meets = outcome.repeats + outcome.superseded > 0
        return outcome.problems

    def _insert_versions(self, rows: list[Row]) -> versions.Outcome:
        outcome = versions.meet(rows, self.file_created_at)
        while True:
            new = [(*entry.row[:15], entry.version, None, None) for entry in outcome.new]
            try:
                insert("readings_reading", READING_COLUMNS, new)
            except IntegrityError:
                # Another importer has stated one of them meanwhile. A rule of ours that is broken stays broken.
                before, outcome = outcome, versions.meet(rows, self.file_created_at)
                if outcome.new_versions == before.new_versions:
                    raise
            else:
                return outcome

    def _load_site_visits(self, batch: Batch, found: dict[Key, Ids]) -> None:
        visits = []
        for visit in batch.site_visits:
            meter_point, meter, _ = found[visit.scheme, visit.identifier, visit.serial_number, ""]
            said = (visit.reading_line, visit.check_code, visit.additional_information)
            visits.append((self.flow_file_id, visit.line, meter_point, meter, *said))
        if visits:
            insert("readings_sitevisit", SITE_VISIT_COLUMNS, visits)


def _keys(batch: Batch) -> list[Key]:
    """Return what the batch names, each once, in the order of its lines."""
    registers = ((reading[1], reading[2], reading[3], reading[4]) for reading in batch.readings)
    named: list[MeterPointDetails | SiteVisit] = [*batch.meter_points, *batch.site_visits]
    others = ((one.scheme, one.identifier, one.serial_number, "") for one in named)
    return list(dict.fromkeys(chain(registers, others)))

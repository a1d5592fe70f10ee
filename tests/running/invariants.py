"""Invariants of the three folders and the database, after any kill."""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from hashlib import sha256
from itertools import groupby
from pathlib import Path

from django.apps import apps

from readings.formats.spelling import parts_of
from readings.formats.text import as_bytes
from readings.imports.places import is_candidate
from tests.running.box import Box

REPORTS = (".report.json", ".report.txt")
#: Prefix of the probes that a killed watcher may leave.
PROBE = ".meterbox-"


def violations(
    box: Box, sent: Counter[str] | None = None, *, overwritten: Collection[str] = (), is_drained: bool = True
) -> list[str]:
    """Return the violated invariants, one sentence each.

    `sent` counts, by hash, the contents that arrived and were not overwritten. An `overwritten` content may have been
    imported but not moved: then its file is gone, and its arrival waits. A drained box must have finished all work.
    """
    snapshot = Snapshot(box, frozenset(overwritten), is_drained)
    parts = [
        snapshot.folders(),
        snapshot.arrivals(),
        snapshot.name_parts(),
        snapshot.reports(),
        snapshot.readings(),
        snapshot.versions(),
        snapshot.orphans(),
    ]
    if sent is not None:
        parts.insert(0, snapshot.bytes_that_came(sent))
    return [violation for part in parts for violation in part]


@dataclass
class Snapshot:
    """Snapshot of the folders and the database."""

    box: Box
    overwritten: frozenset[str]
    is_drained: bool

    @cached_property
    def inbox(self) -> list[str]:
        """Return the hashes of the waiting files."""
        return [digest for path, digest in hashes(self.box.inbox).items() if not path.name.startswith(PROBE)]

    @cached_property
    def resting(self) -> dict[Path, str]:
        """Return the hash of every file that was put away, by path."""
        both = hashes(self.box.archive) | hashes(self.box.rejected)
        # An empty file reserves the place before a file is moved there.
        reserved = set() if self.is_drained else {path for path in both if is_free(path)}
        return {path: digest for path, digest in both.items() if path not in reserved and is_put_away(path)}

    @cached_property
    def rows(self) -> list[tuple[str, str, Path, bool]]:
        """Return hash, outcome and resting place of each arrival, and whether it is settled."""
        query = """
            SELECT flow_file.sha256, arrival.outcome, arrival.resting_place, arrival.settled_at IS NOT NULL
            FROM readings_arrival arrival JOIN readings_flowfile flow_file ON flow_file.id = arrival.flow_file_id
        """
        return [
            (digest, outcome, Path(os.fsdecode(as_bytes(place))), bool(is_settled))
            for digest, outcome, place, is_settled in self.box.rows(query)
        ]

    def bytes_that_came(self, sent: Counter[str]) -> Iterator[str]:
        """Check that each content that arrived is in the folders as often as it arrived."""
        present = Counter(self.inbox) + Counter(self.resting.values())
        for digest in sent.keys() | present.keys():
            too_few, too_many = sent[digest] - present[digest], present[digest] - sent[digest]
            # An overwritten file may have been copied before.
            if too_few > 0 or (too_many > 0 and digest not in self.overwritten):
                yield f"{digest[:12]} arrived {sent[digest]} times and is in the folders {present[digest]} times"

    def folders(self) -> Iterator[str]:
        """Check that each file has its hash in its name and belongs to an arrival."""
        places = {place for _, _, place, _ in self.rows}
        for path, digest in self.resting.items():
            if path not in places and not (is_free(path) and self.overwritten):
                yield f"{path} belongs to no arrival"
            if f".{digest[:12]}" not in path.name and not (is_free(path) and self.overwritten):
                yield f"{path} holds {digest[:12]}"

    def arrivals(self) -> Iterator[str]:
        """Check that each arrival has one file, in the folder of its outcome, and each file one arrival."""
        taken: Counter[Path] = Counter()
        for digest, outcome, place, is_settled in self.rows:
            root = self.box.rejected if outcome in ("REJECTED", "OTHER_FLOW") else self.box.archive
            if is_settled:
                taken[place] += 1
                if self.resting.get(place) != digest:
                    yield f"{place} holds {self.resting.get(place)}, not {digest[:12]}"
                if root not in place.parents:
                    yield f"{place} is in the wrong folder for the outcome {outcome}"
                if taken[place] > 1 and digest not in self.overwritten:
                    yield f"{place} is the place of {taken[place]} arrivals"
            elif self.is_drained and digest not in self.overwritten:
                yield f"an arrival of {digest[:12]} is not settled"
        imported = Counter(digest for digest, outcome, _, _ in self.rows if outcome == "IMPORTED")
        yield from (f"{digest[:12]} was imported {times} times" for digest, times in imported.items() if times > 1)

    def name_parts(self) -> Iterator[str]:
        """Check that searches find each arrival by all parts of its name."""
        parts = {(key, part) for key, part in self.box.rows("SELECT arrival_id, part FROM readings_namepart")}
        names = self.box.rows("SELECT id, name FROM readings_arrival")
        if difference := parts ^ {(key, part) for key, name in names for part in parts_of(name)}:
            yield f"parts of names and the names of arrivals differ: {difference}"

    def reports(self) -> Iterator[str]:
        """Check that each rejected file has both reports, and each report its file."""
        paths = files_in(self.box.rejected)
        for path in paths:
            missing = [end for end in REPORTS if is_put_away(path) and path.with_name(path.name + end) not in paths]
            if missing and not is_free(path):
                yield f"{path} lacks {missing}"
            of = path.with_name(re.sub(r"\.report\.(json|txt)$", "", path.name))
            if self.is_drained and of not in paths and not self.overwritten:
                yield f"{path} is a report without a file"

    def readings(self) -> Iterator[str]:
        """Check that each content has all readings of its lines, or none."""
        stored: dict[str, set[tuple[int, str, Decimal]]] = {}
        for digest, rows in groupby(self.box.rows(READINGS), key=lambda row: str(row[0])):
            stored[digest] = {(line, core, Decimal(str(value))) for _, line, core, value in rows}
        contents = {digest: path for path, digest in self.resting.items()}
        for digest, status, readings, repeats in self.box.rows(FLOW_FILES):
            rows_of = stored.pop(digest, set())
            if len(rows_of) != readings or (status != "IMPORTED" and rows_of):
                yield f"{digest[:12]} is {status} with {readings} readings, of which {len(rows_of)} are stored"
            if status == "IMPORTED" and digest in contents:
                expected = read(contents[digest])
                if not rows_of <= expected or len(rows_of) + repeats != len(expected):
                    yield f"{digest[:12]} has {len(expected)} readings; {len(rows_of)} are stored, {repeats} repeats"
        yield from (f"readings of {digest} are stored without their content" for digest in stored)

    def versions(self) -> Iterator[str]:
        """Check that each corrected reading has one current version."""
        for row in self.box.rows(WITHOUT_ONE_CURRENT):
            yield f"of the reading {row[:-1]}, {row[-1]} versions are current"

    def orphans(self) -> Iterator[str]:
        """Check that all referenced rows exist: the database does not check this."""
        for model in apps.get_app_config("readings").get_models():
            for field in model._meta.concrete_fields:
                if field.remote_field and not getattr(field, "db_constraint", True):
                    table, other = model._meta.db_table, field.remote_field.model._meta.db_table
                    [(lost,)] = self.box.rows(
                        f"SELECT count(*) FROM {table} one WHERE one.{field.column} IS NOT NULL"
                        f" AND NOT EXISTS (SELECT 1 FROM {other} other WHERE other.id = one.{field.column})"
                    )
                    if lost:
                        yield f"{lost} rows of {table} have a {field.name} that does not exist"


READINGS = """
    SELECT coalesce(flow_file.sha256, 'nothing'), reading.line, meter_point.identifier, reading.value
    FROM readings_reading reading
    LEFT JOIN readings_flowfile flow_file ON flow_file.id = reading.flow_file_id
    LEFT JOIN readings_meterpoint meter_point ON meter_point.id = reading.meter_point_id
    ORDER BY flow_file.sha256
"""
FLOW_FILES = "SELECT sha256, status, readings, repeats FROM readings_flowfile"
WITHOUT_ONE_CURRENT = """
    SELECT meter_point_id, register_id, read_at, reading_type,
           sum(CASE WHEN superseded_by_id IS NULL THEN 1 ELSE 0 END)
    FROM readings_reading
    WHERE reading_type <> 'W' AND withdrawn_by_id IS NULL
    GROUP BY meter_point_id, register_id, read_at, reading_type
    HAVING sum(CASE WHEN superseded_by_id IS NULL THEN 1 ELSE 0 END) <> 1
"""


def read(path: Path) -> set[tuple[int, str, Decimal]]:
    """Return line, MPAN core and value of each reading of a D0010, with a minimal parser."""
    readings, core = set(), ""
    for number, line in enumerate(path.read_text(encoding="ascii").splitlines(), start=1):
        fields = line.split("|")
        if fields[0] == "026":
            core = fields[1]
        elif fields[0] == "030":
            readings.add((number, core, Decimal(fields[3])))
    return readings


def hashes(folder: Path) -> dict[Path, str]:
    """Return the hash of every file below a folder, by path."""
    return {path: sha256(path.read_bytes()).hexdigest() for path in files_in(folder)}


def files_in(folder: Path) -> set[Path]:
    """Return every regular file below a folder."""
    return {path for path in folder.rglob("*") if path.is_file()}


def is_put_away(path: Path) -> bool:
    """Return whether this is a file that arrived, and no report or leftover of a killed watcher."""
    return not path.name.startswith(".") and not path.name.endswith(REPORTS)


def is_free(path: Path) -> bool:
    """Return whether a place is only reserved; an empty content has its hash in the name."""
    return path.stat().st_size == 0 and sha256().hexdigest()[:12] not in path.name


def waiting(box: Box) -> list[str]:
    """Return the names in the inbox that a watcher imports."""
    return [path.name for path in box.inbox.iterdir() if is_candidate(os.fsencode(path.name))]

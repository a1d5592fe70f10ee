"""Audit: compare files with arrivals, arrivals with files, and rows with the rows they refer to."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, NamedTuple, TypeVar

from django.db.models import Model, QuerySet

from readings.formats.content import survey
from readings.formats.text import as_bytes, printable
from readings.imports.rederivation import rederive
from readings.models import Arrival, FlowFile, Outcome, Status
from readings.queries.upkeep import agreement, put_away
from watcher.disk.endings import StaysThere
from watcher.disk.folders import Folders, open_seen
from watcher.operators.refused import REPORTS, files_below, hash_in_name

Item = TypeVar("Item")
Row = TypeVar("Row", bound=Model)

STEP: Final = 100
#: Seconds until a suspect is checked again: a watcher may have been moving it.
SECOND_LOOK: Final = 1.0

RESTORE: Final = "restore the file from a backup"
RESTORE_STORE: Final = "restore the database from a backup, then copy the files archived since into the inbox"
REDERIVE: Final = "run manage.py rederive"


class Difference(NamedTuple):
    """A difference between the folders and the database."""

    #: Path of the file, or name of the row.
    where: str
    what: str
    cure: str


@dataclass(slots=True)
class Audit:
    """One audit. `on_progress` receives a kind of item and the number checked so far."""

    folders: Folders
    pause: Callable[[float], None]
    on_progress: Callable[[str, int], None]
    #: Number of items checked, by kind.
    counts: dict[str, int] = field(default_factory=dict)

    def differences(self) -> Iterator[Difference]:
        """Yield all differences."""
        for root in (self.folders.archive, self.folders.rejected):
            paths = files_below(root)
            while step := list(islice(paths, STEP)):
                yield from self._twice("files", step, _wrong_files, list)
        yield from self._rows("arrivals", put_away.present_arrivals(), self._wrong_arrivals)
        yield from self._rows("arrivals not put away", put_away.arrivals_not_put_away(), _not_put_away)
        yield from self._rows("flow files", FlowFile.objects.all(), _wrong_counts)
        for orphan in agreement.orphans():
            where = f"{orphan.name} {orphan.id} (flow file {orphan.flow_file_id}, line {orphan.line})"
            yield Difference(where, f"refers to a {orphan.lacks} that is not stored", RESTORE_STORE)
        for lost in agreement.lost_parents():
            yield Difference(f"{lost.name} {lost.id}", f"refers to a {lost.lacks} that is not stored", RESTORE_STORE)
        for number in agreement.registers_with_a_wrong_key():
            yield Difference(f"register {number}", "has a key or meter point that is not its meter's", RESTORE_STORE)
        yield from self._wrong_marks()

    def _wrong_marks(self) -> Iterator[Difference]:
        for step in rederive(store=False):
            for each in step.derived:
                where = f"{each.name} {each.id} (line {each.line})"
                counts = "counts" if each.counts else "does not count"
                yield Difference(where, f"{counts} by the stored statements, but is marked otherwise", REDERIVE)
            self.on_progress("meter points", step.done)

    def _rows(
        self, what: str, rows: QuerySet[Row], check: Callable[[list[Row]], Iterator[tuple[Row, Difference]]]
    ) -> Iterator[Difference]:
        for step in put_away.in_steps(rows):
            yield from self._twice(
                what, step, check, lambda suspects: list(rows.filter(pk__in=[row.pk for row in suspects]))
            )

    def _twice(
        self,
        what: str,
        items: list[Item],
        check: Callable[[list[Item]], Iterator[tuple[Item, Difference]]],
        afresh: Callable[[Iterable[Item]], list[Item]],
    ) -> Iterator[Difference]:
        suspects = dict.fromkeys(item for item, _ in check(items))
        if suspects:
            self.pause(SECOND_LOOK)
            for _, difference in check(afresh(suspects)):
                yield difference
        self.counts[what] = self.counts.get(what, 0) + len(items)
        self.on_progress(what, self.counts[what])

    def _wrong_arrivals(self, arrivals: list[Arrival]) -> Iterator[tuple[Arrival, Difference]]:
        for arrival in arrivals:
            is_unread = arrival.outcome in put_away.UNREAD
            setting, root = ("REJECTED", self.folders.rejected) if is_unread else ("ARCHIVE", self.folders.archive)
            place, sha12 = as_bytes(arrival.resting_place), arrival.flow_file.sha256[:12]
            if is_unread and place.startswith(self.folders.archive + b"/") and os.path.lexists(place):
                cure = f"run inbox_retry {sha12}: the watcher takes the file again, and moves it"
                yield (
                    arrival,
                    Difference(arrival.resting_place, "is in the archive: its upload was interrupted", cure),
                )
                continue
            for what, cure in _wrong_place(place, root, setting, sha12):
                yield arrival, Difference(arrival.resting_place, what, cure)


def _wrong_place(place: bytes, root: bytes, setting: str, sha12: str) -> Iterator[tuple[str, str]]:
    if not place.startswith(root + b"/"):
        yield f"is outside {printable(root)}", f"set {setting}_DIR to the folder that contains it"
    elif not os.path.lexists(place):
        retry = f"; if inbox_retry was interrupted, run inbox_retry {sha12} again"
        yield "is missing", RESTORE + (retry if setting == "REJECTED" else "")
    elif setting == "REJECTED":
        for ending in REPORTS:
            if not os.path.lexists(place + ending):
                cure = f"run inbox_retry {sha12}: the watcher rejects the file again and writes both reports"
                yield f"has no {printable(ending)}", cure


def _wrong_files(paths: list[bytes]) -> Iterator[tuple[bytes, Difference]]:
    hashes = dict[bytes, str]()
    for path in paths:
        try:
            with open(open_seen(path), "rb") as stream:
                hashes[path] = survey(stream).sha256
        except StaysThere as stays:
            if os.path.lexists(path):
                cure = "replace it with a regular file that this account can read"
                yield path, Difference(printable(path), f"cannot be checked ({stays.ending.value})", cure)
    places = put_away.places_of(hashes.values())
    for path, sha256 in hashes.items():
        if (sha256, printable(path)) not in places and (wrong := _wrong_file(path)):
            yield path, Difference(printable(path), *wrong)


def _wrong_file(path: bytes) -> tuple[str, str] | None:
    sha12 = hash_in_name(path)
    arrival = put_away.arrival_at(printable(path), sha12) if sha12 else None
    if arrival is None:
        return (
            "belongs to no arrival",
            "move it into the inbox: imported content is not imported twice",
        )
    if arrival.settled_at is None:
        return None  # only its place is reserved: another check reports that it is not put away
    return "differs from the file that arrived", RESTORE


def _not_put_away(arrivals: list[Arrival]) -> Iterator[tuple[Arrival, Difference]]:
    for arrival in arrivals:
        what = f"its outcome ({Outcome(arrival.outcome).word}) is stored, but the file was not put away"
        cure = "start the watcher to put it away; if its log says `file missing`, restore the file from a backup"
        yield arrival, Difference(f"arrival {arrival.pk} ({arrival.name})", what, cure)


def _wrong_counts(flow_files: list[FlowFile]) -> Iterator[tuple[FlowFile, Difference]]:
    for flow_file, name, counted, stored in agreement.wrong_counts(flow_files):
        what = f"is {Status(flow_file.status).word} and counts {counted:,} {name}, but {stored:,} are stored"
        yield flow_file, Difference(f"flow file {flow_file.sha256[:12]}", what, RESTORE_STORE)

"""Whether folders and store agree: files with arrivals, arrivals with files, rows with the rows they lead to."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from itertools import islice
from typing import Final, NamedTuple, TypeVar

from django.db.models import Model, QuerySet

from readings.formats.content import survey
from readings.formats.text import as_bytes, shown
from readings.models import Arrival, FlowFile, Outcome
from readings.queries.upkeep import agreement, put_away
from watcher.disk.endings import StaysThere
from watcher.disk.folders import Folders, open_seen
from watcher.operators.refused import REPORTS, files_below, hash_in_name

Item = TypeVar("Item")
Row = TypeVar("Row", bound=Model)

STEP: Final = 100
#: A watcher may be at work: what seems wrong is looked at once more, after so many seconds.
SECOND_LOOK: Final = 1.0

RESTORE: Final = "restore the file from a backup"
RESTORE_STORE: Final = "restore the database from a backup, and copy into the inbox what was archived since"


class Difference(NamedTuple):
    """Something that does not agree."""

    #: The path of a file, or which row.
    where: str
    what: str
    cure: str


@dataclass(slots=True)
class Audit:
    """One audit. `on_progress` is told what is looked at, and how many of it so far."""

    folders: Folders
    pause: Callable[[float], None]
    on_progress: Callable[[str, int], None]
    #: How many were looked at, by what they are.
    counts: dict[str, int] = field(default_factory=dict)

    def differences(self) -> Iterator[Difference]:
        """Find everything that does not agree."""
        for root in (self.folders.archive, self.folders.rejected):
            paths = files_below(root)
            while step := list(islice(paths, STEP)):
                yield from self._twice("files", step, _wrong_files, list)
        yield from self._rows("arrivals", put_away.lying_arrivals(), self._wrong_arrivals)
        yield from self._rows("arrivals not put away", put_away.arrivals_not_put_away(), _not_put_away)
        yield from self._rows("flow files", FlowFile.objects.all(), _wrong_counts)
        for orphan in agreement.orphans():
            where = f"{orphan.name} {orphan.id} (flow file {orphan.flow_file_id}, line {orphan.line})"
            yield Difference(where, f"leads to a {orphan.lacks} that is not stored", RESTORE_STORE)

    def _rows(
        self, what: str, rows: QuerySet[Row], check: Callable[[list[Row]], Iterator[tuple[Row, Difference]]]
    ) -> Iterator[Difference]:
        for step in put_away.in_steps(rows):
            yield from self._twice(what, step, check, lambda some: list(rows.filter(pk__in=[row.pk for row in some])))

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
            is_rejected = arrival.outcome == Outcome.REJECTED
            setting, root = ("REJECTED", self.folders.rejected) if is_rejected else ("ARCHIVE", self.folders.archive)
            place = as_bytes(arrival.resting_place)
            for what, cure in _wrong_place(place, root, setting, arrival.flow_file.sha256[:12]):
                yield arrival, Difference(arrival.resting_place, what, cure)


def _wrong_place(place: bytes, root: bytes, setting: str, sha12: str) -> Iterator[tuple[str, str]]:
    if not place.startswith(root + b"/"):
        yield f"is not in {shown(root)}", f"set {setting}_DIR to the folder in which it is"
    elif not os.path.lexists(place):
        retry = f"; if it was inbox_retry that was ended, run inbox_retry {sha12} again"
        yield "is not there", RESTORE + (retry if setting == "REJECTED" else "")
    elif setting == "REJECTED":
        for ending in REPORTS:
            if not os.path.lexists(place + ending):
                again = f"run inbox_retry {sha12}: the file is rejected once more, with its reports"
                yield f"has no {shown(ending)} beside it", again


def _wrong_files(paths: list[bytes]) -> Iterator[tuple[bytes, Difference]]:
    hashes = dict[bytes, str]()
    for path in paths:
        try:
            with open(open_seen(path), "rb") as stream:
                hashes[path] = survey(stream).sha256
        except StaysThere as stays:
            if os.path.lexists(path):
                cure = "see to it that it is a file which this account may read"
                yield path, Difference(shown(path), f"cannot be looked into: {stays.ending.value}", cure)
    known = put_away.places_of(hashes.values())
    for path, sha256 in hashes.items():
        if (sha256, shown(path)) not in known and (wrong := _wrong_file(path)):
            yield path, Difference(shown(path), *wrong)


def _wrong_file(path: bytes) -> tuple[str, str] | None:
    sha12 = hash_in_name(path)
    arrival = put_away.arrival_at(shown(path), sha12) if sha12 else None
    if arrival is None:
        return "is named by no arrival", "move it into the inbox: what was imported before is not imported twice"
    if arrival.settled_at is None:
        return None  # its place is reserved, and it is among those that are not put away
    return "has not the bytes that came", RESTORE


def _not_put_away(arrivals: list[Arrival]) -> Iterator[tuple[Arrival, Difference]]:
    for arrival in arrivals:
        what = f"its outcome, {arrival.outcome.lower()}, is stored, but it is not put away"
        cure = "start the watcher, which does that; if its log says `file missing`, restore the file from a backup"
        yield arrival, Difference(f"arrival {arrival.pk} ({arrival.name})", what, cure)


def _wrong_counts(flow_files: list[FlowFile]) -> Iterator[tuple[FlowFile, Difference]]:
    for flow_file, name, counted, stored in agreement.wrong_counts(flow_files):
        what = f"({flow_file.status.lower()}) counts {counted:,} {name}, and {stored:,} are stored"
        yield flow_file, Difference(f"flow file {flow_file.sha256[:12]}", what, RESTORE_STORE)

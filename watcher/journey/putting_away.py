"""Putting a file away once its outcome is stored. After each step the watcher may be killed."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime, timezone
from itertools import count
from typing import BinaryIO

import structlog

from readings.formats.content import survey
from readings.formats.text import as_bytes, printable
from readings.imports import arrivals
from readings.imports.arrivals import UnsettledArrival
from readings.imports.disk import NotRegular, open_regular, sync_folder
from readings.imports.places import OTHER_FLOWS, place_of
from readings.imports.reports import ImportReport, write_reports
from readings.models import Outcome
from readings.queries.upkeep.put_away import arrival_at
from watcher.disk.copies import copy_with_times
from watcher.disk.endings import Ending, StaysThere
from watcher.disk.folders import Folders, is_same, lock, release, remove, reserve
from watcher.disk.inbox import Due, Sighting
from watcher.disk.moves import move, move_back

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class PuttingAway:
    """Puts files away. `on_progress` is called while a file is copied or read, and may raise Stopped."""

    folders: Folders
    clock: Callable[[], datetime]
    on_progress: Callable[[int], None]

    def put_away(self, due: Due, stream: BinaryIO, report: ImportReport, planned: str, *, again: bool) -> str:
        """Move a file to its place; return the place, escaped.

        `again`: a watcher that was stopped may have reserved the planned place, or written reports next to it.
        """
        source = os.path.join(self.folders.inbox, due.name)
        place = self._reserve(due, stream, report, as_bytes(planned), again=again)
        with self._reserved(place, due):
            try:
                move(stream, source, place)
            except OSError as error:
                if error.errno != errno.EXDEV or not self.folders.may_copy:
                    raise
                self._copy(due, stream, source, place)
                return printable(place)
        if not _is_unchanged(due, stream):
            # Its sender wrote to it during the move: its bytes were not imported.
            move_back(place, source)
            raise StaysThere(Ending.CHANGED)
        return printable(place)

    def _copy(self, due: Due, stream: BinaryIO, source: bytes, place: bytes) -> None:
        """Copy a file to its place, then remove it from the inbox."""

        def check_unchanged() -> None:
            self.on_progress(0)
            if not _is_unchanged(due, stream):
                raise StaysThere(Ending.CHANGED)

        with self.folders.naming(self._root_of(place)):
            copy_with_times(stream, place, check_unchanged)
            sync_folder(os.path.dirname(place))
        remove(source, due.sighting)

    @contextmanager
    def _reserved(self, place: bytes, due: Due) -> Iterator[None]:
        """Release the place if the file does not reach it."""
        try:
            yield
        except BaseException:
            if due.sighting.size:  # an empty file at the place may be the file itself
                release(place)
            raise

    def _reserve(self, due: Due, stream: BinaryIO, report: ImportReport, planned: bytes, *, again: bool) -> bytes:
        """Reserve a place, after writing the reports next to it; return the place."""
        root = self._root_for(report)
        place = planned if planned.startswith(root + b"/") else b""
        while True:
            if not _is_unchanged(due, stream):
                raise StaysThere(Ending.CHANGED)
            is_planned, place = bool(place), place or self._free_place(due.name, report)
            self.folders.make_folder_of(place, root)
            assert report.arrival_id
            if not is_planned:
                arrivals.plan_rest(report.arrival_id, printable(place))
            with self.folders.naming(root):
                if root == self.folders.rejected:
                    write_reports(report, place)
                if reserve(place, again=again and is_planned):
                    return place
            place = b""

    def plan(self, name: bytes, report: ImportReport) -> str:
        """Return a free place for a file, escaped."""
        return printable(self._free_place(name, report))

    def _free_place(self, name: bytes, report: ImportReport) -> bytes:
        root, day = self._root_for(report), self.clock().astimezone(timezone.utc).date()
        folder = os.path.join(root, OTHER_FLOWS.encode()) if report.outcome == Outcome.OTHER_FLOW else root
        places = (os.path.join(folder, place_of(day, name, report.sha256, number)) for number in count(1))
        return next(place for place in places if not os.path.lexists(place))

    def _root_for(self, report: ImportReport) -> bytes:
        is_unread = report.outcome in (Outcome.REJECTED, Outcome.OTHER_FLOW)
        return self.folders.rejected if is_unread else self.folders.archive

    def _root_of(self, place: bytes) -> bytes:
        is_rejected = place.startswith(self.folders.rejected + b"/")
        return self.folders.rejected if is_rejected else self.folders.archive

    def is_at_place(self, stream: BinaryIO, arrival: UnsettledArrival) -> bool:
        """Return whether an open file is at the place of its arrival already, as a second link or a copy."""
        place = as_bytes(arrival.resting_place)
        return is_same(stream, place) or self._is_copied(arrival, place)

    def finish(self, due: Due, stream: BinaryIO, arrival: UnsettledArrival) -> None:
        """Settle the arrival of a file that is at its place, and remove the original of a copy from the inbox.

        A file may have several names. A name other than the arrival's stays: it is imported as a file of its own.
        """
        if arrival.name == printable(due.name) and not is_same(stream, as_bytes(arrival.resting_place)):
            remove(os.path.join(self.folders.inbox, due.name), due.sighting)
        arrivals.settle(arrival.id, arrival.resting_place, self.clock())
        log.info(
            "settled late",
            name=arrival.name,
            sha256=arrival.sha256,
            outcome=Outcome(arrival.outcome).word,
            resting_place=arrival.resting_place,
        )

    def _is_copied(self, arrival: UnsettledArrival, place: bytes) -> bool:
        """Return whether a watcher was killed after copying the file and before removing the original."""
        try:
            with open(place, "rb") as stream:
                content = survey(stream, self.on_progress)
        except FileNotFoundError:
            return False
        # An empty file may be only a reservation.
        last = arrival_at(arrival.resting_place, arrival.sha256[:12])
        return bool(content.size and arrival.is_content(content.sha256) and last and last.pk == arrival.id)

    def reconcile(self, arrival: UnsettledArrival) -> bool:
        """Settle an arrival whose file has left the inbox; return whether the file is at its place.

        Other bytes at the place were written by the sender during the move: the file goes back into the inbox.
        """
        place = as_bytes(arrival.resting_place)
        source = os.path.join(self.folders.inbox, as_bytes(arrival.name))
        try:
            with open(open_regular(place), "rb") as stream:
                content = survey(stream, self.on_progress)
                is_there = arrival.is_content(content.sha256)
                if not is_there and content.size and lock(stream):
                    move_back(place, source)
        except FileNotFoundError:
            return False
        except NotRegular:
            move_back(place, source)
            return False
        if is_there:
            arrivals.settle(arrival.id, arrival.resting_place, self.clock())
        return is_there


def _is_unchanged(due: Due, stream: BinaryIO) -> bool:
    return Sighting.of(os.fstat(stream.fileno())) == due.sighting

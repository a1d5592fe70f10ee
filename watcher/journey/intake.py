"""Journey of one file: open, lock, hash, import, move, settle. After each step the watcher may be killed."""

from __future__ import annotations

import os
import time
import traceback
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial
from pathlib import Path
from typing import BinaryIO, Final

import structlog
from django.db import IntegrityError, connections, transaction
from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, wait_random_exponential

from readings.formats.content import Survey, survey
from readings.formats.text import printable
from readings.imports import arrivals, operations
from readings.imports.arrivals import Delivery, UnsettledArrival
from readings.imports.attempts import ContentChanged, Rules
from readings.imports.erasure.finishing import finish_rewriting
from readings.imports.loading.locks import BeingImported
from readings.imports.planner.outgrown import renew_after
from readings.imports.reports import ImportReport
from readings.models import Channel
from watcher.disk.endings import ENVIRONMENT, Ending, StaysThere, Stopped, is_of_environment
from watcher.disk.folders import Folders, is_same, lock, open_seen
from watcher.disk.inbox import Due, Sighting
from watcher.journey.ends import look_for_end
from watcher.journey.progress import Progress
from watcher.journey.putting_away import PuttingAway

TRIES: Final = 3
#: Size of a file that is hashed at once, in bytes.
SOON: Final = 1 << 20

log = structlog.get_logger()


@dataclass(frozen=True, slots=True, kw_only=True)
class Taken:
    """Result of one attempt at a file."""

    ending: Ending
    sha256: str = ""
    error: str = ""
    report: ImportReport | None = None
    #: Path of the file after it was put away, escaped.
    resting_place: str = ""


@dataclass(slots=True, kw_only=True)
class Intake:
    """Imports files from the inbox one by one. `on_progress` and `pause` raise Stopped to end a journey early."""

    folders: Folders
    clock: Callable[[], datetime]
    rules: Rules
    on_progress: Callable[[int], None]
    pause: Callable[[float], None]
    #: Clock in seconds that never goes back.
    monotonic: Callable[[], float] = time.monotonic
    #: Updates of the database about journeys that are over, oldest first.
    pending_writes: deque[Callable[[], None]] = field(default_factory=deque)
    #: Identity of the file that was put away last: another name of it may follow.
    _last_identity: str = ""
    #: Whether the arrival of every file that left the inbox is settled; unknown at the start and after a failure.
    is_reconciled: bool = False

    def take(self, due: Due) -> Taken:
        """Take one file through its journey; retry after an error of the environment, then raise it."""
        retrying = Retrying(
            stop=stop_after_attempt(TRIES),
            wait=wait_random_exponential(multiplier=0.2, max=2),
            retry=retry_if_exception_type(ENVIRONMENT),
            sleep=self.pause,
            reraise=True,
        )
        for attempt in retrying:
            with attempt:
                return self._take(due, is_last=attempt.retry_state.attempt_number == TRIES)
        raise AssertionError("the last attempt returns or raises")

    def _take(self, due: Due, *, is_last: bool) -> Taken:
        try:
            if not self._may_wait(due):
                self.flush()
            with self._opened(due) as stream:
                taken = self._journey(due, stream, is_last=is_last)
            if taken.report:
                renew_after(taken.report)
        except StaysThere as stays:
            return Taken(ending=stays.ending, sha256=stays.sha256, error=stays.error)
        except Exception as error:
            if is_of_environment(error):
                self.is_reconciled = False  # the file may have been moved before
                connections.close_all()
                raise
            if isinstance(error, Stopped) or (isinstance(error, IntegrityError) and not is_last):
                # Now: while this watcher pauses, another may count its own attempt.
                self.flush(is_urgent=False)
                raise
            # The importer failed to put it away: other files do not wait for it.
            return Taken(ending=Ending.FAILED, error=traceback.format_exc())
        return taken

    @contextmanager
    def _opened(self, due: Due) -> Iterator[BinaryIO]:
        """Open and lock the file of the sighting; raise StaysThere if it is locked or has changed."""
        with open(open_seen(self._path(due)), "rb") as stream:
            if not lock(stream):
                raise StaysThere(Ending.IN_OTHER_HANDS)
            if not self._is_unchanged(due, stream):
                raise StaysThere(Ending.CHANGED)
            yield stream

    def _path(self, due: Due) -> bytes:
        return os.path.join(self.folders.inbox, due.name)

    def _is_unchanged(self, due: Due, stream: BinaryIO) -> bool:
        is_like_sighting = Sighting.of(os.fstat(stream.fileno())) == due.sighting
        return is_like_sighting and is_same(stream, self._path(due))

    def _journey(self, due: Due, stream: BinaryIO, *, is_last: bool) -> Taken:
        content = survey(stream, self.on_progress)
        arrival = arrivals.unsettled(due.sighting.identity)
        if arrival and arrival.is_content(content.sha256):
            if not self._putting_away.is_at_place(stream, arrival):
                report = arrivals.report_of(arrival.id)
                return self._put_away(due, stream, report, arrival.resting_place, again=True)
            self._putting_away.finish(due, stream, arrival)
            if not is_same(stream, self._path(due)):
                raise StaysThere(Ending.CHANGED)
        if not due.is_overdue:
            look_for_end(content)
        self.folders.check_room(content.size)
        place = ""

        def plan(report: ImportReport) -> str:
            nonlocal place
            place = self._putting_away.plan(due.name, report)
            return place

        name, identity = printable(due.name), due.sighting.identity
        delivery = Delivery(name=name, channel=Channel.INBOX, identity=identity, plan=plan)
        report = self._import(due, stream, content, delivery, is_last=is_last)
        return self._put_away(due, stream, report, place)

    def _import(
        self, due: Due, stream: BinaryIO, content: Survey, delivery: Delivery, *, is_last: bool
    ) -> ImportReport:
        progress = self._progress(delivery.name, content.size)

        def advance(position: int, values: int) -> None:
            self.on_progress(position)
            progress.advance(position, values)

        try:
            with progress:
                return operations.import_flow(
                    stream,
                    delivery,
                    clock=self.clock,
                    rules=self.rules,
                    content=content,
                    is_unchanged=lambda: self._is_unchanged(due, stream),
                    on_progress=advance,
                    on_attempt=self._write_along,
                )
        except BeingImported as error:  # before the attempt was counted
            raise StaysThere(Ending.IN_OTHER_HANDS) from error
        except ContentChanged as error:
            self.undo_attempt(content.sha256)
            raise StaysThere(Ending.CHANGED) from error
        except Exception as error:
            may_be_conflict = isinstance(error, IntegrityError) and not is_last  # with another importer
            if may_be_conflict or isinstance(error, Stopped) or is_of_environment(error):
                self.undo_attempt(content.sha256)
                raise
            message = _storable(f"{type(error).__name__}: {error}")
            self.pending_writes.append(partial(operations.note_failure, content.sha256, message))
            raise StaysThere(Ending.FAILED, sha256=content.sha256, error=traceback.format_exc()) from error

    def _put_away(
        self, due: Due, stream: BinaryIO, report: ImportReport, planned: str, *, again: bool = False
    ) -> Taken:
        """Put away a file whose outcome is stored."""
        assert report.arrival_id
        resting_place = self._putting_away.put_away(due, stream, report, planned, again=again)
        self.pending_writes.append(partial(arrivals.settle, report.arrival_id, resting_place, self.clock()))
        self._last_identity = due.sighting.identity
        return Taken(ending=Ending.PUT_AWAY, sha256=report.sha256, report=report, resting_place=resting_place)

    def reconcile(self, arrival: UnsettledArrival) -> bool:
        """Settle an arrival whose file has left the inbox; return whether the file is at its place."""
        return self._putting_away.reconcile(arrival)

    def finish_rewriting(self) -> None:
        """Rewrite the files that state erased meter points, after they were put away."""
        self.flush(is_urgent=False)
        roots = [Path(os.fsdecode(root)) for root in (self.folders.archive, self.folders.rejected)]
        try:
            for trouble in finish_rewriting(roots, self.clock()):
                log.warning("not rewritten", why=trouble)
        except ENVIRONMENT:
            raise
        except Exception as error:  # A fault in our code for one content must not stop the imports of the others.
            log.warning("not rewritten", why=f"a fault of the program: {type(error).__name__}: {error}")

    def _progress(self, name: str, size: int) -> Progress:
        return Progress(inbox=self.folders.inbox, name=name, size=size, clock=self.clock, monotonic=self.monotonic)

    @property
    def _putting_away(self) -> PuttingAway:
        return PuttingAway(folders=self.folders, clock=self.clock, on_progress=self.on_progress)

    def undo_attempt(self, sha256: str) -> None:
        """Do not count the last attempt at a content, because the content did not cause the failure."""
        self.pending_writes.append(partial(operations.undo_attempt, sha256))

    def _may_wait(self, due: Due) -> bool:
        """Return whether the pending updates can wait until the attempt at this file is counted: that is soon."""
        return due.sighting.size <= SOON and due.sighting.identity != self._last_identity

    def _write_along(self) -> None:
        """Write the pending updates in the transaction that counts an attempt: a small file costs one fewer."""
        for write in self.pending_writes:
            write()
        transaction.on_commit(self.pending_writes.clear)

    def flush(self, *, is_urgent: bool = True) -> None:
        """Write the pending updates; if it is not urgent, ignore a failure and leave them for later."""
        try:
            while self.pending_writes:
                self.pending_writes[0]()
                self.pending_writes.popleft()
        except (Stopped, *ENVIRONMENT):
            connections.close_all()
            if is_urgent:
                raise


def _storable(text: str) -> str:
    """Escape characters that a database rejects: they would block all pending updates."""
    return text.encode(errors="backslashreplace").decode().replace("\0", "\\x00")

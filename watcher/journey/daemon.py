"""The loop: scan the inbox, import the files that are due, wait."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import structlog
from django.db import connections

from readings.formats.text import printable
from readings.imports import arrivals
from readings.models import Outcome
from readings.queries.upkeep.database import check_schema, describe_error
from watcher.disk.endings import ENVIRONMENT, Ending, Stopped
from watcher.disk.folders import Folders
from watcher.disk.inbox import UNKNOWN_AFTER, Due, Settling
from watcher.disk.presence import Hold
from watcher.journey.intake import Intake, Taken
from watcher.service.metrics import Metrics
from watcher.service.systemd import Notifier
from watcher.service.wakeups import Alarm

#: Number of files imported between two scans, at most.
BATCH: Final = 200
#: Seconds between two scans, at least, however many events arrive.
SHORTEST_WAIT: Final = 0.2
#: Seconds until the next try after a failure, at most.
LONGEST_PAUSE: Final = 60.0
#: Scans until an unreadable file is tried again.
SCANS_IF_UNREADABLE: Final = 10
#: Endings that leave a file in the inbox without a fault of the importer.
STAYS: Final = (Ending.HAS_NO_END, Ending.HAS_HOLES, Ending.IN_OTHER_HANDS, Ending.UNREADABLE)
#: Number of files that fail in a row before the importer counts as broken, and no file as faulty.
BREAKER: Final = 5

log = structlog.get_logger()


class ImporterBroken(Exception):
    """The importer fails for file after file, so none of them is rejected."""


@dataclass(slots=True, kw_only=True)
class Watcher:
    """Watches one inbox."""

    folders: Folders
    hold: Hold
    intake: Intake
    settling: Settling
    alarm: Alarm
    metrics: Metrics
    notifier: Notifier
    chores: Sequence[Callable[[], None]]
    scan_seconds: float
    #: Clock in seconds that never goes back.
    monotonic: Callable[[], float]
    rejected: int = 0
    #: Reasons why files stay in the inbox, by name.
    staying: dict[bytes, Ending] = field(default_factory=dict)
    #: Hashes of the files that failed in the importer since the last success, by name.
    failed: dict[bytes, str] = field(default_factory=dict)
    #: Whether the tables are those of this program; checked again after each failure.
    is_schema_right: bool = False

    def watch(self) -> None:
        """Import the files that arrive, until the watcher is stopped."""
        pause = 0.0
        log.info("watching", inbox=printable(self.folders.inbox))
        try:
            while True:
                try:
                    self.round()
                except (*ENVIRONMENT, ImporterBroken) as error:
                    self.is_schema_right = False
                    connections.close_all()
                    pause = min(self._longest_wait(LONGEST_PAUSE), 2 * pause or 1.0)
                    self._note_trouble(error, pause)
                    self.alarm.pause(pause)
                else:
                    pause = 0.0
                    self._note_round()
                    for chore in self.chores:
                        chore()
                    self.wait()
        except Stopped:
            self.notifier.stopping()
            self.intake.flush(is_urgent=False)
            log.info("stopped")

    def drain(self) -> None:
        """Import the files that are in the inbox now, once they have settled; log the files that stay."""
        names = list(self.hold.scan())
        patience_ends = self.monotonic() + self.settling.quiet_seconds + UNKNOWN_AFTER
        try:
            while True:
                self.round()
                now = self.monotonic()
                waiting = [name for name in names if name in self.settling and name not in self.staying]
                if now > patience_ends:
                    waiting = [name for name in waiting if not self.settling.is_restless(name, now)]
                if not waiting and self.intake.is_reconciled:
                    break
                self.wait()
        except Stopped:
            log.info("stopped")
        finally:
            self.intake.flush(is_urgent=False)
        for name in names:
            if name in self.settling:
                reason = self.staying.get(name)
                log.warning("stays", name=printable(name), why=reason.value if reason else "is still being written")

    def round(self) -> None:
        """Scan, and import a batch of the files that are due."""
        now = self.monotonic()
        sightings = self.hold.scan()
        self.settling.see(sightings, now)
        self.metrics.on_progress(sightings.values())
        self.staying = {name: ending for name, ending in self.staying.items() if name in sightings}
        if not self.is_schema_right:
            check_schema()
            self.is_schema_right = True
        self.intake.flush()
        if not self.intake.is_reconciled:
            self._reconcile({sighting.identity for sighting in sightings.values()})
        if due := self.settling.due(now, most=BATCH):
            self.folders.check()
            for each in due:
                self.alarm.look()
                self._take(each)
            self.intake.finish_rewriting()

    def wait(self) -> None:
        """Wait for the next scan, or for an event."""
        began_at = self.monotonic()
        next_turn = self.settling.seconds_to_next(began_at)
        longest = self._longest_wait(self.scan_seconds)
        seconds = longest if next_turn is None else min(longest, next_turn)
        self.alarm.wait(seconds)
        # Events come in groups; the scan after this pause finds the files of all of them.
        self.alarm.pause(min(seconds, SHORTEST_WAIT) - (self.monotonic() - began_at))

    def _longest_wait(self, seconds: float) -> float:
        """Return the seconds, or less if the service manager would kill a watcher that is silent for so long."""
        return min(seconds, (self.notifier.silence_allowed or 2 * seconds) / 2)

    def _note_round(self) -> None:
        self.metrics.finished_round(self.intake.clock().timestamp())
        self.notifier.ready()
        self.notifier.alive()
        self.notifier.status(f"{self.metrics.backlog} files in the inbox")

    def _note_trouble(self, error: Exception, pause: float) -> None:
        log.error("cannot import", error=str(describe_error(error)), next_try_in=pause)
        # Faults of the importer were counted file by file.
        if not isinstance(error, ImporterBroken):
            self.metrics.failed(error)
        self.notifier.alive()
        self.notifier.status(f"cannot import: {describe_error(error)}")

    def _reconcile(self, here: set[str]) -> None:
        """Settle arrivals whose files have left the inbox; files that are still there are imported as usual."""
        missing = [each for each in arrivals.unsettled_arrivals() if each.identity not in here]
        if missing:
            self.folders.check()  # a file in a folder that is not mounted is not missing
        for arrival in missing:
            is_there = self.intake.reconcile(arrival)
            say = log.info if is_there else log.error
            say(
                "settled late" if is_there else "file missing",
                name=arrival.name,
                sha256=arrival.sha256,
                outcome=Outcome(arrival.outcome).word,
                resting_place=arrival.resting_place,
            )
        self.intake.finish_rewriting()
        self.intake.is_reconciled = True

    def _take(self, due: Due) -> None:
        try:
            taken = self.intake.take(due)
        except ENVIRONMENT:
            self.settling.postpone(due.name, self.monotonic())
            raise
        if taken.ending in STAYS:
            return self._leave(due, taken.ending)
        self.staying.pop(due.name, None)
        if taken.ending == Ending.PUT_AWAY:
            self._note_outcome(due, taken)
        elif taken.ending == Ending.CHANGED:
            self.settling.forget(due.name)
        elif taken.ending == Ending.MAY_GO_ON:
            self.settling.await_more(due.name)
        else:
            self._note_failure(due, taken)

    def _note_outcome(self, due: Due, taken: Taken) -> None:
        self.settling.forget(due.name)
        self.failed.clear()
        assert taken.report
        self.metrics.put_away(due.sighting, taken.report)
        report, is_rejected = taken.report, taken.report.outcome == Outcome.REJECTED
        self.rejected += is_rejected
        say = log.warning if is_rejected else log.info
        say(
            "put away",
            name=report.name,
            sha256=report.sha256,
            format=report.format,
            outcome=Outcome(report.outcome).word,
            readings=report.readings,
            seconds=round(report.seconds, 3),
            problems=report.errors + report.warnings,
            resting_place=taken.resting_place,
        )

    def _leave(self, due: Due, ending: Ending) -> None:
        """Leave a file in the inbox for now."""
        if ending in (Ending.HAS_NO_END, Ending.HAS_HOLES):
            self.settling.await_end(due.name)
        else:
            # No event reports that it has become readable: only another try can find out.
            scans = 1 if ending == Ending.IN_OTHER_HANDS else SCANS_IF_UNREADABLE
            self.settling.postpone(due.name, self._later(scans))
        if self.staying.get(due.name) != ending:
            log.info("waits", name=printable(due.name), why=ending.value)
        self.staying[due.name] = ending

    def _later(self, scans: int) -> float:
        """Return the time after a number of scans, but at most the longest pause from now."""
        return self.monotonic() + min(scans * max(self.scan_seconds, SHORTEST_WAIT), LONGEST_PAUSE)

    def _note_failure(self, due: Due, taken: Taken) -> None:
        log.error("failed", name=printable(due.name), sha256=taken.sha256, error=taken.error)
        self.metrics.failed()
        self.failed[due.name] = taken.sha256
        is_broken = len(self.failed) >= BREAKER
        # Attempts to import are counted and limited; attempts to put away are not.
        is_counted = bool(taken.sha256)
        self.settling.postpone(due.name, self._later(1) if is_counted else self.monotonic() + LONGEST_PAUSE)
        if not is_counted:
            self.staying[due.name] = taken.ending
        if is_broken:
            # The files before it are not counted either: else each start of the watcher would count an attempt.
            for sha256 in self.failed.values() if len(self.failed) == BREAKER else [taken.sha256]:
                self.intake.undo_attempt(sha256)
            raise ImporterBroken(f"the importer failed for {len(self.failed)} files in a row")

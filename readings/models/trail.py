"""The trail: who did what, and who looked at which meter point."""

from __future__ import annotations

import atexit
import logging
import os
import time
from collections import deque
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from datetime import datetime
from functools import partial
from multiprocessing.util import Finalize
from typing import Any, Final, NoReturn

from django.core.exceptions import SynchronousOnlyOperation
from django.db import Error, connection, models
from django.db.models import Q

from readings.models.erasures import without_erased
from readings.models.meter_points import MeterPoint
from readings.models.plain import rows as plain_rows

#: Number of entries that one statement deletes, at most: SQLite lets nobody write meanwhile.
DROPPED_AT_ONCE: Final = 10_000
#: Milliseconds for which an entry waits for a lock of SQLite if it may wait, and seconds until the next try.
_PATIENCE: Final = 50
_PAUSE: Final = 1.0
#: Number of entries that wait in memory, and of characters of a subject, at most.
_MOST: Final = 10_000
_LONGEST: Final = 1024


class Action(models.TextChoices):
    IMPORT = "IMPORT", "Imported a file"
    UPLOAD = "UPLOAD", "Uploaded a file"
    PUT_BACK = "PUT_BACK", "Put a file back"
    EXPORT = "EXPORT", "Exported rows"
    VIEW = "VIEW", "Looked at a meter point"
    MAKE_TOKEN = "MAKE_TOKEN", "Made a token"
    REVOKE_TOKEN = "REVOKE_TOKEN", "Revoked a token"
    ERASE = "ERASE", "Erased a meter point"


class Door(models.TextChoices):
    PAGE = "PAGE", "Page"
    COMMAND = "COMMAND", "Command"
    API = "API", "API"
    INBOX = "INBOX", "Inbox"


class TrailQuerySet(models.QuerySet["Trail"]):
    """The trail: rows are added, and leave only by `drop_before`."""

    def update(self, **values: Any) -> NoReturn:
        """Raise TypeError: entries never change."""
        raise TypeError("the trail is append-only")

    def delete(self) -> NoReturn:
        """Raise TypeError: entries leave only by `drop_before`."""
        raise TypeError("the trail is append-only")

    def bulk_create(self, objs: Iterable[Trail], *args: Any, **kwargs: Any) -> list[Trail]:
        """Add entries; raise TypeError if stored ones could change."""
        if len(args) > 2 or kwargs.get("update_conflicts"):
            raise TypeError("the trail is append-only")
        return super().bulk_create(objs, *args, **kwargs)

    def drop_before(self, moment: datetime) -> int:
        """Delete the oldest of the entries before a time, at most DROPPED_AT_ONCE; return their number."""
        oldest = self.filter(at__lt=moment).order_by("at")[:DROPPED_AT_ONCE]
        return self.filter(pk__in=oldest.values("pk"))._raw_delete(self.db)

    def erase(self, scheme: str, identifier: str, digest: str) -> int:
        """Put a keyed digest in the place of a meter point's identifier; return the number of entries."""
        return models.QuerySet.update(self.filter(scheme=scheme, identifier=identifier), identifier=digest)


class Trail(models.Model):
    """One entry: an action of a person or a program. Empty fields do not concern the action."""

    at = models.DateTimeField()
    action = models.CharField(max_length=12, choices=Action.choices)
    door = models.CharField(max_length=7, choices=Door.choices)
    #: User name; empty for the watcher.
    by_whom = models.CharField(max_length=150, default="", blank=True)
    #: Meter point that was looked at or erased; a keyed digest takes the place of an erased identifier.
    scheme = models.CharField(max_length=10, default="", blank=True)
    identifier = models.CharField(max_length=64, default="", blank=True)
    #: SHA-256 of the content that the action concerns.
    sha256 = models.CharField("SHA-256", max_length=64, default="", blank=True)
    #: Name of the file or token, or what was exported.
    subject = models.CharField(max_length=_LONGEST, default="", blank=True)
    #: Outcome of an import.
    outcome = models.CharField(max_length=10, default="", blank=True)
    #: Number of exported rows.
    rows = models.PositiveBigIntegerField(null=True, blank=True)

    objects = TrailQuerySet.as_manager()

    class Meta:
        verbose_name = "entry"
        verbose_name_plural = "trail"
        #: Only leads and administrators view it: `roles.PERMISSIONS`.
        default_permissions = ()
        permissions = (("read_trail", "Can read the trail"),)
        constraints = (
            models.CheckConstraint(condition=Q(action__in=Action.values), name="an_entry_has_an_action"),
            models.CheckConstraint(condition=Q(door__in=Door.values), name="an_entry_has_a_door"),
        )
        indexes = (
            models.Index(fields=("at",), name="trail_by_time"),
            models.Index(fields=("identifier", "at"), condition=Q(identifier__gt=""), name="trail_by_meter_point"),
        )

    def __str__(self) -> str:
        return f"{self.at:%Y-%m-%d %H:%M:%S} {self.get_action_display()}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Add the entry; raise TypeError if it is stored already."""
        if args or not self._state.adding:
            raise TypeError("the trail is append-only")
        super().save(**{**kwargs, "force_insert": True})  # An entry with a primary key would change that row.

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        """Raise TypeError: entries leave only by `drop_before`."""
        raise TypeError("the trail is append-only")


def note(
    action: Action,
    *,
    at: datetime,
    door: Door,
    by_whom: str,
    meter_point: MeterPoint | None = None,
    sha256: str = "",
    subject: str = "",
    outcome: str = "",
    rows: int | None = None,
    may_wait: bool = False,
) -> None:
    """Store an entry now, in the transaction of the caller if there is one; raise the errors of the database.

    With `may_wait`, the entry neither delays nor fails the caller: `note_views` describes how.
    """
    entry = Trail(action=action, at=at, door=door, by_whom=by_whom, sha256=sha256, outcome=outcome, rows=rows)
    entry.subject = _fitting(subject)
    if meter_point:
        entry.scheme, entry.identifier = meter_point.scheme, meter_point.identifier
    if may_wait:
        _note_soon([entry])
    else:
        plain_rows.insert(entry)


def note_views(
    meter_points: Iterable[MeterPoint], *, at: datetime, door: Door, by_whom: str, subject: str = ""
) -> None:
    """Store a look at each of some meter points; neither delay nor fail the caller. `subject` names the page.

    In a transaction, the entries belong to it. If another program holds the lock of SQLite, they wait in memory for
    the next call, `flush`, or the end of the process. A killed process loses them, and any process those over 10,000.
    """
    view = partial(Trail, action=Action.VIEW, at=at, door=door, by_whom=by_whom, subject=_fitting(subject))
    _note_soon([view(scheme=each.scheme, identifier=each.identifier) for each in meter_points])


def _fitting(subject: str) -> str:
    return subject.replace("\0", "")[:_LONGEST]


def _note_soon(entries: list[Trail]) -> None:
    if connection.in_atomic_block:
        Trail.objects.bulk_create(entries)
    elif entries:
        _pending.add(entries)
        flush()


class _Pending:
    """The entries that wait; threads share them, and none waits for another."""

    def __init__(self) -> None:
        self.entries: deque[Trail] = deque(maxlen=_MOST)
        self.next_try, self.is_hopeless = 0.0, False

    def add(self, entries: list[Trail]) -> None:
        _log_loss(len(self.entries) + len(entries) - _MOST)
        self.entries.extend(entries)

    def flush(self, *, patient: bool = False) -> int:
        """Store them if the database is free, patiently or at once; return the number that still wait."""
        entries = self._taken() if patient or time.monotonic() >= self.next_try else []
        if not entries:
            return len(self.entries)
        try:
            with patience(None if patient else _PATIENCE):
                Trail.objects.bulk_create(without_erased(entries) if self.next_try else entries)
            self.next_try, self.is_hopeless = 0.0, False
        except (Error, SynchronousOnlyOperation):  # A lock; other errors do not concern the page either.
            for entry in reversed(entries):
                entry.pk = None  # Rows that were rolled back left theirs.
                self.entries.appendleft(entry)
            self.next_try = time.monotonic() + _PAUSE
        return len(self.entries)

    def flush_at_end(self) -> int:
        """Store them patiently, but wait in vain only once; return the number that still wait."""
        if not self.is_hopeless and self.flush(patient=True):
            self.is_hopeless = True
            _log_loss(len(self.entries))
        return len(self.entries)

    def _taken(self) -> list[Trail]:
        taken = []
        with suppress(IndexError):  # Another thread may take some meanwhile.
            while True:
                taken.append(self.entries.popleft())
        return taken


def _log_loss(number: int) -> None:
    if number > 0:
        logging.getLogger(__name__).error("Entries missing from the trail: %d. Check the database.", number)


@contextmanager
def patience(milliseconds: int | None) -> Iterator[None]:
    """Let SQLite wait only some time for a lock; None: as long as always."""
    if milliseconds is None or connection.vendor != "sqlite":
        yield
        return
    connection.ensure_connection()
    sqlite = connection.connection
    (before,) = sqlite.execute("PRAGMA busy_timeout").fetchone()
    sqlite.execute(f"PRAGMA busy_timeout = {milliseconds}")
    try:
        yield
    finally:
        sqlite.execute(f"PRAGMA busy_timeout = {before}")


_pending: Final = _Pending()
flush: Final = _pending.flush
flush_at_end: Final = _pending.flush_at_end
os.register_at_fork(after_in_child=_pending.entries.clear)
atexit.register(flush_at_end)
Finalize(None, flush_at_end, exitpriority=0)  # Workers of `multiprocessing` run no functions of `atexit`.

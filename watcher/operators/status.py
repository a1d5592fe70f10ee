"""Inbox status: backlog, rejections, watcher, and what needs an operator."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.db import Error as DatabaseError
from django.db import OperationalError, connection

from readings.formats.text import count, printable
from readings.models import Arrival
from readings.queries.upkeep import put_away
from readings.queries.upkeep.database import check_schema, describe_error
from readings.queries.upkeep.other_flows import SetAside, set_aside
from watcher.disk import under_way
from watcher.disk.folders import Folders, UnusableFolder
from watcher.disk.holders import holders
from watcher.disk.presence import check_presence, is_unmarked
from watcher.disk.under_way import UnderWay
from watcher.operators.refused import Refused, last_refused
from watcher.operators.waiting import Backlog, Waiting, Why, scan_backlog

#: Number of files or arrivals listed of each kind.
LISTED: Final = 20
#: Seconds for which a rejected file needs attention; later it is only counted.
IS_NEWS: Final = 24 * 60 * 60.0
#: Seconds for which a complete file may wait for its import, and an imported file for its move.
PATIENCE: Final = 300.0
#: Bytes of free space below which a folder needs attention.
LITTLE_SPACE: Final = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """A condition that needs an operator."""

    #: Name of a file, a folder or a part of Meterbox.
    name: str
    why: str
    cure: str
    #: Whether it stops all imports.
    is_broken: bool = False
    #: Hash of the rejected file that it is about; else empty.
    sha256: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """One of the three folders, as this account sees it."""

    setting: str
    path: str
    is_writable: bool
    #: Whether its file system is that of the inbox.
    is_on_same_file_system: bool
    #: Free bytes; None if the folder does not exist.
    free: int | None


@dataclass(slots=True, kw_only=True)
class Status:
    """State of the inbox, the folders, the watcher and the database."""

    inbox: str
    backlog: Backlog = field(default_factory=Backlog)
    importing: list[UnderWay] = field(default_factory=list)
    folders: list[Folder] = field(default_factory=list)
    #: Process ids; None if unknown.
    watchers: list[int] | None = None
    #: Fault of the database; empty if there is none.
    database: str = ""
    rejected: int = 0
    last_rejected: list[Refused] = field(default_factory=list)
    last_arrivals: list[Arrival] = field(default_factory=list)
    #: Files of flows that are not read here, by `today` and `yesterday`.
    set_aside: dict[str, list[SetAside]] = field(default_factory=dict)
    needs: list[Need] = field(default_factory=list)

    @property
    def verdict(self) -> str:
        """Return `ok`, `attention` or `broken`."""
        if any(need.is_broken for need in self.needs):
            return "broken"
        return "attention" if self.needs else "ok"


def status_of(
    folders: Folders, *, now: datetime, quiet_seconds: float, incomplete_after: float, thorough: bool
) -> Status:
    """Return the status; `thorough` also moves a probe between the folders and looks for missing migrations."""
    status = Status(inbox=printable(folders.inbox), watchers=holders(folders.inbox))
    _check_folders(status, folders, thorough=thorough)
    try:
        check_presence(folders)
        status.backlog = scan_backlog(folders.inbox, now=now.timestamp(), quiet_seconds=quiet_seconds)
        status.importing = under_way.read(folders.inbox, now.timestamp())
        status.rejected, status.last_rejected = last_refused(folders.rejected, LISTED)
    except UnusableFolder as error:
        _need(status, status.inbox, error.strerror or "", "do what the message says; the watcher waits until then")
    except OSError as error:
        where = printable(os.fsencode(error.filename or folders.inbox))
        _need(status, where, f"cannot be listed: {error.strerror}", "give the watcher's account read permission")
    _query_database(status, now, thorough=thorough)
    _collect_needs(status, now.timestamp(), incomplete_after)
    return status


def span(seconds: float) -> str:
    """Return a time span as text, in its largest unit."""
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            number = int(seconds // length)
            return f"{number} {unit}{'' if number == 1 else 's'}"
    return f"{int(seconds)} s"


def progress_in_words(note: UnderWay) -> str:
    """Return how far an import is, in one line."""
    remaining = "" if note.remaining is None else f", about {span(note.remaining)} left"
    loaded = f"{count(note.values, 'reading')}, {round(note.rate):,} a second{remaining}"
    return f"{note.name}: {note.percent} % of {note.size:,} bytes, {loaded}"


def _need(status: Status, name: str, why: str, cure: str, *, is_broken: bool = True) -> None:
    status.needs.append(Need(name=name, why=why, cure=cure, is_broken=is_broken))


def _check_folders(status: Status, folders: Folders, *, thorough: bool) -> None:
    paths = (("INBOX_DIR", folders.inbox), ("ARCHIVE_DIR", folders.archive), ("REJECTED_DIR", folders.rejected))
    status.folders = [_folder(setting, path, folders.inbox) for setting, path in paths]
    if thorough and not is_unmarked(folders):
        try:
            folders.check()
        except OSError as error:
            _need(status, "folders", str(error), "do what the message says; the watcher waits until then")
    for folder in status.folders:
        if folder.free is not None and folder.free < LITTLE_SPACE:
            why = f"has only {folder.free:,} bytes free"
            _need(
                status, folder.path, why, "free disk space: inbox_prune removes old archived files", is_broken=False
            )


def _folder(setting: str, path: bytes, inbox: bytes) -> Folder:
    try:
        space = os.statvfs(path)
        is_same = os.stat(path).st_dev == os.stat(inbox).st_dev
    except OSError:
        return Folder(
            setting=setting, path=printable(path), is_writable=False, is_on_same_file_system=False, free=None
        )
    return Folder(
        setting=setting,
        path=printable(path),
        is_writable=os.access(path, os.W_OK | os.X_OK),
        is_on_same_file_system=is_same,
        free=space.f_bavail * space.f_frsize,
    )


def _query_database(status: Status, now: datetime, *, thorough: bool) -> None:
    try:
        if thorough:
            _check_database()
        status.last_arrivals = list(put_away.last_arrivals(LISTED))
        status.set_aside = set_aside(now)
        before = now - timedelta(seconds=PATIENCE)
        waiting = put_away.arrivals_not_put_away().filter(received_at__lt=before)
        for arrival in waiting.order_by("identity")[:LISTED]:  # in the order of their index
            why = "its outcome is stored, but the file was not put away"
            _need(status, arrival.name, why, "check the watcher's log, and run inbox_audit", is_broken=False)
    except DatabaseError as error:
        connection.close()
        trouble = describe_error(error)
        status.database = f"{trouble.cause} ({trouble.detail})"
        _need(status, "database", status.database, trouble.action)


def _check_database() -> None:
    """Raise a database error if the database is missing or not migrated."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite" and not name.startswith(("file:", ":")) and not Path(name).exists():
        raise OperationalError(f"unable to open database file: {name} does not exist")  # SQLite would create it
    check_schema()


def _collect_needs(status: Status, now: float, incomplete_after: float) -> None:
    if status.watchers == []:
        why = "is not running: no process on this host holds the inbox"
        _need(status, "watcher", why, "start the service, or run manage.py watch_inbox", is_broken=False)
    for file in status.backlog.files:
        if need := _need_of(file, incomplete_after):
            _need(status, file.name, *need, is_broken=False)
    for refused in status.last_rejected:
        if now - refused.since < IS_NEWS:
            why = f"rejected {span(now - refused.since)} ago: {', '.join(refused.codes) or 'the report is missing'}"
            cure = f"read {refused.place}.report.txt; if the file is correct, run inbox_retry {refused.sha256[:12]}"
            status.needs.append(Need(name=refused.name, why=why, cure=cure, sha256=refused.sha256))


def _need_of(file: Waiting, incomplete_after: float) -> tuple[str, str] | None:
    if file.why == Why.UNREADABLE:
        why = f"cannot be read: owner {file.owner}, group {file.group}, mode {file.mode}"
        cure = f"add the watcher's account to the group {file.group} and chmod g+r the file, or chmod o+r it"
        return why, f"{cure}; to prevent it, change the sender's umask. The watcher retries by itself"
    if file.why in (Why.NO_END, Why.HOLES):
        why = f"{file.why.value}, unchanged for {span(file.seconds)}"
        return why, f"ask the sender to send it again; it is rejected {span(incomplete_after)} after its last change"
    if file.why == Why.TURN and file.seconds > PATIENCE:
        return f"has been waiting for its import for {span(file.seconds)}", "check the watcher's log"
    return None

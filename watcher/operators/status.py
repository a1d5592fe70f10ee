"""Inbox status: backlog, rejections, watcher, and what needs an operator."""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Final

from django.db import Error as DatabaseError
from django.db import OperationalError, connection

from readings.formats.text import shown
from readings.models import Arrival
from readings.queries.upkeep import put_away
from readings.queries.upkeep.database import check_schema, describe_error
from watcher.disk.folders import Folders, UnusableFolder
from watcher.disk.holders import holders
from watcher.disk.presence import check_presence, is_unmarked
from watcher.operators.refused import Refused, last_refused
from watcher.operators.waiting import Backlog, Waiting, Why, look_into

#: So many of each are listed.
LISTED: Final = 20
#: A rejected file needs somebody for a day; then it is only counted, as nobody may want it any more.
IS_NEWS: Final = 24 * 60 * 60.0
#: Seconds that a file which could be imported may wait, and an outcome for its file to be put away.
PATIENCE: Final = 300.0
#: Bytes that should be free.
LITTLE_SPACE: Final = 512 * 1024 * 1024


@dataclass(frozen=True, slots=True, kw_only=True)
class Need:
    """Something that needs somebody."""

    #: Of a file, a folder or a part of Meterbox.
    name: str
    why: str
    cure: str
    #: Until then, nothing is imported.
    is_broken: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """One of the three folders, as this account sees it."""

    setting: str
    path: str
    is_writable: bool
    #: As the inbox.
    is_on_same_file_system: bool
    #: In bytes; None where there is no such folder.
    free: int | None


@dataclass(slots=True, kw_only=True)
class Status:
    """How all of it is."""

    inbox: str
    backlog: Backlog = field(default_factory=Backlog)
    folders: list[Folder] = field(default_factory=list)
    #: Process ids; None where it cannot be told whether a watcher runs.
    watchers: list[int] | None = None
    #: What is wrong with the database; empty where nothing is.
    database: str = ""
    rejected: int = 0
    last_rejected: list[Refused] = field(default_factory=list)
    last_arrivals: list[Arrival] = field(default_factory=list)
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
    """Look at everything; `thorough` moves a file between the folders, and looks for missing migrations."""
    status = Status(inbox=shown(folders.inbox), watchers=holders(folders.inbox))
    _see_folders(status, folders, thorough=thorough)
    try:
        check_presence(folders)
        status.backlog = look_into(folders.inbox, now=now.timestamp(), quiet_seconds=quiet_seconds)
        status.rejected, status.last_rejected = last_refused(folders.rejected, LISTED)
    except UnusableFolder as error:
        _need(status, status.inbox, error.strerror or "", "see the message; the watcher says the same, and waits")
    except OSError as error:
        where = shown(os.fsencode(error.filename or folders.inbox))
        _need(status, where, f"cannot be looked into: {error.strerror}", "let it be a folder that this account reads")
    _see_database(status, now, thorough=thorough)
    _see_needs(status, now.timestamp(), incomplete_after)
    return status


def span(seconds: float) -> str:
    """Write a time span in its largest unit."""
    for unit, length in (("day", 86400), ("hour", 3600), ("minute", 60)):
        if seconds >= length:
            number = int(seconds // length)
            return f"{number} {unit}{'' if number == 1 else 's'}"
    return f"{int(seconds)} s"


def _need(status: Status, name: str, why: str, cure: str, *, is_broken: bool = True) -> None:
    status.needs.append(Need(name=name, why=why, cure=cure, is_broken=is_broken))


def _see_folders(status: Status, folders: Folders, *, thorough: bool) -> None:
    named = (("INBOX_DIR", folders.inbox), ("ARCHIVE_DIR", folders.archive), ("REJECTED_DIR", folders.rejected))
    status.folders = [_folder(setting, path, folders.inbox) for setting, path in named]
    if thorough and not is_unmarked(folders):
        try:
            folders.check()
        except OSError as error:
            _need(status, "folders", str(error), "see the message; the watcher says the same")
    for folder in status.folders:
        if folder.free is not None and folder.free < LITTLE_SPACE:
            why = f"has only {folder.free:,} bytes free"
            _need(status, folder.path, why, "make room: inbox_prune removes old archived files", is_broken=False)


def _folder(setting: str, path: bytes, inbox: bytes) -> Folder:
    try:
        space = os.statvfs(path)
        is_same = os.stat(path).st_dev == os.stat(inbox).st_dev
    except OSError:
        return Folder(setting=setting, path=shown(path), is_writable=False, is_on_same_file_system=False, free=None)
    return Folder(
        setting=setting,
        path=shown(path),
        is_writable=os.access(path, os.W_OK | os.X_OK),
        is_on_same_file_system=is_same,
        free=space.f_bavail * space.f_frsize,
    )


def _see_database(status: Status, now: datetime, *, thorough: bool) -> None:
    try:
        if thorough:
            _check_database()
        status.last_arrivals = list(put_away.last_arrivals(LISTED))
        before = now - timedelta(seconds=PATIENCE)
        for arrival in put_away.arrivals_not_put_away().filter(received_at__lt=before)[:LISTED]:
            why = "its outcome is stored, but it is not put away"
            _need(status, arrival.name, why, "see the log of the watcher, and inbox_audit", is_broken=False)
    except DatabaseError as error:
        connection.close()
        trouble = describe_error(error)
        status.database = f"{trouble.cause} ({trouble.detail})"
        _need(status, "database", status.database, trouble.action)


def _check_database() -> None:
    """Raise a database error where the tables are not there as they should be."""
    name = str(connection.settings_dict["NAME"])
    if connection.vendor == "sqlite" and not name.startswith(("file:", ":")) and not Path(name).exists():
        raise OperationalError(f"unable to open database file: {name} does not exist")  # to ask would make it
    check_schema()


def _see_needs(status: Status, now: float, incomplete_after: float) -> None:
    if status.watchers == []:
        why = "does not run: nobody holds the inbox, as seen from this host"
        _need(status, "watcher", why, "start it: manage.py watch_inbox, or the service", is_broken=False)
    for file in status.backlog.files:
        if found := _need_of(file, incomplete_after):
            _need(status, file.name, *found, is_broken=False)
    for refused in status.last_rejected:
        if now - refused.since < IS_NEWS:
            why = f"rejected {span(now - refused.since)} ago: {', '.join(refused.codes) or 'its report is missing'}"
            cure = f"see {refused.place}.report.txt; if the file was not at fault, inbox_retry {refused.sha256[:12]}"
            _need(status, refused.name, why, cure, is_broken=False)


def _need_of(file: Waiting, incomplete_after: float) -> tuple[str, str] | None:
    if file.why == Why.UNREADABLE:
        why = f"may not be read: owner {file.owner}, group {file.group}, mode {file.mode}"
        cure = f"chmod g+r it, with the account of the watcher in the group {file.group}; or chmod o+r it"
        return why, f"{cure}; or let the sender's umask allow that. It is tried again by itself"
    if file.why in (Why.NO_END, Why.HOLES):
        why = f"{file.why.value}, and is unchanged for {span(file.seconds)}"
        return why, f"have it sent again; it is rejected {span(incomplete_after)} after its last change"
    if file.why == Why.TURN and file.seconds > PATIENCE:
        return f"waits for its turn since {span(file.seconds)}", "see the log of the watcher"
    return None

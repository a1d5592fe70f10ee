"""Waiting files and why they wait, read from the inbox alone: no watcher is needed."""

from __future__ import annotations

import grp
import os
import pwd
import stat
from contextlib import suppress
from dataclasses import dataclass, field
from enum import Enum
from typing import BinaryIO, Final

from readings.formats.content import END
from readings.formats.recognition import has_hole, is_complete, is_other_flow
from readings.formats.text import printable
from readings.imports.places import is_candidate
from watcher.disk.endings import StaysThere
from watcher.disk.folders import open_seen

#: Number of files that are opened, those that have waited longest.
MOST_OPENED: Final = 200


class Why(Enum):
    """Why a file is still in the inbox."""

    ARRIVING = "is still being written, or has just arrived"
    TURN = "is waiting for its import"
    NO_END = "is not complete yet"
    OTHER_NO_END = "is not complete yet, and of a flow that is not read here"
    HOLES = "has holes"
    UNKNOWN = "is of a format without an end mark: more data may follow"
    UNREADABLE = "cannot be read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A file in the inbox."""

    name: str
    size: int
    #: Seconds since its last change.
    seconds: float
    why: Why
    owner: str
    group: str
    mode: str


@dataclass(slots=True, kw_only=True)
class Backlog:
    """The waiting files of the inbox."""

    #: Number of files to import.
    number: int = 0
    #: Seconds for which the oldest file has waited; None if there is none.
    oldest: float | None = None
    #: Oldest files, and unreadable ones.
    files: list[Waiting] = field(default_factory=list)
    #: Number of entries that the watcher ignores: folders, links, unfinished names.
    left_alone: int = 0


def scan_backlog(inbox: bytes, *, now: float, quiet_seconds: float) -> Backlog:
    """Return the waiting files of the inbox; `now` is in seconds since 1970."""
    backlog, ages, unreadable = Backlog(), [], []
    with os.scandir(inbox) as entries:
        for entry in entries:
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            if not (is_candidate(entry.name) and stat.S_ISREG(status.st_mode)):
                # Hidden files are ours, or belong to a program that cleans up after itself.
                backlog.left_alone += not entry.name.startswith(b".")
                continue
            ages.append((status.st_ctime, entry.name))
            if not os.access(entry.path, os.R_OK):
                unreadable.append(entry.name)
    ages.sort()
    backlog.number = len(ages)
    backlog.oldest = max(0.0, now - ages[0][0]) if ages else None
    names = dict.fromkeys([*(name for _, name in ages[:MOST_OPENED]), *unreadable[:MOST_OPENED]])
    for name in names:
        with suppress(FileNotFoundError):  # a watcher has taken it meanwhile
            backlog.files.append(_look_at(inbox, name, now, quiet_seconds))
    return backlog


def _look_at(inbox: bytes, name: bytes, now: float, quiet_seconds: float) -> Waiting:
    path = os.path.join(inbox, name)
    status = os.lstat(path)
    seconds = max(0.0, now - max(status.st_mtime, status.st_ctime))
    return Waiting(
        name=printable(name),
        size=status.st_size,
        seconds=seconds,
        why=_why(path, status.st_size, is_quiet=seconds >= quiet_seconds),
        owner=_owner(status.st_uid),
        group=_group(status.st_gid),
        mode=stat.filemode(status.st_mode),
    )


def _why(path: bytes, size: int, *, is_quiet: bool) -> Why:
    try:
        with open(open_seen(path), "rb") as stream:
            start = stream.read(END)
            stream.seek(max(0, size - END))
            is_whole = is_complete(start, stream.read(END))
            is_holed = has_hole(start, is_whole=is_whole, has_nul=_is_sparse(stream, size))
    except StaysThere:
        return Why.UNREADABLE if os.path.lexists(path) else Why.ARRIVING
    if not is_quiet:
        return Why.ARRIVING
    if (is_holed or is_whole is False) and is_other_flow(start):
        return Why.OTHER_NO_END
    return Why.HOLES if is_holed else {True: Why.TURN, False: Why.NO_END, None: Why.UNKNOWN}[is_whole]


def _is_sparse(stream: BinaryIO, size: int) -> bool:
    """Return whether the file system reports a hole. Not all do; the watcher finds holes when it reads the file."""
    if not hasattr(os, "SEEK_HOLE"):
        return False
    try:
        return os.lseek(stream.fileno(), 0, os.SEEK_HOLE) < size
    except OSError:
        return False


def _owner(uid: int) -> str:
    try:
        return pwd.getpwuid(uid).pw_name
    except KeyError:  # as in containers
        return f"user {uid}"


def _group(gid: int) -> str:
    try:
        return grp.getgrgid(gid).gr_name
    except KeyError:
        return f"group {gid}"

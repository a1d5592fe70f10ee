"""What waits in the inbox, and why: told by a look at the folder alone, whether a watcher runs or not."""

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
from readings.formats.recognition import has_hole, is_complete
from readings.formats.text import shown
from watcher.disk.endings import StaysThere
from watcher.disk.folders import open_seen
from watcher.disk.inbox import is_candidate

#: So many are looked into for their ends: those that wait longest, as the others have their turn soon.
LOOKED_INTO: Final = 200


class Why(Enum):
    """Why a file is in the inbox still."""

    ARRIVING = "is still written to, or has just come"
    TURN = "waits for its turn"
    NO_END = "has no end yet"
    HOLES = "has holes"
    UNKNOWN = "is of no format that has an end: more may come"
    UNREADABLE = "may not be read"


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A file in the inbox."""

    name: str
    size: int
    #: Seconds since anything about it was changed last.
    seconds: float
    why: Why
    owner: str
    group: str
    mode: str


@dataclass(slots=True, kw_only=True)
class Backlog:
    """All that waits in the inbox."""

    #: Files that are to be imported.
    number: int = 0
    #: Seconds for which the oldest of them has waited.
    oldest: float | None = None
    #: The oldest of them, and all that may not be read.
    files: list[Waiting] = field(default_factory=list)
    #: Entries that no watcher takes: folders, links, unfinished names.
    left_alone: int = 0


def look_into(inbox: bytes, *, now: float, quiet_seconds: float) -> Backlog:
    """Look at what is in the inbox; `now` is in seconds as file times are."""
    backlog, ages, unreadable = Backlog(), [], []
    with os.scandir(inbox) as entries:
        for entry in entries:
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            if not (is_candidate(entry.name) and stat.S_ISREG(status.st_mode)):
                # What is hidden is ours, or belongs to a program that cleans up after itself.
                backlog.left_alone += not entry.name.startswith(b".")
                continue
            ages.append((status.st_ctime, entry.name))
            if not os.access(entry.path, os.R_OK):
                unreadable.append(entry.name)
    ages.sort()
    backlog.number = len(ages)
    backlog.oldest = max(0.0, now - ages[0][0]) if ages else None
    names = dict.fromkeys([*(name for _, name in ages[:LOOKED_INTO]), *unreadable[:LOOKED_INTO]])
    for name in names:
        with suppress(FileNotFoundError):  # its turn has come meanwhile
            backlog.files.append(_look_at(inbox, name, now, quiet_seconds))
    return backlog


def _look_at(inbox: bytes, name: bytes, now: float, quiet_seconds: float) -> Waiting:
    path = os.path.join(inbox, name)
    status = os.lstat(path)
    seconds = max(0.0, now - max(status.st_mtime, status.st_ctime))
    return Waiting(
        name=shown(name),
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
    return Why.HOLES if is_holed else {True: Why.TURN, False: Why.NO_END, None: Why.UNKNOWN}[is_whole]


def _is_sparse(stream: BinaryIO, size: int) -> bool:
    """Tell whether the file system knows of a hole: not all do. The watcher reads the file, and finds any."""
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

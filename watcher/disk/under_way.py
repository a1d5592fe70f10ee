"""Notes of the imports under way, for other processes: small files in a hidden folder of the inbox.

The database cannot hold them: the writer of SQLite has its lock while it imports. A note that cannot be written or
read is left out; it never harms an import.
"""

from __future__ import annotations

import errno
import json
import os
import re
import socket
import stat
from contextlib import suppress
from dataclasses import asdict, dataclass, fields
from typing import Any, Final

from readings.imports.disk import open_regular

FOLDER: Final = b".meterbox-importing"
#: Seconds after which a note says nothing about the present.
STALE: Final = 30.0
#: Length of a note, at most: a sender may write anything into the inbox.
_LONGEST: Final = 16 * 1024
_MOST: Final = 100
_NAME: Final = re.compile(rb"[\w.-]+\.json(?:\.tmp)?", re.ASCII)


@dataclass(frozen=True, slots=True, kw_only=True)
class UnderWay:
    """An import under way."""

    #: Name of the file, with unprintable characters escaped.
    name: str
    #: Size of the file, and bytes of it that are read.
    size: int
    position: int
    #: Number of readings, accumulations and intervals loaded so far.
    values: int
    #: Seconds since the import began.
    seconds: float
    #: Time of the note, in seconds since 1970.
    at: float
    host: str
    pid: int

    @property
    def percent(self) -> int:
        """Return the part of the file that is read."""
        return 100 * self.position // self.size if self.size else 0

    @property
    def rate(self) -> float:
        """Return the number of values loaded in a second."""
        return self.values / self.seconds if self.seconds > 0 else 0.0

    @property
    def remaining(self) -> float | None:
        """Return the seconds until the file is read, if the import goes on as fast as until now; None if unknown."""
        if not 0 < self.position <= self.size:
            return None
        return self.seconds * (self.size - self.position) / self.position


def this_process() -> tuple[str, int]:
    """Return the names of this host and this process."""
    return socket.gethostname(), os.getpid()


def write(inbox: bytes, note: UnderWay) -> None:
    """Write the note of this process, whole or not at all; raise OSError if that fails.

    No link is followed: a sender could have put one there.
    """
    path, name = os.path.join(inbox, FOLDER), _name(note)
    with suppress(FileExistsError):
        os.mkdir(path)
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        unfinished = name + b".tmp"
        with suppress(FileNotFoundError):
            os.unlink(unfinished, dir_fd=folder)
        file = os.open(unfinished, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o644, dir_fd=folder)
        with open(file, "w", encoding="utf-8") as stream:
            json.dump(asdict(note), stream)
        os.rename(unfinished, name, src_dir_fd=folder, dst_dir_fd=folder)
    finally:
        os.close(folder)


def remove(inbox: bytes, note: UnderWay) -> None:
    """Remove the note of this process, and the folder if it was the last one."""
    place = os.path.join(inbox, FOLDER, _name(note))
    for path in (place, place + b".tmp"):
        with suppress(OSError):
            os.unlink(path)
    with suppress(OSError):
        os.rmdir(os.path.join(inbox, FOLDER))


def read(inbox: bytes, now: float) -> list[UnderWay]:
    """Return the imports under way, by name, without the notes of killed processes.

    `now` is in seconds since 1970.
    """
    notes = [_read(path) for path in _paths(inbox) if path.endswith(b".json")]
    return sorted((note for note in notes if note and not _is_stale(note, now)), key=lambda note: note.name)


def sweep(inbox: bytes) -> None:
    """Remove the notes that killed watchers of this host left behind."""
    host, _ = this_process()
    for path in _paths(inbox):
        note = _read(path)
        if note and note.host == host and _is_gone(note.pid):
            with suppress(OSError):
                os.unlink(path)
    with suppress(OSError):
        os.rmdir(os.path.join(inbox, FOLDER))


def _name(note: UnderWay) -> bytes:
    host = re.sub(r"[^A-Za-z0-9-]", "_", note.host)[:100]
    return f"{host}-{note.pid}.json".encode()


def _paths(inbox: bytes) -> list[bytes]:
    folder = os.path.join(inbox, FOLDER)
    try:
        if not stat.S_ISDIR(os.lstat(folder).st_mode):
            return []
        names = sorted(filter(_NAME.fullmatch, os.listdir(folder)))[:_MOST]
    except OSError:
        return []
    return [os.path.join(folder, name) for name in names]


def _read(path: bytes) -> UnderWay | None:
    try:
        with open(open_regular(path), "rb") as file:
            stored = json.loads(file.read(_LONGEST))
        return UnderWay(**{each.name: _checked(each.type, stored[each.name]) for each in fields(UnderWay)})
    except (OSError, ValueError, KeyError, TypeError, RecursionError):
        return None


def _checked(kind: Any, value: Any) -> Any:
    """Return a value of a note if it is of its kind; raise ValueError otherwise."""
    is_text = kind == "str" and isinstance(value, str) and value.isprintable()
    is_number = kind != "str" and isinstance(value, int if kind == "int" else int | float) and 0 <= value < 2**63
    if not (is_text or is_number):
        raise ValueError(value)
    return value


def _is_stale(note: UnderWay, now: float) -> bool:
    return abs(now - note.at) > STALE or (note.host == this_process()[0] and _is_gone(note.pid))


def _is_gone(pid: int) -> bool:
    try:
        os.kill(max(pid, 1), 0)
    except OSError as error:
        return error.errno == errno.ESRCH
    except OverflowError:
        return True
    return False

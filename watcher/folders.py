"""The three folders: what lies in the inbox, and how a file is put away so that a power cut loses nothing."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
import stat
import tempfile
from contextlib import suppress
from dataclasses import dataclass
from itertools import count
from typing import BinaryIO, Final

from readings.reports import shown
from watcher.endings import Ending, StaysThere
from watcher.inbox import Sighting, is_candidate

_CURES: Final = {
    errno.ENOENT: "does not exist: make it, or set {} to another folder",
    errno.ENOTDIR: "is not a folder: set {} to one",
    errno.EXDEV: "is on another file system than the inbox: set {} to a folder on the same one, "
    "as a file is moved in one step or not at all",
    errno.EACCES: "may not be written to: give the account of the watcher the right to, or set {} to another",
    errno.EPERM: "may not be written to: give the account of the watcher the right to, or set {} to another",
    errno.EROFS: "is read-only: mount it for writing, or set {} to another folder",
    errno.ENOSPC: "is on a disk that is full: make room, or set {} to another folder",
}


#: The name leads nowhere, to a link, or to a socket: something else has taken the place of the file.
_NO_REGULAR_FILE: Final = (errno.ENOENT, errno.ELOOP, errno.ENXIO)


class UnusableFolder(OSError):
    """Files cannot be put away; the message names the folder, its setting and the cure."""


class InboxTaken(Exception):
    """Another watcher has this inbox."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Folders:
    """Absolute paths, as bytes: so are the names of the files in them."""

    inbox: bytes
    archive: bytes
    rejected: bytes

    def candidates(self) -> dict[bytes, Sighting]:
        """Scan the inbox for regular files whose names count."""
        found = {}
        with os.scandir(self.inbox) as entries:
            for entry in entries:
                if is_candidate(entry.name):
                    try:
                        status = entry.stat(follow_symlinks=False)
                    except FileNotFoundError:
                        continue
                    if stat.S_ISREG(status.st_mode):
                        found[entry.name] = Sighting.of(status)
        return found

    def check(self) -> None:
        """Move a file from the inbox to each of the others; raise UnusableFolder where one cannot."""
        if len({os.path.realpath(path) for path in (self.inbox, self.archive, self.rejected)}) < 3:
            raise UnusableFolder("INBOX_DIR, ARCHIVE_DIR and REJECTED_DIR must be three different folders")
        for setting, folder in (("ARCHIVE_DIR", self.archive), ("REJECTED_DIR", self.rejected)):
            try:
                descriptor, path = tempfile.mkstemp(prefix=b".meterbox-", dir=self.inbox)
            except OSError as error:
                raise _unusable("INBOX_DIR", self.inbox, error) from error
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(b"\n")
                moved = os.path.join(folder, os.path.basename(path))
                os.rename(path, moved)
                path = moved
            except OSError as error:
                raise _unusable(setting, folder, error) from error
            finally:
                os.unlink(path)

    def hold_inbox(self, *, alone: bool) -> int:
        """Lock the inbox until the descriptor is closed; raise InboxTaken where another has it alone."""
        descriptor = os.open(self.inbox, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise InboxTaken(f"another watcher has the inbox {shown(self.inbox)}") from None
        return descriptor


def _unusable(setting: str, folder: bytes, error: OSError) -> UnusableFolder:
    cure = _CURES.get(error.errno or 0, f"cannot be used ({error.strerror}): see to it, or set {{}} to another")
    return UnusableFolder(error.errno, f"the folder {shown(folder)} {cure.format(setting)}")


def open_regular(path: bytes) -> int:
    """Open a regular file, and nothing else, without ever waiting for it."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except PermissionError:
        raise StaysThere(Ending.UNREADABLE) from None
    except OSError as error:
        if error.errno in _NO_REGULAR_FILE:
            raise StaysThere(Ending.CHANGED) from None
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise StaysThere(Ending.CHANGED)
    return descriptor


def make_folder_of(path: bytes) -> None:
    """Make the folder in which a path lies, durably."""
    folder = os.path.dirname(path)
    if not os.path.isdir(folder):
        make_folder_of(folder)
        os.makedirs(folder, exist_ok=True)
        sync_folder(os.path.dirname(folder))


def reserve(place: bytes, *, again: bool) -> bool:
    """Take a place for one file, with an empty file; tell whether it was free.

    `again`: the place was planned before, so that an empty file there may be what a killed watcher left.
    """
    try:
        os.close(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640))
    except FileExistsError:
        return again and os.lstat(place).st_size == 0
    return True


def move(stream: BinaryIO, source: bytes, place: bytes) -> None:
    """Move a file onto its reserved place, durably.

    Where the sender has replaced it or taken it away since, its bytes are copied: they are what was imported.
    """
    os.fsync(stream.fileno())
    if is_same(stream, source):
        os.rename(source, place)
        sync_folder(os.path.dirname(source))
    else:
        stream.seek(0)
        folder, name = os.path.split(place)
        unfinished = os.path.join(folder, b"." + name + b".tmp")
        with open(unfinished, "wb") as file:
            shutil.copyfileobj(stream, file)
            file.flush()
            os.fsync(file.fileno())
        os.rename(unfinished, place)
    sync_folder(os.path.dirname(place))


def give_back(place: bytes, source: bytes) -> None:
    """Move a file back into the inbox, durably; where its name is taken by now, under the next that is free."""
    for number in count(1):
        with suppress(FileExistsError):
            os.link(place, source if number == 1 else b"%s.%d" % (source, number))
            break
    sync_folder(os.path.dirname(source))
    os.unlink(place)
    sync_folder(os.path.dirname(place))


def lock(stream: BinaryIO) -> bool:
    """Lock an open file against other watchers until it is closed; tell whether none of them has it."""
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_same(stream: BinaryIO, path: bytes) -> bool:
    """Tell whether a path leads to the file that is open."""
    try:
        found = os.lstat(path)
    except FileNotFoundError:
        return False
    return os.path.samestat(found, os.fstat(stream.fileno()))


def write_beside(place: bytes, ending: bytes, text: str) -> None:
    """Write a report beside the place of a file, whole or not at all."""
    folder, name = os.path.split(place)
    unfinished = os.path.join(folder, b"." + name + ending + b".tmp")
    with open(unfinished, "w", encoding="utf-8") as file:
        file.write(text + "\n")
        file.flush()
        os.fsync(file.fileno())
    os.rename(unfinished, place + ending)


def sync_folder(path: bytes) -> None:
    """Make durable which names a folder holds."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)

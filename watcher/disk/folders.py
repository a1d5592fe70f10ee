"""The three folders: what lies in the inbox, and how a file is put away so that a power cut loses nothing."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import BinaryIO, Final

from readings.formats.text import shown
from readings.imports.disk import open_regular, sync_folder
from watcher.disk import probes
from watcher.disk.cures import said_of
from watcher.disk.endings import Ending, StaysThere
from watcher.disk.inbox import Sighting, is_candidate

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
    #: The name of a file that lies in the inbox while that is mounted; empty where none is asked for.
    marker: bytes = b""
    #: A file may be copied, where it cannot be moved in one step.
    may_copy: bool = False
    #: Those that were mounted when the watcher began.
    mounted: frozenset[bytes] = frozenset()

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
        with self.naming(self.inbox):
            descriptor, path = probes.make(self.inbox)
            os.unlink(path)
            os.close(descriptor)
        for folder in (self.archive, self.rejected):
            with self.naming(folder):
                self._see_mount(folder)
                probes.try_out(self.inbox, folder, may_copy=self.may_copy)

    def check_room(self, size: int) -> None:
        """Raise UnusableFolder where a file of this size could not be put away: cheap, and before each import."""
        for folder in (self.archive, self.rejected):
            with self.naming(folder):
                self._see_mount(folder)
                is_copied = self.may_copy and os.stat(folder).st_dev != os.stat(self.inbox).st_dev
                probes.see_room(folder, size if is_copied else 0)

    def as_mounted(self) -> Folders:
        """Return them with which of them are mounted now: those count only while they are."""
        mounted = filter(os.path.ismount, (self.archive, self.rejected))
        return replace(self, mounted=frozenset(mounted))

    def sweep(self) -> None:
        """Remove what checks left behind that were killed."""
        for folder in (self.inbox, self.archive, self.rejected):
            probes.sweep(folder)

    def make_folder_of(self, place: bytes, root: bytes) -> None:
        """Make the folder of a place, durably; raise UnusableFolder where its root is gone."""
        with self.naming(root):
            self._see_mount(root)
            make_folder_of(place, root)

    @contextmanager
    def naming(self, folder: bytes) -> Iterator[None]:
        """Turn what goes wrong with a folder into UnusableFolder, with its setting and the cure."""
        try:
            yield
        except UnusableFolder:
            raise
        except OSError as error:
            settings = {self.inbox: "INBOX_DIR", self.archive: "ARCHIVE_DIR", self.rejected: "REJECTED_DIR"}
            raise UnusableFolder(error.errno, said_of(error, settings[folder], folder, self.inbox)) from error

    def _see_mount(self, folder: bytes) -> None:
        if folder in self.mounted and os.path.isdir(folder) and not os.path.ismount(folder):
            raise OSError(errno.ENODEV, "is not mounted")

    def hold_inbox(self, *, alone: bool) -> int:
        """Lock the inbox until the descriptor is closed; raise InboxTaken where another has it alone."""
        descriptor = os.open(self.inbox, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise InboxTaken(f"another watcher has the inbox {shown(self.inbox)}") from None
        return descriptor


def open_seen(path: bytes) -> int:
    """Open the regular file that was seen; raise StaysThere where it may not be read, or something else is there."""
    try:
        return open_regular(path)
    except PermissionError:
        raise StaysThere(Ending.UNREADABLE) from None
    except OSError as error:
        if error.errno in _NO_REGULAR_FILE:
            raise StaysThere(Ending.CHANGED) from None
        raise


def make_folder_of(path: bytes, root: bytes) -> None:
    """Make the folder in which a path lies, durably; never its root, which somebody else has made."""
    folder = os.path.dirname(path)
    if folder == root or os.path.isdir(folder):
        return
    make_folder_of(folder, root)
    with suppress(FileExistsError):
        os.mkdir(folder)
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


def release(place: bytes) -> None:
    """Give up a place that was reserved, if it is empty still."""
    with suppress(OSError):
        if os.lstat(place).st_size == 0:
            os.unlink(place)


def remove(source: bytes, sighting: Sighting) -> None:
    """Remove from the inbox, durably, a file that was copied to its place, if it is that file still."""
    with suppress(FileNotFoundError):
        if Sighting.of(os.lstat(source)) == sighting:
            os.unlink(source)
            sync_folder(os.path.dirname(source))


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
    try:
        with open(unfinished, "w", encoding="utf-8") as file:
            file.write(text + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.rename(unfinished, place + ending)
    except OSError:
        with suppress(OSError):
            os.unlink(unfinished)
        raise

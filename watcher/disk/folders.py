"""The three folders: scan the inbox, check the folders, and write files so that a power cut loses nothing."""

from __future__ import annotations

import errno
import fcntl
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from typing import BinaryIO, Final

from readings.formats.text import printable
from readings.imports.disk import open_regular, sync_folder
from readings.imports.places import is_candidate
from watcher.disk import probes, under_way
from watcher.disk.cures import describe_error
from watcher.disk.endings import Ending, StaysThere
from watcher.disk.inbox import Sighting

#: Errors of a name without a regular file: it is missing, or a link or a socket has replaced it.
_NO_REGULAR_FILE: Final = (errno.ENOENT, errno.ELOOP, errno.ENXIO)


class UnusableFolder(OSError):
    """Files cannot be put away; the message names the folder, its setting and the action."""


class InboxTaken(Exception):
    """Another watcher holds this inbox."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Folders:
    """Absolute paths of the three folders, as bytes, because file names are bytes."""

    inbox: bytes
    archive: bytes
    rejected: bytes
    #: Name of a file that is in the inbox only while the inbox is mounted; empty without a marker.
    marker: bytes = b""
    #: Whether files are copied that cannot be moved in one step.
    may_copy: bool = False
    #: Folders that were mounted when the watcher started.
    mounted: frozenset[bytes] = frozenset()

    def candidates(self) -> dict[bytes, Sighting]:
        """Scan the inbox; return the regular files to be imported, by name."""
        sightings = {}
        with os.scandir(self.inbox) as entries:
            for entry in entries:
                if is_candidate(entry.name):
                    try:
                        status = entry.stat(follow_symlinks=False)
                    except FileNotFoundError:
                        continue
                    if stat.S_ISREG(status.st_mode):
                        sightings[entry.name] = Sighting.of(status)
        return sightings

    def check(self) -> None:
        """Move a probe from the inbox to each other folder; raise UnusableFolder if that fails."""
        if len({os.path.realpath(path) for path in (self.inbox, self.archive, self.rejected)}) < 3:
            raise UnusableFolder("INBOX_DIR, ARCHIVE_DIR and REJECTED_DIR must be three different folders")
        with self.naming(self.inbox):
            descriptor, path = probes.make(self.inbox)
            os.unlink(path)
            os.close(descriptor)
        for folder in (self.archive, self.rejected):
            with self.naming(folder):
                self._check_mount(folder)
                probes.try_move(self.inbox, folder, may_copy=self.may_copy)

    def check_room(self, size: int) -> None:
        """Raise UnusableFolder if a file of this size cannot be put away; cheap enough to run before each import."""
        for folder in (self.archive, self.rejected):
            with self.naming(folder):
                self._check_mount(folder)
                is_copied = self.may_copy and os.stat(folder).st_dev != os.stat(self.inbox).st_dev
                probes.check_room(folder, size if is_copied else 0)

    def as_mounted(self) -> Folders:
        """Return a copy that records which folders are mounted now: these are usable only while they are mounted."""
        mounted = filter(os.path.ismount, (self.archive, self.rejected))
        return replace(self, mounted=frozenset(mounted))

    def sweep(self) -> None:
        """Remove the probes and the notes of imports that killed watchers left behind."""
        for folder in (self.inbox, self.archive, self.rejected):
            probes.sweep(folder)
        under_way.sweep(self.inbox)

    def make_folder_of(self, place: bytes, root: bytes) -> None:
        """Create the folder of a place, durably; raise UnusableFolder if its root is missing."""
        with self.naming(root):
            self._check_mount(root)
            make_folder_of(place, root)

    @contextmanager
    def naming(self, folder: bytes) -> Iterator[None]:
        """Turn an OSError about a folder into UnusableFolder, with its setting and the action."""
        try:
            yield
        except UnusableFolder:
            raise
        except OSError as error:
            settings = {self.inbox: "INBOX_DIR", self.archive: "ARCHIVE_DIR", self.rejected: "REJECTED_DIR"}
            message = describe_error(error, settings[folder], folder, self.inbox)
            raise UnusableFolder(error.errno, message) from error

    def _check_mount(self, folder: bytes) -> None:
        if folder in self.mounted and os.path.isdir(folder) and not os.path.ismount(folder):
            raise OSError(errno.ENODEV, "is not mounted")

    def hold_inbox(self, *, alone: bool) -> int:
        """Lock the inbox until the descriptor is closed; raise InboxTaken if another watcher holds it exclusively."""
        descriptor = os.open(self.inbox, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, (fcntl.LOCK_EX if alone else fcntl.LOCK_SH) | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise InboxTaken(f"another watcher holds the inbox {printable(self.inbox)}") from None
        return descriptor


def open_seen(path: bytes) -> int:
    """Open a regular file for reading; raise StaysThere if it is unreadable, missing, or something else."""
    try:
        return open_regular(path)
    except PermissionError:
        raise StaysThere(Ending.UNREADABLE) from None
    except OSError as error:
        if error.errno in _NO_REGULAR_FILE:
            raise StaysThere(Ending.CHANGED) from None
        raise


def make_folder_of(path: bytes, root: bytes) -> None:
    """Create the parent folder of a path, durably; never its root, which the operator creates or mounts."""
    folder = os.path.dirname(path)
    if folder == root or os.path.isdir(folder):
        return
    make_folder_of(folder, root)
    with suppress(FileExistsError):
        os.mkdir(folder)
    sync_folder(os.path.dirname(folder))


def reserve(place: bytes, *, again: bool) -> bool:
    """Reserve a place for one file, with an empty file; return whether the place was free.

    `again`: the place was planned before, so an empty file there may be the reservation of a killed watcher.
    """
    try:
        os.close(os.open(place, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640))
    except FileExistsError:
        return again and os.lstat(place).st_size == 0
    return True


def release(place: bytes) -> None:
    """Release a reserved place if its file is still empty."""
    with suppress(OSError):
        if os.lstat(place).st_size == 0:
            os.unlink(place)


def remove(source: bytes, sighting: Sighting) -> None:
    """Remove a copied file from the inbox, durably, unless it has changed since its sighting."""
    with suppress(FileNotFoundError):
        if Sighting.of(os.lstat(source)) == sighting:
            os.unlink(source)
            sync_folder(os.path.dirname(source))


def lock(stream: BinaryIO) -> bool:
    """Lock an open file against other watchers until it is closed; return False if one of them has locked it."""
    try:
        fcntl.flock(stream, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def is_same(stream: BinaryIO, path: bytes) -> bool:
    """Return whether a path is a name of the open file."""
    try:
        status = os.lstat(path)
    except FileNotFoundError:
        return False
    return os.path.samestat(status, os.fstat(stream.fileno()))

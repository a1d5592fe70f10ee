"""Probes: small files that are moved to test whether files can be moved."""

from __future__ import annotations

import errno
import fcntl
import os
import re
import stat
import tempfile
from contextlib import suppress
from typing import Final

_PREFIX: Final = b".meterbox-"
_NAME: Final = re.compile(rb"\.meterbox-[a-z0-9_]{8}")


def try_move(inbox: bytes, folder: bytes, *, may_copy: bool) -> None:
    """Move a probe from the inbox into a folder; if copying is allowed, write one there instead."""
    descriptor, path = make(inbox)
    try:
        moved = os.path.join(folder, os.path.basename(path))
        try:
            os.rename(path, moved)
        except OSError as error:
            if error.errno != errno.EXDEV or not may_copy:
                raise
            _write(*make(folder))
        else:
            path = moved
            # Written only now, so that a full disk is reported for this folder.
            os.write(descriptor, b"\n")
    finally:
        os.unlink(path)
        os.close(descriptor)


def make(folder: bytes) -> tuple[int, bytes]:
    """Create a locked probe, so that no other watcher removes it as a leftover."""
    while True:
        descriptor, path = tempfile.mkstemp(prefix=_PREFIX, dir=folder)
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        if os.fstat(descriptor).st_nlink:
            return descriptor, path
        os.close(descriptor)  # it was swept before it was locked


def _write(descriptor: int, path: bytes) -> None:
    try:
        os.write(descriptor, b"\n")
    finally:
        os.unlink(path)
        os.close(descriptor)


def check_room(folder: bytes, size: int) -> None:
    """Raise OSError if a folder has no room for a file of this size; write no probe."""
    space = os.statvfs(folder)
    if space.f_flag & os.ST_RDONLY:
        raise OSError(errno.EROFS, "is read-only")
    if not os.access(folder, os.W_OK | os.X_OK):
        raise OSError(errno.EACCES, "is not writable")
    if space.f_bavail * space.f_frsize < size:
        raise OSError(errno.ENOSPC, "is full")


def sweep(folder: bytes) -> None:
    """Remove the probes that killed watchers left behind."""
    with suppress(OSError):
        for name in os.listdir(folder):
            if _NAME.fullmatch(name):
                _remove(os.path.join(folder, name))


def _remove(path: bytes) -> None:
    with suppress(OSError):  # another watcher has removed it or uses it
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
        try:
            status = os.fstat(descriptor)
            if stat.S_ISREG(status.st_mode) and status.st_size <= 1:
                fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
                os.unlink(path)
        finally:
            os.close(descriptor)

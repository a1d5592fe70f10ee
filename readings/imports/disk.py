"""File operations that survive a power failure: open, copy atomically, sync folders."""

from __future__ import annotations

import errno
import os
import stat
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO, Final

_PIECE: Final = 1 << 20
#: Number of bytes of a name that leave room for a leading dot and a suffix.
LONGEST_COPIED: Final = 240
#: Errors of a file system that allows no hard link.
NO_LINKS: Final = (errno.EPERM, errno.EACCES, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS, errno.EMLINK)


class NotRegular(OSError):
    """A folder, a link, a pipe or a socket is in place of a file."""


def open_regular(path: bytes) -> int:
    """Return the descriptor of a regular file, opened without blocking.

    Raise OSError; NotRegular if the path is something else.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno in (errno.ELOOP, errno.ENXIO):  # a link, a socket
            raise NotRegular(error.errno, "is not a regular file", path) from None
        raise
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise NotRegular(errno.ENXIO, "is not a regular file", path)
    return descriptor


def copy(
    stream: BinaryIO,
    place: bytes,
    on_progress: Callable[[], None] = lambda: None,
    like: os.stat_result | None = None,
) -> None:
    """Copy an open file to a path atomically, with the times and the mode of `like`.

    `on_progress` is called for each piece and before the final rename; it may raise to stop the copy.
    """
    folder, name = os.path.split(place)
    unfinished = os.path.join(folder, b"." + name[:LONGEST_COPIED] + b".tmp")
    try:
        with open(unfinished, "wb") as file:
            stream.seek(0)
            while piece := stream.read(_PIECE):
                file.write(piece)
                on_progress()
            file.flush()
            if like:
                os.utime(file.fileno(), ns=(like.st_atime_ns, like.st_mtime_ns))
                with suppress(PermissionError):  # not every file system has modes
                    os.fchmod(file.fileno(), like.st_mode & 0o777)
            os.fsync(file.fileno())
        on_progress()
        os.rename(unfinished, place)
    except BaseException:
        with suppress(OSError):
            os.unlink(unfinished)
        raise


def name_freely(path: bytes, name: bytes) -> None:
    """Give a file a free name in the same mount, by a link or by moving it; raise FileExistsError if it is taken."""
    try:
        os.link(path, name)
    except OSError as error:
        if error.errno not in NO_LINKS:
            raise
        os.close(os.open(name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640))
        try:
            os.rename(path, name)
        except OSError:
            os.unlink(name)
            raise


def sync_folder(path: bytes) -> None:
    """Make the entries of a folder durable."""
    descriptor = os.open(path, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def write_text(path: bytes, text: str) -> None:
    """Write a text to a path, whole or not at all; its folder is synced by the caller."""
    folder, name = os.path.split(path)
    unfinished = os.path.join(folder, b"." + name + b".tmp")
    try:
        with open(unfinished, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.rename(unfinished, path)
    except OSError:
        with suppress(OSError):
            os.unlink(unfinished)
        raise

"""Copies: what takes the place of a move, where a file cannot be moved in one step."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from contextlib import suppress
from typing import BinaryIO, Final

_PIECE: Final = 1 << 20
#: So much of a name that a dot and an ending may be put around it.
_LONGEST: Final = 240


def copy(stream: BinaryIO, place: bytes, goes_on: Callable[[], None] = lambda: None) -> None:
    """Copy an open file onto a place, whole or not at all, with its times and its mode.

    `goes_on` is called for each piece, and before the copy gets its name: it may raise to end the copy.
    """
    folder, name = os.path.split(place)
    unfinished = os.path.join(folder, b"." + name[:_LONGEST] + b".tmp")
    try:
        with open(unfinished, "wb") as file:
            stream.seek(0)
            while piece := stream.read(_PIECE):
                file.write(piece)
                goes_on()
            file.flush()
            status = os.fstat(stream.fileno())
            os.utime(file.fileno(), ns=(status.st_atime_ns, status.st_mtime_ns))
            with suppress(PermissionError):  # not every file system has modes
                os.fchmod(file.fileno(), status.st_mode & 0o777)
            os.fsync(file.fileno())
        goes_on()
        os.rename(unfinished, place)
    except BaseException:
        with suppress(OSError):
            os.unlink(unfinished)
        raise


def link(path: bytes, name: bytes) -> None:
    """Give a file a second name, or on another mount a copy; raise FileExistsError where the name is taken."""
    try:
        os.link(path, name)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        folder, last = os.path.split(name)
        copied = os.path.join(folder, b"." + last[:_LONGEST] + b".copy")
        with open(path, "rb") as stream:
            copy(stream, copied)
        try:
            os.link(copied, name)
        finally:
            os.unlink(copied)

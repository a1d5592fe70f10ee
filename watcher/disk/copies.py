"""Copies, for files that cannot be moved in one step."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from typing import BinaryIO

from readings.imports.disk import LONGEST_COPIED, copy


def copy_with_times(stream: BinaryIO, place: bytes, on_progress: Callable[[], None] = lambda: None) -> None:
    """Copy an open file to a place, whole or not at all, with its times and mode; see `copy`."""
    copy(stream, place, on_progress, like=os.fstat(stream.fileno()))


def link(path: bytes, name: bytes) -> None:
    """Give a file a second name, or a copy on another mount; raise FileExistsError if the name is taken."""
    try:
        os.link(path, name)
    except OSError as error:
        if error.errno != errno.EXDEV:
            raise
        folder, last = os.path.split(name)
        copied = os.path.join(folder, b"." + last[:LONGEST_COPIED] + b".copy")
        with open(path, "rb") as stream:
            copy_with_times(stream, copied)
        try:
            os.link(copied, name)
        finally:
            os.unlink(copied)

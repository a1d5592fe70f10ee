"""Moves of a file to its place, and back. The imported bytes reach the place even if the sender writes meanwhile."""

from __future__ import annotations

import os
from contextlib import suppress
from itertools import count
from typing import BinaryIO

from readings.imports.disk import sync_folder
from watcher.disk.copies import copy_with_times, link
from watcher.disk.folders import is_same, reserve


def move(stream: BinaryIO, source: bytes, place: bytes) -> None:
    """Move an open file onto its reserved place, durably.

    The sender may replace or remove the file at any moment. If another file was moved, it goes back into the inbox,
    and the bytes of the open file, which were imported, are copied to the place.
    """
    os.fsync(stream.fileno())
    is_moved = is_same(stream, source) and _rename(source, place)
    if is_moved and not is_same(stream, place):
        move_back(place, source)
    if not is_same(stream, place):
        copy_with_times(stream, place)
    sync_folder(os.path.dirname(place))
    if is_moved:  # Only now may the inbox forget the file: some file systems store each folder on its own.
        sync_folder(os.path.dirname(source))


def _rename(source: bytes, place: bytes) -> bool:
    """Rename the source onto its place; return False if the source is a folder or missing."""
    try:
        os.rename(source, place)
    except NotADirectoryError:
        return False
    except FileNotFoundError:
        if os.path.lexists(source):  # the folder of the place is missing
            raise
        return False
    return True


def move_back(place: bytes, source: bytes) -> None:
    """Move a file, a link or a pipe back into the inbox, durably; if its name is taken, under the next free name."""
    names = (source if number == 1 else b"%s.%d" % (source, number) for number in count(1))
    next(name for name in names if _bring(place, name))
    sync_folder(os.path.dirname(source))
    with suppress(FileNotFoundError):
        os.unlink(place)
    sync_folder(os.path.dirname(place))


def _bring(place: bytes, name: bytes) -> bool:
    """Give a file a name in the inbox; return False if another file has the name.

    A killed call may have given it the name already.
    """
    try:
        link(place, name)
    except FileExistsError:
        return os.path.samestat(os.lstat(name), os.lstat(place))
    except PermissionError:  # some systems allow no second link to a file of another owner
        if not reserve(name, again=False):
            return False
        os.rename(place, name)
    return True

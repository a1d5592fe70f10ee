"""How a file gets to its place, and back: what was imported is what lies there in the end."""

from __future__ import annotations

import os
from contextlib import suppress
from itertools import count
from typing import BinaryIO

from readings.imports.disk import sync_folder
from watcher.disk.copies import copy_as_it_is, link
from watcher.disk.folders import is_same, reserve


def move(stream: BinaryIO, source: bytes, place: bytes) -> None:
    """Move an open file onto its reserved place, durably: afterwards its very bytes are there.

    The sender may replace or remove the file at any moment. Whatever was moved in its stead goes back into the inbox,
    and the bytes of the open file, which are what was imported, are written to the place.
    """
    os.fsync(stream.fileno())
    if is_same(stream, source) and _rename(source, place):
        sync_folder(os.path.dirname(source))
        if not is_same(stream, place):
            give_back(place, source)
    if not is_same(stream, place):
        copy_as_it_is(stream, place)
    sync_folder(os.path.dirname(place))


def _rename(source: bytes, place: bytes) -> bool:
    """Rename what the source is now; return False if that is a folder or nothing."""
    try:
        os.rename(source, place)
    except NotADirectoryError:
        return False
    except FileNotFoundError:
        if os.path.lexists(source):  # so the folder of the place is missing
            raise
        return False
    return True


def give_back(place: bytes, source: bytes) -> None:
    """Move a file, a link or a pipe back into the inbox, durably; if its name is taken, under the next free one."""
    names = (source if number == 1 else b"%s.%d" % (source, number) for number in count(1))
    next(name for name in names if _bring(place, name))
    sync_folder(os.path.dirname(source))
    with suppress(FileNotFoundError):
        os.unlink(place)
    sync_folder(os.path.dirname(place))


def _bring(place: bytes, name: bytes) -> bool:
    """Bring a file to a name, if that is free or has it since this was killed; tell whether it is there now."""
    try:
        link(place, name)
    except FileExistsError:
        return os.path.samestat(os.lstat(name), os.lstat(place))
    except PermissionError:  # to a file of somebody else, a system may allow no second link
        if not reserve(name, again=False):
            return False
        os.rename(place, name)
    return True

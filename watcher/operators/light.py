"""The light: whether files are imported, from a short look at the folders alone."""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass
from enum import Enum
from typing import Final

from readings.formats.text import count, printable
from readings.imports.places import is_candidate
from watcher.disk.folders import Folders, UnusableFolder
from watcher.disk.holders import holders
from watcher.disk.presence import check_presence
from watcher.operators.status import PATIENCE, span

#: Number of entries of the inbox that are looked at: a short look must stay short.
MOST_ENTRIES: Final = 5_000

_NOT_RUNNING: Final = "The watcher is not running: files in the inbox are not imported."
_START_IT: Final = "Start the service, or run manage.py watch_inbox."


class State(Enum):
    """How serious the state is."""

    GOOD = "good"
    CARE = "care"
    BAD = "bad"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True, kw_only=True)
class Light:
    """State of the watcher and the inbox."""

    state: State
    words: str
    #: Action; it may name server paths. Empty if there is none.
    cure: str = ""
    #: Number of files in the inbox; None if unknown.
    waiting: int | None = None
    #: Whether more entries than `MOST_ENTRIES` are there, so that the number is too low.
    is_more: bool = False


def look(folders: Folders, *, now: float, is_elsewhere: bool) -> Light:
    """Return the state; `now` is in seconds since 1970, `is_elsewhere` means that no watcher is expected here."""
    try:
        check_presence(folders)
        waiting, oldest, is_more = _scan(folders.inbox, now)
    except OSError as error:
        return _unusable(error)
    light = _of_watcher(folders, is_elsewhere=is_elsewhere) or _of_backlog(waiting, oldest)
    return Light(state=light.state, words=light.words, cure=light.cure, waiting=waiting, is_more=is_more)


def _unusable(error: OSError) -> Light:
    if error.errno == errno.EACCES:  # This account may not look into it; the watcher's account may.
        return Light(state=State.UNKNOWN, words="The account of these pages cannot list the inbox.")
    cure = error.strerror if isinstance(error, UnusableFolder) and error.strerror else str(error)
    words = "The inbox cannot be used: no file is imported."
    return Light(state=State.BAD, words=words, cure=f"{cure[:1].upper()}{cure[1:]}.")


def _of_watcher(folders: Folders, *, is_elsewhere: bool) -> Light | None:
    """Return the light of a missing folder or watcher; None if there is no such trouble."""
    for setting, folder in (("ARCHIVE_DIR", folders.archive), ("REJECTED_DIR", folders.rejected)):
        if _is_missing(folder):
            words = f"A folder is missing ({setting}): no file is imported."
            cure = f"Create or mount {printable(folder)}, or set {setting} to another folder."
            return Light(state=State.BAD, words=words, cure=cure)
    running = holders(folders.inbox)
    if running or (running is not None and not is_elsewhere):
        return None if running else Light(state=State.BAD, words=_NOT_RUNNING, cure=_START_IT)
    return Light(state=State.UNKNOWN, words="Whether a watcher runs is unknown from this host.")


def _of_backlog(waiting: int, oldest: float) -> Light:
    if oldest > PATIENCE:
        words = f"{count(waiting, 'file waits', 'files wait')}, the oldest for {span(oldest)}."
        return Light(state=State.CARE, words=words)
    return Light(state=State.GOOD, words="The watcher is running.")


def _is_missing(folder: bytes) -> bool:
    try:
        os.stat(folder)
    except OSError as error:
        return error.errno in (errno.ENOENT, errno.ENOTDIR)
    return False


def _scan(inbox: bytes, now: float) -> tuple[int, float, bool]:
    """Return the number of waiting files, the seconds for which the oldest waits, and whether there are more."""
    number, since = 0, now
    with os.scandir(inbox) as entries:
        for place, entry in enumerate(entries):
            if place >= MOST_ENTRIES:
                return number, now - since, True
            try:
                status = entry.stat(follow_symlinks=False)
            except FileNotFoundError:
                continue
            if is_candidate(entry.name) and stat.S_ISREG(status.st_mode):
                number, since = number + 1, min(since, status.st_ctime)
    return number, now - since, False

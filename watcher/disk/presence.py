"""Whether the inbox is there, and is the one that is meant: folders come and go with what is mounted."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from contextlib import suppress

import structlog

from readings.formats.text import shown
from watcher.disk.folders import Folders, InboxTaken, UnusableFolder
from watcher.disk.inbox import Sighting

log = structlog.get_logger()


def check_presence(folders: Folders) -> None:
    """Raise UnusableFolder, with the cure, where no inbox is there, or one without its marker."""
    inbox = shown(folders.inbox)
    try:
        with os.scandir(folders.inbox):  # what lies in it must be seen
            pass
    except OSError as error:
        cures = {
            errno.ENOENT: "is not there: mount or make it, or set INBOX_DIR to another folder",
            errno.ENOTDIR: "is not a folder: set INBOX_DIR to one",
            errno.EACCES: "may not be looked into: let the account of the watcher read and enter it",
        }
        other = f"cannot be looked into ({error.strerror}): see to its disk, or mount it anew"
        raise UnusableFolder(error.errno, f"the inbox {inbox} {cures.get(error.errno or 0, other)}") from error
    if is_unmarked(folders):
        marker = shown(folders.marker)
        why = f"the inbox {inbox} has no {marker} in it, so it is taken for one that is not mounted"
        cure = f"mount it; or if it is, make the file {marker} in it, or unset INBOX_MARKER"
        raise UnusableFolder(errno.ENODEV, f"{why}: {cure}")


def is_unmarked(folders: Folders) -> bool:
    """Tell whether the inbox should have a marker, and has none."""
    return bool(folders.marker) and not os.path.lexists(os.path.join(folders.inbox, folders.marker))


class Hold:
    """A watcher's lock on the inbox. Where another folder comes to stand at its path, the lock goes along."""

    def __init__(self, folders: Folders, *, alone: bool) -> None:
        self.folders = folders
        #: Called when another folder stands there.
        self.renewed: Callable[[], None] = lambda: None
        self._alone = alone
        self._descriptor: int | None = None

    def take(self) -> None:
        """Lock the folder that is the inbox now; raise InboxTaken where another watcher has it alone."""
        descriptor = self.folders.hold_inbox(alone=self._alone)
        self.release()
        self._descriptor = descriptor

    def release(self) -> None:
        """Let other watchers have the inbox."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def scan(self) -> dict[bytes, Sighting]:
        """Scan the inbox. Raise UnusableFolder where it is not there, or another watcher has it."""
        check_presence(self.folders)
        if not self._is_held():
            try:
                self.take()
            except InboxTaken as error:
                raise UnusableFolder(errno.EBUSY, f"{error}: stop one of them") from error
            log.warning("inbox replaced", inbox=shown(self.folders.inbox))
            self.renewed()
        return self.folders.candidates()

    def _is_held(self) -> bool:
        with suppress(FileNotFoundError):
            return self._descriptor is not None and os.path.samestat(
                os.stat(self.folders.inbox), os.fstat(self._descriptor)
            )
        return False

"""Presence of the inbox: its folder may be removed, replaced or unmounted."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable
from contextlib import suppress

import structlog

from readings.formats.text import printable
from watcher.disk.folders import Folders, InboxTaken, UnusableFolder
from watcher.disk.inbox import Sighting

log = structlog.get_logger()


def check_presence(folders: Folders) -> None:
    """Raise UnusableFolder if the inbox is missing, cannot be listed or lacks its marker."""
    inbox = printable(folders.inbox)
    try:
        with os.scandir(folders.inbox):  # to test that it can be listed
            pass
    except OSError as error:
        cures = {
            errno.ENOENT: "does not exist: create or mount it, or set INBOX_DIR to another folder",
            errno.ENOTDIR: "is not a folder: set INBOX_DIR to a folder",
            errno.EACCES: "cannot be listed: give the watcher's account read and execute permission",
        }
        other = f"cannot be listed ({error.strerror}): check its disk, or mount it again"
        raise UnusableFolder(error.errno, f"the inbox {inbox} {cures.get(error.errno or 0, other)}") from error
    if is_unmarked(folders):
        marker = printable(folders.marker)
        why = f"the inbox {inbox} does not contain {marker}, so it counts as not mounted"
        cure = f"mount it; if it is mounted, create the file {marker} in it, or unset INBOX_MARKER"
        raise UnusableFolder(errno.ENODEV, f"{why}: {cure}")


def is_unmarked(folders: Folders) -> bool:
    """Return whether the inbox lacks its marker."""
    return bool(folders.marker) and not os.path.lexists(os.path.join(folders.inbox, folders.marker))


class Hold:
    """A watcher's lock on the inbox; it moves along if another folder replaces the inbox."""

    def __init__(self, folders: Folders, *, alone: bool) -> None:
        self.folders = folders
        #: Callback after another folder has replaced the inbox.
        self.renewed: Callable[[], None] = lambda: None
        self._alone = alone
        self._descriptor: int | None = None

    def take(self) -> None:
        """Lock the current inbox; raise InboxTaken if another watcher holds it exclusively."""
        descriptor = self.folders.hold_inbox(alone=self._alone)
        self.release()
        self._descriptor = descriptor

    def release(self) -> None:
        """Release the inbox for other watchers."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None

    def scan(self) -> dict[bytes, Sighting]:
        """Scan the inbox; raise UnusableFolder if it is missing or another watcher holds it."""
        check_presence(self.folders)
        try:
            return self._scan()
        except OSError:
            check_presence(self.folders)  # It may have disappeared since the first check.
            raise

    def _scan(self) -> dict[bytes, Sighting]:
        if not self._is_held():
            try:
                self.take()
            except InboxTaken as error:
                raise UnusableFolder(errno.EBUSY, f"{error}: stop one of them") from error
            log.warning("inbox replaced", inbox=printable(self.folders.inbox))
            self.renewed()
        return self.folders.candidates()

    def _is_held(self) -> bool:
        with suppress(FileNotFoundError):
            return self._descriptor is not None and os.path.samestat(
                os.stat(self.folders.inbox), os.fstat(self._descriptor)
            )
        return False

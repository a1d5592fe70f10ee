"""Messages about a folder that cannot be used: fault and action."""

from __future__ import annotations

import errno
import os
from shlex import quote
from typing import Final

from readings.formats.text import printable

_CLOSED: Final = "is not writable: give the watcher's account write permission, or set {setting} to another folder"
_CURES: Final = {
    errno.ENOENT: "does not exist: create or mount it, or set {setting} to another folder",
    errno.ENOTDIR: "is not a folder: set {setting} to a folder",
    errno.EXDEV: "is on another file system or mount than the inbox, so files cannot be moved in one step: set "
    "INBOX_DIR to a folder next to it, and mount that folder where the senders expect the inbox, with "
    "`mkdir {neighbor} && mount --bind {neighbor} {inbox}`; or set {setting} to a folder next to the inbox; or allow "
    "copying with ALLOW_COPY=1 or watch_inbox --allow-copy",
    errno.EACCES: _CLOSED,
    errno.EPERM: _CLOSED,
    errno.EROFS: "is read-only: remount it for writing, or set {setting} to another folder",
    errno.ENOSPC: "is on a full disk: delete files, or set {setting} to another folder",
    errno.EDQUOT: "has reached its disk quota: delete files, or raise the quota",
    errno.ENODEV: "is no longer mounted: mount it, or restart the watcher to use the folder without a mount",
}


def describe_error(error: OSError, setting: str, folder: bytes, inbox: bytes) -> str:
    """Return the message about the folder of a setting: fault and action."""
    cure = _CURES.get(error.errno or 0)
    if cure is None:
        detail = f"cannot be used ({error.strerror}): check its disk, or set {setting} to another folder"
        return f"the folder {printable(folder)} {detail}"
    neighbor = os.path.join(os.path.dirname(folder), b"inbox")
    words = {"setting": setting, "neighbor": quote(printable(neighbor)), "inbox": quote(printable(inbox))}
    return f"the folder {printable(folder)} {cure.format(**words)}"

"""What is wrong with a folder, in words, and what to do about it."""

from __future__ import annotations

import errno
import os
from shlex import quote
from typing import Final

from readings.formats.text import shown

_CLOSED: Final = "may not be written to: give the account of the watcher the right to, or set {setting} to another"
_CURES: Final = {
    errno.ENOENT: "does not exist: make it or mount it, or set {setting} to another folder",
    errno.ENOTDIR: "is not a folder: set {setting} to one",
    errno.EXDEV: "is on another file system than the inbox, or another mount, and a file is moved in one step: set "
    "INBOX_DIR to a folder beside it, and show that to the senders where they look for the inbox, as with "
    "`mkdir {beside} && mount --bind {beside} {inbox}`; or set {setting} to a folder beside the inbox; or have files "
    "copied there, with ALLOW_COPY=1 or watch_inbox --allow-copy",
    errno.EACCES: _CLOSED,
    errno.EPERM: _CLOSED,
    errno.EROFS: "is read-only: mount it for writing, or set {setting} to another folder",
    errno.ENOSPC: "is on a disk that is full: make room, or set {setting} to another folder",
    errno.EDQUOT: "is on a disk of which the account has used its part: make room, or raise its quota",
    errno.ENODEV: "is not mounted any more: mount it, or start the watcher anew if it is not to be",
}


def said_of(error: OSError, setting: str, folder: bytes, inbox: bytes) -> str:
    """Say what is wrong with the folder of a setting, and the cure."""
    cure = _CURES.get(error.errno or 0)
    if cure is None:
        return f"the folder {shown(folder)} cannot be used ({error.strerror}): see to it, or set {setting} to another"
    beside = os.path.join(os.path.dirname(folder), b"inbox")
    words = {"setting": setting, "beside": quote(shown(beside)), "inbox": quote(shown(inbox))}
    return f"the folder {shown(folder)} {cure.format(**words)}"

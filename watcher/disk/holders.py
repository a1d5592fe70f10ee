"""Processes that hold the inbox, from the kernel's list of locks: trying the lock could stop a starting watcher."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

#: List of locks on Linux, with the processes visible to this one.
LOCKS: Final = Path("/proc/locks")


def holders(inbox: bytes, locks: Path = LOCKS) -> list[int] | None:
    """Return the process ids of the watchers that hold the inbox, or None if unknown."""
    try:
        status, lines = os.stat(inbox), locks.read_text().splitlines()
    except OSError:
        return None
    device = f"{os.major(status.st_dev):02x}:{os.minor(status.st_dev):02x}"
    held = set()
    for line in lines:
        match line.split():
            case [_, "FLOCK", _, _, pid, place, *_] if place.rpartition(":")[2] == str(status.st_ino):
                if not place.startswith(f"{device}:"):
                    return None  # btrfs, for example, gives files another device than the list
                held.add(int(pid))
    return sorted(held)

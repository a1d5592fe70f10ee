"""Who holds the inbox: read from the kernel's list of locks, as to try a lock could refuse a watcher that starts."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Final

#: Linux only; it lists the processes that can be seen from here.
LOCKS: Final = Path("/proc/locks")


def holders(inbox: bytes, locks: Path = LOCKS) -> list[int] | None:
    """Return the process ids of the watchers that hold the inbox; None where that cannot be told."""
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
                    return None  # btrfs, for one, gives files another device than the one it lists here
                held.add(int(pid))
    return sorted(held)

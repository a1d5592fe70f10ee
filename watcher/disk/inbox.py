"""Settling of the files in the inbox.

This module uses no disk, database or clock: its callers pass in sightings and times.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from heapq import nsmallest
from typing import Final, NamedTuple

#: Seconds to wait for more data if the format has no end mark.
UNKNOWN_AFTER: Final = 10.0


class Sighting(NamedTuple):
    """The identity and state of the file under a name; the time is only compared."""

    device: int
    inode: int
    size: int
    mtime_ns: int

    @classmethod
    def of(cls, status: os.stat_result) -> Sighting:
        """Return the sighting of a file from its status."""
        return cls(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)

    @property
    def identity(self) -> str:
        """Return the part that an arrival stores, without the device: its number may change with a mount."""
        return ":".join(map(str, self[1:]))


class Due(NamedTuple):
    """A file that is due for import."""

    name: bytes
    sighting: Sighting
    #: Whether it has waited for its end as long as allowed.
    is_overdue: bool


@dataclass(slots=True)
class _Seen:
    sighting: Sighting
    #: Time of the first scan that saw it; it and `due_at` are in seconds of a monotonic clock.
    since: float
    due_at: float
    scans: int = 1
    is_overdue: bool = False

    def turn(self) -> tuple[float, int]:
        # The first scan sees many files at once: the oldest is first.
        return self.due_at, self.sighting.mtime_ns


class Settling:
    """Finds settled files: those that two or more scans found unchanged for `quiet_seconds`."""

    def __init__(self, *, quiet_seconds: float, incomplete_after: float) -> None:
        self.quiet_seconds = quiet_seconds
        self.incomplete_after = incomplete_after
        self._seen: dict[bytes, _Seen] = {}

    def see(self, sightings: Mapping[bytes, Sighting], now: float) -> None:
        """Record a scan with all candidates."""
        before, self._seen = self._seen, {}
        for name, sighting in sightings.items():
            seen = before.get(name)
            if seen and seen.sighting == sighting:
                seen.scans += 1
            else:
                seen = _Seen(sighting, since=now, due_at=now + self.quiet_seconds)
            self._seen[name] = seen

    def due(self, now: float, *, most: int) -> list[Due]:
        """Return up to `most` due files, longest waiting first."""
        ready = ((seen.turn(), name) for name, seen in self._seen.items() if seen.scans > 1 and seen.due_at <= now)
        names = [name for _, name in nsmallest(most, ready)]
        return [Due(name, self._seen[name].sighting, self._seen[name].is_overdue) for name in names]

    def seconds_to_next(self, now: float) -> float | None:
        """Return the seconds until the next file is due, or None if no file waits."""
        return min((max(0.0, seen.due_at - now) for seen in self._seen.values()), default=None)

    def is_restless(self, name: bytes, now: float) -> bool:
        """Return whether a file is present and has not settled."""
        return name in self._seen and now - self._seen[name].since < self.quiet_seconds

    def await_end(self, name: bytes) -> None:
        """Make an incomplete file wait for its end, up to `incomplete_after`."""
        self._wait(name, self.incomplete_after)

    def await_more(self, name: bytes) -> None:
        """Make a file of a format without an end mark wait for more data."""
        self._wait(name, min(UNKNOWN_AFTER, self.incomplete_after))

    def _wait(self, name: bytes, seconds: float) -> None:
        seen = self._seen[name]
        seen.due_at = seen.since + max(seconds, self.quiet_seconds)
        seen.is_overdue = True

    def postpone(self, name: bytes, due_at: float) -> None:
        """Make a file due at a later time, after the files that wait already."""
        self._seen[name].due_at = due_at

    def forget(self, name: bytes) -> None:
        """Make a file settle again."""
        self._seen.pop(name, None)

    def __contains__(self, name: bytes) -> bool:
        """Return whether the last scan found a file of this name."""
        return name in self._seen

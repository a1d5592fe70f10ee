"""What stands in the inbox: which names count, and when a file has settled.

Nothing here touches a disk, a database or a clock: what was seen, and when, is passed in.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from heapq import nsmallest
from typing import Final, NamedTuple

#: How programs name a file that they still write.
UNFINISHED: Final = (b".filepart", b".partial", b".part", b".tmp", b".temp", b".crdownload", b".swp", b"~")
#: A content that no format knows has no end to wait for: it is given this long instead.
UNKNOWN_AFTER: Final = 10.0


def is_candidate(name: bytes) -> bool:
    """Tell whether a file of this name is meant to be imported."""
    return not name.startswith(b".") and not name.lower().endswith(UNFINISHED)


class Sighting(NamedTuple):
    """Which physical file a name led to, and in which state; the time is compared, never read."""

    device: int
    inode: int
    size: int
    mtime_ns: int

    @classmethod
    def of(cls, status: os.stat_result) -> Sighting:
        """Take from a file's status what tells it from others, and from itself after a change."""
        return cls(status.st_dev, status.st_ino, status.st_size, status.st_mtime_ns)

    @property
    def identity(self) -> str:
        """What an arrival keeps of it: not the device, which may have another number once it is mounted again."""
        return ":".join(map(str, self[1:]))


class Due(NamedTuple):
    """A file whose turn has come."""

    name: bytes
    sighting: Sighting
    #: It has waited for its end as long as a file may.
    is_overdue: bool


@dataclass(slots=True)
class _Seen:
    sighting: Sighting
    #: Both in seconds of a clock that nobody sets.
    since: float
    due_at: float
    scans: int = 1
    is_overdue: bool = False

    def turn(self) -> tuple[float, int]:
        # Files that were there at the start are all seen at once: then the older goes first.
        return self.due_at, self.sighting.mtime_ns


class Settling:
    """Tells from one scan after the other which files have settled.

    A file has settled when two scans or more found it unchanged, for as long as `quiet_seconds`.
    """

    def __init__(self, *, quiet_seconds: float, incomplete_after: float) -> None:
        self.quiet_seconds = quiet_seconds
        self.incomplete_after = incomplete_after
        self._seen: dict[bytes, _Seen] = {}

    def see(self, sightings: Mapping[bytes, Sighting], now: float) -> None:
        """Take in a scan: every candidate that is there now."""
        before, self._seen = self._seen, {}
        for name, sighting in sightings.items():
            seen = before.get(name)
            if seen and seen.sighting == sighting:
                seen.scans += 1
            else:
                seen = _Seen(sighting, since=now, due_at=now + self.quiet_seconds)
            self._seen[name] = seen

    def due(self, now: float, *, most: int) -> list[Due]:
        """Return files whose turn has come, so many at the most, those that wait longest first."""
        ready = ((seen.turn(), name) for name, seen in self._seen.items() if seen.scans > 1 and seen.due_at <= now)
        names = [name for _, name in nsmallest(most, ready)]
        return [Due(name, self._seen[name].sighting, self._seen[name].is_overdue) for name in names]

    def seconds_to_next(self, now: float) -> float | None:
        """Return how long it takes until a turn comes; None where nothing waits."""
        return min((max(0.0, seen.due_at - now) for seen in self._seen.values()), default=None)

    def is_restless(self, name: bytes, now: float) -> bool:
        """Tell whether a file is there that has not settled yet."""
        return name in self._seen and now - self._seen[name].since < self.quiet_seconds

    def await_end(self, name: bytes) -> None:
        """Let a file without its end wait for it, for as long as a file may."""
        self._wait(name, self.incomplete_after)

    def await_more(self, name: bytes) -> None:
        """Let a file of no format that has an end wait: nobody can tell whether it is all there."""
        self._wait(name, min(UNKNOWN_AFTER, self.incomplete_after))

    def _wait(self, name: bytes, seconds: float) -> None:
        seen = self._seen[name]
        seen.due_at = seen.since + max(seconds, self.quiet_seconds)
        seen.is_overdue = True

    def postpone(self, name: bytes, due_at: float) -> None:
        """Try a file again at a later time, after those that wait already."""
        self._seen[name].due_at = due_at

    def forget(self, name: bytes) -> None:
        """Let a file settle anew, if it is still there."""
        self._seen.pop(name, None)

    def __contains__(self, name: bytes) -> bool:
        """Tell whether the last scan found a file of this name."""
        return name in self._seen

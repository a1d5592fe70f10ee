"""Progress of one import, noted for other processes."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from types import TracebackType
from typing import Final

from watcher.disk import under_way
from watcher.disk.under_way import UnderWay

#: Seconds before the first note, and between two notes: most imports are over sooner.
PAUSE: Final = 1.0


@dataclass(slots=True, kw_only=True)
class Progress:
    """Notes how far an import is, at most once a second; the note disappears at its end."""

    inbox: bytes
    name: str
    size: int
    clock: Callable[[], datetime]
    monotonic: Callable[[], float]
    _began_at: float = 0.0
    _noted_at: float = 0.0
    _note: UnderWay | None = None
    _is_off: bool = False

    def __enter__(self) -> None:
        self._began_at = self._noted_at = self.monotonic()

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, traceback: TracebackType | None
    ) -> None:
        if self._note:
            under_way.remove(self.inbox, self._note)

    def advance(self, position: int, values: int) -> None:
        """Note the position in the file and the number of values loaded; give up if that fails."""
        now = self.monotonic()
        if self._is_off or now - self._noted_at < PAUSE:
            return
        self._noted_at = now
        host, pid = under_way.this_process()
        self._note = UnderWay(
            name=self.name,
            size=self.size,
            position=position,
            values=values,
            seconds=round(now - self._began_at, 1),
            at=self.clock().timestamp(),
            host=host,
            pid=pid,
        )
        try:
            under_way.write(self.inbox, self._note)
        except OSError:
            self._is_off = True

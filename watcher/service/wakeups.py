"""Wake-ups: signals and file system events that end a wait early."""

from __future__ import annotations

import os
import select
import signal
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from functools import partial
from types import FrameType

import structlog
from watchdog.events import FileSystemEvent, FileSystemEventHandler
from watchdog.observers import Observer
from watchdog.observers.api import BaseObserver

from readings.imports.places import is_candidate
from watcher.disk.endings import Stopped

log = structlog.get_logger()


class Alarm:
    """Ends waits early, through a pipe: a signal handler may write to a pipe, but must not take a lock."""

    def __init__(self) -> None:
        self._receiver, self._sender = os.pipe()
        os.set_blocking(self._receiver, False)
        os.set_blocking(self._sender, False)
        self.is_stopping = False
        self.is_hurried = False

    def ring(self) -> None:
        """End the current wait, or the next one."""
        with suppress(BlockingIOError):
            os.write(self._sender, b"\0")

    def stop(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        """Request the end of the watcher."""
        self.is_stopping = True
        self.ring()

    def hurry(self, _signal: int = 0, _frame: FrameType | None = None) -> None:
        """Request a scan now."""
        self.is_hurried = True
        self.ring()

    def look(self, _position: int = 0) -> None:
        """Raise Stopped if the end was requested."""
        if self.is_stopping:
            raise Stopped

    def goes_on(self) -> bool:
        """Return whether the end was not requested."""
        return not self.is_stopping

    def wait(self, seconds: float) -> None:
        """Wait for a ring, up to a number of seconds; raise Stopped if the end was requested."""
        if not self.is_hurried:
            self._sleep(seconds)
        self.is_hurried = False
        self.look()

    def pause(self, seconds: float) -> None:
        """Wait a number of seconds despite file system events; only a request ends the wait early."""
        until = time.monotonic() + seconds
        while not (self.is_hurried or self.is_stopping) and (left := until - time.monotonic()) > 0:
            self._sleep(left)
        self.is_hurried = False
        self.look()

    def _sleep(self, seconds: float) -> None:
        if select.select([self._receiver], [], [], max(0.0, seconds))[0]:
            with suppress(BlockingIOError):
                while os.read(self._receiver, 4096):
                    pass


@contextmanager
def signals(alarm: Alarm) -> Iterator[None]:
    """Make SIGTERM and SIGINT stop the watcher, and SIGHUP start a scan."""
    wanted: dict[int, Callable[[int, FrameType | None], None]] = {
        signal.SIGTERM: alarm.stop,
        signal.SIGINT: alarm.stop,
        signal.SIGHUP: alarm.hurry,
    }
    before = {number: signal.signal(number, handler) for number, handler in wanted.items()}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class _Bell(FileSystemEventHandler):
    def __init__(self, alarm: Alarm) -> None:
        self.alarm = alarm

    def on_any_event(self, event: FileSystemEvent) -> None:
        """Ring if an event may be a new file."""
        if event.event_type in ("created", "closed", "moved"):
            names = (os.path.basename(os.fsencode(path)) for path in (event.src_path, event.dest_path) if path)
            if any(map(is_candidate, names)):
                self.alarm.ring()


class Listener:
    """Rings for file system events in the inbox. Without them, the next scan finds new files."""

    def __init__(self, inbox: bytes, alarm: Alarm) -> None:
        self._inbox = os.fsdecode(inbox)
        self._alarm = alarm
        self._stop: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Listen to the current inbox, and to no other folder."""
        self.stop()
        try:
            observer = Observer()
            observer.schedule(_Bell(self._alarm), self._inbox, recursive=False)
            observer.start()
        except OSError as error:
            log.warning("no file system events; the inbox is only scanned", error=str(error))
        else:
            self._stop = partial(_stop, observer)

    def stop(self) -> None:
        """Stop listening."""
        self._stop()
        self._stop = lambda: None


def _stop(observer: BaseObserver) -> None:
    observer.stop()
    observer.join(timeout=2)

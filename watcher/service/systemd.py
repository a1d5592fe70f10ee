"""What the service manager is told: systemd's notify protocol, which is a datagram to a socket."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

#: Seconds that a service manager may keep us waiting.
PATIENCE: Final = 1.0


class Notifier:
    """Tells the service manager how the watcher is; where there is none, nobody."""

    def __init__(self, environment: Mapping[str, str], monotonic: Callable[[], float]) -> None:
        self._path = environment.get("NOTIFY_SOCKET", "")
        self._monotonic = monotonic
        is_for_us = environment.get("WATCHDOG_PID", "") in ("", str(os.getpid()))
        microseconds = environment.get("WATCHDOG_USEC", "") if self._path and is_for_us else ""
        #: Seconds after which a silent watcher is ended; None where nobody minds.
        self.silence_allowed = int(microseconds) / 1e6 if microseconds.isdecimal() and int(microseconds) else None
        self._last_sign = float("-inf")
        self._status = ""
        self._is_ready = False

    def alive(self) -> None:
        """Say that the loop goes round; it may be said as often as one likes."""
        now = self._monotonic()
        if self.silence_allowed and now - self._last_sign >= self.silence_allowed / 4:
            self._last_sign = now
            self._tell("WATCHDOG=1")

    def ready(self) -> None:
        """Say, once, that the watcher does what it is for."""
        if not self._is_ready:
            self._is_ready = True
            self._tell("READY=1")

    def status(self, text: str) -> None:
        """Say in words how things are, where that has changed."""
        if text != self._status:
            self._status = text
            self._tell("STATUS=" + " ".join(text.split()))

    def stopping(self) -> None:
        """Say that the watcher ends because it was asked to."""
        self._tell("STOPPING=1")

    def _tell(self, message: str) -> None:
        if self._path.startswith(("/", "@")):
            address = self._path.replace("@", "\0", 1) if self._path.startswith("@") else self._path
            # A service manager that does not listen must not keep files waiting.
            with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                sender.settimeout(PATIENCE)
                sender.sendto(message.encode(), address)

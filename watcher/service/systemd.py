"""systemd's notify protocol: one datagram to a socket for each message."""

from __future__ import annotations

import os
import socket
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Final

#: Longest wait for the service manager, in seconds.
PATIENCE: Final = 1.0


class Notifier:
    """Reports the state of the watcher to the service manager, if there is one."""

    def __init__(self, environment: Mapping[str, str], monotonic: Callable[[], float]) -> None:
        self._path = environment.get("NOTIFY_SOCKET", "")
        self._monotonic = monotonic
        is_for_us = environment.get("WATCHDOG_PID", "") in ("", str(os.getpid()))
        microseconds = environment.get("WATCHDOG_USEC", "") if self._path and is_for_us else ""
        #: Seconds after which a silent watcher is killed; None without a watchdog.
        self.silence_allowed = int(microseconds) / 1e6 if microseconds.isdecimal() and int(microseconds) else None
        self._last_sign = float("-inf")
        self._status = ""
        self._is_ready = False

    def alive(self) -> None:
        """Report that the loop is alive; frequent calls send only few messages."""
        now = self._monotonic()
        if self.silence_allowed and now - self._last_sign >= self.silence_allowed / 4:
            self._last_sign = now
            self._send("WATCHDOG=1")

    def ready(self) -> None:
        """Report, once, that the watcher is ready."""
        if not self._is_ready:
            self._is_ready = True
            self._send("READY=1")

    def status(self, text: str) -> None:
        """Report the status text if it has changed."""
        if text != self._status:
            self._status = text
            self._send("STATUS=" + " ".join(text.split()))

    def stopping(self) -> None:
        """Report that the watcher is stopping."""
        self._send("STOPPING=1")

    def _send(self, message: str) -> None:
        if self._path.startswith(("/", "@")):
            address = self._path.replace("@", "\0", 1) if self._path.startswith("@") else self._path
            # A service manager that does not listen must not delay files.
            with suppress(OSError), socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as sender:
                sender.settimeout(PATIENCE)
                sender.sendto(message.encode(), address)

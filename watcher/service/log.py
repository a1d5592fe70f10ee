"""The watcher's log: JSON lines on standard error."""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from typing import Final, TextIO

import structlog

#: Libraries whose log lines repeat the errors that they raise.
CHATTY: Final = ("watchdog", "psycopg")


class Outlet:
    """Writes lines, and drops those that cannot be written: a full disk or closed pipe must not stop the watcher."""

    def __init__(self, stream: TextIO | None) -> None:
        self._descriptor: int | None = None
        # A stream that was closed at the start is not used; its descriptor may belong to another file now.
        with suppress(OSError, ValueError):
            self._descriptor = stream.fileno() if stream else None

    def write(self, text: str) -> None:
        """Write a text at once, without a buffer."""
        left = text.encode(errors="backslashreplace")
        with suppress(OSError):
            while left and self._descriptor is not None:
                left = left[os.write(self._descriptor, left) :]

    def flush(self) -> None:
        """Do nothing; there is no buffer."""


def write_json_lines(stream: TextIO | None) -> None:
    """Log to a stream, one JSON object a line."""
    for name in CHATTY:
        logging.getLogger(name).setLevel(logging.CRITICAL + 1)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        # structlog calls only these two methods.
        logger_factory=structlog.WriteLoggerFactory(Outlet(stream)),  # type: ignore[arg-type]
    )

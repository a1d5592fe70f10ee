"""The log of the watcher: JSON lines on standard error, whatever becomes of that."""

from __future__ import annotations

import logging
import os
from contextlib import suppress
from typing import Final, TextIO

import structlog

#: What they say in lines of their own, they raise as well, or nothing relies on it.
CHATTY: Final = ("watchdog", "psycopg")


class Outlet:
    """Writes lines. One that cannot be written is lost: a full disk or a closed pipe must not end the watcher."""

    def __init__(self, stream: TextIO | None) -> None:
        self._descriptor: int | None = None
        # A stream that was closed at the start is none at all; its number may be another file's by now.
        with suppress(OSError, ValueError):
            self._descriptor = stream.fileno() if stream else None

    def write(self, text: str) -> None:
        """Write at once; nothing is kept that would be in the way at the end."""
        left = text.encode(errors="backslashreplace")
        with suppress(OSError):
            while left and self._descriptor is not None:
                left = left[os.write(self._descriptor, left) :]

    def flush(self) -> None:
        """Do nothing: all is written."""


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
        # It calls only the two methods.
        logger_factory=structlog.WriteLoggerFactory(Outlet(stream)),  # type: ignore[arg-type]
    )

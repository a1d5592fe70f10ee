"""The command that watches the inbox."""

from __future__ import annotations

import logging
import os
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

import structlog
from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from watcher.daemon import ImporterBroken, Watcher
from watcher.folders import Folders, InboxTaken, UnusableFolder
from watcher.inbox import Settling
from watcher.intake import ENVIRONMENT, Intake
from watcher.management.operators import folders_in_settings
from watcher.metrics import Metrics, serve
from watcher.notify import Notifier
from watcher.wakeups import Alarm, events, signals

REJECTED_SOME: Final = 1
TRY_LATER: Final = 75
CONFIGURATION: Final = 78


class Command(BaseCommand):
    """Watch the inbox."""

    help = (
        "Import what arrives in the inbox, and put it away: what was imported into the archive, what was "
        "refused into the rejected, with a report. Ends on SIGTERM or Ctrl-C; scans at once on SIGHUP. "
        "Writes one JSON line for each outcome to standard error. Exit codes: 0; with --once 1 if a file was "
        "rejected, 75 if the database or the disk did not let it finish; 78 if a folder cannot be used or "
        "another watcher has the inbox: the message says what to do."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the one option."""
        parser.add_argument(
            "--once",
            action="store_true",
            help="take what is in the inbox now, and end; a file without its end stays there, and is named",
        )

    def handle(self, *, once: bool, **options: Any) -> None:
        """Watch."""
        write_json_lines()
        alarm = Alarm()
        with ExitStack() as stack:
            try:
                folders = usable_folders()
                # SQLite has one writer, and PostgreSQL locks rows: there, watchers share the inbox.
                stack.callback(os.close, folders.hold_inbox(alone=connection.vendor == "sqlite"))
            except InboxTaken as error:
                cure = "stop it first, or set DATABASE_URL to PostgreSQL, which several can share"
                raise CommandError(f"{error}: {cure}", returncode=CONFIGURATION) from error
            except UnusableFolder as error:
                raise CommandError(str(error), returncode=CONFIGURATION) from error
            stack.enter_context(signals(alarm))
            watcher = make_watcher(folders, alarm)
            if once:
                drain(watcher)
            else:
                if settings.METRICS_PORT:
                    stack.callback(serve_metrics(watcher.metrics))
                stack.enter_context(events(folders.inbox, alarm))
                watcher.watch()


def usable_folders() -> Folders:
    """Return the three folders; one that is missing is made where it belongs to this installation."""
    for folder in (settings.INBOX_DIR, settings.ARCHIVE_DIR, settings.REJECTED_DIR):
        if Path(folder).is_relative_to(settings.BASE_DIR):
            Path(folder).mkdir(parents=True, exist_ok=True)
    folders = folders_in_settings()
    folders.check()
    return folders


def make_watcher(folders: Folders, alarm: Alarm) -> Watcher:
    """Put a watcher together as the settings say."""
    notifier = Notifier(os.environ, time.monotonic)

    def look(position: int) -> None:
        # A long import is a sign of life as well.
        notifier.alive()
        alarm.look(position)

    intake = Intake(
        folders=folders,
        clock=timezone.now,
        max_bytes=settings.MAX_BYTES,
        max_attempts=settings.MAX_ATTEMPTS,
        saw=look,
        pause=alarm.pause,
    )
    return Watcher(
        folders=folders,
        intake=intake,
        settling=Settling(quiet_seconds=settings.QUIET_SECONDS, incomplete_after=settings.INCOMPLETE_AFTER),
        alarm=alarm,
        metrics=Metrics(time.monotonic),
        notifier=notifier,
        scan_seconds=settings.SCAN_SECONDS,
        monotonic=time.monotonic,
    )


def serve_metrics(metrics: Metrics) -> Callable[[], None]:
    """Answer Prometheus where the settings say, and return what ends that."""
    try:
        return serve(metrics, settings.METRICS_HOST, settings.METRICS_PORT)
    except OSError as error:
        where = f"{settings.METRICS_HOST}, port {settings.METRICS_PORT}"
        message = f"metrics cannot be served on {where}: {error.strerror}; set METRICS_PORT to another, or to 0"
        raise CommandError(message, returncode=CONFIGURATION) from error


def drain(watcher: Watcher) -> None:
    """Drain the inbox, and end with the exit code."""
    try:
        watcher.drain()
    except (*ENVIRONMENT, ImporterBroken) as error:
        raise CommandError(f"{type(error).__name__}: {error}", returncode=TRY_LATER) from error
    if watcher.rejected:
        sys.exit(REJECTED_SOME)


def write_json_lines() -> None:
    """Log to standard error, one JSON object a line."""
    # Events are never relied on, so what this library says of them in lines of its own is of no use.
    logging.getLogger("watchdog").setLevel(logging.CRITICAL)
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso"),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
    )

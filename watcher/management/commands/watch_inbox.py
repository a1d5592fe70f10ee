"""The command that watches the inbox."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import connection
from django.utils import timezone

from readings.imports.attempts import Rules
from readings.queries.upkeep.database import describe_error
from watcher.disk.endings import ENVIRONMENT
from watcher.disk.folders import Folders, InboxTaken, UnusableFolder
from watcher.disk.holders import holders
from watcher.disk.inbox import Settling
from watcher.disk.presence import Hold, is_unmarked
from watcher.journey.daemon import ImporterBroken, Watcher
from watcher.journey.intake import Intake
from watcher.journey.outgrown import Outgrown
from watcher.journey.retention import Retention
from watcher.journey.sums import Sums
from watcher.operators.settings import folders_in_settings
from watcher.service.database import waiting_in_steps
from watcher.service.log import write_json_lines
from watcher.service.metrics import Metrics, serve
from watcher.service.systemd import Notifier
from watcher.service.wakeups import Alarm, Listener, signals

REJECTED_SOME: Final = 1
TRY_LATER: Final = 75
CONFIGURATION: Final = 78


class Command(BaseCommand):
    """Watch the inbox."""

    help = (
        "Import the files that arrive in the inbox. Imported files and duplicates go into the archive, rejected "
        "files with their reports into the rejected folder. Stops on SIGTERM or Ctrl-C; scans at once on SIGHUP. "
        "Writes one JSON line for each event to standard error. Exit codes: 0; with --once, 1 if a file was "
        "rejected, 75 if the database or a disk failed; 78 if a folder cannot be used or another watcher holds the "
        "inbox: the message says what to do."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options."""
        parser.add_argument(
            "--once",
            action="store_true",
            help="import the files that are in the inbox now, then exit; incomplete files stay and are logged",
        )
        parser.add_argument(
            "--allow-copy",
            action="store_true",
            help="if a folder is on another mount than the inbox, copy each file there before removing it from the "
            "inbox; ALLOW_COPY=1 allows this for every command",
        )

    def handle(self, *, once: bool, allow_copy: bool, **options: Any) -> None:
        """Watch the inbox until a signal, or drain it once."""
        write_json_lines(sys.stderr)
        alarm = Alarm()
        with ExitStack() as stack:
            try:
                folders = usable_folders(may_copy=allow_copy)
                # SQLite has one writer, and PostgreSQL locks rows: there, watchers share the inbox.
                hold = Hold(folders, alone=connection.vendor == "sqlite")
                stack.callback(hold.release)
                if not is_unmarked(folders):
                    hold.take()
            except InboxTaken as error:
                cure = "stop it first, or set DATABASE_URL to a PostgreSQL database, which several watchers can share"
                message = f"{error}{_process_ids(folders)}: {cure}"
                raise CommandError(message, returncode=CONFIGURATION) from error
            except UnusableFolder as error:
                raise CommandError(str(error), returncode=CONFIGURATION) from error
            stack.enter_context(signals(alarm))
            stack.enter_context(waiting_in_steps(connection, look=alarm.look, monotonic=time.monotonic))
            watcher = make_watcher(folders, hold, alarm)
            if once:
                drain(watcher)
            else:
                if settings.METRICS_PORT:
                    stack.callback(serve_metrics(watcher.metrics))
                listener = Listener(folders.inbox, alarm)
                stack.callback(listener.stop)
                listener.start()
                hold.renewed = listener.start
                watcher.watch()


def usable_folders(*, may_copy: bool = False) -> Folders:
    """Return the three folders, ready for use; create missing ones that are inside the project.

    `may_copy` allows copying in addition to ALLOW_COPY. Raise UnusableFolder if a file cannot be put away.
    """
    for folder in (settings.INBOX_DIR, settings.ARCHIVE_DIR, settings.REJECTED_DIR):
        if Path(folder).is_relative_to(settings.BASE_DIR):
            Path(folder).mkdir(parents=True, exist_ok=True)
    folders = folders_in_settings()
    folders = replace(folders, may_copy=may_copy or folders.may_copy).as_mounted()
    if not is_unmarked(folders):  # without its marker, the watcher waits for the mount
        folders.check()
        folders.sweep()
    return folders


def make_watcher(folders: Folders, hold: Hold, alarm: Alarm) -> Watcher:
    """Return a watcher configured from the settings."""
    notifier = Notifier(os.environ, time.monotonic)

    def look(position: int) -> None:
        # A long import counts as a sign of life.
        notifier.alive()
        alarm.look(position)

    intake = Intake(
        folders=folders,
        clock=timezone.now,
        rules=Rules(
            max_bytes=settings.MAX_BYTES, max_attempts=settings.MAX_ATTEMPTS, nem_time=settings.NEM_UTC_OFFSET
        ),
        on_progress=look,
        pause=alarm.pause,
    )
    return Watcher(
        folders=folders,
        hold=hold,
        intake=intake,
        settling=Settling(quiet_seconds=settings.QUIET_SECONDS, incomplete_after=settings.INCOMPLETE_AFTER),
        alarm=alarm,
        metrics=Metrics(time.monotonic),
        notifier=notifier,
        chores=(
            Retention(days=settings.TRAIL_DAYS, clock=timezone.now, monotonic=time.monotonic).enforce,
            Outgrown(monotonic=time.monotonic).renew,  # before the sums, which bad plans would slow down
            Sums(monotonic=time.monotonic).update,
        ),
        scan_seconds=settings.SCAN_SECONDS,
        monotonic=time.monotonic,
    )


def serve_metrics(metrics: Metrics) -> Callable[[], None]:
    """Serve the metrics; return a function that stops the server."""
    try:
        return serve(metrics, settings.METRICS_HOST, settings.METRICS_PORT)
    except OSError as error:
        where = f"{settings.METRICS_HOST}, port {settings.METRICS_PORT}"
        message = f"metrics cannot be served on {where}: {error.strerror}; set METRICS_PORT to another port, or to 0"
        raise CommandError(message, returncode=CONFIGURATION) from error


def drain(watcher: Watcher) -> None:
    """Drain the inbox; raise the exit code as SystemExit or CommandError."""
    try:
        watcher.drain()
        outgrown = Outgrown(monotonic=time.monotonic)
        outgrown.renew_now()
        Sums(monotonic=time.monotonic).finish(watcher.alarm.goes_on)
        outgrown.renew_now()
    except (*ENVIRONMENT, ImporterBroken) as error:
        raise CommandError(str(describe_error(error)), returncode=TRY_LATER) from error
    if watcher.rejected:
        sys.exit(REJECTED_SOME)


def _process_ids(folders: Folders) -> str:
    """Return the process ids of the watchers that hold the inbox, or an empty text if unknown."""
    ids = [str(process) for process in holders(folders.inbox) or [] if process > 0]
    return f" (process {', '.join(ids)})" if ids else ""

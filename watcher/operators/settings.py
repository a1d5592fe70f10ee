"""Settings of the operators' commands, and their exit when the database or a folder fails."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from django.conf import settings
from django.core.management.base import CommandError
from django.db import Error as DatabaseError

from readings.formats.text import printable
from readings.queries.upkeep.database import describe_error
from watcher.disk.folders import Folders
from watcher.operators.status import Status, status_of

#: Exit code for wrong use, and for a database or folder that cannot be used.
CANNOT_RUN: Final = 2


def folders_in_settings() -> Folders:
    """Return the three configured folders, without checking them."""
    return Folders(
        inbox=os.fsencode(settings.INBOX_DIR),
        archive=os.fsencode(settings.ARCHIVE_DIR),
        rejected=os.fsencode(settings.REJECTED_DIR),
        may_copy=settings.ALLOW_COPY,
        marker=os.fsencode(settings.INBOX_MARKER),
    )


def status_in_settings(now: datetime, *, thorough: bool) -> Status:
    """Return the status of the configured inbox; see `status_of`."""
    return status_of(
        folders_in_settings(),
        now=now,
        quiet_seconds=settings.QUIET_SECONDS,
        incomplete_after=settings.INCOMPLETE_AFTER,
        thorough=thorough,
    )


@contextmanager
def reporting_failures() -> Iterator[None]:
    """Turn a database or file system error into a CommandError with cause and action."""
    try:
        yield
    except DatabaseError as error:
        raise CommandError(str(describe_error(error)), returncode=CANNOT_RUN) from error
    except OSError as error:
        where = printable(os.fsencode(error.filename)) if error.filename else "a folder"
        message = f"{where} cannot be used ({error.strerror}): run inbox_status for the cause"
        raise CommandError(message, returncode=CANNOT_RUN) from error

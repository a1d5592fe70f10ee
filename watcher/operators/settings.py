"""What the operators' commands take from the settings, and how they end where something hinders them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from typing import Final

from django.conf import settings
from django.core.management.base import CommandError
from django.db import Error as DatabaseError

from readings.formats.text import shown
from readings.queries.upkeep.database import describe_error
from watcher.disk.folders import Folders
from watcher.operators.status import Status, status_of

#: Wrong use, or an environment that does not let a command do what it is for.
HINDERED: Final = 2


def folders_in_settings() -> Folders:
    """Return the three folders, whether they are there or not."""
    return Folders(
        inbox=os.fsencode(settings.INBOX_DIR),
        archive=os.fsencode(settings.ARCHIVE_DIR),
        rejected=os.fsencode(settings.REJECTED_DIR),
        may_copy=settings.ALLOW_COPY,
        marker=os.fsencode(settings.INBOX_MARKER),
    )


def status_in_settings(now: datetime, *, thorough: bool) -> Status:
    """Return the status of the inbox of the settings; see `status_of`."""
    return status_of(
        folders_in_settings(),
        now=now,
        quiet_seconds=settings.QUIET_SECONDS,
        incomplete_after=settings.INCOMPLETE_AFTER,
        thorough=thorough,
    )


@contextmanager
def naming_what_hinders() -> Iterator[None]:
    """End the command where the database or a folder cannot be used, with the cause and the cure."""
    try:
        yield
    except DatabaseError as error:
        raise CommandError(str(describe_error(error)), returncode=HINDERED) from error
    except OSError as error:
        where = shown(os.fsencode(error.filename)) if error.filename else "a folder"
        message = f"{where} cannot be used, see inbox_status: {error.strerror}"
        raise CommandError(message, returncode=HINDERED) from error

"""What the operators' commands have in common: the folders of the settings, who calls, and what hinders them."""

from __future__ import annotations

import getpass
import os
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from django.conf import settings
from django.core.management.base import CommandError
from django.db import Error as DatabaseError

from readings.formats.text import shown
from watcher.disk.folders import Folders

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


def operator() -> str:
    """Name who calls: with sudo, the one who used it."""
    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError):  # a user id without a name, as containers have
        return f"user {os.getuid()}"


@contextmanager
def naming_what_hinders() -> Iterator[None]:
    """End the command where the database or a folder cannot be used, with the cause and the cure."""
    try:
        yield
    except DatabaseError as error:
        message = f"the database cannot be used, see inbox_status: {_said(error)}"
        raise CommandError(message, returncode=HINDERED) from error
    except OSError as error:
        where = shown(os.fsencode(error.filename)) if error.filename else "a folder"
        message = f"{where} cannot be used, see inbox_status: {error.strerror}"
        raise CommandError(message, returncode=HINDERED) from error


def _said(error: DatabaseError) -> str:
    return str(error).strip().partition("\n")[0]

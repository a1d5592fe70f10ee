"""Whether the web pages can do their work: two pages for service managers and load balancers, without a log-in."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Final

from django.conf import settings
from django.db import Error, connection
from django.http import HttpRequest, JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from readings.queries.upkeep.database import check_schema, describe_error

FOLDERS: Final = ("INBOX_DIR", "ARCHIVE_DIR", "REJECTED_DIR")


@require_safe
@never_cache
def alive(request: HttpRequest) -> JsonResponse:
    """Answer that the process runs; nothing else is looked at."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """Answer whether database and folders can be used, or why not."""
    folders = [(name, getattr(settings, name)) for name in FOLDERS]
    marked = marker_troubles(settings.INBOX_DIR, settings.INBOX_MARKER)
    causes = [*database_troubles(), *folder_troubles(folders), *marked]
    if causes:
        return JsonResponse({"status": "not ready", "causes": causes}, status=503)
    return JsonResponse({"status": "ready"})


def database_troubles() -> Iterator[str]:
    """Say what is wrong with the database, without what its own messages tell about it."""
    try:
        connection.ensure_connection()
        check_schema()
    except Error as error:
        yield describe_error(error).summary


def folder_troubles(folders: Iterable[tuple[str, Path]]) -> Iterator[str]:
    """Say which folders cannot be used, by the names of their settings."""
    for setting, folder in folders:
        if not os.path.isdir(folder):  # noqa: PTH112 - Path.is_dir raises where a folder above may not be entered
            yield f"the folder of {setting} does not exist, or may not be entered"
        elif not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            yield f"the folder of {setting} may not be read and written to"


def marker_troubles(inbox: Path, marker: str) -> Iterator[str]:
    """Say whether the inbox lacks the marker that it should have."""
    if marker and not os.path.lexists(inbox / marker):
        yield f"there is no {marker} in the folder of INBOX_DIR: it is not mounted"

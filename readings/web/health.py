"""Two health pages for service managers and load balancers, without a log-in."""

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
    """Answer that the process runs, without checking anything else."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def ready(request: HttpRequest) -> JsonResponse:
    """Answer whether the database and the folders can be used, with the causes if not."""
    folders = [(name, getattr(settings, name)) for name in FOLDERS]
    marked = marker_troubles(settings.INBOX_DIR, settings.INBOX_MARKER)
    causes = [*database_troubles(), *folder_troubles(folders), *marked]
    if causes:
        return JsonResponse({"status": "not ready", "causes": causes}, status=503)
    return JsonResponse({"status": "ready"})


def database_troubles() -> Iterator[str]:
    """Yield the fault of the database, without its own message, which may reveal its address."""
    try:
        connection.ensure_connection()
        check_schema()
    except Error as error:
        yield describe_error(error).summary


def folder_troubles(folders: Iterable[tuple[str, Path]]) -> Iterator[str]:
    """Yield the folders that cannot be used, by the names of their settings."""
    for setting, folder in folders:
        if not os.path.isdir(folder):  # noqa: PTH112 - Path.is_dir raises if a parent folder is closed
            yield f"the folder of {setting} does not exist or cannot be opened: create it, or fix its permissions"
        elif not os.access(folder, os.R_OK | os.W_OK | os.X_OK):
            yield f"the folder of {setting} is not readable and writable: fix its permissions"


def marker_troubles(inbox: Path, marker: str) -> Iterator[str]:
    """Yield a message if the inbox lacks its marker."""
    if marker and not os.path.lexists(inbox / marker):
        yield f"the folder of INBOX_DIR does not contain {marker}, so it counts as not mounted: mount it"

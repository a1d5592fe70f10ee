"""What importers on PostgreSQL hold against each other. SQLite has one writer, and needs none of it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from typing import Final

from django.db import DatabaseError, InterfaceError, connection

from readings.imports.loading.insertion import is_postgresql
from readings.models import FlowFile

#: The advisory lock that every import shares, and that one with a withdrawal has alone.
_IMPORTS: Final = 0x4D6574657262


class BeingImported(Exception):
    """Another importer has the same content in hand; nothing was stored."""

    def __init__(self, sha256: str) -> None:
        super().__init__(f"{sha256[:12]} is being imported by another importer")


@contextmanager
def import_lock(sha256: str) -> Iterator[None]:
    """Have a content alone while it is imported, so that attempts that are under way are not taken for failures.

    Raises BeingImported if another importer has it. The lock goes with the connection, however this process ends.
    """
    if not is_postgresql():
        yield
        return
    key = [int(sha256[:15], 16)]
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", key)
        if cursor.fetchone() != (True,):
            raise BeingImported(sha256)
    try:
        yield
    finally:
        # Where the connection is lost, so is the lock.
        with suppress(DatabaseError, InterfaceError), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", key)


def locked(flow_file: FlowFile) -> FlowFile:
    """Return the row of a content, locked until the transaction ends; raise BeingImported if another has it."""
    rows = FlowFile.objects.filter(pk=flow_file.pk)
    if connection.features.has_select_for_update_skip_locked:
        rows = rows.select_for_update(skip_locked=True)
    row = rows.first()
    if row is None:
        raise BeingImported(flow_file.sha256)
    return row


def wait_for_other_imports(*, alone: bool) -> None:
    """Let this transaction run beside other imports, or alone.

    A withdrawal runs alone: else neither import would see what the other is storing, and a reading that was taken
    back would stay good.
    """
    if is_postgresql():
        shared = "" if alone else "_shared"
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT pg_advisory_xact_lock{shared}(%s)", [_IMPORTS])

"""Locks between importers on PostgreSQL. SQLite has a single writer and needs none."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import ExitStack, contextmanager, nullcontext, suppress
from typing import Final

from django.db import DatabaseError, InterfaceError, OperationalError, connection, transaction

from readings.imports.loading.insertion import among, is_postgresql
from readings.models import FlowFile

#: Advisory lock: shared by all imports, exclusive for an import that must run alone.
_IMPORTS: Final = 0x4D6574657262
#: Advisory lock of whoever brings the stored sums up to date.
_SUMS: Final = 0x4D6574657263
#: SQLSTATE of PostgreSQL.
_DEADLOCK_DETECTED: Final = "40P01"


class BeingImported(Exception):
    """Another importer is importing the same content; nothing was stored."""

    def __init__(self, sha256: str) -> None:
        super().__init__(f"{sha256[:12]} is being imported by another importer")


@contextmanager
def import_lock(sha256: str) -> Iterator[None]:
    """Hold the lock of a content during its import, so that running attempts do not look like failures.

    Raise BeingImported if another importer holds it. The lock ends with the connection, even if the process dies.
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
        # A lost connection has released the lock.
        with suppress(DatabaseError, InterfaceError), connection.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_unlock(%s)", key)


def locked(flow_file: FlowFile) -> FlowFile:
    """Return the row of a content, locked until the transaction ends; raise BeingImported if another holds it."""
    lock = " FOR UPDATE SKIP LOCKED" if is_postgresql() else ""
    found = FlowFile.objects.raw(f"SELECT * FROM readings_flowfile WHERE id = %s{lock}", [flow_file.pk])
    row = next(iter(found), None)
    if row is None:
        raise BeingImported(flow_file.sha256)
    return row


def wait_for_other_imports(*, alone: bool) -> None:
    """Wait until this transaction may run, alone or in parallel with other imports.

    A withdrawal needs to run alone: otherwise neither import would see the rows of the other, and a withdrawn
    reading would stay current. So does an import that met another one in a deadlock.
    """
    if is_postgresql():
        shared = "" if alone else "_shared"
        with connection.cursor() as cursor:
            cursor.execute(f"SELECT pg_advisory_xact_lock{shared}(%s)", [_IMPORTS])


class Busy(Exception):
    """Another program is writing, and the caller does not wait for it."""


@contextmanager
def summing(*, waits: bool) -> Iterator[None]:
    """Run a transaction in which nobody else sums; raise Busy if it would have to wait, and must not."""
    with ExitStack() as stack:
        if is_postgresql():
            stack.enter_context(transaction.atomic())
            with connection.cursor() as cursor:
                cursor.execute(f"SELECT pg_{'' if waits else 'try_'}advisory_xact_lock(%s)", [_SUMS])
                if not waits and cursor.fetchone() != (True,):
                    raise Busy
        else:
            with _patience(0) if not waits else nullcontext():
                try:
                    stack.enter_context(transaction.atomic())
                except OperationalError as error:
                    if waits:
                        raise
                    raise Busy from error
        yield


@contextmanager
def _patience(milliseconds: int) -> Iterator[None]:
    """Let SQLite wait only so long for the lock of another writer."""
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        (before,) = cursor.fetchone()
        cursor.execute(f"PRAGMA busy_timeout = {milliseconds}")
        try:
            yield
        finally:
            cursor.execute(f"PRAGMA busy_timeout = {before}")


def is_deadlock(error: DatabaseError) -> bool:
    """Return whether PostgreSQL ended a transaction because two waited for each other."""
    return getattr(error.__cause__, "sqlstate", "") == _DEADLOCK_DETECTED


def lock_meter_points(meter_points: Iterable[int]) -> None:
    """Hold meter points until the transaction ends: what counts there is decided by one import after the other."""
    if is_postgresql():
        is_one, wanted = among(meter_points)
        sql = f"SELECT FROM readings_meterpoint WHERE id {is_one} ORDER BY id FOR NO KEY UPDATE"
        with connection.cursor() as cursor:
            cursor.execute(sql, [wanted])

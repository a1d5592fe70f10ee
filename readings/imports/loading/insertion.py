"""Insertion of rows in sets: COPY on PostgreSQL, executemany on SQLite, without model instances.

Everything here runs inside the caller's transaction. Times are passed as UTC text, which both databases accept.
"""

from __future__ import annotations

import gc
import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from datetime import datetime, timezone
from functools import lru_cache
from typing import Any

from django.db import connection, transaction


def is_postgresql() -> bool:
    """Return whether the database is PostgreSQL."""
    return connection.vendor == "postgresql"


def among(numbers: Iterable[int]) -> tuple[str, list[int] | str]:
    """Return the condition, after a column, that it is one of some numbers, and the parameter of the condition."""
    wanted = sorted(numbers)
    if is_postgresql():
        return "= ANY(%s)", wanted
    return "IN (SELECT value FROM json_each(%s))", json.dumps(wanted)


def utc_text(instant: datetime | str | None) -> str | None:
    """Return an instant in UTC as text, the form that SQLite stores and PostgreSQL accepts.

    Plain SQL on SQLite returns UTC without an offset: as a naive datetime, or as the text itself.
    """
    return _utc_text(instant) if isinstance(instant, datetime) else instant


@lru_cache(maxsize=4096)  # Few instants occur often.
def _utc_text(instant: datetime) -> str:
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=timezone.utc)
    return f"{instant.astimezone(timezone.utc):%Y-%m-%d %H:%M:%S}"


class _GivenUp(Exception):
    """The reason for a rollback, as the database server logs it."""


class Insertion:
    """Pending insertion of rows in a savepoint; PostgreSQL works on it while the caller continues.

    Run no other query before `finish` or `give_up`. Both the constructor and `finish` may raise Django's database
    errors; then none of the rows is stored.
    """

    def __init__(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        names = ", ".join(f'"{column}"' for column in columns)
        with ExitStack() as stack:
            stack.enter_context(transaction.atomic())
            cursor = stack.enter_context(connection.cursor())
            if is_postgresql():
                # COPY bypasses Django's cursor, so its errors are converted here.
                stack.enter_context(connection.wrap_database_errors)
                copy = stack.enter_context(cursor.copy(f"COPY {table} ({names}) FROM STDIN"))
                for row in rows:
                    copy.write_row(row)
            else:
                marks = ", ".join(["%s"] * len(columns))
                cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(rows))
            self._open = stack.pop_all()

    def finish(self) -> None:
        """Wait until all rows are inserted."""
        self._open.close()

    def give_up(self) -> None:
        """Roll the rows back because of an error elsewhere, which stays as it is: it is not the database's."""
        reason = _GivenUp("an error elsewhere")
        self._open.__exit__(_GivenUp, reason, None)


def insert(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows; their values are in the order of the columns."""
    Insertion(table, columns, rows).finish()


@contextmanager
def without_collector() -> Iterator[None]:
    """Pause the search for cycles: a batch makes hundreds of thousands of containers, and hardly a cycle."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def prepare() -> None:
    """Make the planner use indexes in this transaction: every query looks up a few rows."""
    if is_postgresql():
        with connection.cursor() as cursor:
            for way in ("seqscan", "bitmapscan", "hashjoin", "mergejoin", "material"):
                cursor.execute(f"SET LOCAL enable_{way} = off")

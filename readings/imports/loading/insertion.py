"""How rows get in: set by set, COPY on PostgreSQL and executemany on SQLite, never an object for a row.

Everything here runs inside the caller's transaction. Times go in as UTC text, which both databases take as such.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import ExitStack
from datetime import datetime, timezone
from typing import Any

from django.db import connection, transaction


def is_postgresql() -> bool:
    """Tell which of the two databases this is."""
    return connection.vendor == "postgresql"


def utc_text(instant: datetime | str | None) -> str | None:
    """Return an instant as SQLite stores it and PostgreSQL takes it.

    What SQLite gives back by plain SQL is UTC without saying so: a naive instant, or the text itself.
    """
    if isinstance(instant, datetime):
        if instant.tzinfo is None:
            instant = instant.replace(tzinfo=timezone.utc)
        return f"{instant.astimezone(timezone.utc):%Y-%m-%d %H:%M:%S}"
    return instant


class Insertion:
    """Rows on their way into a table, in a savepoint; PostgreSQL takes them in while the caller goes on.

    Until it is finished or given up, nothing else may be asked of the database. Django's database errors may come
    from the start and from the finish; after one, nothing of the rows is stored.
    """

    def __init__(self, table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> None:
        names = ", ".join(f'"{column}"' for column in columns)
        with ExitStack() as stack:
            stack.enter_context(transaction.atomic())
            cursor = stack.enter_context(connection.cursor())
            if is_postgresql():
                # COPY goes past Django's cursor, so its errors have to be made Django's here.
                stack.enter_context(connection.wrap_database_errors)
                copy = stack.enter_context(cursor.copy(f"COPY {table} ({names}) FROM STDIN"))
                for row in rows:
                    copy.write_row(row)
            else:
                marks = ", ".join(["%s"] * len(columns))
                cursor.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", list(rows))
            self._open = stack.pop_all()

    def finish(self) -> None:
        """Wait until all rows are in."""
        self._open.close()

    def give_up(self, error: BaseException) -> None:
        """Leave the rows out, because of an error elsewhere."""
        self._open.__exit__(type(error), error, error.__traceback__)


def insert(table: str, columns: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows, given in the order of the columns."""
    Insertion(table, columns, rows).finish()


def prepare() -> None:
    """Tell the database, for this transaction, that every look-up is of a few rows by their index."""
    if is_postgresql():
        with connection.cursor() as cursor:
            for way in ("seqscan", "bitmapscan", "hashjoin", "mergejoin", "material"):
                cursor.execute(f"SET LOCAL enable_{way} = off")

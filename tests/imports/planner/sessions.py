"""Sessions beside that of a test, and what the planner of PostgreSQL knows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from django.db import connection


def known_rows(table: str, session: psycopg.Connection | None = None) -> int:
    """Return the number of rows according to the statistics; -1 if nobody has looked.

    While an import is under way, pass another session.
    """
    with session.cursor() if session else connection.cursor() as cursor:
        cursor.execute("SELECT reltuples FROM pg_class WHERE oid = %s::regclass", [table])
        row = cursor.fetchone()
    assert row
    return int(row[0])


@contextmanager
def another_session() -> Iterator[psycopg.Connection]:
    """Yield another connection to the database of the test, in which each statement is a transaction."""
    parameters = connection.get_connection_params()
    names = ("dbname", "user", "password", "host", "port")
    with psycopg.connect(**{name: parameters[name] for name in names if name in parameters}) as session:
        session.autocommit = True
        yield session

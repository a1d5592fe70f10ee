"""Troubles of the database: cause and action in words."""

from __future__ import annotations

import re
from typing import Final, NamedTuple

from django.db import DatabaseError, InterfaceError, ProgrammingError, connection
from django.db.migrations.executor import MigrationExecutor


class Trouble(NamedTuple):
    """A fault of the database."""

    cause: str
    #: Action for the operator; empty if the error is not from the database.
    action: str
    #: Text of the error.
    detail: str = ""

    @property
    def summary(self) -> str:
        """Return cause and action, without the text of the error."""
        return f"{self.cause}: {self.action}" if self.action else self.cause

    def __str__(self) -> str:
        return f"{self.summary} ({self.detail})" if self.detail else self.summary


#: Patterns of SQLSTATE and message, with cause and action; the first match applies. PostgreSQL gives no SQLSTATE for
#: a refused connection, and SQLite never gives one.
_TROUBLES: Final = tuple(
    (re.compile(pattern), Trouble(cause, action))
    for pattern, cause, action in (
        (
            r"^53300|too many (clients|connections)|connection slots",
            "the database has no connection left",
            "stop programs that hold connections, or raise max_connections or the limit of the role",
        ),
        (
            r"^(42P01|42703|3F000)|no such (table|column)|has no column named",
            "the database schema is out of date",
            "run manage.py migrate",
        ),
        (
            r"^25006|readonly database",
            "the database is read-only",
            "give this account write access, and check that the server is not a standby",
        ),
        (
            r"^(55P03|40P01|40001|57014)|(database|table) is locked",
            "another program holds a lock in the database",
            "end it, or wait until it ends",
        ),
        (r"^53100|disk is full", "the disk of the database is full", "free some space on it"),
        (r"^5[34]", "the database server is short of resources", "see its log"),
        (r"unable to open", "the database file cannot be opened", "check DATABASE_URL and the folder of the file"),
        (
            r"^(28|3D|42501)|authentication failed|(database|role) \"[^\"]*\" does not exist|permission denied",
            "the database refuses this program",
            "check DATABASE_URL and the privileges of its role",
        ),
        (
            r"^(58|XX)|malformed|not a database|disk I/O error",
            "the database or its disk is damaged",
            "see its log, and restore a backup if necessary",
        ),
        (
            r"^(08|57)|connection|server closed|starting up|shutting down",
            "the database does not answer",
            "start it, or check DATABASE_URL",
        ),
    )
)
_UNKNOWN: Final = Trouble("the database returned an unknown error", "see its log")


class SchemaBehind(ProgrammingError):
    """Migrations are missing."""

    def __init__(self, missing: list[str]) -> None:
        super().__init__(f"{len(missing)} migrations are missing, the first is {missing[0]}")


def missing_migrations() -> list[str]:
    """Return the names of the missing migrations, in the order of application."""
    executor = MigrationExecutor(connection)
    plan = executor.migration_plan(executor.loader.graph.leaf_nodes())
    return [str(migration) for migration, _ in plan]


def check_schema() -> None:
    """Raise SchemaBehind if migrations are missing."""
    if missing := missing_migrations():
        raise SchemaBehind(missing)


def describe_error(error: Exception) -> Trouble:
    """Return cause and action of a database error; for any other error, its text as the cause."""
    text = " ".join(f"{type(error).__name__}: {error}".split())
    if isinstance(error, SchemaBehind):
        return Trouble("the database is behind the program", "run manage.py migrate", str(error))
    if not isinstance(error, DatabaseError | InterfaceError):
        return Trouble(text, "")
    message = f"{getattr(error.__cause__, 'sqlstate', None) or ''} {error}".lstrip()
    trouble = next((trouble for pattern, trouble in _TROUBLES if pattern.search(message)), _UNKNOWN)
    return trouble._replace(detail=text)

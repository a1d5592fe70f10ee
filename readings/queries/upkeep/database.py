"""What may be wrong with the database: the cause and the cure, in words."""

from __future__ import annotations

import re
from typing import Final

from django.db import DatabaseError, InterfaceError, ProgrammingError, connection
from django.db.migrations.executor import MigrationExecutor

#: The SQLSTATE, where there is one, and the message; the first that fits tells cause and cure. PostgreSQL gives no
#: SQLSTATE where it refuses a connection, and SQLite never does.
_CAUSES: Final = tuple(
    (re.compile(pattern), words)
    for pattern, words in (
        (
            r"^53300|too many (clients|connections)|connection slots",
            "the database has no connection left: end programs that hold some, or raise max_connections, or the "
            "limit of the role",
        ),
        (
            r"^(42P01|42703|3F000)|no such (table|column)|has no column named",
            "the database has not the tables of this program: run manage.py migrate",
        ),
        (
            r"^25006|readonly database",
            "the database is read-only: let the account of the watcher write to it; is this a standby?",
        ),
        (
            r"^(55P03|40P01|40001|57014)|(database|table) is locked",
            "another program holds a lock in the database: end it, or wait until it ends",
        ),
        (r"^53100|disk is full", "the disk of the database is full: make room on it"),
        (r"^5[34]", "the database has too little of something: see its log for what"),
        (r"unable to open", "the database file cannot be opened: see DATABASE_URL, and to its folder"),
        (
            r"^(28|3D|42501)|authentication failed|(database|role) \"[^\"]*\" does not exist|permission denied",
            "the database does not let this program in: see DATABASE_URL, and to the rights of its role",
        ),
        (
            r"^(58|XX)|malformed|not a database|disk I/O error",
            "the database is damaged, or its disk is: see its log; a backup may have to be restored",
        ),
        (
            r"^(08|57)|connection|server closed|starting up|shutting down",
            "the database does not answer: start it, or see DATABASE_URL",
        ),
    )
)
_UNKNOWN: Final = "the database refuses to work: see its log"


class SchemaBehind(ProgrammingError):
    """Migrations are missing."""


def check_schema() -> None:
    """Raise SchemaBehind where the database lacks migrations."""
    executor = MigrationExecutor(connection)
    missing = [migration for migration, _ in executor.migration_plan(executor.loader.graph.leaf_nodes())]
    if missing:
        raise SchemaBehind(
            f"the database is behind the program: run manage.py migrate ({len(missing)} migrations are missing, "
            f"the first is {missing[0]})"
        )


def told(error: Exception) -> str:
    """Say in one line what is wrong and what cures it; of what is not the database's, what it says itself."""
    text = " ".join(f"{type(error).__name__}: {error}".split())
    if isinstance(error, SchemaBehind):
        return str(error)
    if not isinstance(error, DatabaseError | InterfaceError):
        return text
    found = f"{getattr(error.__cause__, 'sqlstate', None) or ''} {error}".lstrip()
    words = next((words for pattern, words in _CAUSES if pattern.search(found)), _UNKNOWN)
    return f"{words} ({text})"

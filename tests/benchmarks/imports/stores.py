"""Databases that a benchmark fills: each is a copy of another one, first of an empty, migrated one."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final, Protocol

import psycopg

from tests.benchmarks.measuring import run
from tests.running.places import ROOT
from tests.running.postgresql import Server, create, drop, postgresql

#: Name of the database that has the tables of the program and no rows.
EMPTY: Final = "empty"


class Stores(Protocol):
    """The databases of one kind, by name."""

    kind: str

    def url(self, name: str) -> str:
        """Return the URL of a database, for DATABASE_URL."""

    def copy(self, source: str, name: str) -> str:
        """Copy a database that nobody uses, and return the URL of the copy."""

    def drop(self, name: str) -> None:
        """Remove a database."""

    def settle(self, name: str) -> None:
        """Do the work that the database would otherwise do in the next measurement."""

    def rest(self) -> None:
        """Write everything to the disk, so that a measurement begins like all others."""


class Files:
    """SQLite databases in a folder."""

    kind = "sqlite"

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def url(self, name: str) -> str:
        return f"sqlite:///{self._path(name)}"

    def copy(self, source: str, name: str) -> str:
        self.drop(name)
        shutil.copyfile(self._path(source), self._path(name))
        return self.url(name)

    def drop(self, name: str) -> None:
        for end in ("", "-wal", "-shm"):
            Path(f"{self._path(name)}{end}").unlink(missing_ok=True)

    def settle(self, name: str) -> None:
        """Do nothing: the last connection has moved the log into the file."""

    def rest(self) -> None:
        os.sync()

    def _path(self, name: str) -> Path:
        return self._folder / f"{name}.sqlite3"


class Databases:
    """Databases of a PostgreSQL server."""

    kind = "postgresql"

    def __init__(self, server: Server) -> None:
        self._server = server

    def url(self, name: str) -> str:
        return self._server.url_of(name)

    def copy(self, source: str, name: str) -> str:
        self.drop(name)
        create(self.url(name), source)
        return self.url(name)

    def drop(self, name: str) -> None:
        with psycopg.connect(self._server.url, autocommit=True) as connection:
            found = connection.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchall()
        if found:
            drop(self.url(name))

    def settle(self, name: str) -> None:
        """Vacuum and analyze, as autovacuum does within minutes."""
        with psycopg.connect(self.url(name), autocommit=True) as connection:
            connection.execute("VACUUM (ANALYZE)")

    def rest(self) -> None:
        with psycopg.connect(self._server.url, autocommit=True) as connection:
            connection.execute("CHECKPOINT")
        os.sync()


@contextmanager
def stores(kind: str, folder: Path) -> Iterator[Stores]:
    """Yield the databases of a kind, the empty one among them; PostgreSQL commits durably."""
    if kind == "sqlite":
        files = Files(folder)
        make_empty(files, EMPTY, sys.executable, ROOT)
        yield files
        return
    with postgresql(fsync=True) as server:
        databases = Databases(server)
        make_empty(databases, EMPTY, sys.executable, ROOT)
        yield databases


def make_empty(of: Stores, name: str, python: str, checkout: Path) -> None:
    """Create a database with the tables of a checkout."""
    if of.kind == "postgresql":
        create(of.url(name))
    run(python, "manage.py", "migrate", "--verbosity=0", environment={"DATABASE_URL": of.url(name)}, folder=checkout)

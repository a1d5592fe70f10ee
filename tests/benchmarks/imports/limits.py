"""The limit of an import: the fastest bulk load of the same rows, prepared in advance, in one durable transaction.

COPY on PostgreSQL, executemany on SQLite. The target is a database of its own with the tables of the program, still
empty: the same columns, constraints and indexes.
"""

from __future__ import annotations

import re
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing
from typing import Any, Final

import psycopg
from psycopg import sql

from tests.benchmarks.imports.contract import NOTHING

READINGS: Final = "readings_reading"
#: Tables of what a D0010 states, in the order of their references.
ALL: Final = ("readings_meterpoint", "readings_meter", "readings_register", READINGS)
OF_LAST_FILE: Final = " WHERE flow_file_id = (SELECT max(id) FROM readings_flowfile)"
#: Number of bytes that COPY sends at once.
BLOCK: Final = 1 << 20


def seconds_of_copy(source: str, target: str, tables: Sequence[str]) -> float:
    """Return the seconds of COPY of what the last file of a store stated into an empty one."""
    with psycopg.connect(source) as stored:
        blocks = {table: list(_joined(stored, table)) for table in tables}
    with psycopg.connect(target) as connection:
        began = time.perf_counter()
        for table in tables:
            with connection.cursor().copy(sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(table))) as copy:
                for block in blocks[table]:
                    copy.write(block)
        connection.commit()
        return time.perf_counter() - began


def _joined(stored: psycopg.Connection[Any], table: str) -> Iterator[bytes]:
    rows = sql.SQL("COPY (SELECT * FROM {}{} ORDER BY id) TO STDOUT").format(
        sql.Identifier(table), sql.SQL(OF_LAST_FILE if table == READINGS else "")
    )
    block = bytearray()
    with stored.cursor().copy(rows) as copy:
        for row in copy:
            block += row
            if len(block) > BLOCK:
                yield bytes(block)
                block.clear()
    yield bytes(block)


def seconds_of_executemany(source: str, target: str, tables: Sequence[str]) -> float:
    """Return the seconds of executemany of what the last file of a store stated into an empty one."""
    rows = {}
    with closing(sqlite3.connect(_path(source))) as stored:
        for table in tables:
            which = OF_LAST_FILE if table == READINGS else ""
            rows[table] = stored.execute(f"SELECT * FROM {table}{which} ORDER BY id").fetchall()
    with closing(sqlite3.connect(_path(target))) as connection:
        # As config/settings.py has them.
        connection.executescript(
            "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA foreign_keys=ON;PRAGMA cache_size=-16000;"
        )
        began = time.perf_counter()
        for table in tables:
            marks = ", ".join("?" * len(rows[table][0]))
            connection.executemany(f"INSERT INTO {table} VALUES ({marks})", rows[table])
        connection.commit()
        return time.perf_counter() - began


def _path(url: str) -> str:
    return url.removeprefix("sqlite:///")


LIMITS: Final = {"postgresql": seconds_of_copy, "sqlite": seconds_of_executemany}


def constraints(url: str) -> list[list[str]]:
    """Return name, constraints and other indexes of each table on PostgreSQL."""
    rows = []
    with psycopg.connect(url) as connection:
        for table in ALL:
            found = connection.execute(
                "SELECT pg_get_constraintdef(oid) FROM pg_constraint "
                "WHERE conrelid = %s::regclass AND contype IN ('p', 'u', 'f', 'c') ORDER BY contype DESC, conname",
                [table],
            ).fetchall()
            indexes = connection.execute(
                "SELECT indexdef FROM pg_indexes WHERE tablename = %s AND indexdef NOT LIKE 'CREATE UNIQUE%%' "
                "ORDER BY indexname",
                [table],
            ).fetchall()
            parts = [[definition for (definition,) in found]]
            parts.append([re.sub(r"^CREATE INDEX \S+ ON \S+ USING ", "", definition) for (definition,) in indexes])
            rows.append([f"`{table}`", *("<br>".join(f"`{each}`" for each in part) or NOTHING for part in parts)])
    return rows

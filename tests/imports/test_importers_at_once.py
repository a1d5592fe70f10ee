import os
import sqlite3
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from itertools import chain
from pathlib import Path
from typing import Any

import psycopg
import pytest
from typing_extensions import LiteralString

from tests.making.dtc import block, flow, reading, reading_of
from tests.running.forks import fork_server, manage

pytestmark = pytest.mark.both_databases


@contextmanager
def held_until_all_have_come(url: str, number: int, table: str = "readings_reading") -> Iterator[None]:
    """Make importers wait at a table of PostgreSQL until all have reached it; on SQLite, do nothing."""
    if url.startswith("sqlite"):
        yield
        return
    waiting = "SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()"
    with psycopg.connect(url) as holder, psycopg.connect(url, autocommit=True) as looker:
        holder.execute(f"LOCK TABLE {table} IN SHARE MODE")
        yield
        until = time.monotonic() + 60
        while looker.execute(waiting).fetchone() != (number,) and time.monotonic() < until:
            time.sleep(0.05)
        holder.rollback()


def run_together(url: str, paths: Sequence[Path]) -> list[tuple[int, str]]:
    """Import files at the same time, each in its own process; return exit codes and outputs."""
    environment = {**os.environ, "DATABASE_URL": url}
    with held_until_all_have_come(url, len(paths)):
        outputs = [path.with_suffix(".out") for path in paths]
        processes = [
            fork_server().start(["import_flow", str(path)], environment, out=output, error=output)
            for path, output in zip(paths, outputs, strict=True)
        ]
    return [(process.wait(120), output.read_text()) for process, output in zip(processes, outputs, strict=True)]


def rows_of(url: str, query: LiteralString) -> list[tuple[Any, ...]]:
    if url.startswith("sqlite"):
        with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as lite:
            return lite.execute(query).fetchall()
    with psycopg.connect(url) as postgres:
        return postgres.execute(query).fetchall()


def import_alone(url: str, path: Path) -> None:
    assert manage(["import_flow", str(path)], {**os.environ, "DATABASE_URL": url}).code == 0


def written(folder: Path, name: str, content: bytes) -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


@pytest.mark.slow
def test_concurrent_corrections_of_one_reading_are_all_stored(database_url: str, tmp_path: Path) -> None:
    import_alone(database_url, written(tmp_path, "first", flow(block(reading("1")))))
    paths = [
        written(
            tmp_path,
            f"correction{number}",
            flow(block(reading(f"{number}")), identifier=f"TEST{number}", created=f"2026030{number + 4}061500"),
        )
        for number in range(2, 6)
    ]

    outputs = run_together(database_url, paths)

    assert [code for code, _ in outputs] == [0] * 4, outputs
    rows = rows_of(database_url, "SELECT version FROM readings_reading ORDER BY 1")
    assert [version for (version,) in rows] == [1, 2, 3, 4, 5]
    rows = rows_of(database_url, "SELECT CAST(value AS integer) FROM readings_reading WHERE superseded_by_id IS NULL")
    assert rows == [(5,)]


@pytest.mark.slow
def test_two_files_about_the_same_meters_in_opposite_orders_are_both_imported(
    database_url: str, tmp_path: Path
) -> None:
    # The meters are stored, so that neither importer waits for the other to create one.
    meters = [reading_of(number) for number in range(3000)]
    import_alone(
        database_url, written(tmp_path, "first", flow(*chain(*(reading_of(n, day="20260101") for n in range(3000)))))
    )
    orders = {"forwards": meters, "backwards": meters[::-1]}
    paths = [written(tmp_path, name, flow(*chain(*order), identifier=name)) for name, order in orders.items()]

    outputs = run_together(database_url, paths)

    assert [code for code, _ in outputs] == [0, 0], outputs
    assert rows_of(database_url, "SELECT count(*) FROM readings_reading") == [(6000,)]


def test_concurrent_withdrawal_withdraws_its_reading(database_url: str, tmp_path: Path) -> None:
    # The meter is stored, so that neither importer waits for the other to create it.
    import_alone(database_url, written(tmp_path, "first", flow(block(reading("1", at="20260201000000")))))
    paths = [written(tmp_path, kind, flow(block(reading("2"), kind=kind), identifier=f"TEST{kind}")) for kind in "RW"]

    outputs = run_together(database_url, paths)

    assert [code for code, _ in outputs] == [0, 0], outputs
    withdrawn = (
        "SELECT withdrawn_by_id IS NULL FROM readings_reading WHERE version = 1 AND reading_type = 'R' ORDER BY id"
    )
    assert [row[0] for row in rows_of(database_url, withdrawn)] == [True, False]

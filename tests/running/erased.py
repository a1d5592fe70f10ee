"""Traces of an identifier in the folders and the database of a box."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path
from typing import Any
from zipfile import ZipFile

from tests.running.box import Box

_COLUMNS = "SELECT table_name, column_name FROM information_schema.columns WHERE table_schema = 'public'"


def traces(box: Box, identifier: str) -> list[str]:
    """Return where an identifier is found: in names and bytes of files, in rows, and in the bytes of SQLite."""
    return [*_in_folders(box, identifier.encode()), *_in_rows(box, identifier), *_in_database(box, identifier)]


def _in_folders(box: Box, identifier: bytes) -> Iterator[str]:
    for folder in (box.archive, box.rejected):
        for path in folder.rglob("*"):
            name = bytes(path.relative_to(folder))
            if identifier in name or (path.is_file() and _is_in(path.read_bytes(), identifier)):
                yield str(path)


def _is_in(content: bytes, identifier: bytes) -> bool:
    if content.startswith(b"PK"):
        with ZipFile(BytesIO(content)) as zipped:
            members = [info.filename.encode() + zipped.read(info) for info in zipped.infolist()]
        return identifier in content or any(identifier in member for member in members)
    return identifier in content


def _in_rows(box: Box, identifier: str) -> Iterator[str]:
    for table in tables(box):
        for row in box.rows(f'SELECT * FROM "{table}"'):
            if identifier in repr(row):
                yield f"{table}: {row}"


def tables(box: Box) -> list[str]:
    """Return the names of all tables."""
    if box.is_sqlite:
        return [name for (name,) in box.rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    return sorted({table for table, _ in box.rows(_COLUMNS)})


def _in_database(box: Box, identifier: str) -> Iterator[str]:
    if box.is_sqlite:
        for ending in ("", "-wal"):
            path = Path(box.database_url.removeprefix("sqlite:///") + ending)
            if path.exists() and identifier.encode() in path.read_bytes():
                yield str(path)


def rows_without_keys(box: Box) -> dict[str, list[Any]]:
    """Return what the store states about each meter point that is left, whatever the order of arrival."""
    query = """
    SELECT point.identifier, register.register_id, reading.read_at, reading.value,
        COALESCE(reading.restated_line, reading.line),
        reading.superseded_by_id IS NULL AND reading.withdrawn_by_id IS NULL
    FROM readings_reading reading
    JOIN readings_register register ON register.id = reading.register_id
    JOIN readings_meterpoint point ON point.id = reading.meter_point_id
    """
    found: dict[str, list[Any]] = {}
    for identifier, *row in sorted(box.rows(query), key=repr):
        found.setdefault(identifier, []).append(row)
    return found


def forget_everything(box: Box) -> None:
    """Remove all files and rows."""
    for folder in (box.archive, box.rejected):
        shutil.rmtree(folder)
        folder.mkdir()
    statements = ("repeat", "sitevisit", "reading", "accumulation", "intervalday", "consumerdetails")
    files = ("problem", "surplus", "rewrittencontent", "namepart", "arrival", "flowfile", "erasedmeterpoint")
    for table in (*statements, "register", "meter", "meterpoint", *files):
        box.execute(f"DELETE FROM readings_{table}")

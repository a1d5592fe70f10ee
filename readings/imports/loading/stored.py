"""Stored rows of the statement tables, looked up by group."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from django.db import connection

from readings.formats.dtc.catalogue.codes import WITHDRAWN
from readings.imports.loading.insertion import among, is_postgresql, utc_text
from readings.imports.loading.tables import StatementTable
from readings.models.plain.rows import first

_PLACE: Final = {"meter_point_id": "bigint", "register_id": "bigint"}


class StoredRow(NamedTuple):
    """A stored statement, with its last occasion and its speaker."""

    id: int
    #: Meter point, register, and the columns that select its group.
    place: tuple[Any, ...]
    kind: Any
    line: int
    version: int
    superseded_by: int | None
    withdrawn_by: int | None
    #: Last occasion: time, file, number of the file's last arrival, hash of the file, line.
    stated_at: str
    last_flow_file_id: int
    arrived: int
    sha256: str
    last_line: int
    sender: str
    sender_role: str
    statement: tuple[Any, ...]
    #: Values of the columns `parts` of the table.
    parts: tuple[Any, ...]

    @property
    def register_id(self) -> int:
        """Return the primary key of the register."""
        register: int = self.place[1]
        return register


def stored_at(table: StatementTable, places: Sequence[tuple[Any, ...]]) -> Iterator[StoredRow]:
    """Yield the stored rows of some registers and groups, in order of storage."""
    with connection.cursor() as cursor:
        if is_postgresql():
            texts = [",".join(map(str, column)) for column in zip(*places, strict=True)]
            cursor.execute(_wanted_on_postgresql(table) + _select(table, _joined(table)), texts)
        else:
            cursor.execute(_wanted_on_sqlite(table) + _select(table, _joined(table)), [json.dumps(places)])
        yield from _rows(table, cursor.fetchall())


def stored_of(table: StatementTable, first: int, last: int) -> Iterator[StoredRow]:
    """Yield the stored rows of the meter points in a range of primary keys, in order of storage."""
    source = f"FROM {table.name} stored"
    condition = "WHERE stored.meter_point_id BETWEEN %s AND %s"
    with connection.cursor() as cursor:
        cursor.execute(_select(table, source, condition), [first, last])
        yield from _rows(table, cursor.fetchall())


def _rows(table: StatementTable, rows: Sequence[tuple[Any, ...]]) -> Iterator[StoredRow]:
    first = len(("id", *_PLACE, *table.group))
    last = first + len(("kind", "line", "version", "superseded_by", "withdrawn_by", "stated_at"))
    statement = slice(last + 3, last + 3 + len(table.statement))
    files = _flow_files({number for row in rows for number in row[last : last + 2] if number})
    for row in sorted(rows):
        kind, line, version, superseded_by, withdrawn_by, stated_at = row[first:last]
        file, again, again_line = row[last : last + 3]
        origin = files.get(file)
        if origin is None:
            continue  # The audit reports it.
        later = files.get(again, origin)
        yield StoredRow(
            *(row[0], row[1:first], kind, line, version, superseded_by, withdrawn_by),
            *(stated_at or origin.created_at or "", later.id, later.arrived, later.sha256, again_line or line),
            *(origin.sender, origin.sender_role, row[statement], row[statement.stop :]),
        )


class _FlowFile(NamedTuple):
    id: int
    created_at: str | None
    arrived: int
    sha256: str
    sender: str
    sender_role: str


def _flow_files(numbers: Iterable[int]) -> dict[int, _FlowFile]:
    """Return some flow files by primary key: few files state many rows."""
    is_one, wanted = among(numbers)
    names = ", ".join(_text(name) if name == "created_at" else name for name in _FlowFile._fields)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {names} FROM readings_flowfile WHERE id {is_one}", [wanted])
        return {row[0]: _FlowFile(*row) for row in cursor.fetchall()}


def _wanted_on_postgresql(table: StatementTable) -> str:
    columns = {**_PLACE, **table.group}
    casts = ", ".join(f"{_cast(name, kind)} AS {name}" for name, kind in columns.items())
    arrays = ", ".join("string_to_array(%s, ',')" for _ in columns)
    names = ", ".join(columns)
    return f"WITH wanted AS MATERIALIZED (SELECT {casts} FROM unnest({arrays}) AS wanted({names}))"


def _cast(name: str, kind: str) -> str:
    if kind == "text":  # An array of one empty text looks like an empty array.
        return f"coalesce({name}, '')"
    return f"({name} || '+00')::timestamptz" if kind == "timestamp" else f"{name}::{kind}"


def _wanted_on_sqlite(table: StatementTable) -> str:
    columns = (*_PLACE, *table.group)
    values = ", ".join(f"json_extract(value, '$[{number}]')" for number in range(len(columns)))
    return f"WITH wanted({', '.join(columns)}) AS MATERIALIZED (SELECT {values} FROM json_each(%s))"


def _joined(table: StatementTable) -> str:
    same = " AND ".join(f"stored.{name} = wanted.{name}" for name in (*_PLACE, *table.group))
    return f"FROM wanted JOIN {table.name} stored ON {same}"


def _select(table: StatementTable, source: str, condition: str = "") -> str:
    names = ("id", *_PLACE, *table.group, table.kind, "line", "version", "superseded_by_id")
    withdrawn_by = "stored.withdrawn_by_id" if "withdrawn_by_id" in table.links else "NULL"
    columns = ", ".join(_column(table, name) for name in names)
    statement = ", ".join(_column(table, name) for name in (*table.statement, *table.parts))
    stated_at = _text("coalesce(stored.restated_at, stored.updated_at)")
    return f"""
SELECT {columns}, {withdrawn_by}, {stated_at}, stored.flow_file_id, stored.restated_in_id, stored.restated_line,
       {statement}
{source}
{condition}"""


def _column(table: StatementTable, name: str) -> str:
    """Return a column in the form that rows for insertion have: decimals, instants and dates are texts."""
    column = f'stored."{name}"'
    if name.endswith("_at"):
        return _text(column)
    is_text = name == table.statement[0] or table.group.get(name) == "date"
    return f"CAST({column} AS text)" if is_text else column


def _text(instant: str) -> str:
    """Return an instant as UTC text; SQLite stores it as such, and would convert a bare column."""
    return f"CAST({instant} AT TIME ZONE 'UTC' AS text)" if is_postgresql() else f"CAST({instant} AS text)"


def _as_in_rows(value: Any) -> Any:
    """Return a value read by plain SQL in the form that rows for insertion have."""
    if not isinstance(value, date):  # Of which datetime is a kind.
        return value
    return utc_text(value) if isinstance(value, datetime) else value.isoformat()


def ids_of(table: StatementTable, flow_file_id: int, first: int, last: int) -> dict[tuple[Any, ...], int]:
    """Return the ids of the rows of some lines, by line, version, kind and group: a line may state two readings."""
    names = ", ".join(("id", "line", "version", table.kind, *_PLACE, *table.group))
    sql = f"SELECT {names} FROM {table.name} WHERE flow_file_id = %s AND line BETWEEN %s AND %s"
    with connection.cursor() as cursor:
        cursor.execute(sql, [flow_file_id, first, last])
        return {tuple(map(_as_in_rows, key)): number for number, *key in cursor.fetchall()}


def has_withdrawals() -> bool:
    """Return whether any withdrawal is stored."""
    # The condition of the partial index, literally.
    return first(f"SELECT 1 FROM readings_reading WHERE reading_type = '{WITHDRAWN}' LIMIT 1") is not None


def has_estimates(meter_points: Iterable[int]) -> bool:
    """Return whether estimates ahead of the next read are stored for any of the meter points."""
    is_one, wanted = among(meter_points)
    # The condition of the partial index, literally.
    sql = f"""
SELECT 1 FROM readings_accumulation
WHERE current_quality_method >= 'E' AND current_quality_method < 'F' AND meter_point_id {is_one} LIMIT 1"""
    with connection.cursor() as cursor:
        cursor.execute(sql, [wanted])
        return cursor.fetchone() is not None

"""Stored rows of the statement tables: lookup by group, and updates."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final, NamedTuple

from django.db import connection

from readings.imports.loading.insertion import among, is_postgresql, utc_text
from readings.imports.loading.tables import StatementTable

_PLACE: Final = {"meter_point_id": "bigint", "register_id": "bigint"}


class StoredRow(NamedTuple):
    """A stored statement, with its last occasion and its speaker."""

    id: int
    meter_point_id: int
    register_id: int
    #: Values of the columns of the group.
    group: tuple[Any, ...]
    kind: Any
    line: int
    version: int
    superseded_by: int | None
    withdrawn_by: int | None
    flow_file_id: int
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


def _rows(table: StatementTable, rows: Sequence[Sequence[Any]]) -> Iterator[StoredRow]:
    size = len(table.group)
    end = size + 13 + len(table.statement)
    for row in rows:
        number, meter_point, register, *rest = map(_as_in_rows, row)
        fixed, statement, parts = rest[size : size + 13], tuple(rest[size + 13 : end]), tuple(rest[end:])
        kind, line, version, superseded_by, withdrawn_by, flow_file, stated_at, *others = fixed
        group = tuple(rest[:size])
        yield StoredRow(
            *(number, meter_point, register, group, kind, line, version),
            *(superseded_by, withdrawn_by, flow_file, stated_at or "", *others, statement, parts),
        )


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
    statement = ", ".join(f'stored."{name}"' for name in (*table.statement, *table.parts))
    return f"""
SELECT {", ".join(f"stored.{name}" for name in names)}, {withdrawn_by}, stored.flow_file_id,
       coalesce(stored.restated_at, stored.updated_at, origin.created_at),
       coalesce(stored.restated_in_id, stored.flow_file_id), coalesce(again.arrived, origin.arrived),
       coalesce(again.sha256, origin.sha256), coalesce(stored.restated_line, stored.line),
       origin.sender, origin.sender_role, {statement}
{source}
JOIN readings_flowfile origin ON origin.id = stored.flow_file_id
LEFT JOIN readings_flowfile again ON again.id = stored.restated_in_id
{condition}
ORDER BY stored.id"""


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


class Change(NamedTuple):
    """New links of a row; the time, file and line of its last repeat, None to keep the stored ones."""

    id: int | None
    superseded_by: int | None
    withdrawn_by: int | None
    restated_at: str | None = None
    restated_in: int | None = None
    restated_line: int | None = None


def change(table: StatementTable, changes: Sequence[Change]) -> None:
    """Store changes of rows."""
    names = {"superseded_by_id": "bigint", "withdrawn_by_id": "bigint", "restated_at": "text"}
    names |= {"restated_in_id": "bigint", "restated_line": "bigint"}
    columns = {"id": "bigint", **names}
    if is_postgresql():
        arrays = ", ".join(f"%s::{kind}[]" for kind in columns.values())
        source = f"unnest({arrays}) AS changed({', '.join(columns)})"
        parameters: list[Any] = [list(column) for column in zip(*changes, strict=True)]
    else:
        values = ", ".join(f"json_extract(value, '$[{place}]') AS {name}" for place, name in enumerate(columns))
        source = f"(SELECT {values} FROM json_each(%s)) AS changed"
        parameters = [json.dumps(changes)]
    restated_at = "(changed.restated_at || '+00')::timestamptz" if is_postgresql() else "changed.restated_at"
    new = {name: f"changed.{name}" for name in table.links}
    new["restated_at"] = f"coalesce({restated_at}, {table.name}.restated_at)"
    for name in ("restated_in_id", "restated_line"):
        new[name] = f"coalesce(changed.{name}, {table.name}.{name})"
    sets = ", ".join(f"{name} = {value}" for name, value in new.items())
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table.name} SET {sets} FROM {source} WHERE {table.name}.id = changed.id", parameters)


def store_merged(table: StatementTable, days: Sequence[tuple[int, str, str, str, str]]) -> None:
    """Store days with the values of others: primary key, total, values, own values, and origins."""
    sql = f'UPDATE {table.name} SET total = %s, "values" = %s, values_as_sent = %s, origins = %s WHERE id = %s'
    if not days:
        return
    with connection.cursor() as cursor:
        cursor.executemany(sql, [(*columns, number) for number, *columns in days])


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

"""Stored rows of the statement tables: lookup by place, and updates."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Any, Final

from django.db import connection

from readings.imports.loading.insertion import is_postgresql, utc_text
from readings.imports.loading.tables import StatementTable

_PLACE: Final = {"meter_point_id": "bigint", "register_id": "bigint"}


def stored_at(table: StatementTable, places: Sequence[tuple[Any, ...]]) -> Iterator[tuple[Any, ...]]:
    """Yield the stored rows of some places, in order of storage.

    Each row is the place, then line, kind, time of the statement, id, version, links and statement.
    """
    with connection.cursor() as cursor:
        if is_postgresql():
            texts = [",".join(map(str, column)) for column in zip(*places, strict=True)]
            cursor.execute(_wanted_on_postgresql(table) + _stored(table), texts)
        else:
            cursor.execute(_wanted_on_sqlite(table) + _stored(table), [json.dumps(places)])
        for place, *stored in cursor.fetchall():
            yield (places[place - 1], *map(_as_in_rows, stored))


def _wanted_on_postgresql(table: StatementTable) -> str:
    columns = {**_PLACE, **table.place}
    casts = ", ".join(f"{_cast(name, kind)} AS {name}" for name, kind in columns.items())
    arrays = ", ".join("string_to_array(%s, ',')" for _ in columns)
    names = ", ".join(columns)
    return f"""
WITH wanted AS MATERIALIZED (
    SELECT {casts}, place FROM unnest({arrays}) WITH ORDINALITY AS wanted({names}, place)
)"""


def _cast(name: str, kind: str) -> str:
    if kind == "text":  # An array of one empty text looks like an empty array.
        return f"coalesce({name}, '')"
    return f"({name} || '+00')::timestamptz" if kind == "timestamp" else f"{name}::{kind}"


def _wanted_on_sqlite(table: StatementTable) -> str:
    columns = (*_PLACE, *table.place)
    values = ", ".join(f"json_extract(value, '$[{number}]')" for number in range(len(columns)))
    return f"""
WITH wanted({", ".join(columns)}, place) AS MATERIALIZED (SELECT {values}, key + 1 FROM json_each(%s))"""


def _stored(table: StatementTable) -> str:
    same = " AND ".join(f"stored.{name} = wanted.{name}" for name in (*_PLACE, *table.place))
    withdrawn_by = "stored.withdrawn_by_id" if "withdrawn_by_id" in table.links else "NULL"
    statement = ", ".join(f'stored."{name}"' for name in table.statement)
    return f"""
SELECT wanted.place, stored.line, {f"stored.{table.kind}" if table.kind else "''"},
       coalesce(stored.updated_at, flow_file.created_at),
       stored.id, stored.version, stored.superseded_by_id, {withdrawn_by}, {statement}
FROM wanted
JOIN {table.name} stored ON {same}
JOIN readings_flowfile flow_file ON flow_file.id = stored.flow_file_id
ORDER BY stored.id"""


def _as_in_rows(value: Any) -> Any:
    """Return a value read by plain SQL in the form that rows for insertion have."""
    if isinstance(value, datetime):
        return utc_text(value)
    return value.isoformat() if isinstance(value, date) else value


def ids_of(table: StatementTable, flow_file_id: int, first: int, last: int) -> dict[tuple[Any, ...], int]:
    """Return the ids of the rows of some lines, by line, version and place: a line may state two readings."""
    names = ", ".join(("id", "line", "version", *_PLACE, *table.place))
    sql = f"SELECT {names} FROM {table.name} WHERE flow_file_id = %s AND line BETWEEN %s AND %s"
    with connection.cursor() as cursor:
        cursor.execute(sql, [flow_file_id, first, last])
        return {tuple(map(_as_in_rows, key)): number for number, *key in cursor.fetchall()}


def change(table: StatementTable, changes: Sequence[tuple[Any, ...]]) -> None:
    """Store UpdateDateTime (None keeps the stored one) and links of rows; each change begins with the row's id."""
    links = ", ".join(f"{name} = changed.{name}" for name in table.links)
    names = ("id", "updated_at", *table.links)
    if is_postgresql():
        arrays = ", ".join("%s::text[]" if name == "updated_at" else "%s::bigint[]" for name in names)
        changed = f"unnest({arrays}) AS changed({', '.join(names)})"
        updated_at = "(changed.updated_at || '+00')::timestamptz"
        parameters: list[Any] = [list(column) for column in zip(*changes, strict=True)][: len(names)]
    else:
        columns = ", ".join(f"json_extract(value, '$[{place}]') AS {name}" for place, name in enumerate(names))
        changed = f"(SELECT {columns} FROM json_each(%s)) AS changed"
        updated_at = "changed.updated_at"
        parameters = [json.dumps(changes)]
    sql = f"""
UPDATE {table.name} SET {links}, updated_at = coalesce({updated_at}, {table.name}.updated_at)
FROM {changed} WHERE {table.name}.id = changed.id"""
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)

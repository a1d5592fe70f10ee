"""Marks of statements: what took their place, what completes them, and who repeated them last."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, Final, NamedTuple

from django.db import connection

from readings.formats.packed_day import total_of
from readings.imports.law.completions import VALUES
from readings.imports.law.entries import Entry
from readings.imports.loading.insertion import is_postgresql
from readings.imports.loading.repeats import Renewal
from readings.imports.loading.stored import ids_of
from readings.imports.loading.tables import StatementTable
from readings.imports.loading.versions import Comparison


class Change(NamedTuple):
    """New links of a row."""

    id: int
    superseded_by: int | None
    withdrawn_by: int | None


def change(table: StatementTable, changes: Sequence[Change]) -> None:
    """Store the links of rows."""
    columns = ("id", "superseded_by_id", "withdrawn_by_id")
    if is_postgresql():
        source = f"unnest(%s::bigint[], %s::bigint[], %s::bigint[]) AS changed({', '.join(columns)})"
        parameters: list[Any] = [list(column) for column in zip(*changes, strict=True)]
    else:
        values = ", ".join(f"json_extract(value, '$[{place}]') AS {name}" for place, name in enumerate(columns))
        source = f"(SELECT {values} FROM json_each(%s)) AS changed"
        parameters = [json.dumps(changes)]
    sets = ", ".join(f"{name} = changed.{name}" for name in table.links)
    with connection.cursor() as cursor:
        cursor.execute(f"UPDATE {table.name} SET {sets} FROM {source} WHERE {table.name}.id = changed.id", parameters)


def link(comparison: Comparison) -> None:
    """Store the links and the last occasions of changed rows, after the new rows were inserted."""
    renew(comparison.table, comparison.source.flow_file_id, comparison.plain.renewals)
    changed = [entry for entry in comparison.entries if entry.is_changed]
    if not changed:
        return
    ids = _ids_of_new(comparison, changed)

    def id_of(entry: Entry | None) -> int | None:
        if entry is None:
            return None
        return entry.id or ids[(entry.line, entry.version, entry.kind, *entry.place)]

    store_changes(comparison.table, changed, id_of, comparison.source.flow_file_id)


def store_changes(
    table: StatementTable,
    changed: Sequence[Entry],
    id_of: Callable[[Entry | None], int | None],
    flow_file_id: int = 0,
) -> None:
    """Store the marks of changed rows, and the repeats in a file that is imported."""
    changes, renewals, days = [], [], []
    for entry in changed:
        own = id_of(entry)
        assert own
        changes.append(Change(own, id_of(entry.superseded_by), id_of(entry.withdrawn_by)))
        if entry.is_renewed:
            renewals.append(Renewal(own, entry.occasion.line, entry.occasion.stated_at))
        if entry.merged != entry.stored_merged:
            days.append((own, *_parts_of_day(entry)))
    change(table, changes)
    renew(table, flow_file_id, renewals)
    store_merged(table, days)
    if table.parts:
        store_spelling(table, {own: entry for (own, *_), entry in zip(changes, changed, strict=True)})


def _parts_of_day(entry: Entry) -> tuple[str, str, str, str]:
    """Return total, values, own values and origins of a day, in the form in which they are stored."""
    own: str = entry.statement[VALUES]
    if entry.merged is None:
        return total_of(own), own, "", ""
    values, origins = entry.merged
    return total_of(values), values, own, json.dumps(origins)


def _ids_of_new(comparison: Comparison, changed: Iterable[Entry]) -> dict[tuple[Any, ...], int]:
    linked = ((entry, entry.superseded_by, entry.withdrawn_by) for entry in changed)
    lines = [entry.line for entries in linked for entry in entries if entry and entry.id is None]
    if not lines:
        return {}
    return ids_of(comparison.table, comparison.source.flow_file_id, min(lines), max(lines))


_RENEW_ON_SQLITE: Final = "UPDATE {table} SET restated_in_id = %s, restated_line = %s, restated_at = %s WHERE id = %s"
_RENEW_ON_POSTGRESQL: Final = """
UPDATE {table} SET restated_in_id = %s, restated_line = renewed.line::bigint,
    restated_at = (nullif(renewed.stated_at, '') || '+00')::timestamptz
FROM unnest(string_to_array(%s, ','), string_to_array(%s, ','), string_to_array(%s, ','))
    AS renewed(id, line, stated_at)
WHERE {table}.id = renewed.id::bigint
"""


def renew(table: StatementTable, flow_file_id: int, renewals: Sequence[Renewal]) -> None:
    """Store that a file repeats rows; their links stay."""
    if not renewals:
        return
    with connection.cursor() as cursor:
        if is_postgresql():
            texts = (",".join(map(str, column)) for column in zip(*renewals, strict=True))
            cursor.execute(_RENEW_ON_POSTGRESQL.format(table=table.name), [flow_file_id, *texts])
        else:
            rows = [(flow_file_id, line, stated_at or None, number) for number, line, stated_at in renewals]
            cursor.executemany(_RENEW_ON_SQLITE.format(table=table.name), rows)


def store_merged(table: StatementTable, days: Sequence[tuple[int, str, str, str, str]]) -> None:
    """Store days with the values of others: primary key, total, values, own values, and origins."""
    sql = f'UPDATE {table.name} SET total = %s, "values" = %s, values_as_sent = %s, origins = %s WHERE id = %s'
    if not days:
        return
    with connection.cursor() as cursor:
        cursor.executemany(sql, [(*columns, number) for number, *columns in days])


def store_spelling(table: StatementTable, days: Mapping[int, Entry]) -> None:
    """Store lines and register of renewed days, by primary key: those of the last file that states them."""
    renewed = {number: entry for number, entry in days.items() if entry.is_renewed}
    lines = [(json.dumps(entry.lines) if entry.lines else "", number) for number, entry in renewed.items()]
    moves = [(*entry.moved, number) for number, entry in renewed.items() if entry.moved]
    with connection.cursor() as cursor:
        if lines:
            cursor.executemany(f"UPDATE {table.name} SET lines = %s WHERE id = %s", lines)
        if moves:
            cursor.executemany(f"UPDATE {table.name} SET register_id = %s, version = %s WHERE id = %s", moves)

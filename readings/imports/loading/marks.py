"""Marks of statements: what took their place, what completes them, and which file repeats them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from readings.formats.packed_day import total_of
from readings.imports.law.completions import VALUES
from readings.imports.law.entries import Entry
from readings.imports.loading.insertion import insert
from readings.imports.loading.stored import Change, change, ids_of, store_merged
from readings.imports.loading.tables import StatementTable
from readings.imports.loading.versions import Comparison


def link(comparison: Comparison) -> None:
    """Store the links and the last occasions of changed rows, after the new rows were inserted."""
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
    changes, days = [], []
    for entry in changed:
        again: tuple[Any, ...] = (None, None, None)
        if entry.is_renewed:
            again = (entry.occasion.stated_at or None, flow_file_id, entry.occasion.line)
        own = id_of(entry)
        assert own
        changes.append(Change(own, id_of(entry.superseded_by), id_of(entry.withdrawn_by), *again))
        if entry.merged != entry.stored_merged:
            days.append((own, *_parts_of_day(entry)))
    change(table, changes)
    store_merged(table, days)


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


def note_repeats(comparison: Comparison) -> None:
    """Store for each meter point which lines of the file repeat statements about it."""
    lines: defaultdict[int, list[int]] = defaultdict(list)
    for line, _, meter_point in comparison.repeated:
        lines[meter_point].append(line)
    columns = ("flow_file_id", "meter_point_id", "first_line", "last_line", "number")
    flow_file = comparison.source.flow_file_id
    rows = [(flow_file, key, min(some), max(some), len(some)) for key, some in lines.items()]
    if rows:
        insert("readings_repeat", columns, rows)

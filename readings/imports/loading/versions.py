"""Comparison of new rows with stored ones: repeats, new versions, and what counts of both.

A repeat is the same statement of the same speaker about the same subject: it renews the stored one. Any other
statement is a new version. The law (`readings.imports.law`) then judges all of them from scratch.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Final

from readings.imports.law.entries import Entry, Occasion, Speaker
from readings.imports.loading.stored import Change, StoredRow, change, ids_of, stored_at
from readings.imports.loading.streams import Streams
from readings.imports.loading.tables import (
    INTERVAL_DAYS,
    LINE,
    METER_POINT,
    REGISTER,
    Row,
    StatementTable,
    completed,
    is_partial,
)

#: Number of the arrival that is under way: later than all others.
_NOW: Final = 2**62


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """The file that is imported."""

    flow_file_id: int
    sha256: str
    speaker: Speaker = ("", "")
    #: Creation time of the file as UTC text; empty if the file does not state it.
    created_at: str = ""


@dataclass(slots=True)
class Group:
    """The statements that are judged together."""

    entries: list[Entry] = field(default_factory=list)

    def same(self, new: Entry) -> Entry | None:
        """Return the entry that makes the same statement, or None."""
        return next((entry for entry in self.entries if entry.is_same(new)), None)

    def judge(self, table: StatementTable) -> None:
        """Mark the entries that do not count; one that is alone does."""
        if len(self.entries) > 1:
            table.judge(self.entries)
        else:
            for entry in self.entries:
                entry.superseded_by = entry.withdrawn_by = None

    def add(self, new: Entry) -> None:
        """Add a new version."""
        same = (each.version for each in self.entries if (each.register, each.kind) == (new.register, new.kind))
        new.version = 1 + max(same, default=0)
        self.entries.append(new)


@dataclass(slots=True)
class Comparison:
    """The result of comparing the rows of a batch with the stored ones."""

    table: StatementTable
    source: Source
    streams: Streams
    groups: dict[tuple[Any, ...], Group]
    new: list[Entry] = field(default_factory=list)
    #: Lines that repeat an entry, each with the entry and its meter point.
    repeated: list[tuple[int, Entry, int]] = field(default_factory=list)

    @property
    def rows(self) -> list[Row]:
        """Return the rows to insert, each with its version."""
        return [(*entry.row, entry.version) for entry in self.new]

    def group_of(self, new: Entry) -> Group:
        """Return the group of a new entry."""
        return self.groups[self.streams.canonical(new.place)]

    @property
    def entries(self) -> Iterable[Entry]:
        """Return all entries, stored and new."""
        return (entry for group in self.groups.values() for entry in group.entries)

    @property
    def superseded(self) -> int:
        """Return the number of statements whose place another one took."""
        return sum(map(newly_superseded, self.entries))

    @property
    def withdrawn(self) -> int:
        """Return the number of readings that are withdrawn now, and were not before."""
        return sum(bool(entry.withdrawn_by) and entry.stored_links[1] is None for entry in self.entries)


def newly_superseded(entry: Entry) -> bool:
    """Return whether the import superseded a statement that counted: a stored one, or one of an earlier line."""
    winner = entry.superseded_by
    if winner is None or entry.stored_links[0] is not None:
        return False
    return entry.id is not None or winner.occasion.line > entry.line


def compare_with_stored(table: StatementTable, rows: Sequence[Row], source: Source, streams: Streams) -> Comparison:
    """Return the comparison of new rows, without version and in line order, with the stored ones."""
    groups = _stored_groups(table, rows, source, streams)
    comparison = Comparison(table, source, streams, groups)
    for row in rows:
        group = groups[streams.canonical(table.group_of(row))]
        row = _completed(table, row, group)
        new = _new_entry(table, row, source, streams)
        if same := group.same(new):
            same.renew(new.occasion)
            comparison.repeated.append((new.line, same, row[METER_POINT]))
        else:
            group.add(new)
            comparison.new.append(new)
    for group in groups.values():
        group.judge(table)
    return comparison


def _completed(table: StatementTable, row: Row, group: Group) -> Row:
    """Return a row; if it states a part of a day, complete it with the day that counts."""
    if table is not INTERVAL_DAYS or not group.entries or not is_partial(row):
        return row
    group.judge(table)
    counting = (each for each in group.entries if each.counts and each.kind == row[table.kind_at])
    current = next(counting, None)
    return completed(row, current.statement) if current else row


def _new_entry(table: StatementTable, row: Row, source: Source, streams: Streams) -> Entry:
    statement = table.statement_of(row)
    stated_at = row[table.updated_at] or source.created_at
    kind = row[table.kind_at]
    return Entry(
        register=row[REGISTER],
        kind=kind,
        value=Decimal(statement[0]),
        content=table.content_of(statement),
        statement=statement,
        speaker=source.speaker,
        occasion=Occasion(stated_at, 0 if stated_at else _NOW, source.sha256, row[LINE]),
        standing=table.standing(kind, statement),
        meter=streams.meter_of(row[REGISTER]),
        line=row[LINE],
        row=row,
        place=table.group_of(row),
    )


def _stored_groups(
    table: StatementTable, rows: Sequence[Row], source: Source, streams: Streams
) -> dict[tuple[Any, ...], Group]:
    groups: dict[tuple[Any, ...], Group] = {}
    places: dict[tuple[Any, ...], None] = {}
    for place in dict.fromkeys(map(table.group_of, rows)):
        groups[streams.canonical(place)] = Group()
        places |= dict.fromkeys(streams.places(place))
    fill(groups, table, stored_at(table, list(places)), streams, source.flow_file_id)
    return groups


def fill(
    groups: dict[tuple[Any, ...], Group],
    table: StatementTable,
    rows: Iterable[StoredRow],
    streams: Streams,
    importing: int | None = None,
) -> None:
    """Add stored rows to their groups; `importing` is the file that is being imported."""
    links: dict[int, Entry] = {}
    for row in rows:
        entry = links[row.id] = _stored_entry(table, row, streams, importing)
        place = (row.meter_point_id, row.register_id, *row.group)
        groups.setdefault(streams.canonical(place), Group()).entries.append(entry)
    for entry in links.values():
        superseded_by, withdrawn_by = entry.stored_links
        entry.superseded_by = links.get(superseded_by or 0)
        entry.withdrawn_by = links.get(withdrawn_by or 0)


def _stored_entry(table: StatementTable, row: StoredRow, streams: Streams, importing: int | None) -> Entry:
    arrival = _NOW if row.flow_file_id == importing else row.arrived
    return Entry(
        register=row.register_id,
        kind=row.kind,
        value=Decimal(row.statement[0]),
        content=table.content_of(row.statement),
        statement=row.statement,
        speaker=(row.sender, row.sender_role),
        occasion=Occasion(row.stated_at, 0 if row.stated_at else arrival, row.sha256, row.last_line),
        standing=table.standing(row.kind, row.statement),
        meter=streams.meter_of(row.register_id),
        line=row.line,
        id=row.id,
        version=row.version,
        stored_links=(row.superseded_by, row.withdrawn_by),
    )


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

    changes = []
    for entry in changed:
        again: tuple[Any, ...] = (None, None, None)
        if entry.is_renewed:
            again = (entry.occasion.stated_at or None, comparison.source.flow_file_id, entry.occasion.line)
        own = id_of(entry)
        assert own
        changes.append(Change(own, id_of(entry.superseded_by), id_of(entry.withdrawn_by), *again))
    change(comparison.table, changes)


def _ids_of_new(comparison: Comparison, changed: Iterable[Entry]) -> dict[tuple[Any, ...], int]:
    linked = ((entry, entry.superseded_by, entry.withdrawn_by) for entry in changed)
    lines = [entry.line for entries in linked for entry in entries if entry and entry.id is None]
    if not lines:
        return {}
    return ids_of(comparison.table, comparison.source.flow_file_id, min(lines), max(lines))

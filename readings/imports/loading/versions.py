"""Comparison of new rows with stored ones: repeats, new versions, and what counts of both.

A repeat is the same statement of the same speaker about the same subject: it renews the stored one. Any other
statement is a new version. The law (`readings.imports.law`) then judges all of them from scratch.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from itertools import chain
from operator import itemgetter
from typing import Any

from readings.formats.packed_day import total_of
from readings.imports.law.completions import VALUES, says_nothing_new
from readings.imports.law.entries import Entry, Merged
from readings.imports.loading.repeats import Line, PlainRows, Source, last_occasion, separate_plain_rows
from readings.imports.loading.stored import StoredRow, stored_at
from readings.imports.loading.streams import Streams
from readings.imports.loading.tables import INTERVAL_DAYS, LINE, METER_POINT, REGISTER, Row, StatementTable


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
                entry.superseded_by = entry.withdrawn_by = entry.merged = None

    def add(self, new: Entry) -> None:
        """Add a new version."""
        new.version = self._next_version(new)
        self.entries.append(new)

    def renew(self, same: Entry, new: Entry) -> None:
        """Let an entry take over the occasion of a new one that makes the same statement, if it is later."""
        if new.occasion > same.occasion:
            same.moved = None if new.register == same.register else (new.register, self._next_version(new))
            same.renew(new)

    def _next_version(self, new: Entry) -> int:
        """Return the next version of the register of a new entry."""
        alike = [each for each in self.entries if each.kind == new.kind]
        stored = ((each.register, each.version) for each in alike)
        moved = (each.moved for each in alike if each.moved)
        return 1 + max((version for register, version in chain(stored, moved) if register == new.register), default=0)


@dataclass(slots=True)
class Comparison:
    """The result of comparing the rows of a batch with the stored ones."""

    table: StatementTable
    source: Source
    streams: Streams
    groups: dict[tuple[Any, ...], Group]
    plain: PlainRows
    new: list[Entry] = field(default_factory=list)
    #: Lines that repeat an entry, each with the entry and its meter point.
    repeated: list[tuple[int, Entry, int]] = field(default_factory=list)

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns of the rows to insert."""
        return (*self.table.all_columns, *self.plain.more_columns)

    @property
    def rows(self) -> list[Row]:
        """Return the rows to insert, each with its version, in line order."""
        more = (None,) * len(self.plain.more_columns)
        rows = [(*entry.row, entry.version, *more) for entry in self.new]
        return sorted(chain(self.plain.new_rows, rows), key=itemgetter(LINE)) if rows else self.plain.new_rows

    @property
    def new_rows(self) -> list[Row]:
        """Return the rows to insert as the file fills them."""
        return [*self.plain.new, *(entry.row for entry in self.new)]

    @property
    def repeats(self) -> list[Line]:
        """Return the lines that repeat a statement."""
        return [*self.plain.lines, *(Line(line, meter_point) for line, _, meter_point in self.repeated)]

    def group_of(self, new: Entry) -> Group:
        """Return the group of a new entry."""
        return self.groups[self.streams.canonical(new.place)]

    def drop_repeated_parts(self) -> None:
        """Take new statements of consumption as repeats if all their values count already, by other statements."""
        dropped = set()
        for group in self.groups.values():
            new = [entry for entry in group.entries if entry.id is None]
            if new and says_nothing_new(new, group.entries):
                group.entries = [entry for entry in group.entries if entry.id]
                self.repeated += [(entry.line, group.entries[-1], entry.place[0]) for entry in new]
                dropped.update(new)
        self.new = [entry for entry in self.new if entry not in dropped]

    @property
    def entries(self) -> Iterable[Entry]:
        """Return all entries, stored and new."""
        return (entry for group in self.groups.values() for entry in group.entries)

    @property
    def superseded(self) -> int:
        """Return the number of statements whose place another one took."""
        return sum(map(newly_superseded, self.entries))

    @property
    def completed(self) -> int:
        """Return the number of stored days that a part of the day in the file completed."""
        return sum(map(newly_completed, self.entries))

    @property
    def withdrawn(self) -> int:
        """Return the number of readings that are withdrawn now, and were not before."""
        return sum(bool(entry.withdrawn_by) and entry.stored_links[1] is None for entry in self.entries)


def newly_superseded(entry: Entry) -> bool:
    """Return whether the import superseded a statement that counted: a stored one, or one of an earlier line."""
    winner = entry.superseded_by
    if winner is None or entry.stored_links[0] is not None or entry.is_completed:
        return False
    return entry.id is not None or winner.occasion.line > entry.line


def newly_completed(entry: Entry) -> bool:
    """Return whether the import made a stored day part of another one, in which all its values still count."""
    is_new = entry.stored_links[0] is None and entry.id is not None
    return is_new and entry.is_completed and not entry.kind


def compare_with_stored(table: StatementTable, rows: Sequence[Row], source: Source, streams: Streams) -> Comparison:
    """Return the comparison of new rows, without version and in line order, with the stored ones."""
    plain = separate_plain_rows(table, rows, _stored(table, rows, streams), source, streams)
    groups = {streams.canonical(table.group_of(row)): Group() for row in plain.rows}
    fill(groups, table, plain.stored, streams, source.flow_file_id)
    comparison = Comparison(table, source, streams, groups, plain)
    for row in plain.rows:
        group = groups[streams.canonical(table.group_of(row))]
        new = _new_entry(table, row, source, streams)
        if same := group.same(new):
            group.renew(same, new)
            comparison.repeated.append((new.line, same, row[METER_POINT]))
        else:
            group.add(new)
            comparison.new.append(new)
    if table.parts:
        comparison.drop_repeated_parts()
    for group in groups.values():
        group.judge(table)
    return comparison


def _new_entry(table: StatementTable, row: Row, source: Source, streams: Streams) -> Entry:
    statement = table.statement_of(row)
    kind = row[table.kind_at]
    meter, suffix = streams.channel_of(row[REGISTER])
    return Entry(
        register=row[REGISTER],
        kind=kind,
        value=Decimal(statement[0]),
        content=table.content_of(statement),
        statement=statement,
        speaker=source.speaker,
        occasion=source.occasion(table, row),
        standing=table.standing(kind, statement),
        meter=meter,
        suffix=suffix,
        flow_file=source.flow_file_id,
        line=row[LINE],
        lines=json.loads(row[table.lines_at] or "[]") if table.parts else (),
        row=row,
        place=table.group_of(row),
    )


def _stored(table: StatementTable, rows: Sequence[Row], streams: Streams) -> Iterable[StoredRow]:
    groups = {streams.canonical(place): place for place in map(table.group_of, rows)}
    return stored_at(table, [place for group in groups.values() for place in streams.places(group)])


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
        groups.setdefault(streams.canonical(row.place), Group()).entries.append(entry)
    for entry in links.values():
        superseded_by, withdrawn_by = entry.stored_links
        entry.superseded_by = links.get(superseded_by or 0)
        entry.withdrawn_by = links.get(withdrawn_by or 0)


def _stored_entry(table: StatementTable, row: StoredRow, streams: Streams, importing: int | None) -> Entry:
    lines, values_as_sent, origins = row.parts or ("", "", "")
    statement = _as_sent(row.statement, values_as_sent) if values_as_sent else row.statement
    meter, suffix = streams.channel_of(row.register_id)
    merged = Merged(row.statement[VALUES], tuple(map(tuple, json.loads(origins)))) if values_as_sent else None
    return Entry(
        register=row.register_id,
        kind=row.kind,
        value=Decimal(statement[0]),
        content=table.content_of(statement),
        statement=statement,
        speaker=(row.sender, row.sender_role),
        occasion=last_occasion(row, importing),
        standing=table.standing(row.kind, statement),
        meter=meter,
        suffix=suffix,
        line=row.line,
        flow_file=row.last_flow_file_id,
        lines=json.loads(lines or "[]"),
        merged=merged,
        stored_merged=merged,
        id=row.id,
        version=row.version,
        stored_links=(row.superseded_by, row.withdrawn_by),
    )


def _as_sent(statement: tuple[Any, ...], values: str) -> tuple[Any, ...]:
    """Return the statement of an interval day with the values that its file states, without those of others."""
    changed = dict(zip(INTERVAL_DAYS.statement, statement, strict=True))
    return tuple({**changed, "values": values, "total": total_of(values)}.values())

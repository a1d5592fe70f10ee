"""Comparison of new rows with stored ones: repeats, corrections, withdrawals.

The key of a reading is meter point, meter, register, time and reading type; an accumulation has both of its times
instead, and an interval day has the day. The same key with the same statement is a repeat, and so is the repeat of a
superseded statement. The same key with another statement is a new version: the later one is current (by
UpdateDateTime if the line has it, else by the time in the file's header, else by arrival), and the other one is
superseded. A line of type W withdraws every reading of its register and time, of any type; if there is none, it
withdraws the first one that arrives later.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from readings.formats.contract import WARNING, Problem
from readings.formats.dtc.catalogue.codes import WITHDRAWN
from readings.imports.loading.insertion import utc_text
from readings.imports.loading.stored import change, ids_of, stored_at
from readings.imports.loading.tables import LINE, Row, StatementTable, completed


@dataclass(slots=True, eq=False)
class Entry:
    """A statement, either stored (with an id) or new (with a row)."""

    line: int
    kind: str
    statement: tuple[Any, ...]
    #: Time of the statement as UTC text; empty if neither the line nor the file states it.
    stated_at: str
    row: Row = ()
    place: tuple[Any, ...] = ()
    id: int | None = None
    version: int = 1
    #: Latest UpdateDateTime of a repeat.
    restated_at: str | None = None
    superseded_by: Entry | int | None = None
    withdrawn_by: Entry | int | None = None
    is_changed: bool = False


@dataclass(slots=True)
class Comparison:
    """The result of comparing the rows of a batch with the stored ones."""

    table: StatementTable
    new: list[Entry] = field(default_factory=list)
    #: Entries, stored or new, whose links or times change.
    changed: list[Entry] = field(default_factory=list)
    repeats: int = 0
    superseded: int = 0
    withdrawn: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def rows(self) -> list[Row]:
        """Return the rows to insert, each with its version."""
        links = (None,) * len(self.table.links)
        return [(*entry.row, entry.version, *links) for entry in self.new]

    def warn(self, entry: Entry, code: str, value: str, message: str) -> None:
        """Add a warning about a line of the file."""
        problem = Problem(severity=WARNING, line=entry.line, code=code, value=value, message=message)
        self.problems.append(problem)


@dataclass(slots=True)
class Neighbors:
    """The entries of one register and time, or day."""

    entries: list[Entry] = field(default_factory=list)
    #: Current entry and last version of each kind.
    current: dict[str, Entry] = field(default_factory=dict)
    last_version: dict[str, int] = field(default_factory=dict)

    def add(self, entry: Entry) -> None:
        """Add an entry."""
        self.entries.append(entry)
        self.last_version[entry.kind] = max(entry.version, self.last_version.get(entry.kind, 0))
        if entry.superseded_by is None:
            self.current[entry.kind] = entry


def compare_with_stored(table: StatementTable, rows: Sequence[Row], file_created_at: str) -> Comparison:
    """Return the comparison of new rows, without version and links and in line order, with the stored ones."""
    comparison = Comparison(table)
    neighbors_at = _stored_neighbors(table, rows)
    for row in rows:
        neighbors = neighbors_at[table.place_of(row)]
        current = neighbors.current.get(row[table.kind_at] if table.kind else "")
        new = _new_entry(table, completed(table, row, current.statement) if current else row, file_created_at)
        if current and _is_repeat(new, current, neighbors.entries, is_stamped=bool(row[table.updated_at])):
            comparison.repeats += 1
            continue
        if current:
            new.version = 1 + neighbors.last_version[new.kind]
            _supersede(current, new, comparison)
        if new.kind == WITHDRAWN:
            _withdraw(new, neighbors.entries, comparison)
        elif WITHDRAWN in neighbors.current:
            _apply_earlier_withdrawal(new, neighbors.entries, comparison)
        neighbors.add(new)
        comparison.new.append(new)
    everything = (entry for neighbors in neighbors_at.values() for entry in neighbors.entries)
    comparison.changed = [entry for entry in everything if entry.is_changed]
    return comparison


def _new_entry(table: StatementTable, row: Row, file_created_at: str) -> Entry:
    value, *details = table.statement_of(row)
    return Entry(
        line=row[LINE],
        kind=row[table.kind_at] if table.kind else "",
        statement=(Decimal(value), *details),
        stated_at=row[table.updated_at] or file_created_at,
        row=row,
        place=table.place_of(row),
    )


def _is_repeat(new: Entry, current: Entry, neighbors: list[Entry], *, is_stamped: bool) -> bool:
    """Return whether a statement is a repeat; the current entry then takes over a later UpdateDateTime."""
    if current.statement == new.statement:
        if is_stamped and new.stated_at > current.stated_at:
            current.stated_at = current.restated_at = new.stated_at
            current.is_changed = True
        return True
    if not new.stated_at or new.stated_at >= current.stated_at:
        return False
    same = (each for each in neighbors if each.kind == new.kind and each.statement == new.statement)
    return any(each.stated_at >= new.stated_at for each in same)


def _supersede(current: Entry, new: Entry, comparison: Comparison) -> None:
    value, reported = str(new.statement[0]), current.statement[0]
    if new.stated_at and new.stated_at < current.stated_at:
        new.superseded_by, new.is_changed = current, True
        message = f"a later statement reports {reported} for {comparison.table.subject}; it stays current"
    else:
        current.superseded_by, current.is_changed = new, True
        comparison.superseded += 1
        message = f"replaces {reported}, reported earlier for {comparison.table.subject}"
    comparison.warn(new, "correction", value, message)


def _withdraw(withdrawal: Entry, neighbors: list[Entry], comparison: Comparison) -> None:
    readings = [entry for entry in neighbors if entry.kind != WITHDRAWN]
    value = str(withdrawal.statement[0])
    if not readings:
        message = "withdraws a reading that is not stored; the withdrawal applies when the reading arrives"
        comparison.warn(withdrawal, "withdrawal-without-match", value, message)
    for entry in readings:
        if entry.withdrawn_by is None:
            entry.withdrawn_by, entry.is_changed = withdrawal, True
            comparison.withdrawn += 1
    if readings and all(entry.statement[0] != withdrawal.statement[0] for entry in readings):
        message = f"withdraws the reading of this register and time although its value is {readings[-1].statement[0]}"
        comparison.warn(withdrawal, "withdrawal-of-other-value", value, message)


def _apply_earlier_withdrawal(new: Entry, neighbors: list[Entry], comparison: Comparison) -> None:
    links = [entry.withdrawn_by for entry in neighbors]
    used = {link if isinstance(link, int) else id(link) for link in links}
    for entry in neighbors:
        waits = entry.kind == WITHDRAWN and entry.superseded_by is None
        if waits and entry.id not in used and id(entry) not in used:
            new.withdrawn_by, new.is_changed = entry, True
            comparison.withdrawn += 1
            message = "was withdrawn before this reading arrived"
            comparison.warn(new, "withdrawn-before", str(new.statement[0]), message)
            return


def _stored_neighbors(table: StatementTable, rows: Sequence[Row]) -> dict[tuple[Any, ...], Neighbors]:
    places = list(dict.fromkeys(map(table.place_of, rows)))
    neighbors = {place: Neighbors() for place in places}
    for place, *stored in stored_at(table, places):
        neighbors[place].add(_stored_entry(stored))
    return neighbors


def _stored_entry(stored: Sequence[Any]) -> Entry:
    line, kind, stated_at, key, version, superseded_by, withdrawn_by, value, *details = stored
    return Entry(
        line=line,
        kind=kind,
        statement=(Decimal(value), *details),
        stated_at=utc_text(stated_at) or "",
        id=key,
        version=version,
        superseded_by=superseded_by,
        withdrawn_by=withdrawn_by,
    )


def link(comparison: Comparison, flow_file_id: int) -> None:
    """Store the links of superseded and withdrawn rows, after the new rows were inserted."""
    if not comparison.changed:
        return
    ids = _ids_of_new(comparison, flow_file_id)

    def id_of(entry: Entry | int | None) -> int | None:
        if isinstance(entry, Entry):
            return entry.id or ids[(entry.line, entry.version, *entry.place)]
        return entry

    change(
        comparison.table,
        [
            (id_of(entry), entry.restated_at, id_of(entry.superseded_by), id_of(entry.withdrawn_by))
            for entry in comparison.changed
        ],
    )


def _ids_of_new(comparison: Comparison, flow_file_id: int) -> dict[tuple[Any, ...], int]:
    linked = [(entry, entry.superseded_by, entry.withdrawn_by) for entry in comparison.changed]
    entries = (entry for link in linked for entry in link if isinstance(entry, Entry))
    lines = [entry.line for entry in entries if entry.id is None]
    return ids_of(comparison.table, flow_file_id, min(lines), max(lines)) if lines else {}

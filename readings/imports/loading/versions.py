"""Where a file meets what is already stored: repeats, corrections, withdrawals.

The key of a reading is meter point, meter, register, time and reading type; that of an accumulation has both its
times, and that of an interval day has the day. The same key and the same statement again is a repeat; so is an older
one that was superseded. The same key and another statement is a new version: the later one is current (by
UpdateDateTime where the line has it, else by the time in the file's header, else by arrival), the other is marked as
superseded. A line of type W takes back every reading of its register and time, whatever its type; while it has none,
it waits for the first that comes.
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
    """A statement, stored (it has an id) or about to be (it has a row)."""

    line: int
    kind: str
    statement: tuple[Any, ...]
    #: When it was made, as UTC text; empty where neither the line nor the file says so.
    stated_at: str
    row: Row = ()
    place: tuple[Any, ...] = ()
    id: int | None = None
    version: int = 1
    #: The latest UpdateDateTime under which it came again.
    restated_at: str | None = None
    superseded_by: Entry | int | None = None
    withdrawn_by: Entry | int | None = None
    is_changed: bool = False


@dataclass(slots=True)
class Comparison:
    """What is to be done with the rows of a batch."""

    table: StatementTable
    new: list[Entry] = field(default_factory=list)
    #: Entries, stored or new, to which another one has to be linked.
    changed: list[Entry] = field(default_factory=list)
    repeats: int = 0
    superseded: int = 0
    withdrawn: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def rows(self) -> list[Row]:
        """Give the rows to insert, each with its version."""
        links = (None,) * len(self.table.links)
        return [(*entry.row, entry.version, *links) for entry in self.new]

    def warn(self, entry: Entry, code: str, value: str, message: str) -> None:
        """Note a warning about a line of the file."""
        problem = Problem(severity=WARNING, line=entry.line, code=code, value=value, message=message)
        self.problems.append(problem)


@dataclass(slots=True)
class Beside:
    """What is stated of one register and time, or day."""

    entries: list[Entry] = field(default_factory=list)
    #: By kind: the entry that nothing supersedes, and the last version.
    current: dict[str, Entry] = field(default_factory=dict)
    last_version: dict[str, int] = field(default_factory=dict)

    def add(self, entry: Entry) -> None:
        """Take an entry in."""
        self.entries.append(entry)
        self.last_version[entry.kind] = max(entry.version, self.last_version.get(entry.kind, 0))
        if entry.superseded_by is None:
            self.current[entry.kind] = entry


def compare_with_stored(table: StatementTable, rows: Sequence[Row], file_created_at: str) -> Comparison:
    """Compare new rows, in the order of their lines and without the columns of the store, with the stored ones."""
    comparison = Comparison(table)
    beside_each = _stored_beside(table, rows)
    for row in rows:
        beside = beside_each[table.place_of(row)]
        current = beside.current.get(row[table.kind_at] if table.kind else "")
        new = _new_entry(table, completed(table, row, current.statement) if current else row, file_created_at)
        if current and _is_repeat(new, current, beside.entries, is_stamped=bool(row[table.updated_at])):
            comparison.repeats += 1
            continue
        if current:
            new.version = 1 + beside.last_version[new.kind]
            _supersede(current, new, comparison)
        if new.kind == WITHDRAWN:
            _withdraw(new, beside.entries, comparison)
        elif WITHDRAWN in beside.current:
            _meet_withdrawal(new, beside.entries, comparison)
        beside.add(new)
        comparison.new.append(new)
    everything = (entry for beside in beside_each.values() for entry in beside.entries)
    comparison.changed = [entry for entry in everything if entry.is_changed]
    return comparison


def _new_entry(table: StatementTable, row: Row, file_created_at: str) -> Entry:
    value, *said = table.said_of(row)
    return Entry(
        line=row[LINE],
        kind=row[table.kind_at] if table.kind else "",
        statement=(Decimal(value), *said),
        stated_at=row[table.updated_at] or file_created_at,
        row=row,
        place=table.place_of(row),
    )


def _is_repeat(new: Entry, current: Entry, beside: list[Entry], *, is_stamped: bool) -> bool:
    """Tell whether this was stated before; what is current is then as new as its latest UpdateDateTime."""
    if current.statement == new.statement:
        if is_stamped and new.stated_at > current.stated_at:
            current.stated_at = current.restated_at = new.stated_at
            current.is_changed = True
        return True
    if not new.stated_at or new.stated_at >= current.stated_at:
        return False
    same = (each for each in beside if each.kind == new.kind and each.statement == new.statement)
    return any(each.stated_at >= new.stated_at for each in same)


def _supersede(current: Entry, new: Entry, comparison: Comparison) -> None:
    value, stated = str(new.statement[0]), current.statement[0]
    if new.stated_at and new.stated_at < current.stated_at:
        new.superseded_by, new.is_changed = current, True
        message = f"a later statement gives {stated} for {comparison.table.subject}; that stays current"
    else:
        current.superseded_by, current.is_changed = new, True
        comparison.superseded += 1
        message = f"replaces {stated}, stated before for {comparison.table.subject}, or what was said of it"
    comparison.warn(new, "correction", value, message)


def _withdraw(withdrawal: Entry, beside: list[Entry], comparison: Comparison) -> None:
    readings = [entry for entry in beside if entry.kind != WITHDRAWN]
    value = str(withdrawal.statement[0])
    if not readings:
        message = "withdraws a reading that is not stored; it waits for it"
        comparison.warn(withdrawal, "withdrawal-without-match", value, message)
    for entry in readings:
        if entry.withdrawn_by is None:
            entry.withdrawn_by, entry.is_changed = withdrawal, True
            comparison.withdrawn += 1
    if readings and all(entry.statement[0] != withdrawal.statement[0] for entry in readings):
        message = f"withdraws the reading of this register and time, though its value is {readings[-1].statement[0]}"
        comparison.warn(withdrawal, "withdrawal-of-other-value", value, message)


def _meet_withdrawal(new: Entry, beside: list[Entry], comparison: Comparison) -> None:
    used = {entry.withdrawn_by if isinstance(entry.withdrawn_by, int) else id(entry.withdrawn_by) for entry in beside}
    for entry in beside:
        waits = entry.kind == WITHDRAWN and entry.superseded_by is None
        if waits and entry.id not in used and id(entry) not in used:
            new.withdrawn_by, new.is_changed = entry, True
            comparison.withdrawn += 1
            message = "was withdrawn before it came"
            comparison.warn(new, "withdrawn-before", str(new.statement[0]), message)
            return


def _stored_beside(table: StatementTable, rows: Sequence[Row]) -> dict[tuple[Any, ...], Beside]:
    places = list(dict.fromkeys(map(table.place_of, rows)))
    beside = {place: Beside() for place in places}
    for place, *stored in stored_at(table, places):
        beside[place].add(_stored_entry(stored))
    return beside


def _stored_entry(stored: Sequence[Any]) -> Entry:
    line, kind, stated_at, key, version, superseded_by, withdrawn_by, value, *said = stored
    return Entry(
        line=line,
        kind=kind,
        statement=(Decimal(value), *said),
        stated_at=utc_text(stated_at) or "",
        id=key,
        version=version,
        superseded_by=superseded_by,
        withdrawn_by=withdrawn_by,
    )


def link(comparison: Comparison, flow_file_id: int) -> None:
    """Link what is superseded or withdrawn to what did it, after the new rows were inserted."""
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

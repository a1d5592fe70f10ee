"""Where a file meets readings that are already stored: repeats, corrections, withdrawals.

The key of a reading is meter point, meter, register, time and reading type. The same key and the same statement again
is a repeat. The same key and another statement is a new version: the one of the later file is current, the other is
marked as superseded. A line of type W takes back every reading of its register and time, whatever its type; while it
has none, it waits for the first that comes.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, TypeAlias

from django.db import connection

from readings.codes import WITHDRAWN
from readings.flow import WARNING, Problem
from readings.loading import is_postgresql, utc_text
from readings.models import Reading

#: A row to be inserted, in the order of `loading.READING_COLUMNS`.
Row: TypeAlias = tuple[Any, ...]

LINE, METER_POINT, REGISTER, READ_AT, VALUE, TYPE = 1, 2, 3, 4, 6, 7
#: What is said of a value; together with the value it is the statement.
SAID = slice(8, 15)


@dataclass(slots=True, eq=False)
class Entry:
    """A reading, stored (it has an id) or about to be (it has a row)."""

    line: int
    reading_type: str
    statement: tuple[Any, ...]
    #: When its file was made, as UTC text; empty where the file does not say.
    file_created_at: str
    row: Row = ()
    id: int | None = None
    version: int = 1
    superseded_by: Entry | int | None = None
    withdrawn_by: Entry | int | None = None
    is_changed: bool = False


@dataclass(slots=True)
class Outcome:
    """What is to be done with the readings of a batch."""

    new: list[Entry] = field(default_factory=list)
    #: Entries, stored or new, to which another one has to be linked.
    changed: list[Entry] = field(default_factory=list)
    repeats: int = 0
    superseded: int = 0
    withdrawn: int = 0
    problems: list[Problem] = field(default_factory=list)

    @property
    def new_versions(self) -> list[tuple[int, int]]:
        """Give line and version of each new reading."""
        return [(entry.line, entry.version) for entry in self.new]

    def warn(self, entry: Entry, code: str, value: str, message: str) -> None:
        """Note a warning about a line of the file."""
        problem = Problem(severity=WARNING, line=entry.line, code=code, value=value, message=message)
        self.problems.append(problem)


@dataclass(slots=True)
class Beside:
    """What is stated for one register and time."""

    entries: list[Entry] = field(default_factory=list)
    #: By reading type: the entry that nothing supersedes, and the last version.
    current: dict[str, Entry] = field(default_factory=dict)
    last_version: dict[str, int] = field(default_factory=dict)

    def add(self, entry: Entry) -> None:
        """Take an entry in."""
        self.entries.append(entry)
        kind = entry.reading_type
        self.last_version[kind] = max(entry.version, self.last_version.get(kind, 0))
        if entry.superseded_by is None:
            self.current[kind] = entry


def meet(rows: Sequence[Row], file_created_at: str) -> Outcome:
    """Compare new readings, in the order of their lines, with the stored ones of the same register and time."""
    outcome = Outcome()
    beside_each = _stored_beside(rows)
    for row in rows:
        beside = beside_each[row[REGISTER], row[READ_AT]]
        statement = (Decimal(row[VALUE]), *row[SAID])
        new = Entry(row[LINE], row[TYPE], statement, file_created_at, row=row)
        current = beside.current.get(new.reading_type)
        if current and current.statement == new.statement:
            outcome.repeats += 1
            continue
        if current:
            new.version = 1 + beside.last_version[new.reading_type]
            _supersede(current, new, outcome)
        if new.reading_type == WITHDRAWN:
            _withdraw(new, beside.entries, outcome)
        elif WITHDRAWN in beside.current:
            _meet_withdrawal(new, beside.entries, outcome)
        beside.add(new)
        outcome.new.append(new)
    everything = (entry for beside in beside_each.values() for entry in beside.entries)
    outcome.changed = [entry for entry in everything if entry.is_changed]
    return outcome


def _supersede(current: Entry, new: Entry, outcome: Outcome) -> None:
    value, stated = str(new.statement[0]), current.statement[0]
    if new.file_created_at and new.file_created_at < current.file_created_at:
        new.superseded_by, new.is_changed = current, True
        message = f"a file made later states {stated} for this register, time and type; that stays current"
    else:
        current.superseded_by, current.is_changed = new, True
        outcome.superseded += 1
        message = f"replaces {stated}, stated before for this register, time and type, or what was said of it"
    outcome.warn(new, "correction", value, message)


def _withdraw(withdrawal: Entry, beside: list[Entry], outcome: Outcome) -> None:
    readings = [entry for entry in beside if entry.reading_type != WITHDRAWN]
    value = str(withdrawal.statement[0])
    if not readings:
        message = "withdraws a reading that is not stored; it waits for it"
        outcome.warn(withdrawal, "withdrawal-without-match", value, message)
    for entry in readings:
        if entry.withdrawn_by is None:
            entry.withdrawn_by, entry.is_changed = withdrawal, True
            outcome.withdrawn += 1
    if readings and all(entry.statement[0] != withdrawal.statement[0] for entry in readings):
        message = f"withdraws the reading of this register and time, though its value is {readings[-1].statement[0]}"
        outcome.warn(withdrawal, "withdrawal-of-other-value", value, message)


def _meet_withdrawal(new: Entry, beside: list[Entry], outcome: Outcome) -> None:
    used = {entry.withdrawn_by if isinstance(entry.withdrawn_by, int) else id(entry.withdrawn_by) for entry in beside}
    for entry in beside:
        waits = entry.reading_type == WITHDRAWN and entry.superseded_by is None
        if waits and entry.id not in used and id(entry) not in used:
            new.withdrawn_by, new.is_changed = entry, True
            outcome.withdrawn += 1
            message = "was withdrawn before it came"
            outcome.warn(new, "withdrawn-before", str(new.statement[0]), message)
            return


_ON_POSTGRESQL = """
WITH wanted AS MATERIALIZED (
    SELECT meter_point::bigint AS meter_point_id, register::bigint AS register_id,
           (read_at || '+00')::timestamptz AS read_at, place
    FROM unnest(string_to_array(%s, ','), string_to_array(%s, ','), string_to_array(%s, ','))
    WITH ORDINALITY AS wanted(meter_point, register, read_at, place)
)
"""
_ON_SQLITE = """
WITH wanted(meter_point_id, register_id, read_at, place) AS MATERIALIZED (
    SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), key + 1
    FROM json_each(%s)
)
"""
_STORED = """
SELECT wanted.place, reading.line, reading.reading_type, flow_file.created_at, reading.id, reading.version,
       reading.superseded_by_id, reading.withdrawn_by_id, reading.value,
       reading.validation_status, reading.md_reset_at, reading.md_resets, reading.flag, reading.method,
       reading.reason_code, reading.reading_status
FROM wanted
JOIN readings_reading reading
    ON reading.meter_point_id = wanted.meter_point_id AND reading.register_id = wanted.register_id
    AND reading.read_at = wanted.read_at
JOIN readings_flowfile flow_file ON flow_file.id = reading.flow_file_id
ORDER BY reading.id
"""


def _stored_beside(rows: Sequence[Row]) -> dict[tuple[int, str], Beside]:
    places = list(dict.fromkeys((row[METER_POINT], row[REGISTER], row[READ_AT]) for row in rows))
    beside: dict[tuple[int, str], Beside] = {place[1:]: Beside() for place in places}
    with connection.cursor() as cursor:
        if is_postgresql():
            texts = [",".join(map(str, column)) for column in zip(*places, strict=True)]
            cursor.execute(_ON_POSTGRESQL + _STORED, texts)
        else:
            cursor.execute(_ON_SQLITE + _STORED, [json.dumps(places)])
        for place, *stored in cursor.fetchall():
            beside[places[place - 1][1:]].add(_stored_entry(stored))
    return beside


def _stored_entry(stored: Sequence[Any]) -> Entry:
    line, reading_type, file_created_at, key, version, superseded_by, withdrawn_by, value, *said = stored
    said[1] = utc_text(said[1])
    return Entry(
        line=line,
        reading_type=reading_type,
        statement=(Decimal(value), *said),
        file_created_at=utc_text(file_created_at) or "",
        id=key,
        version=version,
        superseded_by=superseded_by,
        withdrawn_by=withdrawn_by,
    )


def link(outcome: Outcome, flow_file_id: int) -> None:
    """Link what is superseded or withdrawn to what did it, after the new readings were inserted."""
    if not outcome.changed:
        return
    ids = _ids_of_lines(flow_file_id, _lines_to_link(outcome))

    def id_of(entry: Entry | int | None) -> int | None:
        return (entry.id or ids[entry.line]) if isinstance(entry, Entry) else entry

    with connection.cursor() as cursor:
        cursor.executemany(
            "UPDATE readings_reading SET superseded_by_id = %s, withdrawn_by_id = %s WHERE id = %s",
            [(id_of(entry.superseded_by), id_of(entry.withdrawn_by), id_of(entry)) for entry in outcome.changed],
        )


def _lines_to_link(outcome: Outcome) -> list[int]:
    linked = [(entry, entry.superseded_by, entry.withdrawn_by) for entry in outcome.changed]
    entries = (entry for link in linked for entry in link if isinstance(entry, Entry))
    return sorted({entry.line for entry in entries if entry.id is None})


def _ids_of_lines(flow_file_id: int, lines: list[int]) -> dict[int, int]:
    readings = Reading.objects.filter(flow_file_id=flow_file_id, line__in=lines)
    return dict(readings.values_list("line", "id"))

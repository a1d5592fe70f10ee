"""Lines that repeat statements, and statements that meet no others.

Most repeats are plain: one line meets one stored statement, which is the same to the letter and the only one that is
judged there. So are most new statements: all lines of the batch about a subject make the same one, such as the two
lines about a read that ends one accumulation and begins the next. They are recognized here, without the law: the
statement counts.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

from readings.formats.dtc.catalogue.codes import WITHDRAWN
from readings.imports.law.entries import Occasion, Speaker
from readings.imports.loading.insertion import insert
from readings.imports.loading.stored import StoredRow
from readings.imports.loading.streams import Streams
from readings.imports.loading.tables import LINE, METER_POINT, REGISTER, Row, StatementTable

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

    def occasion(self, table: StatementTable, row: Row) -> Occasion:
        """Return the occasion of a new row."""
        stated_at = row[table.updated_at] or self.created_at
        return Occasion(stated_at, 0 if stated_at else _NOW, self.sha256, row[LINE])


def last_occasion(row: StoredRow, importing: int | None) -> Occasion:
    """Return the last occasion of a stored row; `importing` is the file that is being imported."""
    arrival = _NOW if row.last_flow_file_id == importing else row.arrived
    return Occasion(row.stated_at, 0 if row.stated_at else arrival, row.sha256, row.last_line)


class Line(NamedTuple):
    """A line that repeats a stored statement about a meter point."""

    number: int
    meter_point: int


class Renewal(NamedTuple):
    """The last repeat of a row: the line that states it, and the time; empty if the file states none."""

    id: int
    line: int
    stated_at: str


#: Columns of the last repeat of a statement.
_RESTATED: Final = ("restated_in_id", "restated_line", "restated_at")
_NEVER: Final = (None, None, None)


@dataclass(slots=True)
class PlainRows:
    """The rows of a batch that need no law, and what is left to be compared."""

    #: Repeats.
    lines: list[Line] = field(default_factory=list)
    #: Repeats that are later than the last occasion of their stored statement.
    renewals: list[Renewal] = field(default_factory=list)
    #: Statements where nothing is stored; and by index the last repeat of those that a later line repeats.
    new: list[Row] = field(default_factory=list)
    restated: dict[int, Row] = field(default_factory=dict)
    rows: list[Row] = field(default_factory=list)
    stored: list[StoredRow] = field(default_factory=list)

    @property
    def more_columns(self) -> tuple[str, ...]:
        """Return the columns of the rows to insert after the version."""
        return _RESTATED if self.restated else ()

    @property
    def new_rows(self) -> list[Row]:
        """Return the rows to insert, of version 1."""
        if not self.restated:
            return [(*row, 1) for row in self.new]
        return [(*row, 1, *self.restated.get(place, _NEVER)) for place, row in enumerate(self.new)]


def separate_plain_rows(
    table: StatementTable, rows: Sequence[Row], stored: Iterable[StoredRow], source: Source, streams: Streams
) -> PlainRows:
    """Return the rows that need no law, and the others with the stored rows that they meet."""
    groups = [streams.canonical(place) for place in map(table.group_of, rows)]
    together: defaultdict[tuple[Any, ...], list[Row]] = defaultdict(list)
    for row, group in zip(rows, groups, strict=True):
        together[group].append(row)
    met: defaultdict[tuple[Any, ...], list[StoredRow]] = defaultdict(list)
    for each in stored:
        met[streams.canonical(each.place)].append(each)
    result = PlainRows()
    others = {
        group for group, some in together.items() if not _are_plain(result, table, some, met.get(group), source)
    }
    result.rows = [row for row, group in zip(rows, groups, strict=True) if group in others]
    result.stored = [each for group, some in met.items() if group in others for each in some]
    return result


def _are_plain(
    result: PlainRows, table: StatementTable, rows: list[Row], stored: list[StoredRow] | None, source: Source
) -> bool:
    """Add the rows of a group to the result, if they need no law; return whether they do not."""
    if stored is None:
        # Parts of a day complete each other, and a withdrawal without its reading deserves a warning.
        is_simple = not table.parts and rows[0][table.kind_at] != WITHDRAWN
        return is_simple and _are_same(result, table, rows, source)
    if len(stored) > 1 or len(rows) > 1 or not _is_plain(table, rows[0], stored[0], source):
        return False
    result.lines.append(Line(rows[0][LINE], rows[0][METER_POINT]))
    occasion = source.occasion(table, rows[0])
    if occasion > last_occasion(stored[0], source.flow_file_id):
        result.renewals.append(Renewal(stored[0].id, rows[0][LINE], occasion.stated_at))
    return True


def _are_same(result: PlainRows, table: StatementTable, rows: list[Row], source: Source) -> bool:
    """Add rows about one subject that make one new statement; return whether they do."""
    first = rows[0]
    if len(rows) > 1:
        statement, kind, repeats = table.statement_of(first), first[table.kind_at], rows[1:]
        if any(row[table.kind_at] != kind or table.statement_of(row) != statement for row in repeats):
            return False
        # In one file, time and line order the occasions.
        at, created_at = table.updated_at, source.created_at
        last = max(rows, key=lambda row: (row[at] or created_at, row[LINE]))
        if last is not first:
            result.restated[len(result.new)] = source.flow_file_id, last[LINE], last[at] or created_at or None
        result.lines += [Line(row[LINE], row[METER_POINT]) for row in repeats]
    result.new.append(first)
    return True


def _is_plain(table: StatementTable, row: Row, stored: StoredRow, source: Source) -> bool:
    return (
        stored.statement == table.statement_of(row)
        and stored.register_id == row[REGISTER]
        and stored.kind == row[table.kind_at]
        and (stored.sender, stored.sender_role) == source.speaker
        and stored.superseded_by is None
        and stored.withdrawn_by is None
        and (not table.parts or stored.parts[0] == row[table.lines_at])
    )


def note_repeats(flow_file_id: int, repeats: Iterable[Line]) -> None:
    """Store for each meter point which lines of a file repeat statements about it."""
    lines: defaultdict[int, list[int]] = defaultdict(list)
    for line, meter_point in repeats:
        lines[meter_point].append(line)
    columns = ("flow_file_id", "meter_point_id", "first_line", "last_line", "number")
    rows = [(flow_file_id, key, min(some), max(some), len(some)) for key, some in lines.items()]
    if rows:
        insert("readings_repeat", columns, rows)

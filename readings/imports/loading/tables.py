"""Tables of statements: their columns, and the columns that identify what a statement is about."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from operator import itemgetter
from typing import Any, Final, TypeAlias

from readings.formats.statements import Accumulation, IntervalDay, RegisterReading

#: Row to be inserted, in the order of the table's columns.
Row: TypeAlias = tuple[Any, ...]

#: First columns of each table, and their indexes.
OF_WHAT: Final = ("flow_file_id", "line", "meter_point_id", "register_id")
LINE, METER_POINT, REGISTER = 1, 2, 3
#: Columns that hold JSON.
LISTS: Final = ("events", "transactions")


@dataclass(frozen=True, kw_only=True, eq=False)
class StatementTable:
    """A table of statements. Its last columns, which the file does not fill, are version and links."""

    name: str
    #: Columns that a file fills, after the first four.
    columns: tuple[str, ...]
    #: Columns that, with the register, identify what a row is about, and their types on PostgreSQL.
    place: dict[str, str]
    #: Column that separates statements about one place; empty if a place has only one.
    kind: str = ""
    #: Columns of the statement: a decimal, then its details.
    statement: tuple[str, ...]
    #: Place in words.
    subject: str
    links: tuple[str, ...] = ("superseded_by_id",)

    @cached_property
    def columns_of_file(self) -> tuple[str, ...]:
        """Return the columns that a file fills."""
        return (*OF_WHAT, *self.columns)

    @cached_property
    def all_columns(self) -> tuple[str, ...]:
        """Return all columns; version and links are last."""
        return (*self.columns_of_file, "version", *self.links)

    @cached_property
    def place_of(self) -> itemgetter[Any]:
        """Return the getter of meter point, register and place."""
        return self._getter("meter_point_id", "register_id", *self.place)

    @cached_property
    def statement_of(self) -> itemgetter[Any]:
        """Return the getter of the statement."""
        return self._getter(*self.statement)

    @cached_property
    def updated_at(self) -> int:
        """Return the index of UpdateDateTime in a row."""
        return self.columns_of_file.index("updated_at")

    @cached_property
    def kind_at(self) -> int:
        """Return the index of the kind in a row; -1 without one."""
        return self.columns_of_file.index(self.kind) if self.kind else -1

    @cached_property
    def times(self) -> tuple[int, ...]:
        """Return the indexes of instants in a row."""
        return tuple(place for place, name in enumerate(self.columns_of_file) if name.endswith("_at"))

    @cached_property
    def lists(self) -> tuple[int, ...]:
        """Return the indexes of lists in a row."""
        return tuple(place for place, name in enumerate(self.columns_of_file) if name in LISTS)

    def _getter(self, *names: str) -> itemgetter[Any]:
        return itemgetter(*map(self.columns_of_file.index, names))

    def first(self, row: Row) -> Row:
        """Return a row as first version without links."""
        return (*row, 1, *(None,) * len(self.links))


#: Columns of a reading outside its statement: its key, the digits on the dial, and the time of the statement.
_NOT_IN_STATEMENT: Final = ("read_at", "read_at_as_sent", "reading_type", "register_read", "updated_at")

READINGS: Final = StatementTable(
    name="readings_reading",
    columns=RegisterReading._fields[2:],
    place={"read_at": "timestamp"},
    kind="reading_type",
    statement=tuple(name for name in RegisterReading._fields[2:] if name not in _NOT_IN_STATEMENT),
    subject="the same register, time and reading type",
    links=("superseded_by_id", "withdrawn_by_id"),
)

_OF_A_READ: Final = ("read", "quality_method", "reason_code", "reason_description")

ACCUMULATIONS: Final = StatementTable(
    name="readings_accumulation",
    columns=Accumulation._fields[2:],
    place={"current_read_at": "timestamp", "previous_read_at": "timestamp", "direction": "text"},
    statement=(
        "quantity",
        "unit",
        *(f"{end}_{name}" for end in ("previous", "current") for name in _OF_A_READ),
        "transactions",
    ),
    subject="the same register, times and direction",
)

INTERVAL_DAYS: Final = StatementTable(
    name="readings_intervalday",
    columns=IntervalDay._fields[2:],
    place={"day": "date", "occurrence": "smallint"},
    statement=(
        "total",
        "interval_length",
        "values",
        "unit",
        "quality_method",
        "reason_code",
        "reason_description",
        "events",
        "transactions",
    ),
    subject="the same channel and day",
)

TOTAL: Final = INTERVAL_DAYS.all_columns.index("total")
VALUES: Final = INTERVAL_DAYS.all_columns.index("values")
_VALUES_IN_STATEMENT: Final = INTERVAL_DAYS.statement.index("values")


def completed(table: StatementTable, row: Row, stored: tuple[Any, ...]) -> Row:
    """Return a row with its missing values taken from the stored day.

    Files of consumers may begin and end within a day.
    """
    if table is not INTERVAL_DAYS:
        return row
    new, old = row[VALUES].split(","), stored[_VALUES_IN_STATEMENT].split(",")
    if "" not in new or len(new) != len(old):
        return row
    values = [value or before for value, before in zip(new, old, strict=True)]
    changed = list(row)
    changed[VALUES] = ",".join(values)
    changed[TOTAL] = str(sum(map(Decimal, filter(None, values))))
    return tuple(changed)

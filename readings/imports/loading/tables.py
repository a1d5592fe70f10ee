"""The tables of what files state: their columns, and which of those make two rows statements about the same."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from operator import itemgetter
from typing import Any, Final, TypeAlias

from readings.formats.statements import Accumulation, IntervalDay, RegisterReading

#: A row to be inserted, in the order of its table's columns.
Row: TypeAlias = tuple[Any, ...]

#: The first columns of each table, and their places.
OF_WHAT: Final = ("flow_file_id", "line", "meter_point_id", "register_id")
LINE, METER_POINT, REGISTER = 1, 2, 3
#: Columns that hold JSON.
LISTS: Final = ("events", "transactions")


@dataclass(frozen=True, kw_only=True, eq=False)
class StatementTable:
    """A table of statements. Its last columns, which only the store fills, are version and links."""

    name: str
    #: Those that a file fills, after the first four.
    columns: tuple[str, ...]
    #: With the register: what is spoken of. On PostgreSQL the text is cast so.
    place: dict[str, str]
    #: Tells apart what may be stated beside each other of one place; empty where only one thing is.
    kind: str = ""
    #: What is stated: a decimal, then what is said of it.
    said: tuple[str, ...]
    #: What is spoken of, in words.
    subject: str
    links: tuple[str, ...] = ("superseded_by_id",)

    @cached_property
    def columns_of_file(self) -> tuple[str, ...]:
        """Return the columns that a file fills."""
        return (*OF_WHAT, *self.columns)

    @cached_property
    def all_columns(self) -> tuple[str, ...]:
        """Return all columns, those that only the store fills last."""
        return (*self.columns_of_file, "version", *self.links)

    @cached_property
    def place_of(self) -> itemgetter[Any]:
        """Return what takes meter point, register and place from a row."""
        return self._getter("meter_point_id", "register_id", *self.place)

    @cached_property
    def said_of(self) -> itemgetter[Any]:
        """Return what takes the statement from a row."""
        return self._getter(*self.said)

    @cached_property
    def updated_at(self) -> int:
        """Return where in a row UpdateDateTime is."""
        return self.columns_of_file.index("updated_at")

    @cached_property
    def kind_at(self) -> int:
        """Return where in a row the kind is; -1 where there is none."""
        return self.columns_of_file.index(self.kind) if self.kind else -1

    @cached_property
    def times(self) -> tuple[int, ...]:
        """Return where in a row instants are."""
        return tuple(place for place, name in enumerate(self.columns_of_file) if name.endswith("_at"))

    @cached_property
    def lists(self) -> tuple[int, ...]:
        """Return where in a row lists are."""
        return tuple(place for place, name in enumerate(self.columns_of_file) if name in LISTS)

    def _getter(self, *names: str) -> itemgetter[Any]:
        return itemgetter(*map(self.columns_of_file.index, names))

    def first(self, row: Row) -> Row:
        """Return a row of a first version, to which nothing is linked."""
        return (*row, 1, *(None,) * len(self.links))


#: What is no part of the statement of a reading: its key, how its value stands on the dial, when it was stated.
_NOT_SAID_OF_A_READING: Final = ("read_at", "read_at_as_sent", "reading_type", "register_read", "updated_at")

READINGS: Final = StatementTable(
    name="readings_reading",
    columns=RegisterReading._fields[2:],
    place={"read_at": "timestamp"},
    kind="reading_type",
    said=tuple(name for name in RegisterReading._fields[2:] if name not in _NOT_SAID_OF_A_READING),
    subject="this register, time and type",
    links=("superseded_by_id", "withdrawn_by_id"),
)

_OF_A_READ: Final = ("read", "quality_method", "reason_code", "reason_description")

ACCUMULATIONS: Final = StatementTable(
    name="readings_accumulation",
    columns=Accumulation._fields[2:],
    place={"current_read_at": "timestamp", "previous_read_at": "timestamp", "direction": "text"},
    said=(
        "quantity",
        "unit",
        *(f"{end}_{said}" for end in ("previous", "current") for said in _OF_A_READ),
        "transactions",
    ),
    subject="this register, time and direction",
)

INTERVAL_DAYS: Final = StatementTable(
    name="readings_intervalday",
    columns=IntervalDay._fields[2:],
    place={"day": "date", "occurrence": "smallint"},
    said=(
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
    subject="this channel and day",
)

TOTAL: Final = INTERVAL_DAYS.all_columns.index("total")
VALUES: Final = INTERVAL_DAYS.all_columns.index("values")
_VALUES_SAID: Final = INTERVAL_DAYS.said.index("values")


def completed(table: StatementTable, row: Row, stored: tuple[Any, ...]) -> Row:
    """Return a row with the values of the day that are stored and that it says nothing of.

    Files of consumers may begin and end within a day.
    """
    if table is not INTERVAL_DAYS:
        return row
    new, old = row[VALUES].split(","), stored[_VALUES_SAID].split(",")
    if "" not in new or len(new) != len(old):
        return row
    values = [value or before for value, before in zip(new, old, strict=True)]
    changed = list(row)
    changed[VALUES] = ",".join(values)
    changed[TOTAL] = str(sum(map(Decimal, filter(None, values))))
    return tuple(changed)

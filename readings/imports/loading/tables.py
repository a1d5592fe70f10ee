"""The tables of what files state: their columns, and which of those make two rows statements about the same."""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
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


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Table:
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
    all_columns: tuple[str, ...] = field(init=False)
    #: From a row: meter point, register and place; the statement; UpdateDateTime.
    place_of: itemgetter[Any] = field(init=False)
    said_of: itemgetter[Any] = field(init=False)
    updated_at: int = field(init=False)
    #: Where in a row the kind stands; -1 where there is none.
    kind_at: int = field(init=False)
    #: Where in a row instants stand, and lists.
    times: tuple[int, ...] = field(init=False)
    lists: tuple[int, ...] = field(init=False)

    def __post_init__(self) -> None:
        columns = (*OF_WHAT, *self.columns)

        def getter(*names: str) -> itemgetter[Any]:
            return itemgetter(*map(columns.index, names))

        object.__setattr__(self, "all_columns", (*columns, "version", *self.links))
        object.__setattr__(self, "place_of", getter("meter_point_id", "register_id", *self.place))
        object.__setattr__(self, "said_of", getter(*self.said))
        object.__setattr__(self, "updated_at", columns.index("updated_at"))
        places = range(len(columns))
        object.__setattr__(self, "times", tuple(place for place in places if columns[place].endswith("_at")))
        object.__setattr__(self, "lists", tuple(place for place in places if columns[place] in LISTS))
        object.__setattr__(self, "kind_at", columns.index(self.kind) if self.kind else -1)

    def first(self, row: Row) -> Row:
        """Return a row of a first version, to which nothing is linked."""
        return (*row, 1, *(None,) * len(self.links))


#: What is no part of the statement of a reading: its key, how its value stands on the dial, when it was stated.
_NOT_SAID_OF_A_READING: Final = ("read_at", "read_at_as_sent", "reading_type", "register_read", "updated_at")

READINGS: Final = Table(
    name="readings_reading",
    columns=RegisterReading._fields[2:],
    place={"read_at": "timestamp"},
    kind="reading_type",
    said=tuple(name for name in RegisterReading._fields[2:] if name not in _NOT_SAID_OF_A_READING),
    subject="this register, time and type",
    links=("superseded_by_id", "withdrawn_by_id"),
)

_OF_A_READ: Final = ("read", "quality_method", "reason_code", "reason_description")

ACCUMULATIONS: Final = Table(
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

INTERVAL_DAYS: Final = Table(
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


def completed(table: Table, row: Row, stored: tuple[Any, ...]) -> Row:
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

"""Tables of statements: columns, rows, the columns that select what is judged together, and the law about it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from operator import itemgetter
from typing import Any, Final, TypeAlias

from readings.formats.statements import Accumulation, IntervalDay, RegisterReading
from readings.imports.law import standing
from readings.imports.law.accumulations import judge_accumulations
from readings.imports.law.days import judge_days
from readings.imports.law.entries import Entry
from readings.imports.law.numbers import Numbers
from readings.imports.law.readings import judge_readings

#: Row to be inserted, in the order of the table's columns.
Row: TypeAlias = tuple[Any, ...]

#: First columns of each table, and their indexes.
OF_WHAT: Final = ("flow_file_id", "line", "meter_point_id", "register_id")
LINE, METER_POINT, REGISTER = 1, 2, 3
#: Columns that hold JSON.
LISTS: Final = ("events", "transactions", "lines")
#: Columns whose texts are numbers, and columns that ignore capitals.
_NUMBERS: Final = ("values", "previous_read", "current_read")
_WITHOUT_CAPITALS: Final = ("unit",)


@dataclass(frozen=True, kw_only=True, eq=False)
class StatementTable:
    """A table of statements. The columns that a file does not fill are version, links, and the last repeat."""

    name: str
    #: Columns that a file fills, after the first four.
    columns: tuple[str, ...]
    #: Columns that, with the register, select the statements to be judged together, and their types on PostgreSQL.
    group: dict[str, str]
    #: Column that separates the subjects of a group.
    kind: str
    #: Columns of the statement: a decimal, then its details.
    statement: tuple[str, ...]
    #: Subject in words.
    subject: str
    judge: Callable[[Sequence[Entry]], None]
    #: Function that returns the standing of a statement of some kind.
    standing: Callable[[Any, tuple[Any, ...]], int]
    links: tuple[str, ...] = ("superseded_by_id",)
    #: Columns that only the judgement of days needs.
    parts: tuple[str, ...] = ()

    @cached_property
    def columns_of_file(self) -> tuple[str, ...]:
        """Return the columns that a file fills."""
        return (*OF_WHAT, *self.columns)

    @cached_property
    def all_columns(self) -> tuple[str, ...]:
        """Return the columns of a row to be inserted; the version is last."""
        return (*self.columns_of_file, "version")

    @cached_property
    def group_of(self) -> itemgetter[Any]:
        """Return the getter of meter point, register and group."""
        return self._getter("meter_point_id", "register_id", *self.group)

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
        """Return the index of the kind in a row."""
        return self.columns_of_file.index(self.kind)

    @cached_property
    def lines_at(self) -> int:
        """Return the index of the lines of the intervals in a row."""
        return self.columns_of_file.index("lines")

    @cached_property
    def _numbers(self) -> tuple[int, ...]:
        return tuple(place for place, name in enumerate(self.statement) if name in _NUMBERS)

    @cached_property
    def _without_capitals(self) -> tuple[int, ...]:
        return tuple(place for place, name in enumerate(self.statement) if name in _WITHOUT_CAPITALS)

    def _getter(self, *names: str) -> itemgetter[Any]:
        return itemgetter(*map(self.columns_of_file.index, names))

    def content_of(self, statement: Sequence[Any]) -> tuple[Any, ...]:
        """Return a statement in a form that compares numbers as numbers, and units without regard to capitals."""
        content = [Decimal(statement[0]), *statement[1:]]
        for place in self._numbers:
            content[place] = Numbers(content[place])
        for place in self._without_capitals:
            content[place] = content[place].upper()
        return tuple(content)


#: Columns of a reading outside its statement: its key, the digits on the dial, and the time of the statement.
_NOT_IN_STATEMENT: Final = ("read_at", "read_at_as_sent", "reading_type", "register_read", "updated_at")


def _standing_of_reading(reading_type: str, statement: tuple[Any, ...]) -> int:
    _, validation_status, _, _, flag, _, _, reading_status, _ = statement
    if reading_type:
        return standing.of_validation(validation_status, flag, reading_status)
    return standing.of_quality(flag)


READINGS: Final = StatementTable(
    name="readings_reading",
    columns=RegisterReading._fields[2:],
    group={"read_at": "timestamp"},
    kind="reading_type",
    statement=tuple(name for name in RegisterReading._fields[2:] if name not in _NOT_IN_STATEMENT),
    subject="the same register, time and reading type",
    judge=judge_readings,
    standing=_standing_of_reading,
    links=("superseded_by_id", "withdrawn_by_id"),
)

_OF_A_READ: Final = ("read", "quality_method", "reason_code", "reason_description")

ACCUMULATIONS: Final = StatementTable(
    name="readings_accumulation",
    columns=Accumulation._fields[2:],
    group={"previous_read_at": "timestamp", "direction": "text"},
    kind="current_read_at",
    statement=(
        "quantity",
        "unit",
        *(f"{end}_{name}" for end in ("previous", "current") for name in _OF_A_READ),
        "transactions",
    ),
    subject="the same register, times and direction",
    judge=judge_accumulations,
    standing=lambda _, statement: standing.of_quality(statement[3], statement[7]),
)

INTERVAL_DAYS: Final = StatementTable(
    name="readings_intervalday",
    columns=IntervalDay._fields[2:],
    group={"day": "date"},
    kind="occurrence",
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
    judge=judge_days,
    parts=("lines", "values_as_sent", "origins"),
    standing=lambda _, statement: standing.of_day(statement[4], statement[7]),
)

SITE_VISIT_COLUMNS: Final = (
    *("flow_file_id", "line", "meter_point_id", "meter_id"),
    *("reading_line", "check_code", "additional_information"),
)

TABLES: Final = (READINGS, ACCUMULATIONS, INTERVAL_DAYS)
CURRENT_QUALITY: Final = ACCUMULATIONS.all_columns.index("current_quality_method")
VALUES: Final = INTERVAL_DAYS.all_columns.index("values")
DAY: Final = INTERVAL_DAYS.all_columns.index("day")

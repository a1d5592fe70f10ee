"""Insertion of rows in sets: COPY on PostgreSQL, executemany on SQLite, without model instances.

Everything here runs inside the caller's transaction. Times are passed as UTC text, which both databases accept.
"""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from datetime import datetime, timezone
from functools import lru_cache
from itertools import islice, repeat
from types import NoneType
from typing import Any, Final, NamedTuple, TypeAlias

from django.db import connection, transaction

#: Columns by quoted name.
_Columns: TypeAlias = dict[str, Sequence[Any]]
#: Number of rows from which it pays to prepare a statement for them.
_MANY: Final = 100
#: Rows that a connection takes at once, without waiting for the server.
_BLOCK: Final = 2_000
#: Texts that are the same in every dialect of SQL, in quotes.
_PLAIN: Final = re.compile("[A-Za-z0-9]*", re.ASCII)
#: Characters with a meaning in the text format of COPY.
_ESCAPES: Final = str.maketrans({"\\": r"\\", "\n": r"\n", "\r": r"\r", "\t": r"\t"})
_ESCAPED: Final = re.compile(r"[\\\n\r\t]")


def is_postgresql() -> bool:
    """Return whether the database is PostgreSQL."""
    return connection.vendor == "postgresql"


def among(numbers: Iterable[int]) -> tuple[str, str]:
    """Return the condition, after a column, that it is one of some numbers, and the parameter of the condition."""
    wanted = ",".join(map(str, sorted(numbers)))
    if is_postgresql():
        return "= ANY(%s::bigint[])", f"{{{wanted}}}"
    return "IN (SELECT value FROM json_each(%s))", f"[{wanted}]"


def utc_text(instant: datetime | str | None) -> str | None:
    """Return an instant in UTC as text, the form that SQLite stores and PostgreSQL accepts.

    Plain SQL on SQLite returns UTC without an offset: as a naive datetime, or as the text itself.
    """
    return _utc_text(instant) if isinstance(instant, datetime) else instant


@lru_cache(maxsize=4096)  # Few instants occur often.
def _utc_text(instant: datetime) -> str:
    if instant.tzinfo is None:
        instant = instant.replace(tzinfo=timezone.utc)
    return f"{instant.astimezone(timezone.utc):%Y-%m-%d %H:%M:%S}"


#: All ways but those by an index, switched off until the transaction ends.
_INDEXES_ONLY: Final = "SELECT " + ", ".join(
    f"set_config('enable_{way}', 'off', true)"
    for way in ("seqscan", "bitmapscan", "hashjoin", "mergejoin", "material")
)


class _GivenUp(Exception):
    """The reason for a rollback, as the database server logs it."""


class Insertion:
    """Pending insertion of rows in a savepoint; PostgreSQL works on it while the caller continues.

    The rows are passed column by column, in the order of the names. Run no other query before `finish` or `give_up`.
    Both the constructor and `finish` may raise Django's database errors; then none of the rows is stored.
    """

    def __init__(self, table: str, names: Sequence[str], columns: Sequence[Sequence[Any]]) -> None:
        self._sending: Future[None] | None = None
        with ExitStack() as stack:
            stack.enter_context(transaction.atomic())
            cursor = stack.enter_context(connection.cursor())
            if is_postgresql():
                # COPY bypasses Django's cursor, so its errors are converted here.
                stack.enter_context(connection.wrap_database_errors)
                listed, blocks = _copy_text(names, columns)
                copy = stack.enter_context(cursor.copy(f"COPY {table} ({listed}) FROM STDIN"))
                copy.write(next(blocks))
                if len(columns[0]) > _BLOCK:  # The server reads them while the caller continues.
                    sender = stack.enter_context(ThreadPoolExecutor(1))
                    self._sending = sender.submit(_write, copy.write, blocks)
            else:
                cursor.executemany(*_statement(table, names, columns))
            self._open = stack.pop_all()

    def finish(self) -> None:
        """Wait until all rows are inserted."""
        with self._open:
            if self._sending:
                self._sending.result()

    def give_up(self) -> None:
        """Roll the rows back because of an error elsewhere, which stays as it is: it is not the database's."""
        reason = _GivenUp("an error elsewhere")
        self._open.__exit__(_GivenUp, reason, None)


class Table(NamedTuple):
    """Rows of a table, column by column."""

    name: str
    names: Sequence[str]
    columns: Sequence[Sequence[Any]]


def insert_each(tables: Iterable[Table]) -> None:
    """Insert the rows of several tables in order; while PostgreSQL inserts those of one, the next ones are made."""
    pending: Insertion | None = None
    try:
        for table in tables:
            if pending:
                pending.finish()
            pending = Insertion(*table)
    except BaseException:
        if pending:
            pending.give_up()
        raise
    if pending:
        pending.finish()


def insert(table: str, names: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    """Insert rows; their values are in the order of the names."""
    if rows:
        Insertion(table, names, list(zip(*rows, strict=True))).finish()


def _split(names: Sequence[str], columns: Sequence[Sequence[Any]]) -> tuple[_Columns, dict[str, Any]]:
    """Return the columns with different values, and the value of each other column, by quoted name."""
    varying, constant = {}, {}
    for name, column in zip(names, columns, strict=True):
        # Equal decimals or times may have different texts.
        if isinstance(column[0], (str, int, NoneType)) and column.count(column[0]) == len(column):
            constant[f'"{name}"'] = column[0]
        else:
            varying[f'"{name}"'] = column
    return varying, constant


def _statement(
    table: str, names: Sequence[str], columns: Sequence[Sequence[Any]]
) -> tuple[str, list[tuple[Any, ...]]]:
    """Return a statement of SQLite, and its parameters for each row.

    Binding a parameter takes as long as storing its value, and most columns hold one value: these are literals.
    """
    if len(columns[0]) < _MANY:  # The same statement for each file, which SQLite has prepared already.
        literals, varying = {}, dict(zip((f'"{name}"' for name in names), columns, strict=True))
    else:
        varying, constant = _split(names, columns)
        literals = {name: literal for name, value in constant.items() if (literal := _literal(value))}
        varying |= {name: [constant[name]] * len(columns[0]) for name in constant if name not in literals}
    values = ", ".join([*["%s"] * len(varying), *literals.values()])
    sql = f"INSERT INTO {table} ({', '.join([*varying, *literals])}) VALUES ({values})"
    return sql, list(zip(*varying.values(), strict=True)) if varying else [()] * len(columns[0])


def _literal(value: Any) -> str:
    """Return a value as a literal of SQL; empty if it is not one of those that need no escape."""
    if value is None:
        return "NULL"
    if type(value) is int:
        return str(value)
    return f"'{value}'" if type(value) is str and _PLAIN.fullmatch(value) else ""


def _copy_text(names: Sequence[str], columns: Sequence[Sequence[Any]]) -> tuple[str, Iterator[str]]:
    """Return the names of the columns, and the rows in the text format of COPY, some at a time.

    The columns that hold one value come last: the end of all lines is made once.
    """
    varying, constant = _split(names, columns)
    fields: Iterable[tuple[str, ...]] = zip(*map(_copy_texts, varying.values()), strict=True)
    if not varying:
        fields = repeat((), len(columns[0]))
    end = ("\t" if varying and constant else "") + "\t".join(map(_copy_field, constant.values())) + "\n"
    lines = map("\t".join, fields)
    blocks = (end.join([*islice(lines, _BLOCK), ""]) for _ in range(0, len(columns[0]), _BLOCK))
    return ", ".join([*varying, *constant]), blocks


def _write(write: Callable[[str], None], blocks: Iterable[str]) -> None:
    for block in blocks:
        write(block)


def _copy_texts(column: Sequence[Any]) -> Iterable[str]:
    """Return the fields of a column in the text format of COPY."""
    kinds = set(map(type, column))
    if kinds == {int}:
        return map(str, column)
    is_plain = kinds == {str} and not _ESCAPED.search("".join(column))
    return column if is_plain else map(_copy_field, column)


def _copy_field(value: Any) -> str:
    if value is None:
        return "\\N"
    text = f"\\x{value.hex()}" if isinstance(value, bytes) else str(value)
    return text.translate(_ESCAPES)


@contextmanager
def without_collector() -> Iterator[None]:
    """Pause the search for cycles: a batch makes hundreds of thousands of containers, and hardly a cycle."""
    was_enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if was_enabled:
            gc.enable()


def prepare() -> None:
    """Make the planner use indexes in this transaction: every query looks up a few rows."""
    if is_postgresql():
        with connection.cursor() as cursor:
            cursor.execute(_INDEXES_ONLY)

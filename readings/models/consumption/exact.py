"""Exact sums in the database. SQLite would convert decimals to floats, so Python adds them there."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

from django.db.models import Aggregate, Expression, F, Field, FloatField, Func, IntegerField, Value
from django.db.models.functions import Cast

from readings.formats.packed_day import exact_sum
from readings.models.decimals import ExactDecimalField


class ExactSum(Aggregate):
    """The exact sum of decimals; null without any."""

    function = "SUM"
    output_field = ExactDecimalField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, Any]:
        """Return the SQL for SQLite."""
        return super().as_sql(compiler, connection, function="meterbox_sum", **extra)


class ExactMax(Aggregate):
    """The largest of decimals, with its digits; null without any."""

    function = "MAX"
    output_field = ExactDecimalField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, Any]:
        """Return the SQL for SQLite, which would compare texts."""
        return super().as_sql(compiler, connection, function="meterbox_max", **extra)


class _Place(Value):
    """A place in a packed text, as part of the SQL: so SQLite sees that two sums are the same, and computes one."""

    def as_sql(self, compiler: Any, connection: Any) -> tuple[str, Any]:
        """Return the digits."""
        return str(int(self.value)), ()


class PackedSum(Func):
    """The exact sum of the elements of a packed text from one place to another, from 1; null if all are empty."""

    function = "meterbox_packed_sum"
    output_field: Field[Any, Any] = ExactDecimalField()
    aggregate = "SUM(NULLIF(element, '')::numeric)"

    def __init__(self, packed: str | Expression | F, first: Any, last: Any) -> None:
        places = (each if hasattr(each, "resolve_expression") else _Place(each) for each in (first, last))
        super().__init__(packed, *places)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, Any]:
        """Return the SQL for PostgreSQL."""
        (packed, *some), (first, *more), (last, *others) = map(compiler.compile, self.get_source_expressions())
        elements = f"unnest((string_to_array({packed}, ','))[{first}::int:{last}::int])"
        parameters = tuple(parameter for each in (*some, *more, *others) for parameter in each)
        return f"(SELECT {self.aggregate} FROM {elements} AS element)", parameters


class PackedElement(PackedSum):
    """The element of a packed text at one place, from 1; null if it is empty.

    Without the subquery of a sum, PostgreSQL sees that two aggregates are the same, and computes one.
    """

    def __init__(self, packed: str | Expression | F, place: int) -> None:
        super().__init__(packed, place, place)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, Any]:
        """Return the SQL for PostgreSQL."""
        (packed, parameters), (place, _), _ = map(compiler.compile, self.get_source_expressions())
        return f"NULLIF(split_part({packed}, ',', {place}), '')::numeric", parameters


class PackedCount(PackedSum):
    """The number of elements of a packed text from one place to another, from 1, that are not empty."""

    function = "meterbox_packed_count"
    output_field = IntegerField()
    aggregate = "COUNT(NULLIF(element, ''))"


class Days(Func):
    """The number of days from the first to the last, both included."""

    output_field = IntegerField()

    def __init__(self, first: Any, last: Any) -> None:
        super().__init__(last, first)

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, Any]:
        """Return the SQL for SQLite."""
        template = "(CAST(julianday(%(expressions)s) AS INTEGER) + 1)"
        return super().as_sql(compiler, connection, template=template, arg_joiner=") - julianday(", **extra)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, Any]:
        """Return the SQL for PostgreSQL."""
        return super().as_sql(compiler, connection, template="(%(expressions)s + 1)", arg_joiner=" - ", **extra)


def as_number(expression: Any) -> Cast:
    """Return an exact decimal as a number by which both databases sort."""
    return Cast(expression, FloatField())


def register_functions(connection: Any, **_: Any) -> None:
    """Let a new connection to SQLite add exactly."""
    if connection.vendor == "sqlite":
        connection.connection.create_aggregate("meterbox_sum", 1, _Adder)
        connection.connection.create_aggregate("meterbox_max", 1, _Largest)
        connection.connection.create_function("meterbox_packed_sum", 3, _packed_sum, deterministic=True)
        connection.connection.create_function("meterbox_packed_count", 3, _packed_count, deterministic=True)


class _Collector:
    """An aggregate of SQLite that needs all decimals."""

    def __init__(self) -> None:
        self.amounts: list[str] = []

    def step(self, amount: str | None) -> None:
        """Take the decimal of a row."""
        if amount is not None:
            self.amounts.append(amount)


class _Adder(_Collector):
    def finalize(self) -> str | None:
        return f"{exact_sum(map(Decimal, self.amounts)):f}" if self.amounts else None


class _Largest(_Collector):
    def finalize(self) -> str | None:
        return max(self.amounts, key=Decimal, default=None)


def _packed_sum(packed: str | None, first: int, last: int) -> str | None:
    present = _present(packed, first, last)
    if len(present) == 1:
        return present[0]
    if not any("." in each for each in present):  # Minutes: integers are faster.
        return str(sum(map(int, present))) if present else None
    return f"{exact_sum(map(Decimal, present)):f}"


def _packed_count(packed: str | None, first: int, last: int) -> int:
    return len(_present(packed, first, last))


def _present(packed: str | None, first: int, last: int) -> list[str]:
    return [each for each in (packed or "").split(",")[max(first - 1, 0) : last] if each]

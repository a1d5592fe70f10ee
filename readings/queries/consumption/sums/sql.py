"""Expressions that both databases compute without calling Python for each row."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import Any, Final

from django.db.models import BooleanField, Case, CharField, F, Func, IntegerField, When
from django.db.models.expressions import Combinable
from django.db.models.functions import Cast

from readings.models.consumption.exact import PackedCount, PackedSum
from readings.models.decimals import ExactDecimalField
from readings.queries.consumption.scope import Scope

_LAST_OF_MONTH: Final = 31


class Month(Func):
    """The month of a day, as `2016-08`."""

    output_field = CharField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, Any]:
        """Return the SQL for SQLite."""
        return super().as_sql(compiler, connection, template="substr(%(expressions)s, 1, 7)", **extra)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, Any]:
        """Return the SQL for PostgreSQL."""
        return super().as_sql(compiler, connection, template="to_char(%(expressions)s, 'YYYY-MM')", **extra)


class IsWeekend(Func):
    """Whether a day is a Saturday or Sunday."""

    output_field = BooleanField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, Any]:
        """Return the SQL for SQLite."""
        # Each of the two steps that fill in parameters halves the per cent signs.
        template = "strftime('%%%%w', %(expressions)s) IN ('0', '6')"
        return super().as_sql(compiler, connection, template=template, **extra)

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, Any]:
        """Return the SQL for PostgreSQL."""
        return super().as_sql(compiler, connection, template="extract(isodow FROM %(expressions)s) > 5", **extra)


class Days(Func):
    """The number of days from one day to another, both included; negative if the last is before the first."""

    arity = 2
    output_field = IntegerField()

    def as_sqlite(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, Any]:
        """Return the SQL for SQLite."""
        return self._as(compiler, "(CAST(julianday(%s) - julianday(%s) AS integer) + 1)")

    def as_postgresql(self, compiler: Any, connection: Any, **extra: Any) -> tuple[str, Any]:
        """Return the SQL for PostgreSQL."""
        return self._as(compiler, "(%s - %s + 1)")

    def _as(self, compiler: Any, template: str) -> tuple[str, Any]:
        (first, of_first), (last, of_last) = map(compiler.compile, self.get_source_expressions())
        return template % (last, first), (*of_last, *of_first)


def edges_of(scope: Scope) -> Iterator[tuple[date, int, int]]:
    """Yield the months that the period holds in part, each with its first and last place, from 1."""
    first, last = scope.first_day, scope.last_day
    if first and last and (first.year, first.month) == (last.year, last.month):
        if first.day > 1 or not _is_end(last):
            yield first.replace(day=1), first.day, last.day
        return
    if first and first.day > 1:
        yield first.replace(day=1), first.day, _LAST_OF_MONTH
    if last and not _is_end(last):
        yield last.replace(day=1), 1, last.day


def _is_end(day: date) -> bool:
    return (day + timedelta(1)).day == 1


def amount_in(scope: Scope) -> Combinable:
    """Return the exact total of a row of months that the period holds; null if it holds none of its values."""
    parts = [When(month=month, then=PackedSum("totals", first, last)) for month, first, last in edges_of(scope)]
    return Case(*parts, default=F("total"), output_field=ExactDecimalField()) if parts else F("total")


def minutes_in(scope: Scope) -> Combinable:
    """Return the minutes with a value of a row of months that the period holds."""
    parts = [
        When(month=month, then=Cast(PackedSum("minutes_of_days", first, last), IntegerField()))
        for month, first, last in edges_of(scope)
    ]
    return Case(*parts, default=F("minutes"), output_field=IntegerField()) if parts else F("minutes")


def days_with_value_in(scope: Scope) -> Combinable:
    """Return the number of days with a value of a row of months that the period holds; the rows add up."""
    # The rows of one quality count each of their days; those of all qualities share the days among them.
    column = "totals" if scope.quality else "days"
    whole = PackedCount(column, 1, _LAST_OF_MONTH)
    parts = [When(month=month, then=PackedCount(column, first, last)) for month, first, last in edges_of(scope)]
    return Case(*parts, default=whole, output_field=IntegerField()) if parts else whole

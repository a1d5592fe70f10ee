"""Rows by plain SQL: the ORM compiles its SQL anew each time, which costs more than to run it."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import cache
from typing import Any

from django.db import connection, models


def insert(row: models.Model, *, unless_stored: bool = False) -> bool:
    """Store a new row, as `save` does, and its primary key in the instance; return whether it was stored.

    `unless_stored`: store nothing, instead of raising IntegrityError, if another row has a key that must be unique.
    """
    sql = _insertion(type(row)) + (" ON CONFLICT DO NOTHING" if unless_stored else "")
    fields = _fields(type(row))
    values = [field.get_db_prep_save(field.pre_save(row, True), connection) for field in fields]
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute(sql, values)
            if cursor.rowcount < 1:
                return False
            row.pk = cursor.lastrowid
        else:
            cursor.execute(f"{sql} RETURNING id", values)
            returned = cursor.fetchone()
            if returned is None:
                return False
            (row.pk,) = returned
    row._state.adding, row._state.db = False, connection.alias
    return True


def insert_pairs(model: type[models.Model], columns: tuple[str, str], pairs: Sequence[tuple[Any, Any]]) -> None:
    """Store rows of two columns, all in one statement."""
    if pairs:
        marks = ", ".join(["(%s, %s)"] * len(pairs))
        with connection.cursor() as cursor:
            sql = f"INSERT INTO {model._meta.db_table} ({', '.join(columns)}) VALUES {marks}"
            cursor.execute(sql, [value for pair in pairs for value in pair])


def change(model: type[models.Model], pk: int, **values: Any) -> None:
    """Change columns of a row."""
    prepared = [_field(model, name).get_db_prep_save(value, connection) for name, value in values.items()]
    with connection.cursor() as cursor:
        cursor.execute(_change(model, tuple(values)), [*prepared, pk])


def first(sql: str, parameters: Iterable[Any] = ()) -> tuple[Any, ...] | None:
    """Return the first row that a query finds, or None."""
    with connection.cursor() as cursor:
        cursor.execute(sql, list(parameters))
        row: tuple[Any, ...] | None = cursor.fetchone()
        return row


def texts(sql: str) -> list[str]:
    """Return the only column of the rows that a query finds."""
    with connection.cursor() as cursor:
        cursor.execute(sql)
        return [text for (text,) in cursor.fetchall()]


@cache
def _fields(model: type[models.Model]) -> tuple[models.Field[Any, Any], ...]:
    return tuple(field for field in model._meta.concrete_fields if not field.primary_key)


@cache
def _field(model: type[models.Model], name: str) -> models.Field[Any, Any]:
    return next(field for field in _fields(model) if field.name == name)


@cache
def _insertion(model: type[models.Model]) -> str:
    names = ", ".join(f'"{field.column}"' for field in _fields(model))
    marks = ", ".join(["%s"] * len(_fields(model)))
    return f"INSERT INTO {model._meta.db_table} ({names}) VALUES ({marks})"


@cache
def _change(model: type[models.Model], names: tuple[str, ...]) -> str:
    columns = ", ".join(f'"{_field(model, name).column}" = %s' for name in names)
    return f"UPDATE {model._meta.db_table} SET {columns} WHERE id = %s"

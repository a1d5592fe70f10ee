"""Text in the order of its bytes: on PostgreSQL, that of an index for searches by the beginning."""

from __future__ import annotations

from typing import Any, Final

from django.db.models import CharField, F, OrderBy
from django.db.models.lookups import GreaterThan, GreaterThanOrEqual, LessThan, LessThanOrEqual

#: Comparisons with their operators; PostgreSQL writes tildes around those that compare bytes.
_COMPARISONS: Final = {GreaterThan: ">", GreaterThanOrEqual: ">=", LessThan: "<", LessThanOrEqual: "<="}


class ByBytes(OrderBy):
    """An order by the bytes of a column."""

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> tuple[str, Any]:
        """Return the SQL that names the operators of the index."""
        # Django looks for ASC or DESC in every order.
        using = "USING ~>~ /* DESC */" if self.descending else "USING ~<~ /* ASC */"
        return self.as_sql(compiler, connection, template=f"%(expression)s {using}", **context)


def by_bytes(column: str, *, is_descending: bool) -> ByBytes:
    """Return the order by the bytes of a column."""
    return ByBytes(F(column), descending=is_descending)


class _OfBytes:
    """Part of a comparison that makes it one of bytes; SQLite compares bytes anyway."""

    operator: str

    def get_rhs_op(self, connection: Any, rhs: str) -> str:
        """Return the operator and the right side."""
        return f"{f'~{self.operator}~' if connection.vendor == 'postgresql' else self.operator} {rhs}"


for _base, _operator in _COMPARISONS.items():
    _lookup = type(f"OfBytes{_base.__name__}", (_OfBytes, _base), {"operator": _operator})
    CharField.register_lookup(_lookup, f"bytes_{_base.lookup_name}")

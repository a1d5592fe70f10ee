"""A field for decimals exactly as sent."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    DecimalColumn = models.Field[Decimal | str, Decimal]
else:
    DecimalColumn = models.Field


class ExactDecimalField(DecimalColumn):
    """A decimal that preserves its digits as sent: `56311.0` becomes neither `56311` nor `56311.00`.

    The column is `numeric` on PostgreSQL, and text on SQLite, which would convert it to a float.
    """

    def db_type(self, connection: Any) -> str:
        """Return the column type."""
        return "numeric" if connection.vendor == "postgresql" else "text"

    def get_internal_type(self) -> str:
        """Return a name for which Django has no converter: Django's converters use floats."""
        return "ExactDecimalField"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Decimal | None:
        """Return the decimal with its digits as stored."""
        return None if value is None else Decimal(str(value))

    def to_python(self, value: Any) -> Decimal | None:
        """Return the decimal of a form or a fixture."""
        return None if value is None else Decimal(str(value))

    def get_prep_value(self, value: Any) -> str | None:
        """Return the digits as text."""
        return None if value is None else str(value)

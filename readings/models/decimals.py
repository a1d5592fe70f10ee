"""A decimal that stays as it was sent."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING, Any

from django.db import models

if TYPE_CHECKING:
    DecimalColumn = models.Field[Decimal | str, Decimal]
else:
    DecimalColumn = models.Field


class ExactDecimalField(DecimalColumn):
    """A decimal that keeps the digits after the point as sent: `56311.0` is not made `56311` or `56311.00`.

    `numeric` on PostgreSQL; text on SQLite, which would make a float of it.
    """

    def db_type(self, connection: Any) -> str:
        """Return the column type."""
        return "numeric" if connection.vendor == "postgresql" else "text"

    def get_internal_type(self) -> str:
        """Return a name that Django has no converter of its own for: they pass through floats."""
        return "ExactDecimalField"

    def from_db_value(self, value: Any, expression: Any, connection: Any) -> Decimal | None:
        """Return the decimal with its digits as stored."""
        return None if value is None else Decimal(str(value))

    def to_python(self, value: Any) -> Decimal | None:
        """Return a decimal from what a form or a fixture gives."""
        return None if value is None else Decimal(str(value))

    def get_prep_value(self, value: Any) -> str | None:
        """Return the digits."""
        return None if value is None else str(value)

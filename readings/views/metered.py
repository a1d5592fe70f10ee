"""How the pages write what was metered: between two reads, and in the intervals of a day."""

from __future__ import annotations

from decimal import Decimal

from readings.admin import cells
from readings.admin.metered_amounts import (
    current_end,
    day_amount,
    day_quality,
    previous_end,
    quantity,
    why_it_differs,
)
from readings.formats import text
from readings.formats.mdff.catalogue import labels
from readings.models import Accumulation, IntervalDay
from readings.models.advances import proven_rollover, rolled_over
from readings.views import written


def accumulation(row: Accumulation) -> dict[str, object]:
    """Write an accumulation, and how its quantity comes from its reads."""
    return {
        "line": row.line,
        "meter_point": written.meter_point(row.meter_point),
        "register": cells.register(row.register),
        "way": labels.direction(row.direction),
        "previous": previous_end(row),
        "current": current_end(row),
        "quantity": quantity(row),
        "why": _why(row),
        "origin": written.origin(row.flow_file, row.line),
    }


def day(row: IntervalDay) -> dict[str, object]:
    """Write an interval day."""
    return {
        "line": row.line,
        "meter_point": written.meter_point(row.meter_point),
        "register": cells.register(row.register),
        "day": cells.day(row.day),
        "again": row.occurrence > 0,
        "amount": day_amount(row),
        "quality": day_quality(row) if row.quality_method else text.NOT_SAID,
        "origin": written.origin(row.flow_file, row.line),
    }


def _why(row: Accumulation) -> str:
    digits = proven_rollover(Decimal(row.previous_read), Decimal(row.current_read), row.quantity)
    return f"The register {rolled_over(digits)}." if digits else why_it_differs(row)

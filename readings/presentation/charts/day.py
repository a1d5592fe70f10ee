"""Chart of the intervals of a day, from midnight to midnight."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Final

from readings.formats.mdff.catalogue import labels
from readings.presentation.charts.figure import Figure, Line
from readings.queries.intervals import Interval

_DAY: Final = 24 * 60 * 60


def figure_of(intervals: Sequence[Interval], unit: str) -> Figure | None:
    """Return the chart of a day; None if it has no values.

    Bars of energy start at zero. Power and voltage are levels: their axis ranges from the lowest to the highest.
    """
    values = [Decimal(interval.value) if interval.counts else None for interval in intervals]
    if not any(value is not None for value in values):
        return None
    is_energy = labels.may_be_added_up(unit)
    line = Line(
        label="Value",
        values=values,
        marks="".join(mark_of(interval.quality_method) for interval in intervals),
        style="bars" if is_energy else "steps",
    )
    return Figure(
        key="day",
        title="The day",
        unit=unit,
        axis="clock",
        levels=not is_energy,
        places=[_DAY // len(values) * number for number in range(len(values))],
        lines=[line],
    )


def mark_of(quality_method: str) -> str:
    """Return the mark of a quality method in a chart."""
    if labels.is_forward_estimate(quality_method):
        return "E"
    return "S" if labels.is_substituted(quality_method) else "A"

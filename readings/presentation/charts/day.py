"""A chart of the intervals of a day, from midnight to midnight."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from readings.formats.mdff.catalogue import labels
from readings.presentation.charts.drawing import Bar, Chart, Mark, Scale, place
from readings.queries.intervals import Interval

#: The drawing, and the part of it that values fill.
WIDTH, HEIGHT = 960, 190
LEFT, RIGHT, TOP, BOTTOM = 56, 940, 8, 168
#: Hours that are written below.
HOURS: Final = (0, 3, 6, 9, 12, 15, 18, 21, 24)

_WORDS: Final = {
    "actual": "Actual",
    "estimated": "Forward estimate",
    "substituted": "Substituted",
    "missing": "No reading",
}


def chart_of(intervals: Sequence[Interval], unit: str) -> Chart | None:
    """Draw a day; None where it has no values.

    Energy stands on zero. Power and voltage are levels: their chart goes from the lowest to the highest.
    """
    values = [Decimal(interval.value) for interval in intervals if interval.value]
    if not values:
        return None
    stands_on_zero = labels.may_be_added_up(unit)
    low, high = (min(*values, Decimal(0)), max(*values, Decimal(0))) if stands_on_zero else (min(values), max(values))
    scale = Scale(low, high, BOTTOM, TOP)
    bars = list(_bars(intervals, unit, scale, stands_on_zero=stands_on_zero))
    kinds = {bar.kind for bar in bars}
    return Chart(
        title=f"The day in {unit}" if unit else "The day",
        summary=f"{len(values)} values from {min(values):f} to {max(values):f} {unit}; the table below has each.",
        bars=bars,
        levels=[Mark(place(scale.of(level)), f"{level:f}") for level in sorted({low, high})],
        below=[Mark(place(LEFT + (RIGHT - LEFT) * hour / 24), f"{hour:02}:00") for hour in HOURS],
        legend=[(kind, words) for kind, words in _WORDS.items() if kind in kinds],
        width=WIDTH,
        height=HEIGHT,
        left=LEFT,
        right=RIGHT,
        bottom=BOTTOM,
    )


def _bars(intervals: Sequence[Interval], unit: str, scale: Scale, *, stands_on_zero: bool) -> Iterator[Bar]:
    step = (RIGHT - LEFT) / len(intervals)
    gap = min(1.0, step / 4)
    base = scale.of(Decimal(0))
    for number, interval in enumerate(intervals):
        if not interval.value:
            continue
        y = scale.of(Decimal(interval.value))
        top, height = (min(y, base), abs(y - base)) if stands_on_zero else (y - 1.5, 3.0)
        words = f"ends {interval.ends_at}: {interval.value} {unit}, {labels.quality(interval.quality_method)}"
        kind = _kind(interval.quality_method)
        yield Bar(place(LEFT + number * step), place(top), place(step - gap), place(height), words, kind)


def _kind(quality_method: str) -> str:
    kinds = (
        (labels.is_forward_estimate, "estimated"),
        (labels.is_substituted, "substituted"),
        (labels.is_no_reading, "missing"),
    )
    return next((kind for holds, kind in kinds if holds(quality_method)), "actual")

"""Chart of the intervals of a day, from midnight to midnight."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from decimal import Decimal
from typing import Final

from readings.formats.mdff.catalogue import labels
from readings.presentation.charts.drawing import Bar, Chart, Mark, Scale, place
from readings.queries.intervals import Interval

#: Size of the drawing, and edges of the plot in it.
WIDTH, HEIGHT = 960, 190
LEFT, RIGHT, TOP, BOTTOM = 56, 940, 8, 168
#: Hours on the axis.
HOURS: Final = (0, 3, 6, 9, 12, 15, 18, 21, 24)

_WORDS: Final = {
    "actual": "Actual",
    "estimated": "Forward estimate",
    "substituted": "Substituted",
    "missing": "No reading",
}


def chart_of(intervals: Sequence[Interval], unit: str) -> Chart | None:
    """Return the chart of a day; None if it has no values.

    Bars of energy start at zero. Power and voltage are levels: their axis ranges from the lowest to the highest.
    """
    values = [Decimal(interval.value) for interval in intervals if interval.value]
    if not values:
        return None
    from_zero = labels.may_be_added_up(unit)
    low, high = (min(*values, Decimal(0)), max(*values, Decimal(0))) if from_zero else (min(values), max(values))
    scale = Scale(low, high, BOTTOM, TOP)
    bars = list(_bars(intervals, unit, scale, from_zero=from_zero))
    kinds = {bar.kind for bar in bars}
    return Chart(
        title=f"The day in {unit}" if unit else "The day",
        summary=f"{len(values)} values from {min(values):f} to {max(values):f} {unit}; the table below lists them.",
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


def _bars(intervals: Sequence[Interval], unit: str, scale: Scale, *, from_zero: bool) -> Iterator[Bar]:
    step = (RIGHT - LEFT) / len(intervals)
    gap = min(1.0, step / 4)
    base = scale.of(Decimal(0))
    for number, interval in enumerate(intervals):
        if not interval.value:
            continue
        y = scale.of(Decimal(interval.value))
        top, height = (min(y, base), abs(y - base)) if from_zero else (y - 1.5, 3.0)
        words = f"ends {interval.ends_at}: {interval.value} {unit}, {labels.quality(interval.quality_method)}"
        kind = _kind(interval.quality_method)
        yield Bar(place(LEFT + number * step), place(top), place(step - gap), place(height), words, kind)


def _kind(quality_method: str) -> str:
    kinds = (
        (labels.is_forward_estimate, "estimated"),
        (labels.is_substituted, "substituted"),
        (labels.is_no_reading, "missing"),
    )
    return next((kind for applies, kind in kinds if applies(quality_method)), "actual")

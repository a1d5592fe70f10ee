"""A chart of a day, drawn on the server: no script, no style of its own."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from readings.formats.mdff.catalogue import labels
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


@dataclass(frozen=True, slots=True)
class Bar:
    """One interval. Places are texts: no language writes them its own way."""

    x: str
    y: str
    width: str
    height: str
    kind: str
    #: Shown where the pointer rests.
    words: str


@dataclass(frozen=True, slots=True)
class Mark:
    """A number on an axis."""

    place: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """The intervals of a day, from midnight to midnight."""

    title: str
    #: What the drawing shows, for those who do not see it.
    summary: str
    bars: list[Bar]
    levels: list[Mark]
    hours: list[Mark]
    #: The kinds of bars there are: how they are drawn, and what that means.
    legend: list[tuple[str, str]]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    right: int = RIGHT
    bottom: int = BOTTOM


def chart_of(intervals: Sequence[Interval], unit: str) -> Chart | None:
    """Draw a day; None where it has no values.

    Energy stands on zero. Power and voltage are levels: their chart goes from the lowest to the highest.
    """
    values = [Decimal(interval.value) for interval in intervals if interval.value]
    if not values:
        return None
    stands_on_zero = labels.may_be_added_up(unit)
    low, high = (min(*values, Decimal(0)), max(*values, Decimal(0))) if stands_on_zero else (min(values), max(values))
    bars = list(_bars(intervals, unit, low, high, stands_on_zero=stands_on_zero))
    kinds = {bar.kind for bar in bars}
    return Chart(
        title=f"The day in {unit}" if unit else "The day",
        summary=f"{len(values)} values from {min(values):f} to {max(values):f} {unit}; the table below has each.",
        bars=bars,
        levels=[Mark(_place(_height(level, low, high)), f"{level:f}") for level in sorted({low, high})],
        hours=[Mark(_place(LEFT + (RIGHT - LEFT) * hour / 24), f"{hour:02}:00") for hour in HOURS],
        legend=[(kind, words) for kind, words in _WORDS.items() if kind in kinds],
    )


def _bars(
    intervals: Sequence[Interval], unit: str, low: Decimal, high: Decimal, *, stands_on_zero: bool
) -> Iterator[Bar]:
    step = (RIGHT - LEFT) / len(intervals)
    gap = min(1.0, step / 4)
    base = _height(Decimal(0), low, high)
    for number, interval in enumerate(intervals):
        if not interval.value:
            continue
        y = _height(Decimal(interval.value), low, high)
        top, height = (min(y, base), abs(y - base)) if stands_on_zero else (y - 1.5, 3.0)
        words = f"ends {interval.ends_at}: {interval.value} {unit}, {labels.quality(interval.quality_method)}"
        kind = _kind(interval.quality_method)
        yield Bar(_place(LEFT + number * step), _place(top), _place(step - gap), _place(height), kind, words)


def _height(value: Decimal, low: Decimal, high: Decimal) -> float:
    share = float((value - low) / (high - low)) if high > low else 0.0
    return BOTTOM - (BOTTOM - TOP) * share


def _kind(quality_method: str) -> str:
    kinds = (
        (labels.is_forward_estimate, "estimated"),
        (labels.is_substituted, "substituted"),
        (labels.is_no_reading, "missing"),
    )
    return next((kind for holds, kind in kinds if holds(quality_method)), "actual")


def _place(number: float) -> str:
    return f"{number:.2f}"

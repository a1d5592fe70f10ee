"""Heat map of days by half hours."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from itertools import groupby
from typing import Final

from readings.formats.text import count
from readings.presentation.charts.drawing import Mark
from readings.presentation.charts.figures import mean
from readings.queries.consumption.profiles import HalfHour
from readings.queries.consumption.values import HALF_HOURS

#: Size of the drawing, and position and size of the plot in it.
WIDTH, HEIGHT = 960, 268
LEFT, TOP, BREADTH, DEPTH = 46, 6, 906, 240
LEVELS: Final = 7
#: Number of labels that fit below.
_LABELS: Final = 12
#: Percentile at which the highest level begins, so that a single peak does not make everything else pale.
_TOP_PERCENT: Final = 98


@dataclass(frozen=True, slots=True)
class Level:
    """All half hours of one level, as one path."""

    number: int
    path: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HeatMap:
    """Days from left to right, half hours from top to bottom."""

    #: Text alternative for screen readers.
    summary: str
    days: int
    levels: list[Level]
    below: list[Mark]
    hours: list[Mark]
    width: int = WIDTH
    height: int = HEIGHT
    left: int = LEFT
    top: int = TOP
    breadth: int = BREADTH
    depth: int = DEPTH


def heat_map(days: Mapping[date, Sequence[HalfHour]], unit: str) -> HeatMap | None:
    """Return the heat map; None without values. Half hours without a value stay blank."""
    amounts = sorted(each.total for half_hours in days.values() for each in half_hours if each.values)
    if not amounts:
        return None
    first, last = min(days), max(days)
    number = (last - first).days + 1
    step = amounts[(len(amounts) - 1) * _TOP_PERCENT // 100] / (LEVELS - 1)
    paths: defaultdict[int, list[str]] = defaultdict(list)
    for day, half_hours in days.items():
        for level, top, length in _runs(half_hours, step):
            paths[level].append(f"M{(day - first).days} {top}h1v{length}h-1z")
    between = f"{mean(amounts[0], unit)} to {mean(amounts[-1], unit)}"
    return HeatMap(
        summary=f"{count(len(days), 'day')} by half hours, from {between} {unit}.",
        days=number,
        levels=[Level(level, "".join(paths[level]), _words(level, step, unit)) for level in sorted(paths)],
        below=list(_days(first, number)),
        hours=[Mark(f"{TOP + DEPTH * hour / 24:.0f}", f"{hour:02}:00") for hour in (0, 6, 12, 18, 24)],
    )


def _runs(half_hours: Sequence[HalfHour], step: Decimal) -> Iterator[tuple[int, int, int]]:
    """Yield runs of the same level: the level, its first half hour, its number of half hours."""
    levels = (_level(each.total, step) if each.values else None for each in half_hours)
    top = 0
    for level, run in groupby(levels):
        length = len(list(run))
        if level is not None:
            yield level, top, length
        top += length
    assert top == HALF_HOURS


def _level(amount: Decimal, step: Decimal) -> int:
    return min(int(amount / step), LEVELS - 1) if step else 0


def _words(level: int, step: Decimal, unit: str) -> str:
    if not step:
        return f"0 {unit}"
    low, high = mean(level * step, unit), mean((level + 1) * step, unit)
    return f"{low} {unit} or more" if level == LEVELS - 1 else f"{low} to {high} {unit}"


def _days(first: date, number: int) -> Iterator[Mark]:
    """Yield labels of days, or of months for a long period."""
    days = [first + timedelta(days=place) for place in range(number)]
    is_long = number > 3 * _LABELS
    labeled = [day for day in days if day.day == 1] if is_long else days
    for day in labeled[:: len(labeled) // _LABELS + 1]:
        across = LEFT + BREADTH * (day - first).days / number
        yield Mark(f"{across:.1f}", f"{day:%b %Y}" if is_long else f"{day:%d %b}")

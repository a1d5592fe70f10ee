"""Charts of advances per day."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from readings.presentation.charts.drawing import Bar, Chart, Mark, Scale, place

TOP, BOTTOM = 18, 128
#: Number of dates below the chart, at most.
DATES: Final = 3
#: Number of charts, at most.
MOST: Final = 6


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time span and the mean advance per day in it."""

    since: datetime
    until: datetime
    per_day: Decimal
    #: Tooltip.
    words: str


def chart_of(title: str, unit: str, stretches: Iterable[Stretch]) -> Chart | None:
    """Return the chart of one register; None for fewer than two stretches."""
    drawn = sorted(stretches, key=lambda each: each.since)
    if len(drawn) < 2:
        return None
    first, last = drawn[0].since, max(each.until for each in drawn)
    low = min(Decimal(0), *(each.per_day for each in drawn))
    high = max(Decimal(0), *(each.per_day for each in drawn))
    span = (last - first).total_seconds() or 1.0

    def across(moment: datetime) -> float:
        return 100 * (moment - first).total_seconds() / span

    scale = Scale(low, high, BOTTOM, TOP)
    base = scale.of(Decimal(0))
    bars = []
    for each in drawn:
        x, y = across(each.since), scale.of(each.per_day)
        width = max(across(each.until) - x - 0.08, 0.08)
        bars.append(Bar(place(x), place(min(y, base)), place(width), place(abs(base - y)), each.words))
    return Chart(
        title=title,
        summary=f"{len(drawn)} bars, from {_round(min(each.per_day for each in drawn))} "
        f"to {_round(high)} {unit} per day; the tables below list each value.",
        bars=bars,
        zero=place(base),
        levels=[Mark(place(scale.of(level)), _round(level)) for level in sorted({low, high} - {Decimal(0)})],
        below=_dates(first, last, across),
        bottom=BOTTOM,
    )


def _dates(first: datetime, last: datetime, across: Callable[[datetime], float]) -> list[Mark]:
    moments = (first + (last - first) * number / (DATES - 1) for number in range(DATES))
    marks = {f"{moment:%d %b %Y}": place(across(moment)) for moment in reversed(list(moments))}
    return [Mark(where, words) for words, where in reversed(marks.items())]


def _round(amount: Decimal) -> str:
    return f"{amount:,.2f}".rstrip("0").rstrip(".") if amount else "0"

"""Charts of what a register took a day, drawn on the server: no script, no style of its own."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

#: Of a drawing without a size of its own: so high, in pixels, is it in every browser. Across, all is in percents, so
#: that words keep their size on a narrow screen.
HEIGHT: Final = 150
TOP, BOTTOM = 18, 128
#: Dates that are written below, at most.
DATES: Final = 3
#: Registers that have a chart.
MOST: Final = 6


@dataclass(frozen=True, slots=True)
class Stretch:
    """A time in which a register took so much a day."""

    since: datetime
    until: datetime
    per_day: Decimal
    #: Shown where the pointer rests.
    words: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One stretch as drawn. Places are texts: no language writes them its own way."""

    x: str
    y: str
    width: str
    height: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """What one register took a day, from its first stretch to its last."""

    title: str
    #: What the drawing shows, for those who do not see it.
    summary: str
    bars: list[Bar]
    #: Place and words of each mark on the axes.
    levels: list[tuple[str, str]]
    #: Where zero is.
    zero: str
    dates: list[tuple[str, str]]
    bottom: int = BOTTOM


def chart_of(title: str, unit: str, stretches: Iterable[Stretch]) -> Chart | None:
    """Draw the stretches of one register; None where there are fewer than two."""
    drawn = sorted(stretches, key=lambda each: each.since)
    if len(drawn) < 2:
        return None
    first, last = drawn[0].since, max(each.until for each in drawn)
    low = min(Decimal(0), *(each.per_day for each in drawn))
    high = max(Decimal(0), *(each.per_day for each in drawn))
    span = (last - first).total_seconds() or 1.0

    def across(moment: datetime) -> float:
        return 100 * (moment - first).total_seconds() / span

    def up(amount: Decimal) -> float:
        return BOTTOM - (BOTTOM - TOP) * (float((amount - low) / (high - low)) if high > low else 0.0)

    bars = []
    for each in drawn:
        x, y, base = across(each.since), up(each.per_day), up(Decimal(0))
        width = max(across(each.until) - x - 0.08, 0.08)
        bars.append(Bar(_place(x), _place(min(y, base)), _place(width), _place(abs(base - y)), each.words))
    return Chart(
        title=title,
        summary=f"{len(drawn)} bars, from {_round(min(each.per_day for each in drawn))} "
        f"to {_round(high)} {unit} a day; the tables below have each.",
        bars=bars,
        zero=_place(up(Decimal(0))),
        levels=[(_place(up(level)), _round(level)) for level in sorted({low, high} - {Decimal(0)})],
        dates=_dates(first, last, across),
    )


def _dates(first: datetime, last: datetime, across: Callable[[datetime], float]) -> list[tuple[str, str]]:
    moments = (first + (last - first) * number / (DATES - 1) for number in range(DATES))
    marks = {f"{moment:%d %b %Y}": _place(across(moment)) for moment in reversed(list(moments))}
    return [(place, words) for words, place in reversed(marks.items())]


def _round(amount: Decimal) -> str:
    return f"{amount:,.2f}".rstrip("0").rstrip(".") if amount else "0"


def _place(number: float) -> str:
    return f"{number:.2f}"

"""What charts that the server draws are made of: no script, no style of their own.

Places are texts: no language writes them its own way.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal
from typing import Final

#: Height of a drawing that has no size of its own, in pixels. Across, everything is in percents, so that words keep
#: their size on a narrow screen.
HEIGHT: Final = 150


def place(number: float) -> str:
    """Write a place of a drawing."""
    return f"{number:.2f}"


@dataclass(frozen=True, slots=True)
class Bar:
    """One value, or one stretch of time, as drawn."""

    x: str
    y: str
    width: str
    height: str
    #: Shown where the pointer rests.
    words: str
    #: How it is drawn, where there are several kinds.
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A word or a number on an axis."""

    place: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Bars over a span of time, from left to right."""

    title: str
    #: What the drawing shows, for those who do not see it.
    summary: str
    bars: list[Bar]
    #: On the upright axis, and below.
    levels: list[Mark]
    below: list[Mark]
    #: Where zero is, if a line is drawn there.
    zero: str = ""
    #: The kinds of bars there are: how they are drawn, and what that means.
    legend: list[tuple[str, str]] = field(default_factory=list)
    width: int = 100
    height: int = HEIGHT
    left: int = 0
    right: int = 100
    bottom: int


@dataclass(frozen=True, slots=True)
class Scale:
    """Where values stand between the bottom of a drawing and its top."""

    low: Decimal
    high: Decimal
    bottom: int
    top: int

    def of(self, value: Decimal) -> float:
        """Return the place of a value; all are at the bottom where there is only one."""
        share = float((value - self.low) / (self.high - self.low)) if self.high > self.low else 0.0
        return self.bottom - (self.bottom - self.top) * share

"""Parts of charts drawn by the server, without scripts or inline styles.

Coordinates are texts, so that no locale changes their decimal point.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from decimal import Decimal


def place(number: float) -> str:
    """Return a coordinate as text."""
    return f"{number:.2f}"


@dataclass(frozen=True, slots=True)
class Bar:
    """A bar for one value or one time span."""

    x: str
    y: str
    width: str
    height: str
    #: Tooltip.
    words: str
    #: Class of the bar in a chart with several kinds.
    kind: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A label on an axis."""

    place: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """Bars over a span of time, from left to right."""

    title: str
    #: Text alternative for screen readers.
    summary: str
    bars: list[Bar]
    #: Labels of the vertical and of the horizontal axis.
    levels: list[Mark]
    below: list[Mark]
    #: Classes of bars, with their meaning.
    legend: list[tuple[str, str]] = field(default_factory=list)
    width: int
    height: int
    left: int
    right: int
    bottom: int


@dataclass(frozen=True, slots=True)
class Scale:
    """Mapping of values to vertical coordinates."""

    low: Decimal
    high: Decimal
    bottom: int
    top: int

    def of(self, value: Decimal) -> float:
        """Return the coordinate of a value; the bottom if the range is empty."""
        share = float((value - self.low) / (self.high - self.low)) if self.high > self.low else 0.0
        return self.bottom - (self.bottom - self.top) * share

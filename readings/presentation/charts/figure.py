"""Figures: data for the script that draws a chart, and the table with the same values."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timezone
from decimal import Decimal, localcontext
from typing import Any, Final

from readings.formats.packed_day import EXACT
from readings.formats.text import count
from readings.presentation import csv_rows
from readings.presentation.charts.units import Unit, written

#: Quality of a value that is not actual, by its mark.
QUALITIES: Final = {"S": "Substituted", "E": "Estimated", "D": "In doubt"}
_LEAST: Final = Decimal("0.1")


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Values at the places of a figure."""

    label: str
    #: An element is None where nothing is known: the line is broken there.
    values: Sequence[Decimal | None]
    #: Quality of each value, one letter each: "A" actual, "S" substituted, "E" estimated, "D" in doubt; empty if all
    #: are actual.
    marks: str = ""
    #: Style: "line", "bars", "steps" (each value holds until the next place), "points" or "dashed".
    style: str = "line"

    @property
    def drawing(self) -> dict[str, Any]:
        """Return the data for the script."""
        drawing = {"label": self.label, "style": self.style, "values": list(map(plain, self.values))}
        return drawing | ({"marks": self.marks} if self.marks.strip("A") else {})


@dataclass(frozen=True, slots=True)
class Share:
    """The share of the values of one quality."""

    mark: str
    words: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A chart, and the table of its values."""

    #: Name of the figure, unique on its page.
    key: str
    title: str
    #: Source of the values.
    note: str = ""
    unit: str
    #: Axis: "day", "month", "time", "clock" (half hours of a day), "share" (0 to 100 %), "spans" (each value from its
    #: place to its end), or "heat" (days by half hours).
    axis: str
    #: Seconds of clock time, as if it were UTC; seconds from midnight on a clock, per cent on a share.
    places: Sequence[float] = ()
    #: Ends of the spans.
    ends: Sequence[float] = ()
    lines: Sequence[Line] = ()
    #: Index of the line that is the lower edge of the band, followed by the upper edge; -1 without a band.
    band: int = -1
    #: Columns of the table, with their units.
    columns: tuple[str, ...] = ()
    #: Exact values as text, without thousands separators; the first cell is the place.
    rows: Sequence[tuple[str, ...]] = ()
    #: Address from which the script fetches the drawing; empty if it is in the page.
    address: str = ""

    @property
    def drawing(self) -> dict[str, Any]:
        """Return the data for the script."""
        return {
            "axis": self.axis,
            "unit": self.unit,
            "band": self.band,
            "x": list(self.places),
            "ends": list(self.ends),
            "lines": [line.drawing for line in self.lines],
        }

    @property
    def shares(self) -> list[Share]:
        """Return the share of each quality other than actual, for each line."""
        return [share for line in self.lines for share in self._shares(line)]

    def _shares(self, line: Line) -> Iterator[Share]:
        pairs = [
            (mark, abs(value)) for mark, value in zip(line.marks, line.values, strict=False) if value is not None
        ]
        with localcontext(EXACT):
            total = sum((value for _, value in pairs), Decimal(0)) if self.unit.endswith("h") else Decimal(0)
            of_what = f"{written(total, Unit(self.unit))} {self.unit}" if total else count(len(pairs), "value")
            for mark, words in QUALITIES.items():
                own = [value for each, value in pairs if each == mark]
                if own:
                    part = 100 * sum(own, Decimal(0)) / total if total else Decimal(100 * len(own)) / len(pairs)
                    label = f"{line.label}, {words.lower()}" if len(self.lines) > 1 else words
                    yield Share(mark, f"{label}: {_percent(part)} of {of_what}")

    @property
    def alternative(self) -> str:
        """Return the chart in words, for screen readers."""
        words = [f"{self.title} in {self.unit}"]
        if len(self.lines) > 1:
            words.append(f"{len(self.lines)} lines: {', '.join(line.label for line in self.lines)}")
        if self.rows:
            words.append(f"from {self.rows[0][0]} to {self.rows[-1][0]}")
        values = [value for line in self.lines for value in line.values if value is not None]
        if values:
            unit = Unit(self.unit)
            words.append(f"lowest {written(min(values), unit)}, highest {written(max(values), unit)}")
        words += [share.words for share in self.shares]
        return "; ".join(words) + ("; the table below lists the values." if self.rows else ".")


def _percent(share: Decimal) -> str:
    return f"less than {_LEAST} %" if 0 < share < _LEAST else f"{share:.1f} %"


def figure_csv(figure: Figure) -> Iterator[str]:
    """Yield the table of a figure as CSV: the header, then a row for each place."""
    yield csv_rows.row(figure.columns)
    for row in figure.rows:
        yield csv_rows.row(row)


def plain(value: Decimal | None) -> float | None:
    """Return a value as a number for JSON."""
    return None if value is None else float(value)


def seconds(moment: date | datetime) -> float:
    """Return a clock time, without regard to its zone, in seconds since 1970."""
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())
    return moment.replace(tzinfo=timezone.utc).timestamp()

"""Figures: data for the script that draws a chart, and the table with the same values."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal, localcontext
from itertools import repeat
from typing import Any, Final

from django.utils.html import json_script
from django.utils.safestring import SafeString

from readings.formats.packed_day import EXACT
from readings.formats.text import count
from readings.presentation import csv_rows
from readings.presentation.charts.units import Unit, written

#: Quality of a value that is not actual, by its mark.
QUALITIES: Final = {"S": "Substituted", "E": "Estimated", "D": "In doubt"}
_EPOCH: Final = datetime(1970, 1, 1)
_LEAST: Final = Decimal("0.1")
_DAY: Final = 86_400


class _Compact(json.JSONEncoder):
    """Encoder without blanks, for a small page."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options | {"separators": (",", ":")})


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """Values at the places of a figure."""

    label: str
    #: An element is None where nothing is known: the line is broken there.
    values: Sequence[Decimal | None]
    #: Quality of each value, one letter each: "A" actual, "S" substituted, "E" estimated, "D" in doubt; empty if all
    #: are actual.
    marks: str = ""
    #: Amounts of each quality within the values, by its mark; the rest of a value is actual. Bars show them, and the
    #: shares are theirs.
    parts: Mapping[str, Sequence[Decimal]] = field(default_factory=dict)
    #: Style: "line", "bars", "steps" (each value holds until the next place), "points" or "dashed".
    style: str = "line"

    @property
    def drawing(self) -> dict[str, Any]:
        """Return the data for the script."""
        drawing: dict[str, Any] = {"label": self.label, "style": self.style, "values": list(map(plain, self.values))}
        if self.marks.strip("A"):
            drawing["marks"] = self.marks
        if self.parts:
            drawing["parts"] = {mark: list(map(plain, amounts)) for mark, amounts in self.parts.items()}
        return drawing


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
    #: Axis: "day", "month", "time", "clock" (of a day), "share" (0 to 100 %), "spans" (each value is per day
    #: from its place to its end), or "heat" (days by half hours).
    axis: str
    #: Seconds of clock time, as if it were UTC; seconds from midnight on a clock, per cent on a share.
    places: Sequence[float] = ()
    #: Ends of the spans.
    ends: Sequence[float] = ()
    lines: Sequence[Line] = ()
    #: Totals of the lines, if these are means: the shares of qualities are theirs.
    totals: Sequence[Line] = ()
    #: True if the values are levels, such as voltage: their axis need not begin at zero.
    levels: bool = False
    #: Index of the line that is the lower edge of the band, followed by the upper edge; -1 without a band.
    band: int = -1
    #: Columns of the table, with their units.
    columns: tuple[str, ...] = ()
    #: Exact values as text, without thousands separators; the first cell is the place.
    rows: Sequence[tuple[str, ...]] = ()
    #: True if the table is too long for the page: only the CSV has it.
    csv_only: bool = False
    #: Address from which the script fetches the drawing; empty if it is in the page.
    address: str = ""
    #: Shares of qualities that the values alone do not tell, such as those of parts of a day; None to derive them.
    legend: Sequence[Share] | None = None

    @property
    def drawing(self) -> dict[str, Any]:
        """Return the data for the script."""
        return {
            "axis": self.axis,
            "unit": self.unit,
            "levels": self.levels,
            "band": self.band,
            "x": _months(self.places) if self.axis == "month" else _series(self.places),
            "ends": list(map(_number, self.ends)),
            "lines": [line.drawing for line in self.lines],
            "shares": [(share.mark, share.words) for share in self.shares],
        }

    @property
    def script(self) -> SafeString:
        """Return the data for the script as an element of the page."""
        return json_script(self.drawing, f"figure-{self.key}", _Compact)

    @property
    def shares(self) -> list[Share]:
        """Return the share of each quality other than actual, for each line."""
        if self.legend is not None:
            return list(self.legend)
        return [share for line in self.totals or self.lines for share in self._shares(line)]

    def _shares(self, line: Line) -> Iterator[Share]:
        amounts = [
            (mark, abs(value) * days)
            for mark, value, days in zip(line.marks or repeat("A"), line.values, self._days, strict=False)
            if value is not None
        ]
        with localcontext(EXACT):
            unit = self.unit.removesuffix(" per day")
            total = sum((amount for _, amount in amounts), Decimal(0)) if unit.endswith("h") else Decimal(0)
            of_what = f"{written(total, Unit(unit))} {unit}" if total else count(len(amounts), "value")
            for mark, words in QUALITIES.items():
                own = [abs(each) for each in line.parts.get(mark, ()) if each]
                own += [amount for each, amount in amounts if each == mark and not line.parts]
                if own:
                    part = 100 * sum(own, Decimal(0)) / total if total else Decimal(100 * len(own)) / len(amounts)
                    label = f"{line.label}, {words.lower()}" if len(self.lines) > 1 else words
                    yield Share(mark, f"{label}: {_percent(part)} of {of_what}")

    @property
    def _days(self) -> Iterable[Decimal]:
        """Return the factor of each value in a sum: values of spans are per day."""
        if not self.ends:
            return repeat(Decimal(1))
        return [Decimal(end - place) / _DAY for place, end in zip(self.places, self.ends, strict=True)]

    @property
    def alternative(self) -> str:
        """Return the chart in words, for screen readers."""
        words = [f"{self.title} in {self.unit}" if self.unit else self.title]
        if len(self.lines) > 1:
            words.append(f"{len(self.lines)} lines: {', '.join(line.label for line in self.lines)}")
        if self.rows:
            words.append(f"from {self.rows[0][0]} to {self.rows[-1][0]}")
        values = [value for line in self.lines for value in line.values if value is not None]
        if values:
            unit = Unit(self.unit)
            words.append(f"lowest {written(min(values), unit)}, highest {written(max(values), unit)}")
        words += [share.words for share in self.shares]
        return "; ".join(words) + ("; the table below lists the values." if self.rows and not self.csv_only else ".")


def _percent(share: Decimal) -> str:
    return f"less than {_LEAST} %" if 0 < share < _LEAST else f"{share:.1f} %"


def figure_csv(figure: Figure) -> Iterator[str]:
    """Yield the table of a figure as CSV: the header, then a row for each place."""
    yield csv_rows.row(figure.columns)
    for row in figure.rows:
        yield csv_rows.row(row)


def plain(value: Decimal | None) -> float | None:
    """Return a value as a number for JSON."""
    return None if value is None else _number(float(value))


def _number(value: float) -> float:
    """Return a number that JSON writes without a needless `.0`."""
    return int(value) if value == int(value) else value


def _series(places: Sequence[float]) -> list[float] | dict[str, float]:
    """Return places for JSON: start, step and count if they are evenly spaced."""
    step = places[1] - places[0] if len(places) > 2 else 0
    if step and all(place == places[0] + step * number for number, place in enumerate(places)):
        return {"start": _number(places[0]), "step": _number(step), "count": len(places)}
    return list(map(_number, places))


def _months(places: Sequence[float]) -> list[float] | dict[str, float]:
    """Return places for JSON: start and number of months if each is the month after the one before."""
    starts = [_EPOCH + timedelta(seconds=place) for place in places]
    numbers = [12 * start.year + start.month - number for number, start in enumerate(starts)]
    if len(places) > 2 and len({*numbers}) == 1:
        return {"start": _number(places[0]), "months": len(places)}
    return _series(places)


def seconds(moment: date | datetime) -> float:
    """Return a clock time, without regard to its zone, in seconds since 1970."""
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())
    return moment.replace(tzinfo=timezone.utc).timestamp()

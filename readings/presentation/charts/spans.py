"""Charts of amounts per day between two moments, such as the advances of a register."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal, localcontext
from typing import Final

from readings.formats.packed_day import EXACT
from readings.presentation.charts.figure import QUALITIES, Figure, Line, seconds

#: Number of spans with which a chart says more than its table.
LEAST: Final = 2
_PLACES: Final = Decimal("0.000001")


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """A span of time, with the amount in it."""

    #: Start and end, in the clock time of the market.
    since: datetime
    until: datetime
    per_day: Decimal
    amount: Decimal | None = None
    #: Quality of the amount: "A" actual, "S" substituted, "E" estimated, "D" in doubt.
    mark: str = "A"

    @property
    def cells(self) -> tuple[str, ...]:
        """Return start, end, amount, amount per day and quality as text."""
        with localcontext(EXACT):
            per_day = f"{self.per_day.quantize(_PLACES):f}".rstrip("0").removesuffix(".")
        amount = "" if self.amount is None else f"{self.amount:f}"
        return _moment(self.since), _moment(self.until), amount, per_day, QUALITIES.get(self.mark, "Actual")


def figure_of_spans(key: str, title: str, unit: str, spans: Iterable[Span], note: str = "") -> Figure | None:
    """Return the chart of spans that do not overlap; None for fewer than LEAST. The unit is that of the amounts."""
    drawn = sorted(spans, key=lambda each: each.since)
    if len(drawn) < LEAST:
        return None
    line = Line(
        label="Per day",
        values=[each.per_day for each in drawn],
        marks="".join(each.mark for each in drawn),
        style="bars",
    )
    return Figure(
        key=key,
        title=title,
        note=note,
        unit=f"{unit} per day",
        axis="spans",
        places=[seconds(each.since) for each in drawn],
        ends=[seconds(each.until) for each in drawn],
        lines=[line],
        columns=("From", "To", f"Amount ({unit})", f"Per day ({unit})", "Quality"),
        rows=[each.cells for each in drawn],
    )


def _moment(moment: datetime) -> str:
    return f"{moment:%d %b %Y}" if moment.time() == moment.min.time() else f"{moment:%d %b %Y %H:%M}"

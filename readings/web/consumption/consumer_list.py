"""The list of consumers and NMIs: sorted by any column, searched, and paged."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from django.http import QueryDict

from readings.formats.text import NO_VALUE
from readings.presentation import cells
from readings.presentation.charts.units import Unit, duration, written
from readings.queries.consumption.scope import Scope
from readings.queries.consumption.sums.points import ON_A_PAGE, SORTS, Asked, Line, page_of
from readings.queries.consumption.sums.sql import edges_of
from readings.web.consumption.filters import Choice, address

#: Columns: label by the name of the order.
_COLUMNS: Final = {
    "identifier": "Consumer or NMI",
    "area": "Area",
    "tariff": "Tariff",
    "total": "Total",
    "mean": "Mean per day",
    "peak": "Peak",
    "last": "Last day",
    "missing": "Missing",
    "share": "Not actual",
}
_TEXTS: Final = ("identifier", "area", "tariff")
#: Columns of which users look for the smallest first.
_ASCENDING: Final = (*_TEXTS, "last")


class ConsumerList:
    """One page of the list of consumers and NMIs."""

    def __init__(self, scope: Scope, params: QueryDict, unit: Unit) -> None:
        self.params, self.unit = params, unit
        sort = params.get("sort", "")
        name = sort.removeprefix("-")
        page = params.get("page", "")
        self.asked = Asked(
            sort=name if name in SORTS else "identifier",
            is_descending=sort.startswith("-") and name in SORTS,
            search=params.get("q", "").strip(),
            only_changed=params.get("changed") == "1",
            page=int(page) if page.isdecimal() and len(page) < 7 else 1,
        )
        self.power = f"k{scope.measure.family.removesuffix('h')}"
        self.page = page_of(scope, self.asked)
        self.has_parts_of_months = any(edges_of(scope))

    @property
    def columns(self) -> Iterator[Choice]:
        """Yield the column headings, each with the address that sorts by it."""
        units = {"total": f"{self.unit}", "mean": f"{self.unit}", "peak": self.power, "share": "%"}
        for name, words in _COLUMNS.items():
            is_chosen = name == self.asked.sort
            is_next_descending = not self.asked.is_descending if is_chosen else name not in _ASCENDING
            order = ("descending" if self.asked.is_descending else "ascending") if is_chosen else ""
            label = f"{words} ({units[name]})" if name in units else words
            target = address(self.params, sort=f"-{name}" if is_next_descending else name, page="")
            yield Choice(target, label, is_chosen, order, name not in _TEXTS)

    @property
    def lines(self) -> Iterator[tuple[Line, tuple[str, ...]]]:
        """Yield each line with its cells."""
        for line in self.page.lines:
            yield (
                line,
                (
                    written(line.total, self.unit),
                    written(line.per_day, self.unit),
                    written(line.peak, Unit(self.power)),
                    cells.day(line.last_day) if line.last_day else NO_VALUE,
                    duration(line.missing_minutes),
                    NO_VALUE if line.share is None else f"{line.share:.1f}",
                ),
            )

    @property
    def switch(self) -> str:
        """Return the address that lists only the consumers whose area or tariff changed, or again all."""
        return address(self.params, changed="" if self.asked.only_changed else "1", page="")

    @property
    def kept(self) -> list[tuple[str, Any]]:
        """Return the parameters that a search keeps."""
        return [(name, value) for name, value in self.params.items() if value and name not in ("q", "page", "csv")]

    @property
    def pages(self) -> list[tuple[str, Choice]]:
        """Return the links to the first, previous, next and last page, as far as there are others."""
        number, last = self.page.number, -(-self.page.of_lines // ON_A_PAGE)
        places = (("first", "First", 1), ("prev", "Previous", number - 1), ("next", "Next", number + 1))
        return [
            (rel, Choice(address(self.params, page="" if place == 1 else f"{place}"), words))
            for rel, words, place in (*places, ("last", "Last", last))
            if 1 <= place <= last and place != number
        ]

    @property
    def extent(self) -> str:
        """Return the range of lines on this page, and the number of all."""
        if not self.page.lines:
            return "No match." if self.asked.search else "None."
        first = self.page.first
        return f"{first + 1:,} to {first + len(self.page.lines):,} of {self.page.of_lines:,}"

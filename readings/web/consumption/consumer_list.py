"""The list of consumers and NMIs: sorted by any column, searched, and paged."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from django.http import QueryDict

from readings.formats.text import NO_VALUE
from readings.models.consumption.units import converted
from readings.presentation.charts.figures import amount, duration, mean
from readings.queries.consumption.scope import Scope, changed_in, meter_points_in
from readings.queries.consumption.totals import Amount, MeterPointTotal, by_meter_point
from readings.web.consumption.filters import Choice, address

#: Number of lines on a page of the list.
ON_A_PAGE: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A consumer or NMI in the list."""

    key: int
    scheme: str
    identifier: str
    area: str
    tariff: str
    used: MeterPointTotal | None
    unit: str

    @property
    def place(self) -> str:
        """Return the key of the line in an address."""
        return f"{self.scheme}/{self.identifier}"

    @property
    def cells(self) -> tuple[str, ...]:
        """Return total, mean, last day and missing time as text."""
        used = self.used or MeterPointTotal()
        return (
            amount(used.total if self.used else None),
            mean(used.mean, self.unit),
            f"{used.last_day:%d %b %Y}" if used.last_day else NO_VALUE,
            duration(used.missing_minutes),
        )


#: Columns of the list: label, sort key, and whether they hold numbers.
_COLUMNS: Final[dict[str, tuple[str, Callable[[Line], Any], bool]]] = {
    "identifier": ("Consumer or NMI", lambda line: (line.identifier, line.scheme), False),
    "area": ("Area", lambda line: line.area or None, False),
    "tariff": ("Tariff", lambda line: line.tariff or None, False),
    "total": ("Total", lambda line: line.used and line.used.total, True),
    "mean": ("Mean per half hour", lambda line: line.used and line.used.mean, True),
    "last": ("Last day", lambda line: line.used and line.used.last_day, True),
    "missing": ("Missing", lambda line: line.used and line.used.missing_minutes, True),
}
#: Columns whose sort key needs the values of every day.
_NEEDS_VALUES: Final = ("mean", "missing")


class ConsumerList:
    """One page of the list of consumers and NMIs."""

    def __init__(self, scope: Scope, params: QueryDict) -> None:
        self.params = params
        self.search = params.get("q", "").strip()
        self.sort = params.get("sort", "").removeprefix("-")
        self.sort = self.sort if self.sort in _COLUMNS else "identifier"
        self.is_descending = params.get("sort", "").startswith("-")
        totals = by_meter_point(scope, count_values=self.sort in _NEEDS_VALUES)
        self.unit = totals.unit
        points = meter_points_in(scope).values_list("pk", "scheme", "identifier", "area", "tariff")
        self.every = [
            Line(key=row[0], scheme=row[1], identifier=row[2], area=row[3], tariff=row[4], used=used, unit=self.unit)
            for row in points
            for used in [totals.rows.get(row[0])]
        ]
        self.changed = changed_in(scope)
        self.only_changed = params.get("changed") == "1"
        found = (line for line in self.every if self.search.upper() in line.identifier.upper())
        self.matches = self._sorted([line for line in found if not self.only_changed or line.key in self.changed])
        self.lines = self._page()
        if self.sort not in _NEEDS_VALUES:
            self._count_values(scope)

    def _sorted(self, lines: list[Line]) -> list[Line]:
        """Return the lines in order; lines without a value come last in either order."""
        _, key_of, _ = _COLUMNS[self.sort]
        lines.sort(key=lambda line: (line.identifier, line.scheme))
        valued = sorted((line for line in lines if key_of(line) is not None), key=key_of, reverse=self.is_descending)
        return valued + [line for line in lines if key_of(line) is None]

    def _page(self) -> list[Line]:
        places = [line.place for line in self.matches]
        after, before = self.params.get("after"), self.params.get("before")
        first = 0
        if after in places:
            first = places.index(after) + 1
        elif before in places:
            first = max(places.index(before) - ON_A_PAGE, 0)
        self.first, self.last = first, min(first + ON_A_PAGE, len(self.matches))
        return self.matches[self.first : self.last]

    def _count_values(self, scope: Scope) -> None:
        among = [line.key for line in self.lines]
        totals = by_meter_point(replace(scope, among=among), count_values=True)
        # The common unit of one page may differ from that of the whole list.
        for number, line in enumerate(self.lines):
            if used := totals.rows.get(line.key):
                used.total = converted(used.total, totals.unit, self.unit)
                self.lines[number] = replace(line, used=used)

    def groups(self) -> list[tuple[str, ...]]:
        """Return area, tariff, number of meter points, total and mean of each area and tariff."""
        amounts: defaultdict[tuple[str, str], Amount] = defaultdict(Amount)
        for line in self.every:
            if line.used:
                amounts[line.area, line.tariff] += Amount(line.used.total, 1)
        return [
            (
                *(name or NO_VALUE for name in key),
                f"{each.days:,}",
                amount(each.total),
                mean(each.mean, self.unit),
            )
            for key, each in sorted(amounts.items())
        ]

    def columns(self) -> Iterator[Choice]:
        """Yield the column headings, each with the address that sorts by it."""
        for key, (words, _, is_number) in _COLUMNS.items():
            is_chosen = key == self.sort
            # Users look for the largest numbers first.
            is_next_descending = (not self.is_descending) if is_chosen else key in ("total", "mean", "missing")
            sort = f"-{key}" if is_next_descending else key
            order = ("descending" if self.is_descending else "ascending") if is_chosen else ""
            label = f"{words} ({self.unit})" if key in ("total", "mean") and self.unit else words
            yield Choice(address(self.params, sort=sort, after="", before=""), label, is_chosen, order, is_number)

    @property
    def switch(self) -> str:
        """Return the address that lists only the consumers whose area or tariff changed, or again all."""
        return address(self.params, changed="" if self.only_changed else "1", after="", before="")

    @property
    def before(self) -> str:
        """Return the address of the previous page; empty on the first page."""
        return address(self.params, before=self.lines[0].place, after="") if self.first and self.lines else ""

    @property
    def after(self) -> str:
        """Return the address of the next page; empty on the last page."""
        return address(self.params, after=self.lines[-1].place, before="") if self.last < len(self.matches) else ""

    @property
    def extent(self) -> str:
        """Return the range of lines on this page, and the number of all."""
        if not self.lines:
            return "No match." if self.search else "None."
        return f"{self.first + 1:,} to {self.last:,} of {len(self.matches):,}"

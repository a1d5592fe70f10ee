"""The list of consumers and NMIs: sorted by any of its columns, searched, one page at a time."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from django.http import QueryDict

from readings.formats.text import NOT_SAID
from readings.presentation.charts.figures import amount, duration, mean
from readings.queries.consumption import exact
from readings.queries.consumption.scope import Scope, meter_points_in
from readings.queries.consumption.totals import Amount, MeterPointTotal, by_meter_point
from readings.web.consumption.filters import Choice, address

#: So many stand on a page of the list.
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
        """Name it in an address."""
        return f"{self.scheme}/{self.identifier}"

    @property
    def cells(self) -> tuple[str, ...]:
        """Write its numbers."""
        used = self.used or MeterPointTotal()
        return (
            amount(used.total if self.used else None),
            mean(used.mean, self.unit),
            f"{used.last_day:%d %b %Y}" if used.last_day else NOT_SAID,
            duration(used.missing_minutes),
        )


#: The columns of the list: their words, what they are sorted by, whether they are numbers.
_COLUMNS: Final[dict[str, tuple[str, Callable[[Line], Any], bool]]] = {
    "identifier": ("Consumer or NMI", lambda line: (line.identifier, line.scheme), False),
    "area": ("Area", lambda line: line.area or None, False),
    "tariff": ("Tariff", lambda line: line.tariff or None, False),
    "total": ("Total", lambda line: line.used and line.used.total, True),
    "mean": ("Mean of a half hour", lambda line: line.used and line.used.mean, True),
    "last": ("Last day", lambda line: line.used and line.used.last_day, True),
    "missing": ("Missing", lambda line: line.used and line.used.missing_minutes, True),
}
#: What is sorted by the values of every day.
_NEEDS_VALUES: Final = ("mean", "missing")


class ConsumerList:
    """The list of consumers and NMIs, one page of it."""

    def __init__(self, scope: Scope, asked: QueryDict) -> None:
        self.asked = asked
        self.search = asked.get("q", "").strip()
        self.sort = asked.get("sort", "").removeprefix("-")
        self.sort = self.sort if self.sort in _COLUMNS else "identifier"
        self.is_descending = asked.get("sort", "").startswith("-")
        totals = by_meter_point(scope, count_values=self.sort in _NEEDS_VALUES)
        self.unit = totals.unit
        points = meter_points_in(scope).values_list("pk", "scheme", "identifier", "area", "tariff")
        self.every = [
            Line(key=row[0], scheme=row[1], identifier=row[2], area=row[3], tariff=row[4], used=used, unit=self.unit)
            for row in points
            for used in [totals.rows.get(row[0])]
        ]
        self.found = self._sorted([line for line in self.every if self.search.upper() in line.identifier.upper()])
        self.lines = self._page()
        if self.sort not in _NEEDS_VALUES:
            self._count_values(scope)

    def _sorted(self, lines: list[Line]) -> list[Line]:
        """Sort; what says nothing comes last either way."""
        _, key_of, _ = _COLUMNS[self.sort]
        lines.sort(key=lambda line: (line.identifier, line.scheme))
        said = sorted((line for line in lines if key_of(line) is not None), key=key_of, reverse=self.is_descending)
        return said + [line for line in lines if key_of(line) is None]

    def _page(self) -> list[Line]:
        places = [line.place for line in self.found]
        after, before = self.asked.get("after"), self.asked.get("before")
        first = 0
        if after in places:
            first = places.index(after) + 1
        elif before in places:
            first = max(places.index(before) - ON_A_PAGE, 0)
        self.first, self.last = first, min(first + ON_A_PAGE, len(self.found))
        return self.found[self.first : self.last]

    def _count_values(self, scope: Scope) -> None:
        among = [line.key for line in self.lines]
        counted = by_meter_point(replace(scope, among=among), count_values=True)
        # The unit of a few may be another than that of all.
        for number, line in enumerate(self.lines):
            if used := counted.rows.get(line.key):
                used.total = exact.converted(used.total, counted.unit, self.unit)
                self.lines[number] = replace(line, used=used)

    def groups(self) -> list[tuple[str, ...]]:
        """Add up by area and tariff: these two, how many, their total, the mean of one."""
        found: defaultdict[tuple[str, str], Amount] = defaultdict(Amount)
        for line in self.every:
            if line.used:
                found[line.area, line.tariff] += Amount(line.used.total, 1)
        return [
            (
                *(said or NOT_SAID for said in key),
                f"{each.days:,}",
                amount(each.total),
                mean(each.mean, self.unit),
            )
            for key, each in sorted(found.items())
        ]

    def columns(self) -> Iterator[Choice]:
        """Give the heads of the columns, each with the address that sorts by it."""
        for key, (words, _, is_number) in _COLUMNS.items():
            is_chosen = key == self.sort
            # Numbers are of most interest where they are large.
            is_next_descending = (not self.is_descending) if is_chosen else key in ("total", "mean", "missing")
            sort = f"-{key}" if is_next_descending else key
            order = ("descending" if self.is_descending else "ascending") if is_chosen else ""
            said = f"{words} ({self.unit})" if key in ("total", "mean") and self.unit else words
            yield Choice(address(self.asked, sort=sort, after="", before=""), said, is_chosen, order, is_number)

    @property
    def before(self) -> str:
        """The address of the page before."""
        return address(self.asked, before=self.lines[0].place, after="") if self.first and self.lines else ""

    @property
    def after(self) -> str:
        """The address of the next page."""
        return address(self.asked, after=self.lines[-1].place, before="") if self.last < len(self.found) else ""

    @property
    def extent(self) -> str:
        """Say which of how many are shown."""
        if not self.lines:
            return "None is called so." if self.search else "None."
        return f"{self.first + 1:,} to {self.last:,} of {len(self.found):,}"

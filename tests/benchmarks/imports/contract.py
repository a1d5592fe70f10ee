"""What the parts of the benchmark of imports share: their plan, comparisons, tables and sections."""

from __future__ import annotations

import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import floor
from pathlib import Path
from statistics import median
from typing import Final

from tests.benchmarks.imports.stores import Stores

#: Columns of a table of comparisons, before and after the two rates.
BEFORE: Final = ("work", "database")
AFTER: Final = ("ratio", "in the rounds", "wanted", "met")
NOTHING: Final = "–"


@dataclass(frozen=True)
class Program:
    """Another program: its interpreter and its checkout."""

    python: str
    checkout: Path


@dataclass(frozen=True)
class Plan:
    """Sizes of one run, and the programs that it compares with."""

    #: Empty folder for the files of one part.
    folder: Path
    #: Kinds of databases; each has an empty one with the tables of the program.
    stores: tuple[Stores, ...]
    #: Readings of each D0010; number of measurements of each.
    readings: int
    rounds: int
    #: Readings of the files whose memory is compared, smallest first.
    growth: tuple[int, ...]
    #: Number of small files.
    files: int
    #: Sizes of the NEM12 and of the NEM13.
    meter_points: int
    days: int
    records: int
    is_quick: bool = False
    programs: dict[str, Program] = field(default_factory=dict)
    base: Program | None = None
    nemreader: str | None = None

    def sizes(self, text: str) -> str:
        """Return sizes with the number of rounds."""
        return f"{text}; {self.rounds} round{'s' if self.rounds != 1 else ''}"


@dataclass(frozen=True)
class Table:
    """A table: numbers are aligned to the right."""

    header: Sequence[str]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True)
class Section:
    """The result of one part: what it measured, in which sizes, and its tables."""

    title: str
    text: str
    sizes: str
    tables: Sequence[Table]
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class Comparison:
    """Rates of an import, and of what it is compared with, by round; there may be nothing to compare with."""

    work: str
    database: str
    ours: Sequence[float]
    other: Sequence[float] = ()
    wanted: float | None = None

    @property
    def ratio(self) -> float | None:
        """Return the ratio of the medians."""
        return median(self.ours) / median(self.other) if self.other else None

    def cells(self) -> list[str]:
        """Return the row of a table."""
        rates = [number(median(rates)) if rates else NOTHING for rates in (self.ours, self.other)]
        return [self.work, self.database, *rates, *self._judged()]

    def _judged(self) -> list[str]:
        ratio = self.ratio
        if ratio is None:
            return [NOTHING, NOTHING, at_least(self.wanted), NOTHING]
        ratios = [ours / other for ours, other in zip(self.ours, self.other, strict=False)]
        met = NOTHING if self.wanted is None else yes(ratio >= self.wanted)
        return [decimal(ratio), f"{decimal(min(ratios))}–{decimal(max(ratios))}", at_least(self.wanted), met]


def table_of(comparisons: Sequence[Comparison], ours: str, other: str) -> Table:
    """Return the table of comparisons; the words say what the two rates are."""
    return Table((*BEFORE, ours, other, *AFTER), [comparison.cells() for comparison in comparisons])


def number(value: float) -> str:
    """Return a rate or a count with its thousands separated."""
    return f"{value:,.0f}" if value >= 10 else f"{value:.1f}"


def decimal(ratio: float) -> str:
    """Return a ratio with the digits that mean something, rounded down, because 0.599 is less than 0.60."""
    places = 0 if ratio >= 20 else 1 if ratio >= 5 else 2
    # The product may be a little less than the whole number that it would be without binary fractions.
    return f"{floor(ratio * 10**places + 1e-9) / 10**places:.{places}f}"


def at_least(wanted: float | None) -> str:
    """Return what is wanted of a ratio."""
    return NOTHING if wanted is None else f"≥ {decimal(wanted)}"


def yes(is_met: bool) -> str:
    return "yes" if is_met else "no"


def progress(step: str) -> None:
    """Print what happens now."""
    print(f"{time.strftime('%H:%M:%S')} {step}", file=sys.stderr, flush=True)

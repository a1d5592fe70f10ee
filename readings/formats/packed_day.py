"""Interval values of a day in one text: count, exact sum, null data."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from decimal import Context, Decimal, localcontext
from typing import Final, TypeAlias

from readings.formats.fields import REMEMBERED
from readings.formats.statements import LineRun

#: Quality flag of null data: no reading, excluded from totals. Removed from the specification on 1 October 2021.
NULL_DATA: Final = "N"
#: First and last interval, from 1, quality method, reason code, reason description.
Event: TypeAlias = tuple[int, int, str, str, str]
#: Intervals that another file states: first and last, from 1; primary key of the file; line of the first; lines from
#: one interval to the next.
Origin: TypeAlias = tuple[int, int, int, int, int]
#: Precision for 1440 values of at most 15 digits before and after the point: no sum is rounded.
EXACT: Final = Context(prec=60)
ZERO: Final = Decimal(0)


def number_of_values(values: str) -> int:
    """Return the number of intervals of a day that have a value."""
    if ",," in values or values[:1] == "," or values[-1:] == ",":
        return sum(value != "" for value in values.split(","))
    return values.count(",") + 1


def exact_sum(amounts: Iterable[Decimal]) -> Decimal:
    """Return the sum without rounding."""
    with localcontext(EXACT):
        return sum(amounts, start=ZERO)


class Amounts(dict[str, Decimal]):
    """Cache of decimals by text: most files repeat few distinct values."""

    def __missing__(self, text: str) -> Decimal:
        amount = self.convert(text)
        if len(self) < REMEMBERED:
            self[text] = amount
        return amount

    def convert(self, text: str) -> Decimal:
        """Return the decimal of a text."""
        return Decimal(text)

    def sum_of(self, values: Iterable[str]) -> Decimal:
        """Return the exact sum of values that are numbers."""
        return exact_sum(map(self.__getitem__, values))

    def total(self, values: Iterable[str]) -> str:
        """Return the exact sum of values that are numbers, as text."""
        return f"{self.sum_of(values):f}"


def total_of(values: str) -> str:
    """Return the exact sum of the values of a day without null data."""
    return f"{exact_sum(map(Decimal, filter(None, values.split(',')))):f}"


def without_null_data(values: Sequence[str], quality_method: str, events: Sequence[Event]) -> list[str]:
    """Return the values with null data as "0"; an event overrides the quality method of the day."""
    zeros = ["0"] * len(values)
    result = list(zeros if quality_method.startswith(NULL_DATA) else values)
    for first, last, quality_of_event, *_ in events:
        result[first - 1 : last] = (zeros if quality_of_event.startswith(NULL_DATA) else values)[first - 1 : last]
    return result


def runs_of(lines: Sequence[int]) -> tuple[LineRun, ...]:
    """Return the lines of the intervals of a day as runs; 0 for an interval without a line."""
    runs: list[LineRun] = []
    for number, line in enumerate(lines, start=1):
        if not line:
            continue
        if number > 1 and lines[number - 2] and runs:
            first, start, _ = runs[-1]
            if first == number - 1:  # The second interval of a run gives its step.
                runs[-1] = first, start, line - start
                continue
            if line == _line_in(runs[-1], number):
                continue
        runs.append((number, line, 1))
    return tuple(runs)


def sources_of(
    size: int, flow_file: int, line: int, runs: Sequence[LineRun], origins: Sequence[Origin] = ()
) -> list[tuple[int, int]]:
    """Return file and line of each interval of a day: its own, or those of the files that complete it."""
    sources = [(flow_file, line)] * size
    ends = [*(run[0] for run in runs[1:]), size + 1][: len(runs)]  # Days of earlier versions have no runs.
    for (first, start, step), end in zip(runs, ends, strict=True):
        sources[first - 1 : end - 1] = [(flow_file, start + step * number) for number in range(end - first)]
    for first, last, other, start, step in origins:
        sources[first - 1 : last] = [(other, start + step * number) for number in range(last - first + 1)]
    return sources


def origins_of(flow_file: int, first: int, lines: Sequence[int]) -> Iterator[Origin]:
    """Yield the origins of consecutive intervals, from a number on, that one file states."""
    runs = runs_of([0] * (first - 1) + list(lines))
    ends = [*(run[0] for run in runs[1:]), first + len(lines)]
    for (begin, line, step), end in zip(runs, ends, strict=True):
        yield begin, end - 1, flow_file, line, step


def _line_in(run: LineRun, number: int) -> int:
    first, line, step = run
    return line + (number - first) * step


def clock_at(minutes: int) -> str:
    """Return the time of day at a number of minutes after midnight."""
    return f"{minutes // 60:02}:{minutes % 60:02}"

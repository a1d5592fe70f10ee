"""A channel of NEM12, the values of its days, and the events that say of what quality they are."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from decimal import Context, Decimal, localcontext
from functools import cache
from typing import Final, NamedTuple, TypeAlias

from readings.fields import REMEMBERED, Fault
from readings.flow import ERROR, RegisterKey
from readings.mdff_fields import LONGEST_NUMBER, number
from readings.nem_codes import DECIMALS, NULL_DATA

#: First interval and last, from 1, quality method, reason code, reason description.
Event: TypeAlias = tuple[int, int, str, str, str]

#: A day has at most 1440 values, of at most 15 digits before and after the point: no sum of them is rounded.
EXACT: Final = Context(prec=60)


class Channel(NamedTuple):
    """What a 200 says of the days under it."""

    line: int
    #: Nothing is wrong with it that makes the days under it useless.
    is_usable: bool
    register: RegisterKey
    unit: str
    interval_length: int
    #: How many a day has; 0 where that is not known.
    intervals: int
    configuration: str
    stream: str
    next_scheduled_read_date: str | None


class Amounts(dict[str, Decimal]):
    """Remember the first texts that come as decimals: most values of a file are few."""

    def __missing__(self, text: str) -> Decimal:
        amount = Decimal(text)
        if len(self) < REMEMBERED:
            self[text] = amount
        return amount

    def total(self, values: Iterable[str]) -> str:
        """Return the exact sum of values that are numbers."""
        with localcontext(EXACT):
            return f"{sum(map(self.__getitem__, values), start=_ZERO):f}"


_ZERO: Final = Decimal(0)


@cache
def _plain(unit: str) -> re.Pattern[str]:
    most = DECIMALS.get(unit, LONGEST_NUMBER)
    value = rf"(?:[0-9]{{1,{LONGEST_NUMBER}}}(?:\.[0-9]{{0,{most}}})?|\.[0-9]{{1,{most}}})"
    return re.compile(rf"(?:{value},)*{value}")


def value_faults(joined: str, values: Sequence[str], unit: str) -> list[tuple[str, str, Fault]]:
    """Find what is wrong with values, each kind once: the name of the first such field, its text, its fault."""
    # One look at all of them together first: nearly always it is all that is needed.
    if _plain(unit).fullmatch(joined):
        return []
    found: dict[str, tuple[str, str, Fault]] = {}
    more: dict[str, int] = {}
    for place, value in enumerate(values, start=1):
        for fault in number(value, unit)[1]:
            _, code, _ = fault
            found.setdefault(code, (f"IntervalValue{place}", value, fault))
            more[code] = more.get(code, -1) + 1
    return [
        (field, value, (severity, code, f"{message}; and {more[code]} more of this day" if more[code] else message))
        for code, (field, value, (severity, _, message)) in found.items()
    ]


def without_null_data(values: Sequence[str], quality_method: str, events: Sequence[Event]) -> list[str]:
    """Leave out the values of which an event, or else the quality of the day, says that they are no readings."""
    zeros = ["0"] * len(values)
    kept = list(zeros if quality_method.startswith(NULL_DATA) else values)
    for first, last, quality_of_event, *_ in events:
        kept[first - 1 : last] = (zeros if quality_of_event.startswith(NULL_DATA) else values)[first - 1 : last]
    return kept


def event_faults(first: int, last: int, before: int, count: int, *, varies: bool) -> list[tuple[str, int, Fault]]:
    """Find what is wrong with the place of an event in its day: field, its number, its fault.

    `before` is the last interval of the event before it, `count` the number of intervals of the day.
    """
    if first < 1 or first > last:
        return [("StartInterval", first, (ERROR, "interval-out-of-range", f"expected 1 to EndInterval {last}"))]
    if last > count:
        return [("EndInterval", last, (ERROR, "interval-out-of-range", f"expected at most {count}"))]
    if first <= before:
        message = f"lies in the event before, which goes to interval {before}; ascending and apart is expected"
        return [("StartInterval", first, (ERROR, "overlapping-events", message))]
    if varies and first > before + 1:
        message = f"leaves intervals {before + 1} to {first - 1} without a quality; expected {before + 1}"
        return [("StartInterval", first, (ERROR, "gap-in-events", message))]
    return []

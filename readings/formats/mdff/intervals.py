"""A channel of NEM12, the values of its days, and the events that say of what quality they are."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from readings.formats.contract import ERROR
from readings.formats.fields import Fault
from readings.formats.mdff.catalogue.codes import DECIMALS
from readings.formats.mdff.catalogue.fields import LONGEST_NUMBER, number
from readings.formats.statements import RegisterKey


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

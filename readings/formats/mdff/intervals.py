"""Channels of NEM12, interval values, and the events that state their quality."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from readings.formats.contract import ERROR
from readings.formats.fields import Fault
from readings.formats.mdff.catalogue.codes import DECIMALS
from readings.formats.mdff.catalogue.fields import LONGEST_NUMBER, is_number, number
from readings.formats.mdff.catalogue.quality import QUALITY_METHOD, place_of_quality
from readings.formats.mdff.records import OF_FORM
from readings.formats.statements import RegisterKey


class Channel(NamedTuple):
    """Channel in a 200, for the days after it."""

    line: int
    #: Whether the 200 has no error that makes its days unusable.
    is_usable: bool
    register: RegisterKey
    unit: str
    interval_length: int
    #: Number of intervals per day; 0 if the interval length is unknown.
    intervals: int
    configuration: str
    stream: str
    next_scheduled_read_date: str | None


@cache
def plain_values(unit: str) -> re.Pattern[str]:
    """Return the pattern of values without faults, separated by commas."""
    most = DECIMALS.get(unit, LONGEST_NUMBER)
    # Each text matches in one way only: a search that tries many takes for ever at a fault after many values.
    fraction = rf"(?:[0-9]{{0,{most - 1}}}|[0-9]{{{most}}}0{{0,{LONGEST_NUMBER - most}}})"
    value = rf"(?:[0-9]{{1,{LONGEST_NUMBER}}}(?:\.{fraction})?|\.(?=[0-9]){fraction})"
    return re.compile(rf"(?:{value},)*{value}")


def day_fault(texts: Sequence[str], channel: Channel) -> tuple[str, str] | None:
    """Return code and message if the quality method of a 300 is not where the interval length requires it."""
    place = channel.intervals + 2
    has_quality = len(texts) > place and QUALITY_METHOD.fullmatch(texts[place]) is not None
    actual = 0 if has_quality else place_of_quality(texts)
    if actual:
        message = f"has {actual - 2} values before its quality method, expected {channel.intervals}"
        return "wrong-interval-count", f"{message} for IntervalLength {channel.interval_length}"
    if not has_quality and (len(texts) < place + 4 or not is_number(texts[place - 1])):
        message = f"has no quality method after {channel.intervals} values: it may be broken over several lines; "
        return "broken-record", message + "ask the sender to correct the file"
    return None


def value_faults(joined: str, values: Sequence[str], unit: str) -> list[tuple[str, str, Fault]]:
    """Return the faults of values, each kind once: name and text of the first such field, and the fault."""
    # Fast path: one match of all values together is nearly always enough.
    if plain_values(unit).fullmatch(joined):
        return []
    first: dict[str, tuple[str, str, Fault]] = {}
    more: dict[str, int] = {}
    for place, value in enumerate(values, start=1):
        for fault in number(value, unit)[1]:
            _, code, _ = fault
            first.setdefault(code, (f"IntervalValue{place}", value, fault))
            more[code] = more.get(code, -1) + 1
    return [
        (field, value, (severity, code, message if code in OF_FORM else message + _others(more[code])))
        for code, (field, value, (severity, _, message)) in first.items()
    ]


def _others(number: int) -> str:
    return f" (and {number} more on this day)" if number else ""


def event_faults(first: int, last: int, before: int, count: int, *, varies: bool) -> list[tuple[str, int, Fault]]:
    """Return the faults of the interval range of an event: field, value, fault.

    `before` is the last interval of the previous event, `count` the number of intervals of the day.
    """
    if first < 1 or first > last:
        return [("StartInterval", first, (ERROR, "interval-out-of-range", f"expected 1 to EndInterval {last}"))]
    if last > count:
        return [("EndInterval", last, (ERROR, "interval-out-of-range", f"expected at most {count}"))]
    if first <= before:
        message = f"overlaps the previous event, which ends with interval {before}; expected {before + 1} or later"
        return [("StartInterval", first, (ERROR, "overlapping-events", message))]
    if varies and first > before + 1:
        message = f"leaves intervals {before + 1} to {first - 1} without a quality method; expected {before + 1}"
        return [("StartInterval", first, (ERROR, "gap-in-events", message))]
    return []


def missing_events(last: int, count: int) -> tuple[str, str]:
    """Return code and message of a day whose quality varies, but whose events end with an earlier interval."""
    message = f"requires 400 records for all intervals, but {last + 1} to {count} have none; ask the sender for them"
    return "gap-in-events" if last else "no-events", message

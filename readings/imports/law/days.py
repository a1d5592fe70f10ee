"""Which days of one stream count. A stream is a channel of a meter point, whatever its register is called."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from math import gcd
from typing import Any

from readings.formats.packed_day import without_null_data
from readings.imports.law.entries import Entry
from readings.imports.law.last_word import the_one_that_counts

_LENGTH, _VALUES, _QUALITY, _EVENTS = 1, 2, 4, 7


def judge_days(entries: Sequence[Entry]) -> None:
    """Mark the days that another statement takes the place of.

    One statement of a stream counts, except on the day on which one meter replaces another: then the last word about
    each of the two meters counts, and the day is their sum.
    """
    subjects: defaultdict[Any, list[Entry]] = defaultdict(list)
    for entry in entries:
        subjects[entry.kind].append(entry)
    for subject in subjects.values():
        winner = the_one_that_counts(subject)
        partner = _exchanged(winner, subject)
        for entry in subject:
            is_of_partner = partner is not None and entry.meter == partner.meter
            entry.superseded_by = partner if is_of_partner else winner
        for entry in (winner, partner or winner):
            entry.superseded_by = None


def _exchanged(winner: Entry, subject: Sequence[Entry]) -> Entry | None:
    """Return the day of the other meter if the meter was exchanged on this day, else None."""
    meters = {entry.meter for entry in subject} - {"", winner.meter}
    if not winner.meter or len(meters) != 1:
        return None
    other = the_one_that_counts([entry for entry in subject if entry.meter in meters])
    is_timed = bool(winner.occasion.stated_at) == bool(other.occasion.stated_at)
    return other if is_timed and _is_exchange(winner, other) else None


def _is_exchange(one: Entry, other: Entry) -> bool:
    """Return whether both meters have data, and at most one of them measures something in each interval."""
    if not (_has_data(one) and _has_data(other)):
        return False
    step = gcd(one.statement[_LENGTH], other.statement[_LENGTH])
    return not any(map(min, _measuring(one, step), _measuring(other, step)))


def _measuring(day: Entry, step: int) -> list[bool]:
    """Return for each step of the day, in minutes, whether its value is neither zero nor null data."""
    values = _without_null_data(day, day.statement[_VALUES].split(","))
    each = day.statement[_LENGTH] // step
    return [is_measuring for value in values for is_measuring in [bool(value.strip("0."))] * each]


def _has_data(day: Entry) -> bool:
    values = day.statement[_VALUES].split(",")
    return "1" in _without_null_data(day, ["1" if value else "0" for value in values])


def _without_null_data(day: Entry, values: list[str]) -> list[str]:
    return without_null_data(values, day.statement[_QUALITY], json.loads(day.statement[_EVENTS] or "[]"))

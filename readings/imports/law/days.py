"""Which days of one stream count. A stream is a channel of a meter point, whatever its register is called."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Mapping, Sequence
from math import gcd

from readings.formats.mdff.catalogue.codes import is_whole_direction
from readings.formats.packed_day import without_null_data
from readings.imports.law.completions import LENGTH, QUALITY, is_consumption, judge_parts, values_of
from readings.imports.law.entries import Entry
from readings.imports.law.last_word import the_one_that_counts

_EVENTS = 7


def judge_days(entries: Sequence[Entry]) -> None:
    """Mark the days that another statement takes the place of."""
    if is_consumption(entries):
        judge_parts(entries)
        return
    streams: defaultdict[str, list[Entry]] = defaultdict(list)
    for entry in entries:
        streams[entry.suffix].append(entry)
    winners = {suffix: _judge_stream(stream) for suffix, stream in streams.items()}
    _prefer_numbered(winners)


def _judge_stream(stream: Sequence[Entry]) -> list[Entry]:
    """Mark the statements of one stream that do not count; return the others.

    One counts, except on the day on which one meter replaces another: then the last word about each of the two meters
    counts, and the day is their sum.
    """
    winner = the_one_that_counts(stream)
    partner = _exchanged(winner, stream)
    for entry in stream:
        is_of_partner = partner is not None and entry.meter == partner.meter
        entry.superseded_by = partner if is_of_partner else winner
    counting = [winner, partner] if partner else [winner]
    for entry in counting:
        entry.superseded_by = None
    return counting


def _prefer_numbered(counting: Mapping[str, Sequence[Entry]]) -> None:
    """Mark the day of a whole direction, which a portal states, if its numbered streams are stated, too."""
    numbered = min((suffix for suffix in counting if not is_whole_direction(suffix)), default=None)
    if numbered is None:
        return
    for suffix, entries in counting.items():
        if is_whole_direction(suffix):
            for entry in entries:
                entry.superseded_by = counting[numbered][0]


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
    step = gcd(one.statement[LENGTH], other.statement[LENGTH])
    return not any(map(min, _measuring(one, step), _measuring(other, step)))


def _measuring(day: Entry, step: int) -> list[bool]:
    """Return for each step of the day, in minutes, whether its value is neither zero nor null data."""
    values = _without_null_data(day, values_of(day))
    each = day.statement[LENGTH] // step
    return [is_measuring for value in values for is_measuring in [bool(value.strip("-0."))] * each]


def _has_data(day: Entry) -> bool:
    values = values_of(day)
    return "1" in _without_null_data(day, ["1" if value else "0" for value in values])


def _without_null_data(day: Entry, values: list[str]) -> list[str]:
    return without_null_data(values, day.statement[QUALITY], json.loads(day.statement[_EVENTS] or "[]"))

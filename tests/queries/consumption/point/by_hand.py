"""The intervals of a meter point in plain Python, five minutes by five minutes, from what is stored."""

from __future__ import annotations

import json
from collections import defaultdict
from dataclasses import dataclass, field
from datetime import date, timedelta
from fractions import Fraction

from readings.models import IntervalDay

#: Minutes of which every interval length is a multiple.
STEP = 5
LETTERS = {"": "A", "A": "A", "S": "S", "F": "S", "E": "E"}
KILO = {"Wh": Fraction(1, 1000), "kWh": Fraction(1), "MWh": Fraction(1000), "kVArh": Fraction(1)}


@dataclass
class Minutes:
    """One pass of the clock of one day: energy and qualities of each step, and the longest interval."""

    energy: dict[int, Fraction] = field(default_factory=lambda: defaultdict(Fraction))
    qualities: dict[int, str] = field(default_factory=lambda: defaultdict(str))
    longest: int = 0

    def blocks(self, length: int) -> list[tuple[int, Fraction, str]]:
        """Return first minute, energy and worst quality of each block with a value."""
        return [
            (first, sum((self.energy[minute] for minute in some), Fraction()), worst(self.qualities, some))
            for first in range(0, 1440, length)
            for some in [[minute for minute in range(first, first + length, STEP) if minute in self.energy]]
            if some
        ]

    def half_hours(self) -> list[tuple[int, Fraction, str]]:
        """Return the half hours of which no interval is missing."""
        intervals = {first for first, *_ in self.blocks(self.longest)}
        return [
            half_hour
            for half_hour in self.blocks(30)
            if all(first in intervals for first in range(half_hour[0], half_hour[0] + 30, self.longest))
        ]


def worst(qualities: dict[int, str], minutes: list[int]) -> str:
    return max((quality for minute in minutes for quality in qualities[minute]), key="ASE".index)


def minutes_of(letter: str = "E", unit: str = "Wh") -> dict[tuple[date, int], Minutes]:
    """Return all steps of the current days of one kind of channel, by day and pass."""
    found: dict[tuple[date, int], Minutes] = defaultdict(Minutes)
    for row in IntervalDay.objects.filter(superseded_by=None).select_related("register"):
        if (row.register.suffix or "E")[:1] != letter or not row.unit.endswith(unit):
            continue
        one = found[row.day, row.occurrence]
        one.longest = max(one.longest, row.interval_length)
        events = json.loads(row.events or "[]")
        for place, value in enumerate(row.values.split(",")):
            quality = row.quality_method
            for first, last, of_event, *_ in events:
                quality = of_event if first <= place + 1 <= last else quality
            if value and quality[:1] != "N":
                for minute in range(place * row.interval_length, (place + 1) * row.interval_length, STEP):
                    one.energy[minute] += Fraction(value) * KILO[row.unit] * STEP / row.interval_length
                    one.qualities[minute] += LETTERS[quality[:1]]
    return {key: one for key, one in sorted(found.items()) if one.energy}


def quantile(values: list[Fraction], share: Fraction) -> Fraction:
    """Return a quantile, interpolated linearly."""
    ordered = sorted(values)
    place = (len(ordered) - 1) * share
    low = int(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def gaps_of(days: dict[tuple[date, int], Minutes]) -> list[tuple[date, int, int]]:
    """Return day, minute and duration of each time without a value between the first day and the last."""
    first, last = min(days)[0], max(days)[0]
    gaps: list[tuple[date, int, int]] = []
    is_open = False
    for number in range((last - first).days + 1):
        day = first + timedelta(number)
        for minute in range(0, 1440, STEP):
            is_missing = (day, 0) not in days or minute not in days[day, 0].energy
            if is_missing and is_open:
                gaps[-1] = (*gaps[-1][:2], gaps[-1][2] + STEP)
            elif is_missing:
                gaps.append((day, minute, STEP))
            is_open = is_missing
    return gaps

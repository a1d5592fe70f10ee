"""The values of one day of a meter point, its channels added up.

Each interval has one value, the sum of the channels, and one quality, the worst of theirs. Null data is no value.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal, localcontext
from functools import lru_cache
from math import gcd, lcm
from typing import Final, Protocol

from readings.formats.mdff.catalogue.labels import is_forward_estimate, is_no_reading, is_substituted
from readings.formats.packed_day import EXACT, ZERO, Amounts
from readings.models.consumption.sums import Quality
from readings.models.consumption.units import converted, family_of, kilo

#: Minutes of a half hour and of a day, and number of half hours of a day.
HALF_HOUR: Final = 30
DAY: Final = 24 * 60
HALF_HOURS: Final = 48
#: Mark of an interval without a value.
NO_VALUE: Final = " "
_RANK: Final = {NO_VALUE: 0} | {quality: rank for rank, quality in enumerate(Quality.values, start=1)}


class Day(Protocol):
    """The columns of an interval day that are read here."""

    @property
    def interval_length(self) -> int: ...
    @property
    def values(self) -> str: ...
    @property
    def unit(self) -> str: ...
    @property
    def quality_method(self) -> str: ...
    @property
    def events(self) -> str: ...


#: An enumeration makes its list of values anew each time.
_QUALITIES: Final = tuple(Quality.values)


@dataclass(frozen=True, slots=True, kw_only=True)
class Intervals:
    """The intervals of one pass of the clock of one day, from midnight."""

    #: Length of an interval in minutes: the longest of the channels.
    length: int
    #: Amounts in kWh or the unit of the same size; None without a value.
    amounts: Sequence[Decimal | None]
    #: One letter for each interval: a Quality, or NO_VALUE.
    qualities: str
    #: Minutes that at least one channel covers, by quality.
    minutes: Counter[str]


@lru_cache(maxsize=1024)
def class_of(quality_method: str) -> str:
    """Return the Quality of a quality method, or NO_VALUE for null data."""
    if is_no_reading(quality_method):
        return NO_VALUE
    if is_forward_estimate(quality_method):
        return Quality.ESTIMATED.value
    return Quality.SUBSTITUTED.value if is_substituted(quality_method) else Quality.ACTUAL.value


def qualities_of(day: Day) -> str:
    """Return the Quality of each interval of a channel as one letter; NO_VALUE where it has no value."""
    values = day.values.split(",")
    letter = class_of(day.quality_method)
    if not day.events and "" not in values:
        return letter * len(values)
    letters = [letter] * len(values)
    for first, last, quality_method, *_ in json.loads(day.events or "[]"):
        letters[first - 1 : last] = [class_of(quality_method)] * (last - first + 1)
    return "".join([letter if value else NO_VALUE for value, letter in zip(values, letters, strict=True)])


class AmountsIn(Amounts):
    """Cache of decimals by text, from one unit into the unit of stored sums."""

    def __init__(self, unit: str) -> None:
        super().__init__()
        self._units = unit, kilo(family_of(unit))

    def convert(self, text: str) -> Decimal:
        """Return the amount of a text."""
        return converted(Decimal(text), *self._units)


class AmountsByUnit(dict[str, AmountsIn]):
    """Caches of decimals by unit: keep one while many days are read."""

    def __missing__(self, unit: str) -> AmountsIn:
        self[unit] = amounts = AmountsIn(unit)
        return amounts


def intervals_of(days: Sequence[Day], amounts: AmountsByUnit) -> Intervals:
    """Return the intervals of the channels of one day and pass, whose units are of one family."""
    channels = [_channel(day, amounts) for day in days]
    if len(channels) == 1:
        return channels[0]
    length = lcm(*(each.length for each in channels))
    step = gcd(*(each.length for each in channels))
    with localcontext(EXACT):
        longest = [_longer(each, length // each.length) for each in channels]
        fine = _worst([_spread(each, each.length // step) for each in channels])
        return Intervals(
            length=length,
            amounts=_added([each.amounts for each in longest]),
            qualities=_worst([each.qualities for each in longest]),
            minutes=_minutes(fine, step),
        )


def half_hours_of(intervals: Intervals) -> Intervals | None:
    """Return the same in half hours; one that lacks a part has no value. None if intervals are longer."""
    each, rest = divmod(HALF_HOUR, intervals.length)
    if rest or not each:
        return None
    with localcontext(EXACT):
        return intervals if each == 1 else _longer(intervals, each, whole=True)


def _added(channels: Sequence[Sequence[Decimal | None]]) -> Sequence[Decimal | None]:
    total, *others = channels
    for other in others:
        pairs = zip(total, other, strict=True)
        total = [second if first is None else first if second is None else first + second for first, second in pairs]
    return total


def _spread(intervals: Intervals, times: int) -> str:
    return intervals.qualities if times == 1 else "".join(letter * times for letter in intervals.qualities)


def _channel(day: Day, amounts: AmountsByUnit) -> Intervals:
    qualities = qualities_of(day)
    amount_of, values = amounts[day.unit], day.values.split(",")
    numbers: list[Decimal | None]
    if NO_VALUE in qualities:
        pairs = zip(values, qualities, strict=True)
        numbers = [amount_of[value] if quality != NO_VALUE else None for value, quality in pairs]
    else:
        numbers = list(map(amount_of.__getitem__, values))
    minutes = _minutes(qualities, day.interval_length)
    return Intervals(length=day.interval_length, amounts=numbers, qualities=qualities, minutes=minutes)


def _minutes(qualities: str, length: int) -> Counter[str]:
    return Counter({quality: number * length for quality in _QUALITIES if (number := qualities.count(quality))})


def _longer(intervals: Intervals, each: int, *, whole: bool = False) -> Intervals:
    """Return the same in intervals that are `each` times as long; `whole` drops those of which a part is missing."""
    if each == 1:
        return intervals
    parts = list(_parts(intervals, each, whole=whole))
    return Intervals(
        length=intervals.length * each,
        amounts=[amount for amount, _ in parts],
        qualities="".join(quality for _, quality in parts),
        minutes=intervals.minutes,
    )


def _parts(intervals: Intervals, each: int, *, whole: bool) -> Iterator[tuple[Decimal | None, str]]:
    for first in range(0, len(intervals.amounts), each):
        present = [amount for amount in intervals.amounts[first : first + each] if amount is not None]
        if not present or (whole and len(present) < each):
            yield None, NO_VALUE
        else:
            qualities = intervals.qualities[first : first + each]
            worst = qualities[0] if qualities == qualities[0] * each else max(qualities, key=_RANK.__getitem__)
            yield sum(present, start=ZERO), worst


def _worst(channels: Sequence[str]) -> str:
    if len(set(channels)) == 1:
        return channels[0]
    return "".join(max(column, key=_RANK.__getitem__) for column in zip(*channels, strict=True))

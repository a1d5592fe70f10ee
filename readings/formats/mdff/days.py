"""A 300 record of NEM12 that is read as a whole, and the fields that many of them have in common."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from decimal import Decimal
from typing import Final, NamedTuple

from readings.formats.fields import REMEMBERED, Memo
from readings.formats.mdff.catalogue.codes import ACTUAL, VARIES
from readings.formats.mdff.catalogue.quality import quality
from readings.formats.mdff.dates import Stamps
from readings.formats.mdff.intervals import Channel, plain_values
from readings.formats.packed_day import exact_sum
from readings.formats.statements import IntervalDay

#: Place of the date in a 300.
_DATE: Final = slice(4, 12)
#: Constructor of a named tuple that skips its own `__new__`: takes half the time, for each day.
_new: Final = tuple.__new__


class _Tail(NamedTuple):
    """Fields of a 300 after its values."""

    #: Quality method, reason code and reason description.
    of_day: tuple[str, ...]
    #: UpdateDateTime and MSATSLoadDateTime.
    times: tuple[datetime | None, datetime | None]
    varies: bool
    #: Last date `yyyymmdd` that does not surprise: an actual day is not later than its update.
    last_date: str


class PlainDays:
    """Reader of 300s without faults."""

    def __init__(self, stamps: Stamps) -> None:
        self.qualities = Memo(quality("AEFNSV"))
        self._days = stamps.days
        self._instant = stamps.instant
        #: Fields after the values, by text; None if any of them has a fault.
        self._tails = Memo(self._tail)
        self._values: dict[str, _Values] = {}

    def read(self, number: int, line: str, channel: Channel, after: str) -> tuple[IntervalDay, bool] | None:
        """Return the day in a 300, and whether its quality varies; None if it must be read field by field.

        `after` is the date that it must follow.
        """
        if not channel.is_usable:
            return None
        head = line.rsplit(",", 5)[0]
        tail, sent = self._tails[line[len(head) :]], head[_DATE]
        day = self._days[sent]
        if not (tail and day and day[1] > after and sent <= tail[3] and head.startswith(",", _DATE.stop)):
            return None
        joined = head[_DATE.stop + 1 :]
        values = joined.split(",")
        total = self._total(channel.unit, joined, values) if len(values) == channel.intervals else None
        if total is None:
            return None
        of_day, times, varies, _ = tail
        before = number, channel.register, day[1], channel.interval_length, joined, total, channel.unit
        return _new(IntervalDay, (*before, *of_day, *times, *channel[6:], (), (), 0, ())), varies

    def _total(self, unit: str, joined: str, values: Sequence[str]) -> str | None:
        of_unit = self._values.get(unit)
        if of_unit is None:
            of_unit = self._values[unit] = _Values(unit)
        return of_unit.total(joined, values)

    def _tail(self, text: str) -> _Tail | None:
        texts = text.split(",")[1:]
        if len(texts) != 5 or any(each != each.strip(' "') for each in texts):
            return None
        *of_quality, updated, loaded = texts
        quality_of_day = self.qualities[",".join(of_quality)]
        updated_at, loaded_at = self._instant(updated), self._instant(loaded)
        if quality_of_day.faults or (updated and not updated_at) or (loaded and not loaded_at):
            return None
        last_date = updated[:8] if updated and quality_of_day.flag == ACTUAL else "99999999"
        return _Tail(tuple(of_quality), (updated_at, loaded_at), quality_of_day.flag == VARIES, last_date)


class _Values(dict[str, Decimal]):
    """Cache of decimals by text, of values in one unit that have no faults: most files repeat few distinct values."""

    def __init__(self, unit: str) -> None:
        super().__init__()
        self._match = plain_values(unit).fullmatch

    def __missing__(self, text: str) -> Decimal:
        if not self._match(text):
            raise _HasFault
        amount = self[text] = Decimal(text)
        return amount

    def total(self, joined: str, values: Sequence[str]) -> str | None:
        """Return the exact sum of values as text; None if any of them has a fault."""
        if len(self) >= REMEMBERED:  # To look up values that rarely repeat takes longer than to read them.
            return f"{exact_sum(map(Decimal, values)):f}" if self._match(joined) else None
        try:
            return f"{exact_sum(map(self.__getitem__, values)):f}"
        except _HasFault:
            return None


class _HasFault(ValueError):
    """A value has a fault."""

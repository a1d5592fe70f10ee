"""Stretches: the use that one register measured over some calendar days, by quality."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal, localcontext
from typing import Final

from readings.formats.mdff.catalogue.codes import ESTIMATE, MADE_BY_A_METHOD
from readings.formats.packed_day import EXACT

ACTUAL: Final = "A"
SUBSTITUTED: Final = "S"
ESTIMATED: Final = "E"
IN_DOUBT: Final = "D"
#: Marks of quality, the best first.
MARKS: Final = ACTUAL + SUBSTITUTED + ESTIMATED + IN_DOUBT
_MINUTE: Final = timedelta(minutes=1)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stretch:
    """An amount that a register measured from one calendar day to another."""

    register: int
    #: First day, and the day after the last; the same if the time begins and ends on one day.
    first: date
    end: date
    #: Parts of the amount by mark of quality.
    amounts: Mapping[str, Decimal]

    @property
    def amount(self) -> Decimal:
        """Return the exact sum of the parts."""
        return exact_sum(self.amounts.values())

    @property
    def days(self) -> int:
        """Return the number of calendar days."""
        return (self.end - self.first).days

    @property
    def mark(self) -> str:
        """Return the mark of the worst quality."""
        return worst(self.amounts)


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """The time in which a register was read."""

    register: int
    meter: int
    first: date
    #: Day of the last reading, or the day after the last interval.
    end: date
    #: Whether it begins with the initial reading of a meter and ends with a final one; intervals have none.
    is_installed: bool = False
    is_removed: bool = False


def day_of(moment: datetime, zone: tzinfo) -> date:
    """Return the calendar day of a moment; the last minute of a day belongs to the midnight after it.

    Half-hourly data collectors write midnight as 23:59:59.
    """
    return (moment.astimezone(zone).replace(tzinfo=None) + _MINUTE).date()


def mark_of(quality_method: str) -> str:
    """Return the mark of an Australian quality method; values of unknown quality are actual."""
    flag = quality_method[:1]
    if flag == ESTIMATE:
        return ESTIMATED
    return SUBSTITUTED if flag and flag in MADE_BY_A_METHOD else ACTUAL


def worst(marks: Iterable[str]) -> str:
    """Return the mark of the worst quality."""
    return max(marks, key=MARKS.index, default=ACTUAL)


def exact_sum(amounts: Iterable[Decimal]) -> Decimal:
    """Return a sum without rounding."""
    with localcontext(EXACT):
        return sum(amounts, Decimal(0))

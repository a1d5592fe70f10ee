"""Properties of invented meters that all formats share."""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

FIRST_DAY: Final = date(2026, 1, 5)
#: Highest number of meter points with distinct identifiers in every format.
MOST_METER_POINTS: Final = 60_000_000

#: Step that scatters consecutive meter points over the identifiers; coprime to their number.
STEP: Final = 6_180_339

#: Limits of the count of a meter before its first day and of its daily advance, in tenths.
_EARLIER: Final = 800_000
_DAILY: Final = 200
_COUNTED_FROM: Final = date(2020, 1, 1)


class Day(NamedTuple):
    """Day of readings: its digits, and the number of days since the meters began to count."""

    digits: str
    counted: int

    @classmethod
    def of(cls, day: date) -> Day:
        """Return the day of a date."""
        return cls(f"{day:%Y%m%d}", (day - _COUNTED_FROM).days)


def serial_number(number: int, seed: int) -> str:
    """Return a serial number in the style of one of four makers; some contain a blank."""
    maker = (number + seed) % 4
    if maker == 0:
        return f"S{number:08}"
    if maker == 1:
        return f"K{number // 10**5 % 100:02}B {number % 10**5:05}"
    if maker == 2:
        return f"E06ZG{number % 10**5:05}"
    return f"{number:08}"


def tenths(number: int, seed: int, place: int, day: Day) -> int:
    """Return the count of a register on a day, in tenths; it never falls from one day to the next."""
    spread = (number * STEP + seed + place) * 7_919
    return spread % _EARLIER + day.counted * (spread // 13 % _DAILY)

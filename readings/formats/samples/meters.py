"""What invented meters have in common, whatever file they stand in."""

from __future__ import annotations

from datetime import date
from typing import Final, NamedTuple

FIRST_DAY: Final = date(2026, 1, 5)
#: So many have identifiers of their own, whatever the format.
MOST_METER_POINTS: Final = 60_000_000

#: One meter point after the other, and yet scattered: coprime to how many identifiers there are.
STEP: Final = 6_180_339

#: What a meter had turned up to before its first day, and how much it may count in a day: in tenths.
_EARLIER: Final = 800_000
_DAILY: Final = 200
_COUNTED_FROM: Final = date(2020, 1, 1)


class Day(NamedTuple):
    """A day of readings: its digits, and the days since meters began to count."""

    digits: str
    counted: int

    @classmethod
    def of(cls, day: date) -> Day:
        """Make both from a date."""
        return cls(f"{day:%Y%m%d}", (day - _COUNTED_FROM).days)


def serial_number(number: int, seed: int) -> str:
    """Make a serial number in one of the ways of the makers; some have a blank inside."""
    maker = (number + seed) % 4
    if maker == 0:
        return f"S{number:08}"
    if maker == 1:
        return f"K{number // 10**5 % 100:02}B {number % 10**5:05}"
    if maker == 2:
        return f"E06ZG{number % 10**5:05}"
    return f"{number:08}"


def tenths(number: int, seed: int, place: int, day: Day) -> int:
    """Make what a register counted up to a day, in tenths; it never falls from one day to the next."""
    spread = (number * STEP + seed + place) * 7_919
    return spread % _EARLIER + day.counted * (spread // 13 % _DAILY)

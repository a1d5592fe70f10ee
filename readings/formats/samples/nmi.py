"""What NEM12 and NEM13 files of invented meters have in common."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from readings.formats.samples.meters import STEP, Day

#: Of NMIs: without I and O.
_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_PLACES: Final = 6
_SEEDS: Final = 100


def nmi(number: int, seed: int) -> str:
    """Make an NMI of a block that no network has; two numbers never make the same."""
    left, text = number * STEP % len(_ALPHABET) ** _PLACES, ""
    for _ in range(_PLACES):
        left, place = divmod(left, len(_ALPHABET))
        text = _ALPHABET[place] + text
    return f"ZX{seed % _SEEDS:02}{text}"


def header(version: str, made_on: Day) -> str:
    """Make a 100 of invented participants."""
    return f"100,{version},{made_on.digits}0615,ZZMDPA,ZZRETB\r\n"


def after(day: date, days: int) -> Day:
    """Return the day that comes so many days later."""
    return Day.of(day + timedelta(days=days))


def turn(number: int, day: Day) -> int:
    """Return which of fifty turns it is; each meter point has another each day, and fifty in a row have all."""
    return (number + day.counted) % 50

"""Parts that NEM12 and NEM13 files of invented meters share."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Final

from readings.formats.samples.meters import STEP, Day

#: Characters of NMIs: without I and O.
_ALPHABET: Final = "0123456789ABCDEFGHJKLMNPQRSTUVWXYZ"
_PLACES: Final = 6
_SEEDS: Final = 100


def nmi(number: int, seed: int) -> str:
    """Return an NMI from a block that no network uses; two numbers never give the same one."""
    left, text = number * STEP % len(_ALPHABET) ** _PLACES, ""
    for _ in range(_PLACES):
        left, place = divmod(left, len(_ALPHABET))
        text = _ALPHABET[place] + text
    return f"ZX{seed % _SEEDS:02}{text}"


def header(version: str, made_on: Day) -> str:
    """Return a 100 with invented participants."""
    return f"100,{version},{made_on.digits}0615,ZZMDPA,ZZRETB\r\n"


def after(day: date, days: int) -> Day:
    """Return the day this number of days later."""
    return Day.of(day + timedelta(days=days))


def turn(number: int, day: Day) -> int:
    """Return a number from 0 to 49; fifty consecutive meter points have all of them on each day."""
    return (number + day.counted) % 50

"""A NEM12 of any size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import shake_128
from itertools import pairwise
from typing import Final, NamedTuple

from readings.formats.samples.meters import FIRST_DAY, Day, serial_number, tenths
from readings.formats.samples.nmi import after, header, nmi, turn

INTERVAL_LENGTHS: Final = (5, 15, 30)
_MINUTES: Final = 24 * 60


class Channel(NamedTuple):
    """Channel: its suffix, its data stream, its unit, and its quantity in each hour of a day, in thousandths."""

    suffix: str
    stream: str
    unit: str
    hours: tuple[int, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Kind of a day: its quality, its events (first and last quarter of the day, quality), its reads."""

    quality: str = "A,,"
    events: tuple[tuple[int, int, str], ...] = ()
    #: Trans code, service order, and whether the register was read.
    transactions: tuple[tuple[str, str, bool], ...] = ()


_HOME: Final = (
    *(210, 180, 170, 165, 170, 220, 390, 610, 540, 380, 320, 310),
    *(330, 300, 290, 330, 470, 760, 980, 1040, 910, 720, 480, 300),
)
_SOLAR: Final = (
    *(0, 0, 0, 0, 0, 0, 40, 260, 690, 1280, 1860, 2240),
    *(2390, 2310, 2010, 1540, 950, 410, 90, 0, 0, 0, 0, 0),
)
_CONTROLLED_LOAD: Final = (2400, 2400, 1900, 700, *(0 for _ in range(18)), 800, 2400)
_CONSUMPTION: Final = Channel("E1", "N1", "kWh", _HOME)
_GENERATION: Final = Channel("B1", "N1", "kWh", _SOLAR)
_HEATING: Final = Channel("E2", "N2", "kWh", _CONTROLLED_LOAD)
_REACTIVE: Final = Channel("Q1", "", "kVArh", tuple(hour // 4 for hour in _HOME))
_SITES: Final = (
    (_CONSUMPTION,),
    (_CONSUMPTION, _GENERATION),
    (_CONSUMPTION,),
    (_CONSUMPTION, _HEATING),
    (_CONSUMPTION, _GENERATION, _REACTIVE),
)

_ACTUAL: Final = Kind()
_KINDS: Final = {
    3: Kind(transactions=(("N", "", True),)),
    7: Kind(quality="V,,", events=((1, 1, "A,,"), (2, 2, "S14,76,"), (3, 3, "A,79,Power failure"), (4, 4, "E52,,"))),
    13: Kind(transactions=(("N", "", True), ("S", "SO", True))),
    17: Kind(quality="S14,76,"),
    22: Kind(quality="V,,", events=((1, 3, "A,,"), (4, 4, "F17,43,"))),
    27: Kind(quality="E52,,", transactions=(("E", "", False),)),
    37: Kind(quality="F14,32,"),
    47: Kind(quality="S14,0,Fuse blown"),
}


def nem12(
    meter_points: int,
    *,
    days: int = 90,
    interval_length: int = 30,
    seed: int = 0,
    first_day: date = FIRST_DAY,
    plain: bool = False,
) -> Iterator[str]:
    """Yield the lines of a NEM12, with line ends.

    The values of a meter point on a day do not depend on the first day. A plain file has one channel per meter point
    with actual days only, without events and reads.
    """
    every = [after(first_day, day) for day in range(days + 1)]
    yield header("NEM12", every[-1])
    for number in range(meter_points):
        channels = _SITES[0] if plain else _SITES[number % len(_SITES)]
        configuration = "".join(channel.suffix for channel in channels)
        site = f"{nmi(number, seed)},{configuration}"
        for place, channel in enumerate(channels, start=1):
            meter = f"{channel.stream},{serial_number(number, seed)},{channel.unit},{interval_length},"
            yield f"200,{site},{place},{channel.suffix},{meter}\r\n"
            yield from _days(number, seed, channel, interval_length, every, plain=plain)
    yield "900\r\n"


def _days(
    number: int, seed: int, channel: Channel, interval_length: int, every: Sequence[Day], *, plain: bool
) -> Iterator[str]:
    count = _MINUTES // interval_length
    level = 40 + number * 7 % 120
    means = [channel.hours[place * 24 // count] * interval_length * level // 6_000 for place in range(count)]
    for day, next_day in pairwise(every):
        kind = _ACTUAL if plain else _KINDS.get(turn(number, day), _ACTUAL)
        loaded = f"{next_day.digits}043000" if number % 3 else ""
        values = _values(means, f"{seed}/{number}/{channel.suffix}/{day.counted}")
        yield f"300,{day.digits},{values},{kind.quality},{next_day.digits}021500,{loaded}\r\n"
        for first, last, quality in kind.events:
            yield f"400,{count * (first - 1) // 4 + 1},{count * last // 4},{quality}\r\n"
        for code, order, is_read in kind.transactions:
            read = f"{next_day.digits}093000,{_index_read(number, seed, day)}" if is_read else ","
            yield f"500,{code},{order and f'{order}{number:08}'},{read}\r\n"


def _values(means: Sequence[int], name: str) -> str:
    """Return values from half to one and a half times their means; the same for the same name."""
    scatter = shake_128(name.encode()).digest(len(means))
    some = [mean * (128 + byte) >> 8 for mean, byte in zip(means, scatter, strict=True)]
    return ",".join([f"{value // 1000}.{value % 1000:03}" for value in some])


def _index_read(number: int, seed: int, day: Day) -> str:
    counted = tenths(number, seed, 1, day)
    return f"{counted // 10 % 10**6:06}.{counted % 10}"

"""A NEM13 of any size."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from itertools import pairwise
from typing import Final, NamedTuple

from readings.formats.samples.meters import FIRST_DAY, Day, serial_number, tenths
from readings.formats.samples.nmi import after, header, nmi, turn

#: Days from one read to the next.
_QUARTER: Final = 91
#: Limit at which dials, of five digits and a tenth, roll over.
_DIALS: Final = 10**5

_ACTUAL: Final = "A,,"
_ESTIMATES: Final = {17: "E64,,", 47: "E64,77,"}
_SUBSTITUTES: Final = {7: "S62,10,", 27: "F61,45,", 37: "S64,0,Meter box flooded"}
#: Trans codes of reads outside the schedule.
_OCCASIONS: Final = {3: "A", 13: "S", 33: "S"}


class Read(NamedTuple):
    """Read of a meter point: its time, its quality with the reason, its trans code and its service order."""

    day: Day
    at: str
    quality: str
    trans_code: str = "N"
    service_order: str = ""


def nem13(
    meter_points: int,
    *,
    readings_per_meter_point: int = 1,
    seed: int = 0,
    first_day: date = FIRST_DAY,
    plain: bool = False,
) -> Iterator[str]:
    """Yield the lines of a NEM13, with line ends.

    Every register is read on the first day and then once a quarter; each record begins where the previous one ended.
    A plain file has one register per meter point with actual, scheduled reads only.
    """
    every = [after(first_day, _QUARTER * (place - 1)) for place in range(readings_per_meter_point + 2)]
    yield header("NEM13", after(first_day, _QUARTER * (readings_per_meter_point - 1) + 1))
    for number in range(meter_points):
        suffixes = ("11", "41") if number % 5 == 3 and not plain else ("11",)
        for place, suffix in enumerate(suffixes, start=1):
            register = (
                f"{nmi(number, seed)},{''.join(suffixes)},{place},{suffix},{suffix},{serial_number(number, seed)}"
            )
            for index, (previous, current) in enumerate(pairwise(every[:-1]), start=1):
                is_last = index == readings_per_meter_point
                reads = _read(number, previous, plain=plain), _read(number, current, plain=plain, is_last=is_last)
                dials = [tenths(number, seed, place, read.day) for read in reads]
                yield from _accumulation(number, register, reads, dials, every[index + 1])
    yield "900\r\n"


def _read(number: int, day: Day, *, plain: bool, is_last: bool = False) -> Read:
    """Return a read; a forward estimate as the last read is an actual read in the next record."""
    which = -1 if plain else turn(number, day)
    if is_last and which in _ESTIMATES:
        return Read(day, f"{day.digits}000000", _ESTIMATES[which], "E")
    minute = 8 * 60 + number * 37 % 540
    at = f"{day.digits}{minute // 60:02}{minute % 60:02}{number % 60:02}"
    occasion = _OCCASIONS.get(which, "N")
    order = f"SO{number:08}" if occasion == "S" else ""
    return Read(day, at, _SUBSTITUTES.get(which, _ACTUAL), occasion, order)


def _accumulation(
    number: int, register: str, reads: tuple[Read, Read], dials: list[int], next_day: Day
) -> Iterator[str]:
    previous, current = reads
    quantity = dials[1] - dials[0]
    scheduled = current.day if current.trans_code == "E" else next_day
    updated = f"{current.day.digits}213000"
    loaded = f"{current.day.digits}233000" if number % 3 else ""
    yield (
        f"250,{register},E,{_on_dial(dials[0])},{previous.at},{previous.quality},"
        f"{_on_dial(dials[1])},{current.at},{current.quality},"
        f"{quantity // 10}.{quantity % 10},kWh,{scheduled.digits},{updated},{loaded}\r\n"
    )
    occasions = (previous.trans_code, previous.service_order, current.trans_code, current.service_order)
    if occasions != ("N", "", "N", ""):
        yield f"550,{','.join(occasions)}\r\n"


def _on_dial(counted: int) -> str:
    """Return a count as displayed on the dial."""
    return f"{counted // 10 % _DIALS:05}.{counted % 10}"

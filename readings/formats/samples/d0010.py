"""A D0010 of any size."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from readings.formats.dtc.catalogue.codes import LIVE
from readings.formats.dtc.catalogue.mpan import mpan_check_digit
from readings.formats.samples.meters import FIRST_DAY, STEP, Day, serial_number, tenths

#: Distributor ids of small networks. Their unique numbers stay far below 8,000,000,000, so that numbers from there on
#: make MPAN cores that no meter point has.
_DISTRIBUTORS: Final = ("31", "32", "33", "34", "35", "36")
_SEEDS: Final = 100
_NUMBERS: Final = 10**7


@dataclass(frozen=True, slots=True, kw_only=True)
class Profile:
    """Kind of a meter point: everything except its identity and its values."""

    status: str = "V"
    reading_type: str = "R"
    registers: tuple[str, ...] = ("S",)
    #: Whether the last register is a maximum demand register that is reset with each reading.
    has_maximum_demand: bool = False
    flag: str = "T"
    method: str = "P"
    #: Clock time of the readings.
    time: str = "000000"
    visits_of_meter_point: tuple[str, ...] = ()
    visits_of_meter: tuple[str, ...] = ()
    #: Groups after each reading.
    after_reading: tuple[str, ...] = ()


_PLAIN = Profile()
_READ_BY_CUSTOMER = Profile(reading_type="C", registers=("01",), method="N")
_ESTIMATED = Profile(reading_type="D", method="N")
_TWO_REGISTERS = Profile(registers=("DY", "NT"))
_NOT_VALIDATED = Profile(status="U", reading_type="A", registers=("TO",), method="N")
_SPECIAL = Profile(reading_type="S", time="142500")
_MAXIMUM_DEMAND = Profile(registers=("01", "MD"), has_maximum_demand=True, visits_of_meter=("16|New seal",))
_SUSPECT = Profile(status="F", flag="F", after_reading=("032|05|F|", "033|06|Cover off|"))
_LATER_VALID = Profile(flag="F", after_reading=("032|27|T|",))
_NO_ACCESS = Profile(reading_type="D", method="N", visits_of_meter_point=("20|Nobody at home", "30|"))

_RARE: Final = {
    6: _TWO_REGISTERS,
    13: _MAXIMUM_DEMAND,
    16: _NOT_VALIDATED,
    26: _SUSPECT,
    33: _LATER_VALID,
    36: _TWO_REGISTERS,
    43: _NO_ACCESS,
    46: _SPECIAL,
}
_COMMON: Final = (_PLAIN, _READ_BY_CUSTOMER, _PLAIN, _ESTIMATED, _PLAIN)
#: Profiles of fifty consecutive meter points, which include every kind.
_PROFILES: Final = tuple(_RARE.get(number, _COMMON[number % 5]) for number in range(50))


def d0010(
    meter_points: int,
    *,
    readings_per_meter_point: int = 1,
    seed: int = 0,
    first_day: date = FIRST_DAY,
    plain: bool = False,
    test_flag: str = LIVE,
) -> Iterator[str]:
    """Yield the lines of a D0010, with line ends.

    Every register is read once a day from the first day on. A plain file has one 026, one 028 and one 030 for
    each reading, and no other group. With another flag than that of live data, it is test data.
    """
    days = [Day.of(first_day + timedelta(days=day)) for day in range(readings_per_meter_point)]
    identifier = f"{seed % 10_000:04}{first_day:%y%m%d}"
    made_on = Day.of(first_day + timedelta(days=readings_per_meter_point)).digits
    groups = flows = 0
    yield f"ZHV|{identifier}|D0010002|D|ZZDC|X|ZZSU|{made_on}061500||||{test_flag}|\n"
    for number in range(meter_points):
        for line in _plain(number, seed, days) if plain else _meter_point(number, seed, days):
            groups += 1
            flows += line[:3] == "026"
            yield line
    yield f"ZPT|{identifier}|{groups}||{flows}|{made_on}063000|\n"


def _meter_point(number: int, seed: int, days: Sequence[Day]) -> Iterator[str]:
    profile = _PROFILES[number % len(_PROFILES)]
    yield f"026|{_mpan_core(number, seed)}|{profile.status}|\n"
    for visit in profile.visits_of_meter_point:
        yield f"027|{visit}|\n"
    yield f"028|{serial_number(number, seed)}|{profile.reading_type}|\n"
    for visit in profile.visits_of_meter:
        yield f"029|{visit}|\n"
    for day in days:
        for place, register_id in enumerate(profile.registers, start=1):
            at = day.digits + profile.time
            if profile.has_maximum_demand and place == len(profile.registers):
                value, reset = f"{number % 97}.{day.counted % 10}", f"{at}|1"
            else:
                value, reset = _value(number, seed, place, day), "|"
            yield f"030|{register_id}|{at}|{value}|{reset}|{profile.flag}|{profile.method}|\n"
            for line in profile.after_reading:
                yield f"{line}\n"


def _plain(number: int, seed: int, days: Sequence[Day]) -> Iterator[str]:
    mpan_core, meter = _mpan_core(number, seed), serial_number(number, seed)
    for day in days:
        yield f"026|{mpan_core}|V|\n"
        yield f"028|{meter}|R|\n"
        yield f"030|S|{day.digits}000000|{_value(number, seed, 1, day)}|||T|P|\n"


def _mpan_core(number: int, seed: int) -> str:
    place, distributor = divmod(number, len(_DISTRIBUTORS))
    digits = f"{_DISTRIBUTORS[distributor]}8{seed % _SEEDS:02}{place * STEP % _NUMBERS:07}"
    return digits + mpan_check_digit(digits)


def _value(number: int, seed: int, place: int, day: Day) -> str:
    counted = tenths(number, seed, place, day)
    return f"{counted // 10}.{counted % 10}"

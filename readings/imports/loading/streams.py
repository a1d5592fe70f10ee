"""Streams of metering data: registers of one meter point whose days are judged together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final

from django.db import connection

from readings.formats.statements import NMI
from readings.imports.loading.insertion import among
from readings.imports.loading.parents import searchable_form

_REGISTERS: Final = """
SELECT register.id, meter.meter_point_id, meter_point.scheme, register.suffix, meter.serial_number
FROM readings_register register
JOIN readings_meter meter ON meter.id = register.meter_id
JOIN readings_meterpoint meter_point ON meter_point.id = meter.meter_point_id
"""


class Streams:
    """The streams of some meter points.

    Of a NMI, all registers with one suffix are a stream: the interval form of the specification identifies a stream
    without register and serial number. Elsewhere each register is one.
    """

    def __init__(self, meter_points: Iterable[int] = ()) -> None:
        #: Serial number of each register's meter, in a form that ignores spelling.
        self._meters: dict[int, str] = {}
        #: Registers of each stream, and the stream of each register.
        self._registers: defaultdict[tuple[Any, ...], list[int]] = defaultdict(list)
        self._stream_of: dict[int, tuple[Any, ...]] = {}
        wanted = set(meter_points)
        for register, meter_point, scheme, suffix, serial_number in _registers_at(wanted) if wanted else ():
            stream = (meter_point, suffix) if scheme == NMI else (meter_point, "", register)
            self._meters[register] = without_spelling(serial_number)
            self._registers[stream].append(register)
            self._stream_of[register] = stream

    def is_split(self, register: int) -> bool:
        """Return whether the stream of a register has other registers, too."""
        return len(self._registers[self._stream_of[register]]) > 1

    def meter_of(self, register: int) -> str:
        """Return the serial number of the meter in a form that ignores spelling."""
        return self._meters.get(register, "")

    def canonical(self, place: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return the group of a place: meter point, register and others."""
        meter_point, register, *others = place
        return (*self._stream_of.get(register, (meter_point, register)), *others)

    def places(self, place: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        """Return the places of the same group."""
        meter_point, register, *others = place
        registers = self._registers[self._stream_of[register]] if register in self._stream_of else [register]
        return [(meter_point, each, *others) for each in registers]


def without_spelling(name: str) -> str:
    """Return a serial number or register id in the form that its spellings share."""
    return searchable_form(name).lstrip("0")


def _registers_at(meter_points: Iterable[int]) -> list[tuple[Any, ...]]:
    is_one, wanted = among(meter_points)
    with connection.cursor() as cursor:
        cursor.execute(f"{_REGISTERS} WHERE meter.meter_point_id {is_one} ORDER BY register.id", [wanted])
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        return rows

"""Streams of metering data: registers of one meter point whose days are judged together."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from typing import Any, Final

from django.db import connection

from readings.formats.mdff.catalogue.codes import is_whole_direction
from readings.formats.spelling import without_spelling
from readings.formats.statements import NMI
from readings.imports.loading.insertion import among

_REGISTERS: Final = """
SELECT register.id, meter.meter_point_id, meter_point.scheme, register.suffix, meter.serial_number
FROM readings_register register
JOIN readings_meter meter ON meter.id = register.meter_id
JOIN readings_meterpoint meter_point ON meter_point.id = meter.meter_point_id
"""


class Streams:
    """The streams of some meter points.

    Of a NMI, all registers with one suffix are a stream: the interval form of the specification identifies a stream
    without register and serial number. A stream that states a whole direction is judged together with the numbered
    streams of this direction. Elsewhere each register is one.
    """

    def __init__(self, meter_points: Iterable[int] = ()) -> None:
        #: Serial number of each register's meter, in a form that ignores spelling, and its suffix.
        self._channels: dict[int, tuple[str, str]] = {}
        #: Registers of each stream, and the stream of each register.
        self._registers: defaultdict[tuple[Any, ...], list[int]] = defaultdict(list)
        self._stream_of: dict[int, tuple[Any, ...]] = {}
        wanted = set(meter_points)
        registers = _registers_at(wanted) if wanted else []
        directions = {(point, suffix) for _, point, _, suffix, _ in registers if is_whole_direction(suffix)}
        for register, meter_point, scheme, suffix, serial_number in registers:
            stream: tuple[Any, ...] = (meter_point, suffix)
            if scheme != NMI:
                stream = (meter_point, "", register)
            elif (meter_point, suffix[:1]) in directions:
                stream = (meter_point, suffix[:1])
            self._channels[register] = without_spelling(serial_number), suffix
            self._registers[stream].append(register)
            self._stream_of[register] = stream

    def is_split(self, register: int) -> bool:
        """Return whether the stream of a register has other registers, too."""
        return len(self._registers[self._stream_of[register]]) > 1

    def channel_of(self, register: int) -> tuple[str, str]:
        """Return the serial number of the meter, in a form that ignores spelling, and the suffix."""
        return self._channels.get(register, ("", ""))

    def canonical(self, place: tuple[Any, ...]) -> tuple[Any, ...]:
        """Return the group of a place: meter point, register and others."""
        if not self._stream_of:
            return place
        meter_point, register, *others = place
        return (*self._stream_of.get(register, (meter_point, register)), *others)

    def places(self, place: tuple[Any, ...]) -> list[tuple[Any, ...]]:
        """Return the places of the same group."""
        meter_point, register, *others = place
        if register not in self._stream_of:
            return [place]
        registers = self._registers[self._stream_of[register]]
        return [(meter_point, each, *others) for each in registers]


def _registers_at(meter_points: Iterable[int]) -> list[tuple[Any, ...]]:
    is_one, wanted = among(meter_points)
    with connection.cursor() as cursor:
        cursor.execute(f"{_REGISTERS} WHERE meter.meter_point_id {is_one} ORDER BY register.id", [wanted])
        # Earlier versions stored suffixes in lower case, too.
        return [
            (register, meter_point, scheme, suffix.upper(), serial_number)
            for register, meter_point, scheme, suffix, serial_number in cursor.fetchall()
        ]

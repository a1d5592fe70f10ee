"""Counts of a file's rows and parents, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, fields


class Distinct:
    """Counter of distinct primary keys, with one bit for each key of the table."""

    def __init__(self) -> None:
        self._bits = bytearray()

    def add(self, ids: Iterable[int]) -> None:
        """Count keys that were not counted before."""
        bits = self._bits
        for number in ids:
            place = number >> 3
            if place >= len(bits):
                bits.extend(bytes(place - len(bits) + 4096))
            bits[place] |= 1 << (number & 7)

    def __len__(self) -> int:
        return int.from_bytes(self._bits, "little").bit_count()


@dataclass(slots=True)
class Counts:
    """Counts over all batches of a file."""

    meter_points: Distinct = field(default_factory=Distinct)
    meters: Distinct = field(default_factory=Distinct)
    registers: Distinct = field(default_factory=Distinct)
    readings: int = 0
    accumulations: int = 0
    interval_days: int = 0
    intervals: int = 0
    repeats: int = 0
    superseded: int = 0
    withdrawn: int = 0
    completed: int = 0

    @property
    def values(self) -> int:
        """Return the number of new readings, accumulations and intervals."""
        return self.readings + self.accumulations + self.intervals

    def as_numbers(self) -> dict[str, int]:
        """Return the counts by their names in reports."""
        counts = ((field.name, getattr(self, field.name)) for field in fields(self))
        return {name: len(count) if isinstance(count, Distinct) else count for name, count in counts}

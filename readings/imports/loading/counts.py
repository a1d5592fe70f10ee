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
        distinct = set(ids)
        if not distinct:
            return
        first, last, bits = min(distinct), max(distinct), self._bits
        if last >> 3 >= len(bits):
            bits.extend(bytes((last >> 3) - len(bits) + 4096))
        if last - first + 1 == len(distinct):  # New parents are numbered one after the other.
            within = range(-(-first // 8), last // 8)
            if within:
                bits[within.start : within.stop] = b"\xff" * len(within)
                distinct = {*range(first, within.start * 8), *range(within.stop * 8, last + 1)}
        for number in distinct:
            bits[number >> 3] |= 1 << (number & 7)

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

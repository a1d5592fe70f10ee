"""Names of meters and registers on the page of their meter point."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.safestring import SafeString

from readings.formats.mdff.catalogue import labels as mdff_labels
from readings.formats.text import count
from readings.models import Meter, Register
from readings.presentation import badges, cells


@dataclass(frozen=True, slots=True)
class Names:
    """The meters and registers of a meter point."""

    meters: Mapping[int, Meter]
    registers: Mapping[int, Register]
    #: Meters no longer in use: whether their final reading is stored.
    disused: Mapping[int, bool]

    def meter(self, key: int) -> str:
        """Return the name of a meter."""
        return f"meter {self.meters[key].serial_number or 'without a serial number'}"

    def registers_of(self, keys: Sequence[int]) -> str:
        """Return the names of registers in a sentence."""
        names = [self._register(key) for key in keys]
        is_channel = any(self.registers[key].suffix for key in keys)
        word = ("channel" if is_channel else "register") + ("s" if len(names) > 1 else "")
        return f"{word} {in_a_row(names)}"

    def registers_and_meters(self, keys: Sequence[int]) -> str:
        """Return registers with their meters in a sentence."""
        by_meter: dict[int, list[int]] = {}
        for key in keys:
            by_meter.setdefault(self.registers[key].meter_id, []).append(key)
        return in_a_row([f"{self.meter(meter)} ({self.registers_of(own)})" for meter, own in by_meter.items()])

    def _register(self, key: int) -> str:
        register = self.registers[key]
        return register.suffix or register.register_id or "without a name"

    def mark(self, meter: int) -> SafeString | str:
        """Return a badge if a meter is no longer in use."""
        if meter not in self.disused:
            return ""
        return badges.badge("Removed" if self.disused[meter] else "No longer read")

    def cell(self, register: int) -> SafeString:
        """Return a register with its meter, and a badge if the meter is no longer in use."""
        row = self.registers[register]
        meter = self.meters[row.meter_id]
        name = mdff_labels.register(row.register_id, row.suffix, row.unit)
        serial = cells.together(SafeString("Meter"), cells.meter(meter))
        return cells.lines(f"Register {name}", badges.small(serial), self.mark(meter.pk))


def in_a_row(names: Sequence[str]) -> str:
    """Return names in a sentence: the last two with “and”."""
    return f"{', '.join(names[:-1])} and {names[-1]}" if len(names) > 1 else "".join(names)


def days(number: int) -> str:
    """Return a number of calendar days in words."""
    return count(number, "calendar day")


def in_order(meters: Iterable[Meter], disused: Mapping[int, bool]) -> list[int]:
    """Return the registers of meters, those in use first."""
    rows = sorted(meters, key=lambda meter: meter.pk in disused)
    return [register.pk for meter in rows for register in _registers(meter)]


def _registers(meter: Meter) -> list[Register]:
    return sorted(meter.registers.all(), key=lambda each: (each.register_id, each.suffix, each.pk))

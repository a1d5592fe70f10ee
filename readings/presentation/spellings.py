"""Names of meters and registers that are probably one, in words."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator

from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from readings.formats.spelling import without_spelling
from readings.models import Meter


def notes(meters: Iterable[Meter]) -> list[SafeString]:
    """Return a note about the meters, and about the registers of a meter, whose names differ only in spelling."""
    meters_of: defaultdict[str, list[Meter]] = defaultdict(list)
    for meter in meters:
        # A meter without a serial number is like no other.
        meters_of[without_spelling(meter.serial_number) if meter.serial_number else f"/{meter.pk}"].append(meter)
    return [note for alike in meters_of.values() for note in _notes_about(alike)]


def _notes_about(alike: list[Meter]) -> Iterator[SafeString]:
    serial_numbers = [meter.serial_number for meter in alike]
    if len(alike) > 1:
        yield _note("Meters", "meter", serial_numbers)
    registers: defaultdict[tuple[str, str], dict[str, None]] = defaultdict(dict)
    for register in (register for meter in alike for register in meter.registers.all()):
        if register.register_id:
            key = without_spelling(register.register_id), register.suffix
            registers[key][register.register_id] = None
    where = f" of meter {serial_numbers[0]}" if serial_numbers[0] and len(alike) == 1 else ""
    for names in registers.values():
        if len(names) > 1:
            yield _note("Registers", "register", sorted(names, key=lambda name: (len(name), name)), where)


def _note(some: str, one: str, names: list[str], where: str = "") -> SafeString:
    quoted = [format_html('<span class="serial">{}</span>', name) for name in names]
    listed = format_html_join(", ", "{}", ((name,) for name in quoted[:-1]))
    words = "{} {} and {}{} differ only in {}: probably one {}."
    return format_html(words, some, listed, quoted[-1], where, _difference(names), one)


def _difference(names: list[str]) -> str:
    """Return in what names differ that are the same without spelling."""
    kinds = {
        "blanks": {name.replace(" ", "") for name in names},
        "capitals": {name.upper() for name in names},
        "leading zeros": {name.lstrip("0") for name in names},
    }
    return next((words for words, forms in kinds.items() if len(forms) == 1), "spelling")

"""Searches of each kind, about the rows of a large store."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from readings.formats.spelling import searchable_form
from readings.models import Arrival
from tests.proofs.search.filled import file_name, identifier, serial_number


def _file(number: int) -> int:
    """Return the number of one of the files."""
    return number % Arrival.objects.count() + 1


def _bill(number: int) -> str:
    return f"S 01 801 902 {identifier(number)[1]}"


def _words(number: int) -> str:
    day = file_name(_file(number) // 5 * 5 + 3)
    return " ".join(day.lower().split("(")[0].split())


#: Kinds of searches; each draws the text of a search from the number of a meter point.
KINDS: Final[Mapping[str, Callable[[int], str]]] = {
    "MPAN or NMI in full": lambda number: identifier(number)[1],
    "supply number of a bill": _bill,
    "first 4 characters of an MPAN or NMI": lambda number: identifier(number)[1][:4],
    "first 7 characters of an MPAN or NMI": lambda number: identifier(number)[1][:7],
    "serial number in full": serial_number,
    "last 4 characters of a serial number": lambda number: searchable_form(serial_number(number))[-4:],
    "last 6 characters of a serial number": lambda number: searchable_form(serial_number(number))[-6:],
    "first 5 characters of a serial number": lambda number: searchable_form(serial_number(number))[:5],
    "file name in full": lambda number: file_name(_file(number)),
    "file name without its ending": lambda number: file_name(_file(number)).rpartition(".")[0],
    "file identifier": lambda number: str(4_410_000_000 + _file(number)),
    "beginning of a file name": lambda number: file_name(_file(number))[:8],
    "number in a file name": lambda number: str(_file(number) + 1_000_000)[-5:],
    "words of a file name": _words,
    "word of many file names": lambda number: ("d0010", "D0010 usr", "retailer", "meter readings")[number % 4],
    "nothing": lambda number: f"nothing {number}",
}

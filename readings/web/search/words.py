"""The words of a search, as people paste them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import zip_longest

from readings.formats.dtc.catalogue import supply_number


def words_of(text: str) -> list[str]:
    """Return the distinct words of a list separated by line ends, commas, semicolons or tabs.

    Spaces separate words only in a line of complete identifiers, because a serial number may contain spaces. The
    supply number of a bill is one word, also on two lines.
    """
    words: list[str] = []
    for piece, is_supply_number in supply_number.separated(text):
        words += [piece] if is_supply_number else _separated(piece)
    return list(dict.fromkeys(words))


def without_upper_lines(words: list[str], known: set[str]) -> list[str]:
    """Return words without the upper lines of bills: eight unknown characters before a known MPAN core."""
    return [
        word
        for word, following in zip_longest(words, words[1:], fillvalue="")
        if not _is_upper_line(word, following, known)
    ]


def _is_upper_line(word: str, following: str, known: set[str]) -> bool:
    is_followed = following in known and re.fullmatch(r"(?:\s*[0-9]){13}", following)
    return bool(is_followed and word not in known and supply_number.is_upper_line(word))


def _separated(text: str) -> Iterator[str]:
    for part in re.split(r"[\n\r,;\t]+", text):
        if part := part.strip():
            yield from part.split() if _is_list(part) else [part]


def _is_list(part: str) -> bool:
    words = part.split()
    return len(words) > 1 and all(re.fullmatch(r"\d{13}|[A-HJ-NP-Z0-9]{10,11}", word) for word in words)

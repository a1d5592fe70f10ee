"""Spellings of serial numbers, register ids and file names."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

#: Number of characters of a text that is searched for in parts, at least.
SHORTEST_PART: Final = 4
#: Number of characters of a part of a name, and of parts, at most.
LONGEST_PART: Final = 40
MOST_PARTS: Final = 32
_WORD: Final = re.compile(r"[^\W_]+")
#: Text before a beginning inside a word: where digits follow letters or letters digits, and zeros before a number.
_BEFORE: Final = re.compile(r"(?<=[^\W\d_])(?=\d)|(?<=\d)(?=[^\W\d_])|(?<!\d)0+(?=[1-9])")


def searchable_form(serial_number: str) -> str:
    """Return a serial number without spaces and in upper case, the form that searches use."""
    return serial_number.replace(" ", "").upper()


def without_spelling(name: str) -> str:
    """Return a serial number or register id in the form that its spellings share."""
    return searchable_form(name).lstrip("0")


def words_of(name: str) -> str:
    """Return the words of a file name, in lower case, with one blank in between."""
    return " ".join(_WORD.findall(name.casefold()))


def parts_of(name: str) -> list[str]:
    """Return the distinct parts of a file name by whose beginnings a search finds it.

    Each part begins with a word, or inside one with letters, digits, or digits after zeros, and runs on.
    """
    words = words_of(name)
    parts = (words[at : at + LONGEST_PART] for at in _beginnings(words))
    return [part for part in dict.fromkeys(parts) if len(part) >= SHORTEST_PART][:MOST_PARTS]


def _beginnings(words: str) -> Iterator[int]:
    for word in _WORD.finditer(words):
        yield word.start()
        for before in _BEFORE.finditer(word[0]):
            if len(word[0]) - before.end() >= SHORTEST_PART:
                yield word.start() + before.end()

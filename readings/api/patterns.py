"""Patterns of parameters, and their words for people."""

from __future__ import annotations

from typing import Final

MPAN: Final = r"^[0-9]{13}$"
NMI: Final = r"^[0-9A-Za-z]{1,11}$"
READING_TYPE: Final = r"^[A-Z]$"
SHA256: Final = r"^[0-9a-f]{12,64}$"
NO_ZERO_BYTE: Final = r"^[^\x00]*$"

EXPECTED: Final = {
    MPAN: "an MPAN core of 13 digits",
    NMI: "an NMI of at most 11 letters and digits",
    READING_TYPE: "one capital letter, such as R",
    SHA256: "at least the first 12 of the 64 hexadecimal digits of a SHA-256, in lower case",
    NO_ZERO_BYTE: "a text without a zero byte",
}

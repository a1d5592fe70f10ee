"""National Metering Identifier: ten letters and digits, and an optional check digit after them."""

from __future__ import annotations

import re
from typing import Final

from readings.formats.contract import ERROR, WARNING
from readings.formats.fields import ValueAndFaults
from readings.formats.mdff.catalogue.fields import missing

#: Pattern of a NMI, whose alphabet has no I and no O.
NMI: Final = re.compile("[A-HJ-NP-Z0-9]{10}")
#: Pattern of a NMI with a check digit.
_IN_FULL: Final = re.compile("[A-Z0-9]{10}[0-9]")
_LETTERS_AND_DIGITS: Final = re.compile("[A-Z0-9]+")
#: Pattern of a number that a spreadsheet has rounded.
_ROUNDED: Final = re.compile(r"[0-9](?:\.[0-9]+)?E\+?[0-9]+|[0-9]+\.[0-9]*")
_LENGTH: Final = 10
#: NMI of three digits in the documents of the market. Other short ones, in test data, have a letter.
_OF_DOCUMENTS: Final = "123"


def nmi(text: str) -> ValueAndFaults[str]:
    """Read a NMI. Eleven characters with the right check digit are the ten before it.

    Two customers must never become one: digits alone that are no NMI, and what a spreadsheet rounds, are errors.
    """
    if NMI.fullmatch(text):
        return text, ()
    if not text:
        return "", missing(ERROR)
    name = text.upper() if text.isascii() else text
    if _IN_FULL.fullmatch(name):
        return _without_check_digit(name)
    if _ROUNDED.fullmatch(name):
        message = "was rounded by a spreadsheet, so its last digits are lost; ask the sender for the original file"
        return "", ((ERROR, "rounded-nmi", message),)
    expected = "expected 10 upper-case letters and digits, without I and O"
    if not _LETTERS_AND_DIGITS.fullmatch(name):
        return "", ((ERROR, "wrong-characters", expected),)
    if len(name) > _LENGTH or (name.isdigit() and name != _OF_DOCUMENTS):
        return "", ((ERROR, "wrong-length", f"has {len(name)} characters, {expected}"),)
    return name, ((WARNING, "unusual-nmi", f"{expected}; read as {name}"),)


def _without_check_digit(name: str) -> ValueAndFaults[str]:
    expected = nmi_check_digit(name)
    if name[10] == expected:
        message = f"includes the check digit, which files must not have; read as {name[:10]}"
        return name[:10], ((WARNING, "nmi-with-check-digit", message),)
    message = f"has the wrong check digit, which should be {expected}; ask the sender which of the two was mistyped"
    return "", ((ERROR, "wrong-check-digit", message),)


def nmi_check_digit(text: str) -> str:
    """Return the check digit of the first 10 characters of a NMI (AEMO NMI Procedure)."""
    digits = "".join(str(ord(one) * (1 + place % 2)) for place, one in enumerate(text[:10]))
    return str(-sum(map(int, digits)) % 10)

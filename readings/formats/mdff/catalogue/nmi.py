"""National Metering Identifier: ten letters and digits, and an optional check digit after them."""

from __future__ import annotations

import re
from typing import Final

from readings.formats.contract import ERROR, WARNING
from readings.formats.fields import ValueAndFaults
from readings.formats.mdff.catalogue.fields import missing

#: Pattern of a NMI, whose alphabet has no I and no O.
NMI: Final = re.compile("[A-HJ-NP-Z0-9]{10}")


def nmi(text: str) -> ValueAndFaults[str]:
    """Read a NMI, without the check digit, which files do not have."""
    if NMI.fullmatch(text):
        return text, ()
    if not text:
        return "", missing(ERROR)
    if text.isascii() and NMI.fullmatch(text.upper()):
        return text.upper(), ((WARNING, "unusual-nmi", f"is not upper case; read as {text.upper()}"),)
    if len(text) == 11 and NMI.fullmatch(text[:10]) and text[10] == nmi_check_digit(text):
        message = f"includes the check digit, which files must not have; expected {text[:10]}"
        return "", ((ERROR, "nmi-with-check-digit", message),)
    expected = "expected 10 upper-case letters and digits, without I and O"
    if len(text) > 20:
        return "", ((ERROR, "wrong-length", f"has {len(text)} characters, {expected}"),)
    return text, ((WARNING, "unusual-nmi", f"{expected}; kept as sent"),)


def nmi_check_digit(text: str) -> str:
    """Return the check digit of the first 10 characters of a NMI (AEMO NMI Procedure)."""
    digits = "".join(str(ord(one) * (1 + place % 2)) for place, one in enumerate(text[:10]))
    return str(-sum(map(int, digits)) % 10)

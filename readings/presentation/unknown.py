"""Reasons why a search finds nothing: the most frequent typing errors."""

from __future__ import annotations

import re

from readings.formats.dtc.catalogue.mpan import mpan_core
from readings.formats.mdff.catalogue.nmi import nmi_check_digit

#: Pattern of an NMI with its check digit.
_NMI_AND_MORE = re.compile(r"[A-HJ-NP-Z0-9]{10}[0-9]")


def why_unknown(word: str) -> str:
    """Return the most likely reason why a word has no match, or else the words that a search finds."""
    return likely_reason(word) or "no match: search needs the complete MPAN, NMI, serial number or file name"


def likely_reason(word: str) -> str:
    """Return the most likely reason why no meter point has an identifier; empty if it looks like none."""
    text = "".join(word.split()).upper()
    if len(text) == 13 and text.isdecimal() and text.isascii():
        _, faults = mpan_core(text)
        return faults[0][2] if faults else "no file contains this MPAN"
    if len(text) == 21 and text.isdecimal() and text.isascii():
        return f"an MPAN core has 13 digits: search for the last 13, {text[8:]}"
    if _NMI_AND_MORE.fullmatch(text) and text[10] != nmi_check_digit(text):
        return f"wrong check digit for NMI {text[:10]}: expected {nmi_check_digit(text)}"
    return ""

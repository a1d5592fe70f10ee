"""Reasons why a search finds nothing: the most frequent typing errors."""

from __future__ import annotations

import re

from readings.formats.dtc.catalogue.mpan import mpan_core
from readings.formats.dtc.catalogue.supply_number import core_in
from readings.formats.mdff.catalogue.nmi import nmi_check_digit
from readings.formats.spelling import SHORTEST_PART

#: Pattern of an NMI with its check digit.
_NMI_AND_MORE = re.compile(r"[A-HJ-NP-Z0-9]{10}[0-9]")


def why_unknown(word: str) -> str:
    """Return the most likely reason why nothing has this name in full."""
    return likely_reason(word) or "nothing has this name in full"


def why_no_part(word: str) -> str:
    """Return the most likely reason why nothing has this name, not even in part."""
    if len("".join(word.split())) < SHORTEST_PART:
        return f"no match: with {SHORTEST_PART} characters or more, a search finds parts of names, too"
    words = "no match: no number begins with it, no serial number ends with it, and no file name contains it"
    return likely_reason(word) or words


def likely_reason(word: str) -> str:
    """Return the most likely reason why no meter point has an identifier; empty if it looks like none."""
    text = "".join(word.split()).upper()
    core = core_in(text) or text
    if len(core) == 13 and core.isdecimal() and core.isascii():
        _, faults = mpan_core(core)
        return faults[0][2] if faults else "no file contains this MPAN"
    if _NMI_AND_MORE.fullmatch(text) and text[10] != nmi_check_digit(text):
        return f"wrong check digit for NMI {text[:10]}: expected {nmi_check_digit(text)}"
    return ""

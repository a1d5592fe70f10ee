"""Why nothing is called so: what people most often mistype."""

from __future__ import annotations

import re

from readings.formats.dtc.catalogue.mpan import mpan_core
from readings.formats.mdff.catalogue.nmi import nmi_check_digit

#: As long as a NMI with its check digit.
_NMI_AND_MORE = re.compile(r"[A-HJ-NP-Z0-9]{10}[0-9]")


def why_unknown(word: str) -> str:
    """Say what is wrong with a word that names nothing, as far as that can be told."""
    text = "".join(word.split()).upper()
    if len(text) == 13 and text.isdecimal() and text.isascii():
        _, faults = mpan_core(text)
        return faults[0][2] if faults else "no file has named this MPAN"
    if len(text) == 21 and text.isdecimal() and text.isascii():
        return f"an MPAN core has 13 digits: the last of these, {text[8:]}"
    if _NMI_AND_MORE.fullmatch(text) and text[10] != nmi_check_digit(text):
        return f"the check digit of NMI {text[:10]} would be {nmi_check_digit(text)}"
    return "no match: search needs the complete MPAN, NMI, serial number or file name"

"""Supply number of a bill: profile class, time switch class, line loss factor class, and the MPAN core."""

from __future__ import annotations

import re
from typing import Final

_COMPACT: Final = re.compile(r"S?[0-9]{5}[0-9A-Z]{3}([0-9]{13})")
_GAP: Final = r"[\s|]"
_CORE: Final = rf"[0-9](?:{_GAP}*[0-9]){{12}}"
#: Supply number in a text, perhaps on two lines: behind an S, or divided into its parts. Eight digits alone may be a
#: serial number.
_IN_TEXT: Final = re.compile(
    rf"(?<![0-9A-Za-z])(?:[Ss]{_GAP}*[0-9]{{2}}{_GAP}*[0-9]{{3}}{_GAP}*[0-9A-Za-z]{{3}}{_GAP}*"
    rf"|[0-9]{{2}}{_GAP}+[0-9]{{3}}{_GAP}+[0-9A-Za-z]{{3}}{_GAP}+){_CORE}(?![0-9A-Za-z])"
)
_UPPER_LINE: Final = re.compile(r"0[0-8][0-9]{3}[0-9A-Z]{3}")


def core_in(text: str) -> str:
    """Return the last 13 digits of a supply number without blanks; empty for other texts."""
    match = _COMPACT.fullmatch(text)
    return match[1] if match else ""


def is_upper_line(text: str) -> bool:
    """Return whether a text without blanks may be the upper line of a supply number, which needs no search."""
    return bool(_UPPER_LINE.fullmatch(text))


def separated(text: str) -> list[tuple[str, bool]]:
    """Return the pieces of a text in order; true marks those that are a supply number, on one line."""
    pieces, at = [], 0
    for match in _IN_TEXT.finditer(text):
        pieces += [(text[at : match.start()], False), (" ".join(re.split(rf"{_GAP}+", match[0])), True)]
        at = match.end()
    return [*pieces, (text[at:], False)]

"""Where files are put away, and how a name or path that was shown becomes bytes again."""

from __future__ import annotations

from datetime import date
from typing import Final

LONGEST_NAME: Final = 255
#: A report lies beside its file; while it is written, it has a dot before its name and an ending more.
LONGEST_ADDITION: Final = len(b"..report.json.tmp")


def place_of(day: date, name: bytes, sha256: str, number: int = 1) -> bytes:
    """Return where a file lies below the archive or the rejected: `YYYY/MM/DD/<name>.<sha12>`.

    The number tells files apart that are alike in name, content and day. A name too long for that is cut.
    """
    ending = f".{sha256[:12]}" + (f".{number}" if number > 1 else "")
    longest = LONGEST_NAME - LONGEST_ADDITION - len(ending)
    return f"{day:%Y/%m/%d}/".encode() + _cut(name, longest) + ending.encode()


def _cut(name: bytes, longest: int) -> bytes:
    if len(name) <= longest:
        return name
    while longest and name[longest] & 0xC0 == 0x80:  # not within a character of UTF-8
        longest -= 1
    return name[:longest]

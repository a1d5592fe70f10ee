"""Names of the files in the inbox, and their locations in the archive and among the rejected files."""

from __future__ import annotations

from datetime import date
from typing import Final

LONGEST_NAME: Final = 255
#: Length of a member's name; its end may state the subject of the content.
LONGEST_MEMBER_NAME: Final = 1000
#: Length of what a temporary report next to its file adds to the name.
LONGEST_ADDITION: Final = len(b"..report.json.tmp")

#: Folder below the rejected folder for files of flows that are not read here: there may be many of them, and nobody
#: has to look through them.
OTHER_FLOWS: Final = "other-flows"
#: Endings of names that programs give to unfinished files.
UNFINISHED: Final = (b".filepart", b".partial", b".part", b".tmp", b".temp", b".crdownload", b".swp", b"~")


def name_of_member(container: str, member: str) -> str:
    """Return the name of a zip's member, which begins with that of the zip; a long name keeps its end."""
    return f"{container}/{member}"[-LONGEST_MEMBER_NAME:]


def is_candidate(name: bytes) -> bool:
    """Return whether a file of this name in the inbox is to be imported."""
    return not name.startswith(b".") and not name.lower().endswith(UNFINISHED)


def place_of(day: date, name: bytes, sha256: str, number: int = 1) -> bytes:
    """Return the path of a file below the archive or rejected folder: `YYYY/MM/DD/<name>.<sha12>`.

    The number separates files with the same name, content and day. A name that is too long is truncated.
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

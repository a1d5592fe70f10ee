"""How a meter data file of AEMO begins and ends: the 100 and the 900 record, and the ends of its lines.

Source: AEMO, Meter Data File Format Specification NEM12 & NEM13, version 2.5 (1 May 2022), sections 3 to 5.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import BinaryIO, Final, cast

from readings.formats.content import BYTE_ORDER_MARK

#: What may stand around a field, or fill a row, and says nothing.
NOTHING: Final = ' ,"'
_BARE_LINE_FEED: Final = re.compile(rb"(?<!\r)\n")


def recognizer(version: str, first_record: str) -> Callable[[bytes], bool]:
    """Return a function that tells a format by its header, or by its first record where the header is missing.

    As many of the first characters as have come are enough. Capitals, quotes and blanks do not matter.
    """
    header, first = f"100,{version}".encode(), f"{first_record},".encode()

    def recognizes(start: bytes) -> bool:
        """Tell whether the content is meant to be of this format."""
        text = start.removeprefix(BYTE_ORDER_MARK.encode()).lstrip(b' ,"\r\n')[:40]
        text = text.translate(None, b' "').upper()
        if text.startswith(header):
            return not text[len(header) :][:1].isalnum()
        return text.startswith(first) or (text != b"" and (header.startswith(text) or first.startswith(text)))

    return recognizes


def is_complete(end: bytes) -> bool:
    """Tell whether the last record is a 900: nothing but blank fields and lines follows it."""
    last = end.rstrip(b' ,"\r\n').rpartition(b"\n")[2]
    return is_end(last.decode("latin-1"))


def is_end(line: str) -> bool:
    """Tell whether a line is a 900 record."""
    return line.strip(NOTHING) == "900"


class LineEnds:
    """Look at the line ends of a content while it is read."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lines = 0
        self._last = b""
        #: How many lines end in a line feed alone, and the first of them.
        self.bare = self.first_bare = 0

    def read(self, size: int) -> bytes:
        """Read from the stream, as it does."""
        chunk = self._stream.read(size)
        feeds = chunk.count(b"\n")
        bare = feeds - chunk.count(b"\r\n") - (self._last == b"\r" and chunk.startswith(b"\n"))
        if bare and not self.bare:
            found = _BARE_LINE_FEED.search(chunk, 1 if self._last == b"\r" and chunk.startswith(b"\n") else 0)
            self.first_bare = self._lines + 1 + chunk.count(b"\n", 0, found.start() if found else 0)
        self.bare += bare
        self._lines += feeds
        self._last = chunk[-1:]
        return chunk

    def as_stream(self) -> BinaryIO:
        """Return this as what reads lines asks for: a thing to read bytes from."""
        return cast(BinaryIO, self)

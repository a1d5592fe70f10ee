"""Envelope of an AEMO meter data file: the 100 and the 900 record, and line ends.

Source: AEMO, Meter Data File Format Specification NEM12 & NEM13, version 2.5 (1 May 2022), sections 3 to 5.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import BinaryIO, Final, cast

from readings.formats.content import BYTE_ORDER_MARK

#: Characters without meaning around a field or at the end of a row.
PADDING: Final = ' ,"'
_BARE_LINE_FEED: Final = re.compile(rb"(?<!\r)\n")


def recognizer(version: str, first_record: str) -> Callable[[bytes], bool]:
    """Return a function that recognizes a version by its header, or by its first record if the header is missing.

    An incomplete start is enough. Case, quotes and blanks are ignored.
    """
    header, first = f"100,{version}".encode(), f"{first_record},".encode()

    def recognizes(start: bytes) -> bool:
        """Return whether the first bytes look like this version."""
        text = start.removeprefix(BYTE_ORDER_MARK.encode()).lstrip(b' ,"\r\n')[:40]
        text = text.translate(None, b' "').upper()
        if text.startswith(header):
            return not text[len(header) :][:1].isalnum()
        return text.startswith(first) or (text != b"" and (header.startswith(text) or first.startswith(text)))

    return recognizes


def is_complete(end: bytes) -> bool:
    """Return whether the last record is a 900, followed by blank fields and lines at most."""
    last = end.rstrip(b' ,"\r\n').rpartition(b"\n")[2]
    return is_end(last.decode("latin-1"))


def is_end(line: str) -> bool:
    """Return whether a line is a 900 record."""
    return line.strip(PADDING) == "900"


class LineEnds:
    """Stream that counts the unusual line ends of a content while it is read, and makes CR CR LF a CR LF."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._lines = 0
        self._last = b""
        #: Carriage returns at the end of the last chunk, whose line feed may follow.
        self._held = b""
        #: Number of lines that end with a bare line feed, and the first such line.
        self.bare = self.first_bare = 0
        #: Number of lines that end with two carriage returns and a line feed, and the first such line.
        self.doubled = self.first_doubled = 0

    def read(self, size: int) -> bytes:
        """Read from the stream."""
        chunk = self._chunk(size)
        if b"\r\r\n" in chunk:
            before = chunk.partition(b"\r\r\n")[0]
            self.first_doubled = self.first_doubled or self._lines + 1 + before.count(b"\n")
            self.doubled += chunk.count(b"\r\r\n")
            chunk = chunk.replace(b"\r\r\n", b"\r\n")
        feeds = chunk.count(b"\n")
        bare = feeds - chunk.count(b"\r\n") - (self._last == b"\r" and chunk.startswith(b"\n"))
        if bare and not self.bare:
            match = _BARE_LINE_FEED.search(chunk, 1 if self._last == b"\r" and chunk.startswith(b"\n") else 0)
            self.first_bare = self._lines + 1 + chunk.count(b"\n", 0, match.start() if match else 0)
        self.bare += bare
        self._lines += feeds
        self._last = chunk[-1:]
        return chunk

    def _chunk(self, size: int) -> bytes:
        """Read a chunk that does not end inside a line end."""
        chunk = self._held
        while more := self._stream.read(size):
            chunk += more
            whole = chunk.rstrip(b"\r")
            if whole:
                self._held = chunk[len(whole) :]
                return whole
        self._held = b""
        return chunk

    def as_stream(self) -> BinaryIO:
        """Return this object as a binary stream for the reader of lines."""
        return cast(BinaryIO, self)

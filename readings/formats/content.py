"""Bytes of a flow file: hash, size, character set, lines, damage."""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from io import SEEK_END
from typing import BinaryIO, Final

CHUNK: Final = 1024 * 1024
END: Final = 4096
#: Limit of a line, far beyond any record: a longer line is not text and must not fill the memory.
LONGEST_LINE: Final = 64 * 1024
#: Characters that no line of text contains: control characters (a missing part of a file reads as NUL) and U+FFFD,
#: which replaces an undecodable byte.
STRANGE: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f\ufffd]")
#: Bytes that are no strange characters in any character set; a carriage return may be part of a line end.
_NOT_STRANGE: Final = bytes(range(0x20, 0x7F)) + b"\r\n"
#: Optional first character of UTF-8 text.
BYTE_ORDER_MARK: Final = "\ufeff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """Result of one pass over all bytes."""

    sha256: str
    size: int
    start: bytes
    end: bytes
    is_ascii: bool
    is_utf8: bool
    #: Whether NUL bytes occur: in text they mean that a part is missing or that the text is UTF-16.
    has_nul: bool

    def encoding(self, preferred: tuple[str, ...]) -> str:
        """Return the first preferred character set that decodes the whole content, else the last."""
        if self.is_ascii:
            return "ascii"
        if self.is_utf8 and "utf-8" in preferred:
            return "utf-8"
        return preferred[-1]


def survey(stream: BinaryIO, on_progress: Callable[[int], None] = lambda size: None) -> Survey:
    """Read the whole stream from its start, and rewind it.

    `on_progress` is called with the number of bytes of each chunk. The start omits blank lines.
    """
    stream.seek(0)
    digest = hashlib.sha256()
    decoder = codecs.getincrementaldecoder("utf-8")()
    size, start, end, is_ascii, is_utf8, has_nul = 0, b"", b"", True, True, False
    while chunk := stream.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
        start = start or chunk.lstrip(b"\r\n")[:END] or chunk[:END]
        end = (end + chunk)[-END:]
        has_nul = has_nul or b"\0" in chunk
        is_ascii = is_ascii and chunk.isascii()
        if not is_ascii and is_utf8:
            is_utf8 = _decodes(decoder, chunk)
        on_progress(len(chunk))
    is_utf8 = is_utf8 and _decodes(decoder, b"", final=True)
    stream.seek(0)
    return Survey(
        sha256=digest.hexdigest(),
        size=size,
        start=start,
        end=end,
        is_ascii=is_ascii,
        is_utf8=is_utf8,
        has_nul=has_nul,
    )


def _decodes(decoder: codecs.IncrementalDecoder, chunk: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(chunk, final)
    except UnicodeDecodeError:
        return False
    return True


def ends_of(stream: BinaryIO) -> tuple[bytes, bytes]:
    """Return the first and the last bytes of a stream, and rewind it."""
    size = stream.seek(0, SEEK_END)
    stream.seek(max(0, size - END))
    end = stream.read(END)
    stream.seek(0)
    start = stream.read(END)
    stream.seek(0)
    return start, end


@dataclass(frozen=True, kw_only=True)
class Lines:
    """Consecutive lines, with LF between them. `first` is the number of the first one, from 1."""

    first: int
    text: str
    #: Whether the last line of the content has no line end.
    unterminated: bool = False
    #: Whether a control character or an undecodable byte occurs.
    strange: bool = False
    #: Whether a line exceeds LONGEST_LINE; reading stops there.
    too_long: bool = False

    @cached_property
    def texts(self) -> list[str]:
        """Return the lines, without line ends."""
        return self.text.split("\n")


def lines_of(stream: BinaryIO, encoding: str) -> Iterator[Lines]:
    """Yield whole lines, ended by LF or CRLF, about a megabyte at a time.

    Undecodable bytes become U+FFFD; a byte order mark is kept (U+FEFF).
    """
    first, rest = 1, b""
    while chunk := stream.read(CHUNK):
        whole, newline, rest = (rest + chunk).rpartition(b"\n")
        if newline:
            yield _lines(first, whole, encoding)
            first += whole.count(b"\n") + 1
        if len(rest) > LONGEST_LINE:
            yield Lines(first=first, text=rest[:80].decode(encoding, errors="replace"), too_long=True)
            return
    if rest:
        yield _lines(first, rest, encoding, unterminated=True)


def _lines(first: int, whole: bytes, encoding: str, *, unterminated: bool = False) -> Lines:
    text = whole.decode(encoding, errors="replace")
    if "\r" in text:
        text = text.replace("\r\n", "\n").removesuffix("\r")
    # Nearly all text is known at once to hold nothing strange.
    is_plain = not whole.translate(None, _NOT_STRANGE) and "\r" not in text
    strange = not is_plain and STRANGE.search(text) is not None
    return Lines(first=first, text=text, unterminated=unterminated, strange=strange)


def damage_in(line: str) -> str:
    """Return a message about the first character of a line that is not text; empty if there is none."""
    match = STRANGE.search(line)
    if not match:
        return ""
    column, character = match.start() + 1, match.group()
    if character == "\0":
        return f"has a hole at column {column}: a part of the file is missing; ask the sender to send it again"
    name = "an undecodable byte" if character == "\ufffd" else f"control character {ord(character):#04x}"
    return f"contains {name} at column {column}: the file is damaged; ask the sender to send it again"

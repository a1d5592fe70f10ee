"""The bytes of a flow file: their hash, their size, their ends, their characters, their lines."""

from __future__ import annotations

import codecs
import hashlib
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import BinaryIO, Final

CHUNK: Final = 1024 * 1024
END: Final = 4096
#: No record of any format comes near: a longer line is not text, and must not fill the memory.
LONGEST_LINE: Final = 64 * 1024
#: What no text has inside a line: control characters (a hole left by a lost part of a file is full of NUL), and
#: what stands for an unknown byte.
STRANGE: Final = re.compile("[\x00-\x09\x0b-\x1f\x7f\ufffd]")


#: What may stand before the first character of UTF-8 text.
BYTE_ORDER_MARK: Final = "\ufeff"


@dataclass(frozen=True, slots=True, kw_only=True)
class Survey:
    """What one look over all bytes tells."""

    sha256: str
    size: int
    start: bytes
    end: bytes
    is_ascii: bool
    is_utf8: bool
    #: No text has NUL bytes: they stand where a part has not come, or the characters are of two bytes each.
    has_nul: bool

    def encoding(self, preferred: tuple[str, ...]) -> str:
        """Choose the first of the preferred character sets that the whole content is in, else the last."""
        if self.is_ascii:
            return "ascii"
        if self.is_utf8 and "utf-8" in preferred:
            return "utf-8"
        return preferred[-1]


def survey(stream: BinaryIO, on_progress: Callable[[int], None] = lambda size: None) -> Survey:
    """Read the stream from its start to its end, and leave it at its start.

    `on_progress` is told the number of bytes of each chunk.
    """
    stream.seek(0)
    digest = hashlib.sha256()
    decoder = codecs.getincrementaldecoder("utf-8")()
    size, start, end, is_ascii, is_utf8, has_nul = 0, b"", b"", True, True, False
    while chunk := stream.read(CHUNK):
        digest.update(chunk)
        size += len(chunk)
        start = start or chunk[:END]
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


@dataclass(frozen=True, slots=True, kw_only=True)
class Lines:
    """Some whole lines, without their line ends. `first` is the number of the first, from 1."""

    first: int
    texts: list[str]
    #: The last line of the content stands without a line end.
    unterminated: bool = False
    #: A control character stands in them, or a byte that the character set does not know.
    strange: bool = False
    #: A line was too long to be read; nothing comes after it.
    too_long: bool = False


def lines_of(stream: BinaryIO, encoding: str) -> Iterator[Lines]:
    """Read whole lines, LF or CRLF, about a megabyte at a time.

    Bytes that the character set does not know become U+FFFD, and a byte order mark stays (U+FEFF).
    """
    first, rest = 1, b""
    while chunk := stream.read(CHUNK):
        whole, newline, rest = (rest + chunk).rpartition(b"\n")
        if newline:
            lines = _lines(first, whole, encoding)
            yield lines
            first += len(lines.texts)
        if len(rest) > LONGEST_LINE:
            yield Lines(first=first, texts=[rest[:80].decode(encoding, errors="replace")], too_long=True)
            return
    if rest:
        yield _lines(first, rest, encoding, unterminated=True)


def _lines(first: int, whole: bytes, encoding: str, *, unterminated: bool = False) -> Lines:
    text = whole.decode(encoding, errors="replace")
    if "\r" in text:
        text = text.replace("\r\n", "\n").removesuffix("\r")
    strange = STRANGE.search(text) is not None
    return Lines(first=first, texts=text.split("\n"), unterminated=unterminated, strange=strange)


def damage_in(line: str) -> str:
    """Say which character of a line belongs to no text; empty where none does."""
    found = STRANGE.search(line)
    if not found:
        return ""
    if found.group() == "\0":
        return f"has a hole at column {found.start() + 1}: a part did not come; ask for the file again"
    what = f"character {ord(found.group()):#04x} at column {found.start() + 1}"
    return f"{what} belongs to no text; the file was damaged on the way: ask for it again"

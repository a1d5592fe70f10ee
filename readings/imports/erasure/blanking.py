"""Blanking of lines in the stream of a content: all others keep their numbers."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, BinaryIO, Final

from readings.formats.content import CHUNK, LONGEST_LINE
from readings.formats.contract import Format
from readings.formats.recognition import FORMATS
from readings.imports.erasure.matching import Erased

if TYPE_CHECKING:
    from hashlib import _Hash

#: Characters of blank lines.
_BLANKS: Final = b" \r\n"


@dataclass(slots=True)
class Blanking:
    """One pass over a content that blanks what concerns an erased meter point.

    A format tells which lines are about which meter point; these become blank, and counts of a trailer are corrected.
    An identifier elsewhere becomes X. In a content of no supported format, each line with an identifier is blank, and
    in a user file of the Data Transfer Catalogue the groups under it, whose numbers are greater.
    """

    erased: Erased
    parser: Format | None
    subject: str
    write: Callable[[bytes], object]
    hash: _Hash = field(default_factory=hashlib.sha256)
    size: int = 0
    #: First and last number of consecutive changed lines.
    ranges: list[tuple[int, int]] = field(default_factory=list)
    #: Number of lines and of blocks of meter points that are blank now.
    lines: int = 0
    blocks: int = 0
    #: Whether the last line has no line end.
    is_cut: bool = False
    #: Blanks at the end that are not written yet.
    _blanks: bytearray = field(default_factory=bytearray)
    _number: int = 0
    _is_open: bool = False
    _scheme: str = ""
    #: Number of the group in the last line that is blank, in a user file of an unsupported flow.
    _group: str = ""

    @property
    def is_changed(self) -> bool:
        """Return whether any line was changed."""
        return bool(self.ranges)

    def run(self, stream: BinaryIO) -> None:
        """Read the stream from its start, and write the blanked content; `end` writes the blanks at its end."""
        stream.seek(0)
        is_parsed = self.parser in FORMATS
        self._scheme = self.parser.SCHEME if self.parser and is_parsed else ""
        is_of_subject = is_parsed and self.erased.is_about(self._scheme, self.subject)
        while chunk := stream.read(CHUNK):
            chunk += stream.readline(LONGEST_LINE)
            if is_of_subject or self._is_open or self.lines or self.erased.may_be_in(chunk):
                lines = chunk.split(b"\n")
                chunk = b"\n".join(map(self._line, lines[:-1])) + b"\n" * (len(lines) > 1)
                chunk += self._line(lines[-1]) if lines[-1] else b""
            else:
                self._number += chunk.count(b"\n") + (not chunk.endswith(b"\n"))
            self.is_cut = not chunk.endswith(b"\n")
            self._put_without_blanks(chunk)

    def end(self) -> None:
        """Write the blanks at the end of the content as they are."""
        self.put(bytes(self._blanks))

    def end_once(self, *, is_cut: bool) -> None:
        """Write the blanks at the end up to the first line end only: others may be of an earlier rewriting.

        `is_cut`: write none, so that a cut last line stays one.
        """
        if not is_cut:
            self.put(bytes(self._blanks.partition(b"\n")[0]) + b"\n")

    def _put_without_blanks(self, chunk: bytes) -> None:
        text = chunk.rstrip(_BLANKS)
        if text:
            self.put(bytes(self._blanks))
            self.put(text)
            self._blanks.clear()
        self._blanks += chunk[len(text) :]

    def put(self, piece: bytes) -> None:
        """Write a piece of the content."""
        self.hash.update(piece)
        self.size += len(piece)
        self.write(piece)

    def _line(self, line: bytes) -> bytes:
        self._number += 1
        body = line.rstrip(b"\r")
        text = body.decode("utf-8", "surrogateescape")
        if self._scheme and (opened := self._opened(text)) is not None:
            self._is_open = self.erased.is_about(self._scheme, opened)
            self.blocks += self._is_open
        elif not self._scheme and self.parser:
            self._read_group(text.partition("|")[0])
        new = "" if self._is_open else self._without_words(text)
        if new != text:
            self._note(is_blank=not new)
        if self.lines and self._scheme:
            assert self.parser
            new = self.parser.recounted(new, self.lines, self.blocks)
        return line if new == text else new.encode("utf-8", "surrogateescape") + line[len(body) :]

    def _opened(self, text: str) -> str | None:
        assert self.parser
        return self.parser.meter_point_of(text, self.subject)

    def _read_group(self, group: str) -> None:
        """Close the blank group unless this one is under it."""
        if not (group.isdecimal() and self._group < group):
            self._is_open, self._group = False, ""

    def _without_words(self, text: str) -> str:
        without = self.erased.without_words(text)
        if without != text and not self._scheme:
            self._group = text.partition("|")[0]
            self._is_open = self.parser is not None and self._group.isdecimal()
            return ""
        if without != text:
            return without
        wide = "\0".join(self.erased.stem)  # UTF-16
        is_wide = self.erased.is_word and wide in text
        return text.replace(wide, "\0".join("X" * len(self.erased.stem))) if is_wide else text

    def _note(self, *, is_blank: bool) -> None:
        self.lines += is_blank
        if self.ranges and self.ranges[-1][1] == self._number - 1:
            self.ranges[-1] = (self.ranges[-1][0], self._number)
        else:
            self.ranges.append((self._number, self._number))

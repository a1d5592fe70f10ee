"""One pass over a delimited user file: header, groups, trailer, and records out of place."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import BinaryIO

from readings.formats.content import BYTE_ORDER_MARK, Lines, damage_in, lines_of
from readings.formats.contract import ERROR, WARNING, Batch, Problem
from readings.formats.dtc.envelope import Flow, check_trailer, is_whole_trailer, read_header
from readings.formats.dtc.group_reader import GroupReader
from readings.formats.statements import Header


class UserFile:
    """One pass over a user file that holds one flow."""

    def __init__(self, flow: Flow, groups: GroupReader) -> None:
        self.flow = flow
        self.groups = groups
        #: Readers of groups by code and pipe; empty before the header and after the trailer.
        self.readers: dict[str, Callable[[int, str], None]] = {}
        self.problems: list[Problem] = []
        self.header: Header | None = None
        self.trailer_line = 0
        self.lines = 0
        self.blank_line = -1
        #: Number of lines so far that are not groups: the header, blank lines.
        self.others = 0
        self.ended = False
        self.encoding = "ascii"

    def batches(self, stream: BinaryIO, encoding: str) -> Iterator[Batch]:
        """Yield the whole file, a batch for about each megabyte."""
        self._look_at_characters(encoding)
        for lines in lines_of(stream, encoding):
            self._read(lines)
            yield self._take(last=False)
            if self.ended:
                return
        if not self.trailer_line:
            message = "the file ends without a whole ZPT record: it is incomplete; ask the sender to send it again"
            self._error("truncated", self.lines, message)
        yield self._take(last=True)

    def _take(self, *, last: bool) -> Batch:
        batch = self.groups.take(last=last or self.ended or self.trailer_line > 0)
        batch.lines = self.lines
        batch.header = self.header
        batch.problems = sorted([*self.problems, *batch.problems], key=lambda problem: problem.line)
        self.problems = []
        return batch

    def _read(self, lines: Lines) -> None:
        if lines.too_long:
            self.lines = lines.first
            self._look_for_strange_characters(lines)
            message = "the line is too long for a record; ask the sender for a text file"
            self._stop("line-too-long", lines.first, message, "")
            return
        if lines.strange:
            self._look_for_strange_characters(lines)
        if self.encoding == "utf-8":
            self._look_for_other_characters(lines)
        text, readers = f"{lines.text}\n", self.readers
        position, self.lines = 0, lines.first - 1
        while position < len(text) and not self.ended:
            if readers and not lines.unterminated:
                position, self.lines = self.groups.read_plain(text, position, self.lines)
            end = text.find("\n", position)
            if end < 0:
                break
            line, position = text[position:end], end + 1
            self.lines += 1
            reader = readers.get(line[:4])
            if reader and not lines.unterminated:
                reader(self.lines, line)
            else:
                self._read_other(self.lines, line, unterminated=lines.unterminated)

    def _read_other(self, number: int, line: str, *, unterminated: bool) -> None:
        if not line.strip(" "):
            self._read_blank(number)
        elif self.trailer_line:
            message = "follows the ZPT record, which ends a file; split the file"
            self._stop("data-after-trailer", number, message, line)
        elif self.header is None:
            self._read_header(number, line, unterminated=unterminated)
        elif line.startswith("ZPT"):
            self._read_trailer(number, line, unterminated=unterminated)
        elif unterminated:
            self.lines = number  # A cut line: reported as a truncated file.
        elif line.startswith("ZHV"):
            message = "is a second header: a file has one ZHV and one ZPT; split the file"
            self.others += 1
            self._error("second-header", number, message, line)
        else:
            message = f"is not a group of {self.flow.name}{self.flow.version}; ask the sender to correct the file"
            self._error("unknown-group", number, message, line.partition("|")[0])

    def _read_blank(self, number: int) -> None:
        self.others += 1
        if not self.trailer_line and number != self.blank_line + 1:
            message = "the file has blank lines; they were ignored"
            self.groups.form.add(Problem(severity=WARNING, line=number, code="blank-line", message=message))
        self.blank_line = number

    def _read_header(self, number: int, line: str, *, unterminated: bool) -> None:
        self.others += 1
        line = self._without_byte_order_mark(number, line)
        if unterminated:
            return  # A cut line: reported as a truncated file.
        flow, expected = [*line.split("|"), "", ""][2].strip(" "), f"{self.flow.name}{self.flow.version}"
        if flow.removeprefix(self.flow.name) not in ("", self.flow.version):
            message = f"is an unsupported version; ask the sender for {expected}"
            return self._stop("unknown-version", number, message, flow)
        if flow == self.flow.name:
            message = f"has no version, expected {expected} in this field; ask the sender to correct it"
            self._error("no-version", number, message, flow)
        header = read_header(line, number, self.flow, self.problems)
        self.header = header or Header(flow=self.flow.name, version=self.flow.version)
        self.groups.begin(self.header)
        self.readers.update(self.groups.readers)

    def _without_byte_order_mark(self, number: int, line: str) -> str:
        if line.startswith(BYTE_ORDER_MARK):
            self._warn("byte-order-mark", number, "the file begins with a byte order mark; it was ignored")
        return line.removeprefix(BYTE_ORDER_MARK)

    def _read_trailer(self, number: int, line: str, *, unterminated: bool) -> None:
        if not is_whole_trailer(line, terminated=not unterminated):
            self.lines = number
            return  # A cut line: reported as a truncated file.
        groups = number - 1 - self.others
        self.trailer_line = number
        self.readers.clear()
        self.groups.close()
        assert self.header is not None
        self.problems += check_trailer(
            line,
            number,
            file_identifier=self.header.file_identifier,
            groups=groups,
            flows=self.groups.flow_count,
            top_group=self.flow.top_group,
        )
        if not groups:
            self._warn("no-data", number, "the file has no data between header and trailer")

    def _look_at_characters(self, encoding: str) -> None:
        self.encoding = encoding
        if encoding == "cp1252":
            self._warn("non-ascii", 0, "the file is neither ASCII nor UTF-8; read as Windows-1252")

    def _look_for_other_characters(self, lines: Lines) -> None:
        for number, line in enumerate(lines.texts, lines.first):
            if not line.removeprefix(BYTE_ORDER_MARK).isascii():
                self._warn("non-ascii", number, "has characters that are not ASCII; the file was read as UTF-8")
                self.encoding = "ascii"  # Reported once.
                return

    def _look_for_strange_characters(self, lines: Lines) -> None:
        for number, line in enumerate(lines.texts, lines.first):
            if message := damage_in(line):
                self._error("control-character", number, message, ascii(line))

    def _warn(self, code: str, number: int, message: str) -> None:
        self.problems.append(Problem(severity=WARNING, line=number, code=code, message=message))

    def _error(self, code: str, number: int, message: str, value: str = "") -> None:
        self.problems.append(Problem(severity=ERROR, line=number, code=code, value=value[:80], message=message))

    def _stop(self, code: str, number: int, message: str, value: str) -> None:
        self._error(code, number, message, value)
        self.ended = True

"""Comma-separated rows under a line of column names, without a trailer."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import BinaryIO, Final

from readings.formats.content import BYTE_ORDER_MARK, LONGEST_LINE, damage_in, lines_of
from readings.formats.contract import ERROR, WARNING, Problem
from readings.formats.statements import CONSUMER
from readings.formats.tally import Tally

_TOO_LONG: Final = "the line is too long for a row; ask the sender for a text file"


def has_names(start: bytes, names: str) -> bool:
    """Return whether the first line of a content is this line of column names."""
    first = start.partition(b"\n")[0].removeprefix(b"\xef\xbb\xbf")
    return first.replace(b'"', b"").replace(b" ", b"").rstrip(b"\r").lower() == names.encode()


def is_complete(end: bytes) -> bool | None:
    """Return False if the last row is cut, else None: there is no trailer."""
    return None if end.endswith(b"\n") else False


class Rows:
    """One pass over a file of rows. A row with an error becomes a problem and is omitted."""

    def __init__(self, names: str, consumer: str = "") -> None:
        self.names = names
        self.width = names.count(",") + 1
        #: Consumer of all rows; empty if each row states its own.
        self.consumer = consumer
        self.problems: list[Problem] = []
        self.form = Tally()
        self.lines = 0

    def batches(self, stream: BinaryIO, encoding: str) -> Iterator[list[tuple[int, list[str]]]]:
        """Yield the rows with their line numbers, as a list for about each megabyte."""
        for lines in lines_of(stream, encoding):
            if lines.too_long:
                self.lines = lines.first
                self.error("line-too-long", lines.first, _TOO_LONG)
                return
            rows = []
            for number, line in enumerate(lines.texts, start=lines.first):
                self.lines = number
                if row := self._row(number, line):
                    rows.append((number, row))
            if lines.unterminated:
                message = "the last line has no line end: the file is incomplete; ask the sender to send it again"
                self.error("truncated", self.lines, message)
            yield rows
        self.problems += self.form.take()

    def _count(self, code: str, line: int, message: str) -> None:
        self.form.add(self._problem(WARNING, code, line, message))

    def _row(self, number: int, line: str) -> list[str] | None:
        if message := damage_in(line):
            self.error("strange-characters", number, message)
            return None
        if number == 1:
            if line.startswith(BYTE_ORDER_MARK):
                self.warn("byte-order-mark", 1, "the file begins with a byte order mark; it was ignored")
            return None
        if len(line) > LONGEST_LINE:
            self.error("line-too-long", number, _TOO_LONG)
            return None
        texts = self._unquoted(number, line) if '"' in line else line.split(",")
        if texts is None:
            return None
        if len(texts) == self.width and " " not in (line[:1], line[-1:]) and ", " not in line and " ," not in line:
            return texts
        return self._padded(number, line, texts)

    def _unquoted(self, number: int, line: str) -> list[str] | None:
        try:
            return next(csv.reader([line], strict=True), [])
        except csv.Error as error:
            message = f"quotes must enclose whole fields ({error}); ask the sender to correct the row"
            self.error("wrong-quotes", number, message, value=line[:80])
            return None

    def _padded(self, number: int, line: str, texts: list[str]) -> list[str] | None:
        stripped = [text.strip(" ") for text in texts]
        if not any(stripped):
            self._count("blank-line", number, "the row has no values; it was skipped")
            return None
        if len(stripped) > self.width and not any(stripped[self.width :]):
            message = f"has blank fields after the {self.width} of a row; they were ignored"
            self._count("blank-padding", number, message)
        elif len(stripped) != self.width:
            message = f"has {len(stripped)} fields, expected {self.width} ({self.names})"
            self.error("wrong-field-count", number, message, value=line[:80])
            return None
        elif stripped != texts:
            self._count("padded-field", number, "has outer blanks; they were removed")
        return stripped[: self.width]

    def error(
        self, code: str, line: int, message: str, *, field: str = "", value: str = "", consumer: str = ""
    ) -> None:
        """Record a problem that makes the file unusable."""
        self.problems.append(self._problem(ERROR, code, line, message, field, value, consumer))

    def warn(self, code: str, line: int, message: str) -> None:
        """Record a deviation whose meaning is certain."""
        self.problems.append(self._problem(WARNING, code, line, message))

    def _problem(
        self, severity: str, code: str, line: int, message: str, field: str = "", value: str = "", consumer: str = ""
    ) -> Problem:
        consumer = consumer or self.consumer
        return Problem(
            severity=severity,
            line=line,
            field=field,
            code=code,
            value=value[:80],
            message=message,
            scheme=CONSUMER if consumer else "",
            identifier=consumer,
        )

    def take(self) -> list[Problem]:
        """Return the problems since the last call, in line order."""
        problems, self.problems = sorted(self.problems, key=lambda problem: problem.line), []
        return problems

"""Comma-separated rows under one line of names, where no record ends the file."""

from __future__ import annotations

import csv
from collections.abc import Iterator
from typing import BinaryIO

from readings.formats.content import BYTE_ORDER_MARK, LONGEST_LINE, damage_in, lines_of
from readings.formats.contract import ERROR, WARNING, Problem


def has_names(start: bytes, names: str) -> bool:
    """Tell whether the first line of a content is this line of names."""
    first = start.partition(b"\n")[0].removeprefix(b"\xef\xbb\xbf")
    return first.replace(b'"', b"").replace(b" ", b"").rstrip(b"\r").lower() == names.encode()


def is_complete(end: bytes) -> bool | None:
    """Tell from the last bytes whether the last row is whole; whether it is the last, nobody can tell."""
    return None if end.endswith(b"\n") else False


class Rows:
    """One pass over a file of rows. What is wrong with one becomes a problem, and the row is left out."""

    def __init__(self, names: str) -> None:
        self.names = names
        self.width = names.count(",") + 1
        self.problems: list[Problem] = []
        #: Warnings that many lines give: the first of them, how many there are, and what is said of them.
        self.counted: dict[str, tuple[int, int, str]] = {}
        self.lines = 0

    def batches(self, stream: BinaryIO, encoding: str) -> Iterator[list[tuple[int, list[str]]]]:
        """Give the rows with their line numbers, a list for about each megabyte."""
        for lines in lines_of(stream, encoding):
            if lines.too_long:
                self.lines = lines.first
                self.error("line-too-long", lines.first, "the line is longer than any row; this is no text")
                return
            rows = []
            for number, line in enumerate(lines.texts, start=lines.first):
                self.lines = number
                if row := self._row(number, line):
                    rows.append((number, row))
            if lines.unterminated:
                message = "the last line has no line end: the file was cut, or is still on its way"
                self.error("truncated", self.lines, message)
            yield rows
        for code, (first, number, message) in self.counted.items():
            self.warn(code, first, f"{number:,} {'line' if number == 1 else 'lines'}, the first here: {message}")

    def _count(self, code: str, line: int, message: str) -> None:
        first, number, _ = self.counted.get(code, (line, 0, ""))
        self.counted[code] = (first, number + 1, message)

    def _row(self, number: int, line: str) -> list[str] | None:
        if message := damage_in(line):
            self.error("strange-characters", number, message)
            return None
        if number == 1:
            if line.startswith(BYTE_ORDER_MARK):
                self.warn("byte-order-mark", 1, "the file begins with a byte order mark; it was left out")
            return None
        if len(line) > LONGEST_LINE:
            self.error("line-too-long", number, "the line is longer than any row; this is no text")
            return None
        texts = self._unquoted(number, line) if '"' in line else line.split(",")
        if texts is None:
            return None
        if len(texts) == self.width and " " not in (line[:1], line[-1:]) and ", " not in line and " ," not in line:
            return texts
        return self._odd(number, line, texts)

    def _unquoted(self, number: int, line: str) -> list[str] | None:
        try:
            return next(csv.reader([line], strict=True), [])
        except csv.Error as error:
            self.error("wrong-quotes", number, f"quotes do not stand around whole fields: {error}", value=line[:80])
            return None

    def _odd(self, number: int, line: str, texts: list[str]) -> list[str] | None:
        stripped = [text.strip(" ") for text in texts]
        if not any(stripped):
            self._count("blank-line", number, "hold nothing; they were left out")
            return None
        if len(stripped) > self.width and not any(stripped[self.width :]):
            self._count("blank-padding", number, f"have blank fields after their {self.width}; they were left out")
        elif len(stripped) != self.width:
            message = f"has {len(stripped)} fields, expected {self.width}: {self.names}"
            self.error("wrong-field-count", number, message, value=line[:80])
            return None
        elif stripped != texts:
            self._count("padded-field", number, "have outer blanks; they were left out")
        return stripped[: self.width]

    def error(self, code: str, line: int, message: str, *, field: str = "", value: str = "") -> None:
        """Note what makes the file unusable."""
        self._note(ERROR, code, line, message, field, value)

    def warn(self, code: str, line: int, message: str, *, field: str = "", value: str = "") -> None:
        """Note what is odd but certain in meaning."""
        self._note(WARNING, code, line, message, field, value)

    def _note(self, severity: str, code: str, line: int, message: str, field: str, value: str) -> None:
        problem = Problem(severity=severity, line=line, code=code, message=message, field=field, value=value[:80])
        self.problems.append(problem)

    def take(self) -> list[Problem]:
        """Hand over the problems since the last call, by line."""
        problems, self.problems = sorted(self.problems, key=lambda problem: problem.line), []
        return problems

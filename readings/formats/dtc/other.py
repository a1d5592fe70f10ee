"""User files of unsupported flows: recognized by their envelope, and rejected by name.

Not read    Anything after the header. The problem has the flow as sent, so that rejected flows can be counted. Like
            every user file, the file is complete with its ZPT.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import BinaryIO

from readings.formats.content import BYTE_ORDER_MARK, lines_of
from readings.formats.contract import ERROR, Batch, ParseContext, Problem, without_counts
from readings.formats.dtc.envelope import OTHER_HEADERS, is_user_file
from readings.formats.dtc.envelope import is_complete as is_complete
from readings.formats.statements import MPAN

NAME = "DTC"
SCHEME = MPAN
ENCODINGS = ("utf-8", "cp1252")
STRICT: frozenset[str] = frozenset()
SUBJECT = None
recounted = without_counts
FIELDS: Mapping[str, tuple[str, ...]] = {}

recognizes = is_user_file


def meter_point_of(line: str, subject: str) -> str | None:
    """Return an empty text: nothing here is read, so no line has a meter point."""
    return ""


def parse(stream: BinaryIO, context: ParseContext) -> Iterator[Batch]:
    """Yield the problem that names the unsupported flow in the header."""
    for lines in lines_of(stream, context.encoding):
        for number, line in enumerate(lines.texts, lines.first):
            if text := line.removeprefix(BYTE_ORDER_MARK).strip(" "):
                yield Batch(lines=number, problems=[_rejection(number, text, context.supported)])
                return


def _rejection(number: int, line: str, supported: tuple[str, ...]) -> Problem:
    if message := OTHER_HEADERS.get(line[:3], ""):
        return Problem(severity=ERROR, line=number, code="other-file-format", value=line[:3], message=message)
    flow = [*line.split("|"), "", ""][2]
    message = "is an unsupported flow" + (f"; supported formats: {', '.join(supported)}" if supported else "")
    return Problem(severity=ERROR, line=number, code="other-flow", value=(flow or line)[:80], message=message)

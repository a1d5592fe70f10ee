"""User files of flows that are not read here: known by their envelope, and refused by name.

Not read    Anything behind the header. The flow is named as it was found, so that it can be counted, and the file is
            complete by its ZPT, as every user file is.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import BinaryIO

from readings.formats.content import BYTE_ORDER_MARK, lines_of
from readings.formats.contract import ERROR, About, Batch, ParseContext, Problem
from readings.formats.dtc.envelope import OTHER_HEADERS, is_complete, is_user_file

__all__ = ["ENCODINGS", "FIELDS", "NAME", "RECORDS", "STRICT", "SUBJECT", "is_complete", "parse", "recognizes"]

NAME = "DTC"
ENCODINGS = ("utf-8", "cp1252")
STRICT: frozenset[str] = frozenset()
SUBJECT = None
FIELDS: Mapping[str, tuple[str, ...]] = {}
RECORDS: Mapping[str, About] = {}

recognizes = is_user_file


def parse(stream: BinaryIO, context: ParseContext) -> Iterator[Batch]:
    """Read the header, and name the flow that is not read."""
    for lines in lines_of(stream, context.encoding):
        for number, line in enumerate(lines.texts, lines.first):
            if text := line.removeprefix(BYTE_ORDER_MARK).strip(" "):
                yield Batch(lines=number, problems=[_refusal(number, text, context.known)])
                return


def _refusal(number: int, line: str, known: tuple[str, ...]) -> Problem:
    if message := OTHER_HEADERS.get(line[:3], ""):
        return Problem(severity=ERROR, line=number, code="other-file-format", value=line[:3], message=message)
    flow = [*line.split("|"), "", ""][2]
    message = "is another flow, which is not read here" + (f"; read are: {', '.join(known)}" if known else "")
    return Problem(severity=ERROR, line=number, code="other-flow", value=(flow or line)[:80], message=message)

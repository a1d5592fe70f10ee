"""User files whose flow is not read here: named by their header, and set aside.

Records     The header of any physical form: ZHV (delimited), ZHF (fixed length), ZHD (pool transfer); see `headers`.
Not read    Anything after the header. A file without a whole ZPT record is set aside, too, once nothing follows.
Severities  The one note of such a file is a warning with the flow as sent. A header that names no flow, and a flow
            that is read here in another physical form, are errors: the sender meant something that nobody can read.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO, Final

from readings.formats.content import END, lines_of
from readings.formats.contract import ERROR, OTHER_FLOW, WARNING, Batch, ParseContext, Problem, without_counts
from readings.formats.dtc.envelope import OTHER_HEADERS, first_line, is_user_file
from readings.formats.dtc.envelope import is_complete as is_whole_user_file
from readings.formats.dtc.headers import header_in as header_in
from readings.formats.statements import MPAN

NAME = "DTC"
SCHEME = MPAN
ENCODINGS = ("utf-8", "cp1252")
STRICT: frozenset[str] = frozenset()
SUBJECT = None
recounted = without_counts
FIELDS: Mapping[str, tuple[str, ...]] = {}
#: Trailer of a ZHD without a line end, and of any form with one.
_TRAILER: Final = re.compile(rb"(?:^|[\r\n])ZPT(?:\|[0-9]+\|[0-9]+\|?[ \r]*|[^\n]*\n[ \r\n]*)$")

recognizes = is_user_file


def is_complete(end: bytes) -> bool:
    """Return whether the last bytes hold the whole last record, in any physical form."""
    return is_whole_user_file(end) or _TRAILER.search(end) is not None


def meter_point_of(line: str, subject: str) -> str | None:
    """Return an empty text: nothing here is read, so no line has a meter point."""
    return ""


def parse(stream: BinaryIO, context: ParseContext) -> Iterator[Batch]:
    """Yield the note that names the flow in the header, or the error of a header that nobody can read."""
    for lines in lines_of(stream, "latin-1"):
        for number, line in enumerate(lines.texts, lines.first):
            if line.strip(" "):
                start = f"{line}{'' if lines.unterminated else chr(10)}".encode("latin-1")
                yield _named(number, start, stream, context)
                return


def _named(number: int, start: bytes, stream: BinaryIO, context: ParseContext) -> Batch:
    header, line = header_in(start, context.nem_time), first_line(start)[0].strip(" ")
    form = OTHER_HEADERS.get(line[:3], "")
    flow = header.flow + header.version if header else [*line.split("|"), "", ""][2]
    severity, code, value = ERROR, "other-file-format", flow
    if header and header.flow not in context.supported:
        severity, code, message = WARNING, OTHER_FLOW, "is not read here; set aside, nothing was stored"
        if not is_complete(_last_bytes(stream)):
            message += "; the file has no whole ZPT record"
    elif form:
        value = flow if header else line[:3]
        message = f"{'comes as' if header else 'is'} {form}; ask the sender for the delimited format (ZHV)"
    else:
        code, value = "no-flow", flow or line
        message = "names no flow such as D0010002 in the second field after ZHV; ask the sender to correct the header"
    problem = Problem(severity=severity, line=number, code=code, value=value[:80], message=message)
    return Batch(lines=number, header=header, problems=[problem])


def _last_bytes(stream: BinaryIO) -> bytes:
    size = stream.seek(0, os.SEEK_END)
    stream.seek(max(0, size - END))
    return stream.read(END)

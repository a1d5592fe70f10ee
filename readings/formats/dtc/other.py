"""User files whose flow is not read here: named by their header, and set aside.

Records     The header of any physical form: ZHV (delimited), ZHF (fixed length), ZHD (pool transfer), or the root
            element of the XML form of a gateway; see `headers`.
Not read    Anything after the header. A file without a whole ZPT record is set aside, too, once nothing follows.
Severities  The one note of such a file is a warning with the flow as sent. A header that names no flow, and a flow
            that is read here in another physical form, are errors: the sender meant something that nobody can read.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import BinaryIO, Final

from readings.formats.content import CHUNK, END, ends_of
from readings.formats.contract import ERROR, OTHER_FLOW, WARNING, Batch, ParseContext, Problem, without_counts
from readings.formats.dtc.envelope import OTHER_HEADERS, first_line, is_user_file
from readings.formats.dtc.envelope import is_complete as is_whole_user_file
from readings.formats.dtc.headers import header_in as header_in
from readings.formats.dtc.headers import is_xml
from readings.formats.statements import MPAN, Header

NAME = "DTC"
SCHEME = MPAN
ENCODINGS = ("utf-8", "cp1252")
STRICT: frozenset[str] = frozenset()
SUBJECT = None
recounted = without_counts
FIELDS: Mapping[str, tuple[str, ...]] = {}
#: Trailer of a ZHD without a line end, and of any form with one; the last tag of XML.
_TRAILER: Final = re.compile(rb"(?:^|[\r\n])ZPT(?:\|[0-9]+\|[0-9]+\|?[ \r]*|[^\n]*\n[ \r\n]*)$|</[^<>]+>\s*$|/>\s*$")


def recognizes(start: bytes) -> bool:
    """Return whether the first bytes look like a user file of any flow and physical form."""
    return is_user_file(start) or is_xml(start)


def is_complete(end: bytes) -> bool:
    """Return whether the last bytes hold the whole last record, in any physical form."""
    return is_whole_user_file(end) or _TRAILER.search(end) is not None


def meter_point_of(line: str, subject: str) -> str | None:
    """Return an empty text: nothing here is read, so no line has a meter point."""
    return ""


def parse(stream: BinaryIO, context: ParseContext) -> Iterator[Batch]:
    """Yield the note that names the flow in the header, or the error of a header that nobody can read."""
    stream.seek(0)
    chunk = stream.read(CHUNK)
    start = chunk.lstrip(b" \r\n")
    number = chunk[: len(chunk) - len(start)].count(b"\n") + 1
    header = header_in(start[:END], context.nem_time)
    if header and header.flow not in context.supported:
        problem = _note(header, number, is_whole=is_complete(ends_of(stream)[1]))
    else:
        problem = _error(header, number, first_line(start[:END])[0])
    yield Batch(lines=number, header=header, problems=[problem])


def _note(header: Header, number: int, *, is_whole: bool) -> Problem:
    message = "is not read here; set aside, nothing was stored"
    if not is_whole:
        message += "; the file has no whole ZPT record"
    value = header.flow + header.version
    return Problem(severity=WARNING, line=number, code=OTHER_FLOW, value=value, message=message)


def _error(header: Header | None, number: int, line: str) -> Problem:
    form = OTHER_HEADERS.get(line[:3], "")
    code, value = "other-file-format", header.flow + header.version if header else line[:3]
    message = f"{'comes as' if header else 'is'} {form}; ask the sender for the delimited format (ZHV)"
    if header and not form:
        code, value, number = "xml", "", 0
        message = (
            f"the file is a {header.flow} as XML; set the gateway to the delimited form (ZHV), or ask the sender"
        )
    elif not form:
        code, value = "no-flow", [*line.split("|"), "", ""][2] or line
        message = "names no flow such as D0010002 in the second field after ZHV; ask the sender to correct the header"
    return Problem(severity=ERROR, line=number, code=code, value=value[:80], message=message)

"""Recognition of the format of a content. FORMATS is the only list of formats."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import tzinfo
from typing import Final

from readings.formats import zips
from readings.formats.consumption import smap, user_data
from readings.formats.content import Survey
from readings.formats.contract import ERROR, Format, Problem
from readings.formats.dtc import d0010, other
from readings.formats.foreign import foreign_content
from readings.formats.mdff import asexml, nem12, nem13
from readings.formats.mdff.headers import header_in as header_of_meter_data
from readings.formats.statements import Header

#: First bytes of a content whose first part is missing; no text of any character set begins with them.
HOLE: Final = b"\0\0"
#: Names of documents that senders put into a zip beside the data.
_DOCUMENT: Final = re.compile(r"(?is).*\.(?:txt|md|pdf|rtf|docx?|odt|pptx?|png|jpe?g|gif|url)")
#: Supported formats, in the order in which they are tried.
FORMATS: Final[tuple[Format, ...]] = (smap, d0010, nem12, nem13, user_data)
#: Flows that are not read here, recognized only so that a file is set aside by the name of its flow.
OTHERS: Final[tuple[Format, ...]] = (other, asexml)
#: Names of the supported formats.
SUPPORTED: Final = tuple(each.NAME for each in FORMATS)


def find_format(name: str) -> Format | None:
    """Return the format of this name, or None; flows that are not read here have names of their own."""
    return next((each for each in (*FORMATS, *OTHERS) if name == each.NAME), None)


def recognize(start: bytes) -> Format | None:
    """Return the format that recognizes the first bytes of a content, or None."""
    if _has_bare_carriage_returns(start):
        return None
    return next((each for each in (*FORMATS, *OTHERS) if each.recognizes(start)), None)


def is_other_flow(start: bytes) -> bool:
    """Return whether the first bytes look like a flow that is not read here."""
    return recognize(start) in OTHERS


def header_of(parser: Format | None, start: bytes, nem_time: tzinfo) -> Header | None:
    """Return what the first bytes state of their header, also in a content that is refused; None without one."""
    return parser.header_in(start, nem_time) if parser else header_of_meter_data(start, nem_time)


def is_document(name: str, start: bytes) -> bool:
    """Return whether a content is for people, such as a letter: by its name, and because it holds no records."""
    if not _DOCUMENT.fullmatch(name) or recognize(start) or start.startswith(HOLE):
        return False
    first_line = start.lstrip().partition(b"\n")[0]
    return b"\0" in start or all(first_line.count(separator) < 2 for separator in (b",", b"|", b";", b"\t"))


def _has_bare_carriage_returns(start: bytes) -> bool:
    """Return whether lines end with a carriage return alone."""
    return b"\r" in start[:-1] and b"\n" not in start


def is_complete(start: bytes, end: bytes) -> bool | None:
    """Return whether a content has its last record; None if its format is unknown or has no trailer."""
    if zips.recognizes(start):
        return zips.is_complete(end)
    recognized = recognize(start) if start else None
    if recognized:
        return recognized.is_complete(end)
    return None if start else False


def has_hole(start: bytes, *, is_whole: bool | None, has_nul: bool) -> bool:
    """Return whether a part is missing from a content that looks complete or like no format; False for a zip."""
    return has_nul and not zips.recognizes(start) and (is_whole is True or start.startswith(HOLE))


def refusals(content: Survey) -> Iterator[Problem]:
    """Yield the problem of a content that no format recognizes."""
    if not content.size:
        yield _of_file("empty", "", "the file is empty; ask the sender to send it again")
        return
    start = content.start.removeprefix(b"\xef\xbb\xbf")
    if foreign := foreign_content(start, content.end):
        yield _of_file(foreign.code, "", foreign.message)
        return
    if _has_bare_carriage_returns(start):
        message = "the lines end with a carriage return alone; save the file with line ends LF or CRLF"
        yield _of_file("carriage-return", "", message)
        return
    first_line = start.partition(b"\n")[0][:60].decode("utf-8", errors="replace").strip()
    supported = f"supported formats: {', '.join(SUPPORTED)}"
    code, message = "unknown-format", f"the first line matches no supported format; {supported}"
    if first_line.startswith("100,"):
        code = "unknown-version-header"
        message = f"the first line is a meter data header of an unsupported version; {supported}"
    elif start.startswith(HOLE):
        message = "the file begins with a hole: its first part is missing; ask the sender to send it again"
    yield Problem(severity=ERROR, line=1, code=code, value=first_line, message=message)


def _of_file(code: str, value: str, message: str) -> Problem:
    return Problem(severity=ERROR, line=0, code=code, value=value, message=message)

"""Which format a content is of. FORMATS is the only list of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from readings.formats import zips
from readings.formats.consumption import smap, user_data
from readings.formats.content import Survey
from readings.formats.contract import ERROR, Format, Problem
from readings.formats.dtc import d0010, other
from readings.formats.mdff import nem12, nem13

#: No text of any character set begins so: the first part of the file has not come.
HOLE: Final = b"\0\0"
#: Known by their first bytes, and not read as they are: what they are, and the cure.
_REFUSED: tuple[tuple[tuple[bytes, ...], str, str], ...] = (
    ((b"\x1f\x8b",), "gzip", "is compressed with gzip; unpack it and send what is inside"),
    ((b"\xff\xfe", b"\xfe\xff"), "utf-16", "is UTF-16 text; save it as UTF-8 and send it again"),
    ((b"Z\x00H\x00", b"\x00Z\x00H"), "utf-16", "is UTF-16 text; save it as UTF-8 and send it again"),
)
#: Every format that is read, in the order in which they are asked.
FORMATS: Final[tuple[Format, ...]] = (smap, d0010, nem12, nem13, user_data)
#: Those that are known where none of them is, only to be refused by name.
OTHERS: Final[tuple[Format, ...]] = (other,)
#: What doors call those that are read.
KNOWN: Final = tuple(known.NAME for known in FORMATS)


def format_named(name: str) -> Format | None:
    """Return the format that doors call by this name, or None where there is none."""
    return next((known for known in FORMATS if name == known.NAME), None)


def recognize(start: bytes) -> Format | None:
    """Tell the format of a content from its first bytes, or None where no format knows them."""
    return next((known for known in (*FORMATS, *OTHERS) if known.recognizes(start)), None)


def is_complete(start: bytes, end: bytes) -> bool | None:
    """Tell whether a content has its end; None where only time can tell, as no format knows it."""
    if zips.recognizes(start):
        return zips.is_complete(end)
    known = recognize(start) if start else None
    if known:
        return known.is_complete(end)
    return None if start else False


def has_hole(start: bytes, *, is_whole: bool | None, has_nul: bool) -> bool:
    """Tell whether a part of a content that looks whole, or like no format, has not come; a zip may hold any byte."""
    return has_nul and not zips.recognizes(start) and (is_whole is True or start.startswith(HOLE))


def refusals(content: Survey) -> Iterator[Problem]:
    """Say why a content that no format recognizes is refused."""
    if not content.size:
        yield _of_file("empty", "", "the file is empty; send it again")
        return
    start = content.start.removeprefix(b"\xef\xbb\xbf")
    for signatures, code, message in _REFUSED:
        if start.startswith(signatures):
            yield _of_file(code, "", f"the file {message}")
            return
    first_line = start.partition(b"\n")[0][:60].decode("utf-8", errors="replace").strip()
    known = ", ".join(KNOWN)
    code, message = "unknown-format", f"the first line is that of no known flow file; known are: {known}"
    if first_line.startswith("100,"):
        code = "unknown-version-header"
        message = f"the first line is that of a meter data file of no known version; known are: {known}"
    elif start.startswith(HOLE):
        message = "the file begins with a hole: its first part did not come; ask for the file again"
    yield Problem(severity=ERROR, line=1, code=code, value=first_line, message=message)


def _of_file(code: str, value: str, message: str) -> Problem:
    return Problem(severity=ERROR, line=0, code=code, value=value, message=message)

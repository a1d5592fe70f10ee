"""aseXML market messages: set aside, unless they carry meter data, which is then asked for as a file of its own.

Document    AEMO, Guide to the Role of aseXML: a Header with From, To, MessageID, MessageDate and TransactionGroup,
            then Transactions. Meter data are a whole NEM12 or NEM13 inside an element, such as CSVIntervalData.
Not read    Anything but the header. No XML parser runs: a message is text of unknown origin.
Severities  Meter data inside are an error, and so is a cut message that may have carried some.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import datetime, tzinfo
from typing import BinaryIO, Final

from readings.formats.content import CHUNK, END, ends_of
from readings.formats.contract import ERROR, OTHER_FLOW, WARNING, Batch, ParseContext, Problem, without_counts
from readings.formats.statements import NMI, Header

NAME = "ASEXML"
SCHEME = NMI
ENCODINGS = ("utf-8", "cp1252")
STRICT: frozenset[str] = frozenset()
SUBJECT = None
recounted = without_counts
FIELDS: Mapping[str, tuple[str, ...]] = {}

#: Root element, also cut after its name; a web page may speak of aseXML.
_ROOT: Final = re.compile(rb"<(?:[\w.-]{1,40}:)?aseXML(?:[\s>]|$)")
_ELEMENT: Final = re.compile(r"<(?:\w+:)?(From|To|MessageID|MessageDate|TransactionGroup)\b[^<>]*>([^<]*)<")
#: Element with meter data, of bounded length: the bytes are of unknown origin.
_METER_DATA: Final = re.compile(rb"<(?:\w{1,40}:)?CSV\w{0,40}Data(?:\s[^<>]{0,200})?(?<!/)>|100,NEM1[23]")
#: Bytes of a chunk that are looked at again with the next one.
_OVERLAP: Final = 1024
#: Transaction groups whose messages carry meter data.
_METER_DATA_GROUPS: Final = ("", "MTRD")


def recognizes(start: bytes) -> bool:
    """Return whether the first bytes look like an aseXML message."""
    return start.removeprefix(b"\xef\xbb\xbf").lstrip().startswith(b"<") and _ROOT.search(start) is not None


def is_complete(end: bytes) -> bool:
    """Return whether the last bytes close the message."""
    return end.rstrip().endswith(b"aseXML>")


def header_in(start: bytes, nem_time: tzinfo) -> Header | None:
    """Return what the first bytes state of sender, recipient and time."""
    texts = _elements(start)
    return Header(
        flow=NAME,
        version="",
        file_identifier=_fitting(texts.get("MessageID", ""), 40),
        sender=_fitting(texts.get("From", ""), 10),
        recipient=_fitting(texts.get("To", ""), 10),
        created_at=_moment(texts.get("MessageDate", ""), nem_time),
    )


def meter_point_of(line: str, subject: str) -> str | None:
    """Return an empty text: nothing here is read, so no line has a meter point."""
    return ""


def parse(stream: BinaryIO, context: ParseContext) -> Iterator[Batch]:
    """Yield the note that names the message, or the error of meter data inside."""
    start, end = ends_of(stream)
    group = _elements(start).get("TransactionGroup", "")
    severity, code, value = ERROR, "xml", ""
    message = "the file is an aseXML market message; import the CSV inside it"
    if not _has_meter_data(stream):
        if not is_complete(end) and group in _METER_DATA_GROUPS:
            code, message = "truncated", "the file is a cut aseXML market message; ask the sender to send it again"
        else:
            severity, code, value = WARNING, OTHER_FLOW, f"aseXML {group}".strip()[:80]
            message = "is not read here; set aside, nothing was stored"
    problem = Problem(severity=severity, line=0, code=code, value=value, message=message)
    yield Batch(lines=1, header=header_in(start, context.nem_time), problems=[problem])


def _elements(start: bytes) -> dict[str, str]:
    """Return the texts of the first elements of the header by name."""
    found = _ELEMENT.findall(start[:END].decode("utf-8", errors="replace"))
    return {name: text.strip() for name, text in reversed(found)}


def _fitting(text: str, longest: int) -> str:
    return text if len(text) <= longest and text.isascii() and text.isprintable() else ""


def _moment(text: str, nem_time: tzinfo) -> datetime | None:
    try:
        moment = datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        return None
    if not 1950 <= moment.year <= 2199:  # At the ends of the calendar, a time may have no equal in UTC.
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=nem_time)


def _has_meter_data(stream: BinaryIO) -> bool:
    stream.seek(0)
    rest = b""
    while chunk := stream.read(CHUNK):
        if _METER_DATA.search(rest + chunk):
            return True
        rest = chunk[-_OVERLAP:]
    return False

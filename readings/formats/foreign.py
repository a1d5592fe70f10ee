"""Contents that are no flow files: what each is, and what to do about it."""

from __future__ import annotations

import re
from typing import Final, NamedTuple


class Foreign(NamedTuple):
    """A kind of content: the code of its problem, and a message of what it is and what to do."""

    code: str
    message: str


_UNPACK: Final = "unpack it and import the unpacked file"
_ASK: Final = "ask the sender for the data file"
_UTF_16: Final = Foreign("utf-16", "the file is UTF-16 text; save it as UTF-8 and import it again")
_IMAGE: Final = Foreign("image", f"the file is a picture; {_ASK}")
_SPREADSHEET: Final = Foreign(
    "spreadsheet",
    f"the file is a spreadsheet, which may have changed numbers and dates; {_ASK} as it was before, or save a sheet "
    "of half-hourly consumption as CSV",
)
_DOCUMENT: Final = Foreign("document", f"the file is a text document or presentation; {_ASK}")
_E_MAIL: Final = Foreign("e-mail", "the file is an e-mail; save its attachment and import that")
_WEB_PAGE: Final = Foreign(
    "html", "the file is a web page, such as the log-in page of a portal; download the data file again"
)

#: Kinds by their first bytes.
_SIGNATURES: Final[tuple[tuple[tuple[bytes, ...], Foreign], ...]] = (
    ((b"\x1f\x8b",), Foreign("gzip", f"the file is compressed with gzip; {_UNPACK}")),
    ((b"\xff\xfe", b"\xfe\xff", b"Z\x00H\x00", b"\x00Z\x00H"), _UTF_16),
    ((b"7z\xbc\xaf\x27\x1c",), Foreign("archive", "the file is a 7z archive; unpack it and import its files")),
    ((b"Rar!\x1a\x07",), Foreign("archive", "the file is a RAR archive; unpack it and import its files")),
    ((b"BZh91AY&SY",), Foreign("archive", f"the file is compressed with bzip2; {_UNPACK}")),
    ((b"\xfd7zXZ\0",), Foreign("archive", f"the file is compressed with xz; {_UNPACK}")),
    ((b"\x28\xb5\x2f\xfd",), Foreign("archive", f"the file is compressed with zstd; {_UNPACK}")),
    ((b"%PDF-",), Foreign("pdf", f"the file is a PDF document; {_ASK}")),
    ((b"{\\rtf",), _DOCUMENT),
    ((b"\x89PNG\r\n", b"\xff\xd8\xff", b"GIF87a", b"GIF89a", b"II*\0", b"MM\0*"), _IMAGE),
)
#: First bytes of a file of Microsoft Office before 2007, and names in its directory, in UTF-16.
_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_IN_OLE: Final = (("Workbook", _SPREADSHEET), ("WordDocument", _DOCUMENT), ("__substg1", _E_MAIL))
_OFFICE: Final = Foreign("document", f"the file is of Microsoft Office, such as a spreadsheet (.xls); {_ASK}")

_HTML: Final = re.compile(rb"(?i)(?:<\?xml[^>]*>\s*)?<(?:!doctype\s+html|html)\b")
_XML: Final = re.compile(rb"\s*<\?xml\b")
#: A line of the header of an e-mail, and lines that no other text has.
_HEADER_LINE: Final = re.compile(rb"[A-Za-z][A-Za-z0-9-]*: ?[^\n]*\n")
_OF_E_MAIL: Final = re.compile(rb"(?im)^(?:message-id|mime-version|return-path|received):")

#: Place of the name of the first member in a zip, and the first names in files of Office since 2007.
_FIRST_NAME: Final = 30
_FIRST_NAMES: Final = (b"[Content_Types].xml", b"_rels/", b"docProps/", b"xl/", b"word/", b"ppt/")
#: Name in every such file, and the start of an OpenDocument.
_CONTENT_TYPES: Final = b"[Content_Types].xml"
_OPEN_DOCUMENT: Final = b"mimetypeapplication/vnd.oasis.opendocument."
#: Names of members of the kinds of Office files.
_SHEETS: Final = re.compile(rb"\bxl/[\w/]+\.(?:xml|bin)")
_TEXTS: Final = re.compile(rb"\b(?:word|ppt)/[\w/]+\.xml")


def foreign_content(start: bytes, end: bytes) -> Foreign | None:
    """Return what a content is that no format recognizes, by its first and last bytes; None if that is unknown."""
    for signatures, foreign in _SIGNATURES:
        if start.startswith(signatures):
            return foreign
    if start.startswith(_OLE):
        inside = start + end
        return next((foreign for name, foreign in _IN_OLE if name.encode("utf-16-le") in inside), _OFFICE)
    if start[257:262] == b"ustar":
        return Foreign("archive", "the file is a tar archive; unpack it and import its files")
    if _HTML.match(start.lstrip()):
        return _WEB_PAGE
    if _XML.match(start):
        return Foreign("xml", "the file is XML; ask the sender or the gateway for the delimited text form")
    if _HEADER_LINE.match(start) and _OF_E_MAIL.search(start):
        return _E_MAIL
    return None


def office_document(start: bytes, end: bytes) -> Foreign | None:
    """Return the kind of Office document that a zip is, by its first and last bytes; None for another zip."""
    both, first = start + end, start[_FIRST_NAME:]
    if first.startswith(_OPEN_DOCUMENT):
        return _SPREADSHEET if first.startswith(_OPEN_DOCUMENT + b"spreadsheet") else _DOCUMENT
    if _CONTENT_TYPES not in both or not first.startswith(_FIRST_NAMES):
        return None
    return _SPREADSHEET if _SHEETS.search(both) else _DOCUMENT if _TEXTS.search(both) else None

"""The media type of a body, as Django can read it."""

from __future__ import annotations

from collections.abc import Iterable

from django.utils.http import parse_header_parameters

Headers = Iterable[tuple[bytes, bytes]]

_NAME = b"content-type"


def without_charset(headers: Headers) -> list[tuple[bytes, bytes]]:
    """Return headers whose Content-Type has no charset; raise ValueError if it is not understood.

    Django would read the address in the charset of the body, too. Addresses and forms are UTF-8 here, and flow files
    are bytes whose encoding their importer finds.
    """
    return [(name, _without_charset(value) if name == _NAME else value) for name, value in headers]


def _without_charset(value: bytes) -> bytes:
    kind, parameters = parse_header_parameters(value.decode("latin-1"))
    if "charset" not in parameters:
        return value
    boundary = parameters.get("boundary", "")
    if '"' in boundary or "\\" in boundary:
        raise ValueError("the boundary of a form has a character that none may have")
    return (f'{kind}; boundary="{boundary}"' if boundary else kind).encode("latin-1")

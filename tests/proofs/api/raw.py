"""Requests that no library sends, to a real web server: what it, the gate and Django answer to them."""

from __future__ import annotations

import os
import socket
from contextlib import closing, suppress
from dataclasses import dataclass
from http.client import HTTPException, HTTPResponse
from pathlib import Path
from typing import Final

from tests.running.postgresql import free_port
from tests.running.tls import web_pages

#: Seconds for an answer, at most.
PATIENCE: Final = 20
_HOST: Final = b"Host: localhost\r\n"


@dataclass(frozen=True)
class Raw:
    """A request as bytes, with the statuses that are right; 0 is a closed connection without an answer."""

    name: str
    request: bytes
    statuses: tuple[int, ...]
    #: Whether the server refuses it, before the gate and Django see it: it sends no body.
    by_server: bool = False


def _get(path: bytes, headers: bytes = b"", body: bytes = b"", method: bytes = b"GET") -> bytes:
    return method + b" " + path + b" HTTP/1.1\r\n" + _HOST + headers + b"Connection: close\r\n\r\n" + body


_READINGS: Final = b"/api/readings"
_LONG: Final = b"X-Long: 0123456789abcdef\r\n"
_ODD_LARGE: Final = b"Content-Type: a/b; charset*=foo''b\r\nContent-Length: 70000\r\n"
REQUESTS: Final = (
    Raw("an address of 8 KiB", _get(_READINGS + b"?limit=" + b"1" * 8_192), (401,)),
    Raw("an address of 64 KiB", _get(b"/api/" + b"x" * 65_536), (404, 414, 431, 400), by_server=True),
    Raw("a header of 16 KiB", _get(_READINGS, b"X-Long: " + b"x" * 16_384 + b"\r\n"), (401,)),
    Raw("headers of 64 KiB", _get(_READINGS, _LONG * 2_600), (401, 431, 400), by_server=True),
    Raw("headers of 1 MiB", _get(_READINGS, b"X-Long: " + b"x" * 2**20 + b"\r\n"), (431, 400, 0), by_server=True),
    Raw("a token of other letters", _get(_READINGS, "Authorization: Bearer mbx_é\r\n".encode()), (401, 400)),
    Raw("a token in bytes", _get(_READINGS, b"Authorization: Bearer mbx_\xff\xfe\r\n"), (401, 400)),
    Raw("broken percent-encoding", _get(b"/api/%zz%f"), (404, 400)),
    Raw("a zero byte in the address", _get(b"/api/%00"), (404,)),
    Raw("a parameter in other bytes", _get(_READINGS + b"?mpan=%ff%fe"), (401,)),
    Raw("a line end in the address", _get(b"/api/x%0d%0aSet-Cookie:%20a=b"), (404,)),
    Raw("two dots in the address", _get(b"/api/../admin/"), (302, 400, 404)),
    Raw("another host", _get(_READINGS).replace(b"localhost", b"elsewhere.example"), (400,)),
    Raw("no host", _get(_READINGS).replace(_HOST, b""), (400,)),
    Raw("two hosts", _get(_READINGS, b"Host: other\r\n"), (400, 401)),
    Raw("a body of a GET", _get(_READINGS, b"Content-Length: 2\r\n", b"{}"), (401,)),
    Raw("a large body of a GET", _get(_READINGS, b"Content-Length: 70000\r\n", b"x" * 70_000), (413,)),
    Raw("a Content-Length in letters", _get(_READINGS, b"Content-Length: two\r\n"), (400,), by_server=True),
    Raw("a negative Content-Length", _get(_READINGS, b"Content-Length: -1\r\n"), (400,), by_server=True),
    Raw("a huge Content-Length", _get(_READINGS, b"Content-Length: %s\r\n" % (b"9" * 40)), (400,), by_server=True),
    Raw("two Content-Lengths", _get(_READINGS, b"Content-Length: 1\r\n" * 2, b"a"), (400, 401), by_server=True),
    Raw("two other lengths", _get(_READINGS, b"Content-Length: 1\r\nContent-Length: 2\r\n"), (400,), by_server=True),
    Raw(
        "chunks and a length",
        _get(_READINGS, b"Content-Length: 5\r\nTransfer-Encoding: chunked\r\n", b"0\r\n\r\n"),
        (400, 411),
    ),
    Raw("chunks", _get(_READINGS, b"Transfer-Encoding: chunked\r\n", b"0\r\n\r\n", method=b"POST"), (411,)),
    Raw("a POST without a length", _get(_READINGS, method=b"POST"), (411, 405)),
    Raw("a method that does not exist", _get(_READINGS, method=b"BREW"), (405,)),
    Raw("a method of bytes", _get(_READINGS, method=b"G\x00T"), (400,), by_server=True),
    Raw("a Content-Type in an unknown encoding", _get(_READINGS, b"Content-Type: a/b; charset*=foo''b\r\n"), (400,)),
    Raw("a Content-Type in bytes", _get(_READINGS + b"?a=b", b"Content-Type: a/b; charset=hex\r\n"), (401,)),
    Raw("1,001 parameters", _get(_READINGS + b"?" + b"&a=" * 1_001, b"Content-Type: a/b; charset=utf-8\r\n"), (401,)),
    Raw(
        "a large body of a Content-Type in an unknown encoding",
        _get(b"/api/flow-files/", _ODD_LARGE, b"x" * 70_000, method=b"POST"),
        (400,),
    ),
    Raw("another protocol", b"GET /api/readings SPEECH/1.1\r\n\r\n", (400,), by_server=True),
    Raw("no request", b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n", (400, 0), by_server=True),
    Raw("a HEAD", _get(b"/api/nothing", method=b"HEAD"), (404,)),
)


def ask(port: int, request: bytes) -> tuple[int, str, bytes]:
    """Send bytes; return status, media type and body of the answer, or 0 if there is none."""
    with socket.create_connection(("127.0.0.1", port), timeout=PATIENCE) as connection:
        with suppress(BrokenPipeError, ConnectionResetError):
            connection.sendall(request)
        with closing(HTTPResponse(connection, method=request.split(maxsplit=1)[0].decode("latin-1"))) as response:
            try:
                response.begin()
                return response.status, response.headers.get("Content-Type", ""), response.read()
            except (OSError, HTTPException):
                return 0, "", b""


def fault(raw: Raw, status: int, kind: str, body: bytes) -> str:
    """Return what is wrong with an answer; empty if nothing is."""
    text = body.decode(errors="replace")
    if status not in raw.statuses:
        return f"{raw.name}: status {status}, expected {raw.statuses}: {text[:200]!r}"
    if any(part in text.lower() for part in ("<html", "<!doctype", "traceback")):
        return f"{raw.name}: a page: {text[:200]!r}"
    is_head = raw.request.startswith(b"HEAD")
    if is_head or status < 400 or (raw.by_server and not body):
        return f"{raw.name}: a body: {body[:200]!r}" if is_head and body else ""
    return "" if kind == "application/problem+json" else f"{raw.name}: {status} {kind}: {text[:200]!r}"


def prove(folder: Path) -> int:
    """Print the answers to all requests, and the faults; return their number."""
    faults = []
    print("| request | status | answer |\n|---|---|---|")
    with web_pages(os.environ, port := free_port(), folder / "web.log"):
        for raw in REQUESTS:
            status, kind, body = ask(port, raw.request)
            faults.append(fault(raw, status, kind, body))
            text = body.decode(errors="replace").strip()
            print(f"| {raw.name} | {status or 'closed'} | {text if len(text) <= 150 else text[:149] + '…'} |")
    found = [each for each in faults if each]
    print("\n".join([f"{len(REQUESTS)} requests as bytes: {len(found)} faults", *found]), flush=True)
    return len(found)

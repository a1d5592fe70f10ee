"""The gate: limits that apply before a request is read or reaches a worker.

The gate reads the bodies of forms itself, so that a slow sender occupies no worker. Only users who may upload can
send more than a form.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections.abc import Awaitable, Callable, Mapping, MutableMapping
from http import HTTPStatus
from typing import Any, Final, TypeAlias, TypeVar

from asgiref.sync import ThreadSensitiveContext, sync_to_async
from asgiref.wsgi import WsgiToAsgi

from readings.web.guards.media_types import without_charset

Scope: TypeAlias = MutableMapping[str, Any]
Message: TypeAlias = MutableMapping[str, Any]
Receive: TypeAlias = Callable[[], Awaitable[Message]]
Send: TypeAlias = Callable[[Message], Awaitable[None]]
Result = TypeVar("Result")

logger = logging.getLogger("django.request")

#: Number of bytes of a form without files, at most; only uploads may be larger.
FORM_BYTES: Final = 64 * 1024
#: Seconds for the whole body of a form, and between two parts of an upload or of an answer.
BODY_SECONDS: Final = 15.0
#: Seconds for which a request waits for a worker.
TURN_SECONDS: Final = 8.0
#: Timeout errors: two classes before Python 3.11.
_TIMEOUTS: Final = (TimeoutError, asyncio.TimeoutError)
#: Path that is answered at once, even if all workers are busy.
_ALIVE: Final = "/healthz"
#: Start of the paths for programs: refusals are problem details (RFC 9457) there.
_PROGRAMS: Final = "/api/"

_REASONS: Final = {
    400: "The Content-Length is not a number of bytes, or the Content-Type is not understood.",
    401: "An upload needs a valid token: Authorization: Bearer …",
    403: "The token or the user may not upload.",
    408: "The body did not arrive in time: send it again.",
    411: "The request has no Content-Length: send the length of the body.",
    413: "The body is too large: send a smaller one.",
    503: "Too many requests at once. Try again in a few seconds.",
}


class Refused(Exception):
    """The request is refused with this status before it reaches a worker."""

    def __init__(self, status: int) -> None:
        super().__init__(status)
        self.status = status


class Gate:
    """An ASGI application that passes requests within the limits to a WSGI application.

    `uploads` has a function for each path of uploads. It returns the status with which a request is refused, or 0 if
    its user may upload; it runs in a thread and may query the database.
    """

    def __init__(
        self,
        pages: Callable[..., Any],
        *,
        uploads: Mapping[str, Callable[[Scope], int]],
        upload_bytes: int,
        workers: int,
    ) -> None:
        self.pages = WsgiToAsgi(pages)  # type: ignore[no-untyped-call]
        self.uploads = uploads
        self.upload_bytes = upload_bytes + FORM_BYTES
        self._workers = asyncio.Semaphore(workers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            return
        answer = _Answer(send, is_for_program=scope["path"].startswith(_PROGRAMS))
        try:
            length = _length(scope)
            scope["headers"] = _legible(scope)
            if scope["path"] == _ALIVE and not length:
                await answer.text(200, '{"status": "ok"}', b"application/json")
            elif length <= FORM_BYTES:
                body = await _whole(receive, length)
                await self._work(scope, _replay(body), answer)
            else:
                await self._check_upload(scope, length)
                await self._work(scope, _in_time(receive), answer)
        except Refused as refused:
            await answer.refuse(refused.status, _REASONS[refused.status])
        except (*_TIMEOUTS, ConnectionError):
            return  # The client is gone, or does not read its answer.
        except OSError as error:
            logger.error("The body of a request cannot be stored: %s", error)
            await answer.refuse(503, "The body cannot be stored now. Try again later.")

    async def _check_upload(self, scope: Scope, length: int) -> None:
        refuse = self.uploads.get(scope["path"]) if scope["method"] == "POST" else None
        if refuse is None or length > self.upload_bytes:
            raise Refused(413)
        if status := await sync_to_async(refuse, thread_sensitive=False)(scope):
            raise Refused(status)

    async def _work(self, scope: Scope, receive: Receive, answer: _Answer) -> None:
        """Pass the request to a worker as soon as one is free."""
        await _within(TURN_SECONDS, self._workers.acquire(), 503)
        try:
            async with ThreadSensitiveContext():
                await self.pages(scope, receive, answer.send)
        finally:
            self._workers.release()


class _Answer:
    """An answer; sending it fails if the client does not read it in time."""

    def __init__(self, send: Send, *, is_for_program: bool) -> None:
        self._send = send
        self._is_for_program = is_for_program
        self._is_begun = False

    async def send(self, message: Message) -> None:
        """Send a part of the answer."""
        self._is_begun = True
        await asyncio.wait_for(self._send(message), BODY_SECONDS)

    async def refuse(self, status: int, reason: str) -> None:
        """Send the reason of a refusal."""
        if self._is_for_program:
            kind = {"type": "about:blank", "title": HTTPStatus(status).phrase, "status": status}
            problem = json.dumps({**kind, "detail": reason, "errors": []}, ensure_ascii=False)
            await self.text(status, problem, b"application/problem+json")
        else:
            await self.text(status, reason)

    async def text(self, status: int, text: str, kind: bytes = b"text/plain; charset=utf-8") -> None:
        """Send a short answer, unless another one has begun."""
        if self._is_begun:
            return
        body = f"{text}\n".encode()
        headers = [(b"content-type", kind), (b"content-length", b"%d" % len(body)), (b"cache-control", b"no-store")]
        if status != 200:
            headers.append((b"connection", b"close"))
        if status == 503:
            headers.append((b"retry-after", b"5"))
        if status == 401:
            headers.append((b"www-authenticate", b'Bearer realm="Meterbox"'))
        await self.send({"type": "http.response.start", "status": status, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})


def _length(scope: Scope) -> int:
    """Return the Content-Length, or 0 without a body; raise Refused if a body has no valid length."""
    headers = dict(scope["headers"])
    if b"transfer-encoding" in headers:
        raise Refused(411)
    text = headers.get(b"content-length", b"0").strip()
    if not text.isdigit():
        raise Refused(400)
    if b"content-length" not in headers and scope["method"] in ("POST", "PUT", "PATCH"):
        raise Refused(411)
    return int(text)


def _legible(scope: Scope) -> list[tuple[bytes, bytes]]:
    try:
        return without_charset(scope["headers"])
    except ValueError:
        raise Refused(400) from None


async def _within(seconds: float, work: Awaitable[Result], status: int) -> Result:
    """Return the result of an awaitable; raise Refused with a status if it takes too long."""
    try:
        return await asyncio.wait_for(work, seconds)
    except _TIMEOUTS:
        raise Refused(status) from None


async def _whole(receive: Receive, length: int) -> bytes:
    """Return the body of a form; raise Refused if it does not arrive in time."""

    async def read() -> bytes:
        body = b""
        while len(body) < length:
            message = await receive()
            if message["type"] != "http.request":
                raise ConnectionResetError
            body += message.get("body", b"")
            if not message.get("more_body"):
                break
        return body[:length]

    return await _within(BODY_SECONDS, read(), 408)


def _replay(body: bytes) -> Receive:
    """Return a `receive` that yields a body that was read already."""

    async def receive() -> Message:
        return {"type": "http.request", "body": body, "more_body": False}

    return receive


def _in_time(receive: Receive) -> Receive:
    """Return a `receive` that raises Refused if the next part of an upload takes too long."""

    async def receive_in_time() -> Message:
        message = await _within(BODY_SECONDS, receive(), 408)
        if message["type"] != "http.request":
            raise ConnectionResetError
        return message

    return receive_in_time

"""Statuses of answers: their meanings, headers, and examples."""

from __future__ import annotations

from http import HTTPStatus
from typing import Any, Final, NamedTuple


class Meaning(NamedTuple):
    """What a status means, and the detail of an error as an example."""

    description: str
    detail: str = ""
    headers: tuple[str, ...] = ()


MEANINGS: Final[dict[int, Meaning]] = {
    200: Meaning("The answer."),
    201: Meaning("Imported."),
    202: Meaning("Accepted: the watcher imports it."),
    304: Meaning("Not changed since the answer with this ETag.", headers=("ETag",)),
    400: Meaning(
        "The request is not understood.",
        "The request is not understood: a header is wrong.",
    ),
    401: Meaning(
        "No token, or one that is unknown, expired or revoked.",
        "The token is unknown, expired or revoked: make another one.",
        ("WWW-Authenticate",),
    ),
    403: Meaning(
        "The token has the other scope, or its user lacks a permission.",
        "The user ann may not export readings: ask an administrator.",
        ("WWW-Authenticate",),
    ),
    404: Meaning("There is nothing of this name.", "No flow file has the SHA-256 0123456789ab."),
    406: Meaning(
        "`Accept` allows no form that the operation has.",
        "Accept excludes this answer: send Accept: application/json.",
    ),
    408: Meaning("The body did not arrive in time.", "The body did not arrive in time: send it again."),
    409: Meaning(
        "Another file of this name is in the inbox.",
        "The inbox has another file named d0010.uff: send this one again when that one is imported.",
    ),
    411: Meaning(
        "The request has no Content-Length.", "The request has no Content-Length: send the length of the body."
    ),
    412: Meaning(
        "The answer has changed, and `If-Match` or `If-Unmodified-Since` excludes that.",
        "The answer is not the one that If-Match or If-Unmodified-Since allows: read it again.",
    ),
    413: Meaning("The body is larger than MAX_BYTES.", "The file is larger than MAX_BYTES."),
    415: Meaning(
        "Another flow, which is not read here; `detail` names it.",
        "d0150.uff: D0150002 is not read here; set aside, nothing was stored",
    ),
    422: Meaning(
        "A parameter is unknown or wrong; `errors` names each.",
        "limit: input should be less than or equal to 1000",
    ),
    429: Meaning(
        "Too many requests of this token or user.",
        "Too many requests: wait for the seconds in Retry-After.",
        ("Retry-After",),
    ),
    500: Meaning("An internal error.", "An internal error: the log of the web pages has the cause."),
    503: Meaning(
        "The database or the disk does not answer: repeat the request later.",
        "The database does not answer. Repeat the request later.",
        ("Retry-After",),
    ),
}
_FAULTS: Final = {422: [{"parameter": "limit", "detail": "input should be less than or equal to 1000"}]}
_NEXT: Final = '</api/readings?limit=100&cursor=WzFd%3A3VV3XN_Qdy>; rel="next"'
HEADERS: Final[dict[str, dict[str, Any]]] = {
    "ETag": {
        "description": "Send it as `If-None-Match`: 304 if nothing changed.",
        "schema": {"type": "string"},
        "example": '"5378ced70ab3b4bade53f41e88d29904"',
    },
    "Link": {
        "description": 'Address of the next page, `rel="next"`; missing on the last page.',
        "schema": {"type": "string"},
        "example": _NEXT,
    },
    "Content-Disposition": {
        "description": "Name of the file.",
        "schema": {"type": "string"},
        "example": 'attachment; filename="d0010.uff"',
    },
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}, "example": 10},
    "WWW-Authenticate": {
        "description": "What is missing (RFC 6750): a token, or one of the scope `scope`.",
        "schema": {"type": "string"},
        "example": 'Bearer realm="Meterbox", error="invalid_token"',
    },
}


def example_of_error(status: int) -> dict[str, Any]:
    """Return problem details with a status."""
    return {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": MEANINGS[status].detail,
        "errors": _FAULTS.get(status, []),
    }


def headers(*names: str) -> dict[str, Any]:
    """Return the description of some headers."""
    return {name: HEADERS[name] for name in names}

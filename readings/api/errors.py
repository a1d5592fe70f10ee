"""Errors of the API, as problem details for programs (RFC 9457): never HTML, never a traceback."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable, Mapping
from http import HTTPStatus
from math import ceil
from typing import Any, Final

from django.core.exceptions import PermissionDenied, SuspiciousOperation
from django.db import InterfaceError, OperationalError
from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from ninja import NinjaAPI, Schema
from ninja.errors import HttpError, Throttled, ValidationError
from pydantic import Field

from readings.api import patterns
from readings.api.authentication import challenge
from readings.queries.selection import WrongSelection

MEDIA_TYPE: Final = "application/problem+json"
#: Start of the addresses of the API.
ROOT: Final = "/api/"
#: Seconds after which the database may answer again.
RETRY_AFTER: Final = 10

logger = logging.getLogger("django.request")


class Fault(Schema):
    """One fault of a request."""

    parameter: str = Field(description="Name of the parameter; empty if the fault concerns several.")
    detail: str = Field(description="What was found, and what was expected.")


class ProblemDetails(Schema):
    """An error of a request."""

    type: str = Field("about:blank", description="Always `about:blank`: the status says the kind.")
    title: str = Field(description="Name of the status.", examples=["Unprocessable Entity"])
    status: int = Field(description="Status of the answer.", examples=[422])
    detail: str = Field(description="What is wrong, and what to do.")
    errors: list[Fault] = Field(default_factory=list, description="Each fault of the parameters.")


class WrongParameters(Exception):
    """The parameters of a request cannot be answered; each fault has a parameter and a detail."""

    def __init__(self, *faults: tuple[str, str]) -> None:
        super().__init__("; ".join(dict.fromkeys(detail for _, detail in faults)))
        self.faults = faults


def problem(
    status: int,
    detail: str,
    faults: Iterable[tuple[str, str]] = (),
    headers: Mapping[str, str] | None = None,
    members: Mapping[str, Any] | None = None,
) -> HttpResponse:
    """Return the answer to a request with an error; `members` are those of its kind."""
    document: dict[str, Any] = {
        "type": "about:blank",
        "title": HTTPStatus(status).phrase,
        "status": status,
        "detail": detail,
        "errors": [{"parameter": parameter, "detail": text} for parameter, text in faults],
        **(members or {}),
    }
    text = json.dumps(document, ensure_ascii=False)
    response = HttpResponse(text, status=status, content_type=MEDIA_TYPE, headers=headers)
    response.headers.setdefault("Cache-Control", "no-store")
    return response


def unavailable(detail: str) -> HttpResponse:
    """Return the answer 503: the request was right, and may be repeated later."""
    return problem(503, detail, headers={"Retry-After": str(RETRY_AFTER)})


def install(api: NinjaAPI) -> None:
    """Make every error inside the API an answer with problem details."""
    handlers: tuple[tuple[type[Exception], Callable[[HttpRequest, Any], HttpResponse]], ...] = (
        (WrongParameters, lambda request, error: problem(422, str(error), error.faults)),
        (WrongSelection, lambda request, error: problem(422, str(error), [(_parameter(error), str(error))])),
        (ValidationError, lambda request, error: _invalid(error)),
        (HttpError, lambda request, error: _refused(error)),
        (Http404, lambda request, error: problem(404, str(error))),
        (SuspiciousOperation, lambda request, error: problem(400, f"The request is not understood: {error}")),
        (PermissionDenied, lambda request, error: problem(403, str(error) or "You may not do this.")),
        (OperationalError, lambda request, error: _no_database(request, error)),
        (InterfaceError, lambda request, error: _no_database(request, error)),
        (Exception, lambda request, error: _broken(request, error)),
    )
    for kind, handler in handlers:
        api.add_exception_handler(kind, handler)


def _invalid(error: ValidationError) -> HttpResponse:
    faults = [(str(each["loc"][-1]), _in_words(each)) for each in error.errors]
    return problem(422, "; ".join(f"{parameter}: {detail}" for parameter, detail in faults), faults)


def _parameter(error: WrongSelection) -> str:
    """Return the name that the field of a selection has in the API."""
    return "flow_file" if error.field == "file" else error.field


def _in_words(error: Mapping[str, Any]) -> str:
    """Return the message of a fault without patterns and without the technical prefix of the library."""
    if expected := patterns.EXPECTED.get(error.get("ctx", {}).get("pattern", "")):
        return f"expected {expected}"
    message = str(error["msg"]).removeprefix("Value error, ")
    return message[:1].lower() + message[1:]


def _refused(error: HttpError) -> HttpResponse:
    header = challenge(error)
    headers = {"WWW-Authenticate": header} if header else {}
    if not isinstance(error, Throttled):
        return problem(error.status_code, str(error), headers=headers)
    headers["Retry-After"] = str(ceil(error.wait or 1))
    return problem(429, "Too many requests: wait for the seconds in Retry-After.", headers=headers)


def _no_database(request: HttpRequest, error: Exception) -> HttpResponse:
    logger.error("The database does not answer: %s", error, extra={"request": request})
    return unavailable("The database does not answer. Repeat the request later.")


def _broken(request: HttpRequest, error: Exception) -> HttpResponse:
    logger.error("Internal error at %s", request.path, exc_info=error)
    return problem(500, "An internal error: the log of the web pages has the cause.")


class ProblemsOnly:
    """Middleware that puts problem details in the place of error pages, under the address of the API.

    The API answers its own errors; these are of Django: unknown addresses, wrong methods, wrong hosts.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        """Answer the request; to HEAD like to GET, as servers cut the body."""
        if not request.path.startswith(ROOT):
            return self.get_response(request)
        if request.method == "HEAD":
            request.method = "GET"
        response = self.get_response(request)
        kind = response.headers.get("Content-Type", "")
        if response.status_code < 400 or kind == MEDIA_TYPE:
            return response
        if "Allow" in response.headers:
            response.headers["Allow"] = _allowed(response.headers["Allow"])
        replaced = problem(response.status_code, _details(request, response))
        for name in ("Allow", "Retry-After"):
            if name in response.headers:
                replaced.headers[name] = response.headers[name]
        return replaced


def _allowed(methods: str) -> str:
    """Return the methods in order, HEAD beside GET."""
    names = set(methods.split(", "))
    return ", ".join(sorted(names | {"HEAD"} if "GET" in names else names))


def _details(request: HttpRequest, response: HttpResponseBase) -> str:
    allowed = response.headers.get("Allow", "")
    details = {
        400: "The request is not understood: the address, the host or a header is wrong.",
        403: "The request is refused.",
        404: f"There is nothing at {request.path}: /api/openapi.json lists the addresses.",
        405: f"{request.path} accepts only {allowed}: /api/openapi.json lists the operations.",
        412: "The answer is not the one that If-Match or If-Unmodified-Since allows: read it again.",
        503: "The server is not available now. Repeat the request later.",
    }
    return details.get(response.status_code, HTTPStatus(response.status_code).description)

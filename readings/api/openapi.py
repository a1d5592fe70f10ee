"""The description of the API (OpenAPI 3.1): statuses, media types, headers, and the page that shows it."""

from __future__ import annotations

from http.client import responses as reasons
from typing import Any, Final

from django.contrib.auth.decorators import login_not_required
from django.urls import URLPattern, URLResolver
from ninja import NinjaAPI
from ninja.openapi.schema import OpenAPISchema

from readings.api.errors import MEDIA_TYPE, ProblemDetails
from readings.api.pages import CSV, JSON, Page

#: Errors of every operation.
_COMMON: Final = dict.fromkeys((401, 403, 406, 422, 429, 500, 503), ProblemDetails)
_DESCRIPTIONS: Final = {
    200: "The answer.",
    201: "Imported.",
    202: "Accepted: the watcher imports it.",
    304: "Not changed since the answer with this ETag.",
    400: "The request is not understood.",
    401: "No token, or one that is unknown, expired or revoked.",
    403: "The token has the other scope, or its user lacks a permission.",
    404: "There is nothing of this name.",
    406: "`Accept` allows no form that the operation has.",
    408: "The body did not arrive in time.",
    411: "A body needs a Content-Length.",
    413: "The body is larger than MAX_BYTES.",
    415: "Another flow, which is not read here; `detail` names it.",
    422: "A parameter is unknown or wrong; `errors` names each.",
    429: "Too many requests with this token: wait as long as Retry-After says.",
    500: "An internal error.",
    503: "The database or the disk does not answer: repeat the request later.",
}
_HEADERS: Final[dict[str, dict[str, Any]]] = {
    "ETag": {"description": "Send it as If-None-Match: 304 if nothing changed.", "schema": {"type": "string"}},
    "Link": {"description": 'Address of the next page, `rel="next"`.', "schema": {"type": "string"}},
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer"}},
    "WWW-Authenticate": {"description": "What is missing (RFC 6750).", "schema": {"type": "string"}},
}


def responses(resource: Any, *others: int) -> dict[int, Any]:
    """Return the statuses of an operation that returns a resource, with their schemas."""
    return {200: resource, 304: None, **_COMMON, **dict.fromkeys(others, ProblemDetails)}


def list_responses(item: Any, *others: int) -> dict[int, Any]:
    """Return the statuses of an operation that returns a list."""
    return responses(Page[item], *others)


class DescribedAPI(NinjaAPI):
    """An API whose description is complete: what the library leaves out is added here."""

    @property
    def urls(self) -> tuple[list[URLResolver | URLPattern], str, str]:
        """Return the addresses: operations check tokens themselves, the page of documentation needs a log-in."""
        patterns, *names = super().urls
        for pattern in patterns:
            if isinstance(pattern, URLPattern) and pattern.name != "openapi-view":
                login_not_required(pattern.callback)
        return patterns, names[0], names[1]

    def get_openapi_schema(self, **kwargs: Any) -> OpenAPISchema:
        """Return the description."""
        schema = super().get_openapi_schema(**kwargs)
        for operations in schema["paths"].values():
            for operation in operations.values():
                for status, response in operation["responses"].items():
                    _complete(int(status), response, is_conditional=304 in operation["responses"])
        return schema


def _complete(status: int, response: dict[str, Any], *, is_conditional: bool) -> None:
    if response["description"] == reasons.get(status):  # else the operation has its own
        response["description"] = _DESCRIPTIONS[status]
    content = response.get("content", {})
    if status >= 400 and JSON in content:
        response["content"] = {MEDIA_TYPE: content[JSON]}
    names = {429: ["Retry-After"], 503: ["Retry-After"], 401: ["WWW-Authenticate"]}.get(status, [])
    if status == 200 and is_conditional:
        names = ["ETag"]
        if content.get(JSON, {}).get("schema", {}).get("$ref", "").startswith("#/components/schemas/Page_"):
            content[CSV] = {"schema": {"type": "string"}}
            names = ["ETag", "Link"]
    if names:
        response["headers"] = {name: _HEADERS[name] for name in names}

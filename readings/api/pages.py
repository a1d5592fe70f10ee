"""Answers: pages of lists as JSON or CSV, with the address of the next page, and single resources."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from hashlib import md5
from typing import Annotated, Any, Final, Generic, TypeVar, get_type_hints
from urllib.parse import urlencode

from django.conf import settings
from django.core import signing
from django.http import HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.middleware.http import ConditionalGetMiddleware
from django.utils import timezone
from django.utils.cache import patch_vary_headers
from django.utils.encoding import escape_uri_path
from django.utils.http import quote_etag
from ninja.errors import HttpError
from pydantic import Field, TypeAdapter
from typing_extensions import TypedDict

from readings.api.authentication import require
from readings.api.errors import WrongParameters
from readings.models import MeterPoint
from readings.models.trail import Action, Door, note, note_views
from readings.presentation.csv_rows import row

JSON: Final = "application/json"
CSV: Final = "text/csv"
MAY_EXPORT: Final = "readings.export_readings"
#: Answers may be cached, but are asked for again each time: new files change them.
_CACHE_CONTROL: Final = "private, no-cache"
_SALT: Final = "readings.api.cursor"

Item = TypeVar("Item")
Row = TypeVar("Row")
_conditional = ConditionalGetMiddleware(lambda request: HttpResponse())


class Page(TypedDict, Generic[Item]):
    """A page of a list."""

    items: list[Item]
    next: Annotated[str | None, Field(description="Address of the next page; null on the last one.")]
    next_cursor: Annotated[str | None, Field(description="`cursor` of the next page; null on the last one.")]


@dataclass(frozen=True, slots=True, kw_only=True)
class Part(Generic[Item]):
    """A part of a list, and the key after which the next one begins; None at the end."""

    items: Sequence[Item]
    following: tuple[Any, ...] | None


def part_of(rows: Sequence[Item], limit: int, key: Callable[[Item], tuple[Any, ...]]) -> Part[Item]:
    """Return the first of at most `limit` + 1 rows; the last one only tells that there are more."""
    return Part(items=rows[:limit], following=key(rows[limit - 1]) if len(rows) > limit else None)


class ListOf(Generic[Item]):
    """A list in answers: its items are dictionaries of one type, and the keys of the type are the columns of CSV."""

    def __init__(self, item: type[Item]) -> None:
        self.columns = list(get_type_hints(item))
        self.page: TypeAdapter[Any] = TypeAdapter(Page[item])  # type: ignore[valid-type]


def key_after(request: HttpRequest, cursor: str, kinds: Sequence[Callable[[Any], Any]]) -> tuple[Any, ...] | None:
    """Return the key of a cursor, each value of its kind, or None without a cursor.

    Raise WrongParameters if it was changed, or was made for another list or other filters.
    """
    if not cursor:
        return None
    try:
        values = _signer(request).unsign_object(cursor)
    except signing.BadSignature:
        reason = "cursor was changed, or belongs to another address or other filters: take it from the page before"
        raise WrongParameters(("cursor", reason)) from None
    return tuple(kind(value) for kind, value in zip(kinds, values, strict=True))


def _signer(request: HttpRequest) -> signing.Signer:
    """Return the signer of cursors of one list with its filters; the size of the page may change."""
    filters = sorted((name, text) for name, text in request.GET.items() if name not in ("cursor", "limit"))
    return signing.Signer(salt=f"{_SALT}:{request.path}?{urlencode(filters)}")


def list_answer(
    request: HttpRequest,
    kind: ListOf[Any],
    part: Part[Row],
    items_of: Callable[[Sequence[Row]], list[dict[str, Any]]],
) -> HttpResponse:
    """Return a page of a list as JSON, or as CSV for those who may export."""
    is_csv = preferred(request, JSON, CSV) == CSV
    if is_csv:
        require(request, MAY_EXPORT)
    items = items_of(part.items)
    cursor = None if part.following is None else _signer(request).sign_object(part.following)
    query = urlencode({**request.GET.dict(), "cursor": cursor})
    address = f"{escape_uri_path(request.path)}?{query}" if cursor else None
    if is_csv:
        text = csv_text(kind.columns, items)
        response = HttpResponse(text, content_type=f"{CSV}; charset=utf-8; header=present")
        note(Action.EXPORT, subject=_route(request), rows=len(items), may_wait=True, **by(request))
    else:
        content = kind.page.dump_json({"items": items, "next": address, "next_cursor": cursor})
        response = HttpResponse(content, content_type=JSON)
    if address:
        response.headers["Link"] = f'<{address}>; rel="next"'
    return with_etag(request, response)


def look(request: HttpRequest, meter_points: Iterable[MeterPoint]) -> None:
    """Note in the trail who looks at some meter points."""
    if settings.TRAIL_VIEWS:
        note_views(meter_points, subject=_route(request), **by(request))


def _route(request: HttpRequest) -> str:
    """Return the address without the identifiers in it: the trail names the meter point in columns of its own."""
    return f"/{request.resolver_match.route}" if request.resolver_match else ""


def by(request: HttpRequest) -> dict[str, Any]:
    """Return who calls, when, for an entry of the trail."""
    return {"at": timezone.now(), "door": Door.API, "by_whom": request.user.get_username()}


def answer(request: HttpRequest, adapter: TypeAdapter[Any], resource: Any) -> HttpResponse:
    """Return a single resource as JSON."""
    preferred(request, JSON)
    return with_etag(request, HttpResponse(adapter.dump_json(resource), content_type=JSON))


def preferred(request: HttpRequest, *kinds: str) -> str:
    """Return the media type that the client prefers; raise HttpError if it accepts none."""
    try:
        kind = request.get_preferred_type(kinds)
    except ValueError:  # An encoding of a parameter that nobody knows.
        kind = None
    if kind is None:
        raise HttpError(406, f"Accept excludes this answer: send Accept: {' or '.join(kinds)}.")
    return kind


def with_etag(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Return an answer with its ETag, or 304 if the client has it already."""
    keep_privately(response)
    # CSV has the address of the next page only as a header: rows that follow later change the answer, too.
    parts = response.content + response.headers.get("Link", "").encode()
    response.headers["ETag"] = quote_etag(md5(parts, usedforsecurity=False).hexdigest())
    answered = _conditional.process_response(request, response)
    assert isinstance(answered, HttpResponse)
    return answered


def keep_privately(response: HttpResponseBase) -> None:
    """Let only the client keep an answer, for those who may read it."""
    response.headers["Cache-Control"] = _CACHE_CONTROL
    patch_vary_headers(response, ("Accept", "Authorization", "Cookie"))


def csv_text(columns: Sequence[str], items: Iterable[Mapping[str, Any]]) -> str:
    """Return items as CSV, with a header."""
    return "".join([row(columns), *(row([_cell(item[column]) for column in columns]) for item in items)])


def _cell(value: Any) -> str:
    """Return a value as text; lists, which CSV has no form for, and truth values as JSON."""
    if value is None:
        return ""
    return json.dumps(value, ensure_ascii=False) if isinstance(value, bool | list) else str(value)

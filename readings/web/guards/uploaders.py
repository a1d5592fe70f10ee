"""Who may send a body that is larger than a form: decided from the headers, before the body is read."""

from __future__ import annotations

from collections.abc import MutableMapping
from io import BytesIO
from typing import Any, Final

from django.contrib.auth import get_user
from django.contrib.auth.models import AbstractUser, AnonymousUser
from django.contrib.sessions.middleware import SessionMiddleware
from django.core.handlers.asgi import ASGIRequest
from django.db import Error as DatabaseError
from django.db import connections
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from readings.models.api_tokens import NEEDS, Scope, find_token

MAY_UPLOAD: Final = NEEDS[Scope.UPLOAD]
#: Path of the uploads of programs.
PROGRAMS: Final = "/api/flow-files/"


def refuse_person(scope: MutableMapping[str, Any]) -> int:
    """Return 0 if the user of a session may upload, else 413, as for every form that is too large."""
    try:
        return 0 if _person(_request(scope)).has_perm(MAY_UPLOAD) else 413
    except DatabaseError:
        return 413  # the page reports the error
    finally:
        connections.close_all()


def refuse_program(scope: MutableMapping[str, Any]) -> int:
    """Return 0 if the owner of a token or the user of a session may upload, else the status of the refusal."""
    request = _request(scope)
    try:
        kind, _, text = request.headers.get("Authorization", "").partition(" ")
        return _refuse_token(text.strip()) if kind.lower() == "bearer" else _refuse_session(request)
    except DatabaseError:
        return 503
    finally:
        connections.close_all()


def _refuse_token(text: str) -> int:
    token = find_token(text, timezone.now())
    if token is None:
        return 401
    return 0 if token.scope == Scope.UPLOAD and token.user.has_perm(MAY_UPLOAD) else 403


def _refuse_session(request: HttpRequest) -> int:
    user = _person(request)
    if not user.is_authenticated:
        return 401
    return 0 if user.has_perm(MAY_UPLOAD) else 403


def _request(scope: MutableMapping[str, Any]) -> HttpRequest:
    """Return a request without its body."""
    return ASGIRequest(scope, BytesIO())


def _person(request: HttpRequest) -> AbstractUser | AnonymousUser:
    SessionMiddleware(lambda _: HttpResponse()).process_request(request)
    return get_user(request)

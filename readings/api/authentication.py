"""Who may call the API: programs with a token, and users who are logged in to the pages.

A route names one of the two tuples (`auth=READING` or `auth=UPLOADING`), and calls `require` with the permissions
that its page needs too: a token never may more than its user.
"""

from __future__ import annotations

from copy import copy
from typing import Any, Final

from django.conf import settings
from django.contrib.auth.models import AnonymousUser, User
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from ninja.errors import AuthenticationError, AuthorizationError, HttpError
from ninja.security import HttpBearer
from ninja.security.base import AuthBase
from ninja.utils import check_csrf

from readings.api.throttling import WRONG_TOKENS
from readings.models.api_tokens import PREFIX, ApiToken, Scope, find_token, note_use
from readings.models.roles import in_words

_REALM: Final = 'Bearer realm="Meterbox"'
_NOBODY: Final = f"Send a token: Authorization: Bearer {PREFIX}…, or log in to the pages."


class WrongToken(AuthenticationError):
    """The token is unknown, expired or revoked, or its user may not log in: one answer, so that nobody can tell."""

    def __init__(self) -> None:
        super().__init__(message="The token is unknown, expired or revoked: make another one.")


class WrongScope(AuthorizationError):
    """The token is valid, but has the other scope."""

    def __init__(self, token: ApiToken, scope: Scope) -> None:
        super().__init__(
            message=f"The token {token.start}… has the scope {token.scope}: use one with the scope {scope}."
        )
        self.scope = scope


class Bearer(HttpBearer):
    """Lets in programs that send a token of one scope."""

    def __init__(self, scope: Scope) -> None:
        super().__init__()
        self.scope = scope

    def __call__(self, request: HttpRequest) -> ApiToken | None:
        """Return the token of a request, or None without one; the original logs headers that it does not expect."""
        kind, _, text = request.headers.get(self.header, "").partition(" ")
        return self.authenticate(request, text.strip()) if kind.lower() == self.openapi_scheme else None

    def authenticate(self, request: HttpRequest, token: str) -> ApiToken:
        """Return the token, and make its user that of the request; raise WrongToken, WrongScope or Throttled.

        A session beside a wrong token does not help: the program learns that its token is wrong.
        """
        now = timezone.now()
        found = find_token(token, now) if token.startswith(PREFIX) else None
        if found is None:
            WRONG_TOKENS.count(request.META.get("REMOTE_ADDR", ""))
            raise WrongToken
        if found.scope != self.scope:
            raise WrongScope(found, self.scope)
        note_use(found, now)
        request.user = found.user
        return found


class ReadToken(Bearer):
    """Lets in programs that read; its name is that of the scheme in the description of the API."""

    openapi_description: str = f"A token ({PREFIX}…) of the scope `read`."

    def __init__(self) -> None:
        super().__init__(Scope.READ)


class UploadToken(Bearer):
    """Lets in programs that upload."""

    openapi_description: str = f"A token ({PREFIX}…) of the scope `upload`; it reads nothing."

    def __init__(self) -> None:
        super().__init__(Scope.UPLOAD)


class Session(AuthBase):
    """Lets in users who are logged in to the pages; the last of a route's classes, as it refuses all others."""

    openapi_type: str = "apiKey"
    openapi_in: str = "cookie"
    openapi_name: str = settings.SESSION_COOKIE_NAME
    openapi_description: str = (
        "A user who is logged in to the pages. Requests that change something also need the header `X-CSRFToken`."
    )

    def __call__(self, request: HttpRequest) -> User:
        """Return the user; raise AuthenticationError for nobody, AuthorizationError without the CSRF token."""
        user = request.user
        if isinstance(user, AnonymousUser):
            raise AuthenticationError(message=_NOBODY)
        if _is_forged(request):
            raise AuthorizationError(message="Send the value of the CSRF cookie as the header X-CSRFToken.")
        return user


def _is_forged(request: HttpRequest) -> bool:
    """Return whether the header X-CSRFToken or the origin of a request that changes something is wrong.

    The check gets a copy without a form: it would look for the token there, and read a whole upload for it.
    """
    bare: Any = copy(request)
    bare.POST = QueryDict()
    return check_csrf(bare) is not None


#: For `auth=` of routes that read.
READING: Final = (ReadToken(), Session())
#: For `auth=` of routes that upload.
UPLOADING: Final = (UploadToken(), Session())


def require(request: HttpRequest, *permissions: str) -> None:
    """Raise AuthorizationError unless the user of a request has all permissions."""
    for permission in permissions:
        if not request.user.has_perm(permission):
            message = f"The user {request.user.get_username()} may not {in_words(permission)}: ask an administrator."
            raise AuthorizationError(message=message)


def challenge(error: HttpError) -> str:
    """Return the header WWW-Authenticate of the answer to an error; empty if it has none (RFC 6750)."""
    if isinstance(error, WrongScope):
        return f'{_REALM}, error="insufficient_scope", scope="{error.scope}"'
    if isinstance(error, WrongToken):
        return f'{_REALM}, error="invalid_token"'
    return _REALM if error.status_code == 401 else ""

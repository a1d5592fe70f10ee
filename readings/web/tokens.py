"""The page on which users make and revoke their tokens of the API; administrators revoke those of all users."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.models import User
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils import timezone
from django.utils.timezone import localdate
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from readings.formats.text import NO_VALUE
from readings.models.api_tokens import (
    DAYS,
    MOST_CHARACTERS,
    MOST_DAYS,
    ApiToken,
    Scope,
    find_token,
    issue_token,
    revoke_token,
    scopes_of,
)
from readings.models.trail import Door
from readings.presentation import badges, cells

#: Cookie that takes a new token to the page that shows it, once. A session would store it in the database.
COOKIE: Final = "new_token"
_DUTIES: Final = {Scope.READ: "Read data", Scope.UPLOAD: "Upload files"}


def _check_printable(text: str) -> None:
    if not text.isprintable():
        raise ValidationError("Remove the character that cannot be printed.")


class TokenForm(forms.Form):
    """Asks for what a new token is; offers the scopes that its user can use."""

    name = forms.CharField(
        label="Used by",
        max_length=MOST_CHARACTERS,
        validators=[_check_printable],
        help_text="The program that gets the token, such as “monthly billing”.",
    )
    scope = forms.ChoiceField()
    days = forms.IntegerField(
        label="Days until it expires",
        min_value=1,
        max_value=MOST_DAYS,
        initial=DAYS,
        help_text=f"From 1 to {MOST_DAYS}.",
    )

    def __init__(self, scopes: list[Scope], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["scope"] = forms.ChoiceField(
            choices=[(scope.value, _DUTIES[scope]) for scope in scopes],
            help_text="A token has one scope: a program that does both needs two tokens.",
        )


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def tokens(request: HttpRequest) -> HttpResponse:
    """List the tokens and show the form, or make a token."""
    user = _user(request)
    scopes = scopes_of(user)
    if request.method != "POST":
        return _page(request, user, TokenForm(scopes) if scopes else None)
    if not scopes:
        raise PermissionDenied
    form = TokenForm(scopes, request.POST)
    return _made(user, form) if form.is_valid() else _page(request, user, form, status=400)


@require_http_methods(["GET", "HEAD", "POST"])
@never_cache
def revoke(request: HttpRequest, id: int) -> HttpResponse:
    """Ask for confirmation, or revoke a token."""
    user = _user(request)
    token = get_object_or_404(_visible(user), pk=id)
    if request.method != "POST":
        return render(request, "readings/token_revoke.html", {"token": token, "row": _row(token)})
    revoke_token(token, now=timezone.now(), door=Door.PAGE, by_whom=user.get_username())
    messages.success(request, f"The token {token.start}… is revoked: programs that use it are refused.")
    return HttpResponseRedirect(reverse("tokens"))


def _made(user: User, form: TokenForm) -> HttpResponse:
    """Make a token, and forward to the page that shows it."""
    scope, name, days = (form.cleaned_data[field] for field in ("scope", "name", "days"))
    by_whom = user.get_username()
    _, text = issue_token(user, scope, name, days=days, now=timezone.now(), door=Door.PAGE, by_whom=by_whom)
    response = HttpResponseRedirect(reverse("tokens"))
    response.set_cookie(
        COOKIE,
        text,
        path=reverse("tokens"),
        secure=settings.SESSION_COOKIE_SECURE,
        httponly=True,
        samesite="Strict",
    )
    return response


def _page(request: HttpRequest, user: User, form: TokenForm | None, *, status: int = 200) -> HttpResponse:
    rows = [_row(token) for token in _visible(user).order_by("-created_at", "-pk")]
    context = {
        "form": form,
        "new": _new(request, user),
        "tables": (
            ("Tokens" if user.is_superuser else "Your tokens", [row for row in rows if row["is_valid"]]),
            ("Tokens that no longer work", [row for row in rows if not row["is_valid"]]),
        ),
        "is_everybody": user.is_superuser,
    }
    response = render(request, "readings/tokens.html", context, status=status)
    if COOKIE in request.COOKIES:
        response.delete_cookie(COOKIE, path=reverse("tokens"), samesite="Strict")
    return response


def _new(request: HttpRequest, user: User) -> dict[str, object] | None:
    """Return the token that this browser has just made; another one may have put a cookie there."""
    text = request.COOKIES.get(COOKIE, "")
    token = find_token(text, timezone.now()) if text else None
    return {**_row(token), "text": text} if token and token.user == user else None


def _row(token: ApiToken) -> dict[str, object]:
    state = token.state(timezone.now())
    return {
        "id": token.pk,
        "start": f"{token.start}…",
        "name": token.name or NO_VALUE,
        "user": token.user.get_username(),
        "scope": token.get_scope_display(),
        "made": _day(token.created_at),
        "expires": _day(token.expires_at),
        "used": cells.instant(token.last_used_at, "never"),
        "state": badges.badge(state.capitalize(), badges.GOOD if state == "valid" else badges.PLAIN),
        "is_valid": state == "valid",
        "can_be_revoked": state not in ("revoked", "expired"),
    }


def _day(moment: datetime) -> str:
    return cells.day(localdate(moment)).replace(" ", "\N{NO-BREAK SPACE}")


def _visible(user: User) -> QuerySet[ApiToken]:
    every = ApiToken.objects.select_related("user")
    return every if user.is_superuser else every.filter(user=user)


def _user(request: HttpRequest) -> User:
    """Return the user, whom the log-in has made sure of."""
    if not isinstance(request.user, User):
        raise PermissionDenied
    return request.user

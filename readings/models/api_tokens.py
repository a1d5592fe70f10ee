"""Tokens of programs that use the API in the name of a user."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Final

from django.contrib.auth.models import User
from django.db import Error, models, transaction
from django.db.models import Q

from readings.models.trail import Action, Door, note, patience

#: Start of every token, by which people and scanners of repositories recognize one.
PREFIX: Final = "mbx_"
#: Length of the start of a token that stays readable.
START: Final = len(PREFIX) + 6
#: Random bytes of a token: too many to guess, so that a plain hash protects it.
_BYTES: Final = 32
#: Length of the name, at most.
MOST_CHARACTERS: Final = 100
#: Days until a token expires, by default and at most.
DAYS: Final = 365
MOST_DAYS: Final = 3650
#: Time between two updates of the last use.
_USE_STEP: Final = timedelta(minutes=1)


class Scope(models.TextChoices):
    READ = "read", "Read"
    UPLOAD = "upload", "Upload"


#: Permission without which a token of a scope is of no use.
NEEDS: Final[Mapping[Scope, str]] = {Scope.READ: "readings.view_reading", Scope.UPLOAD: "readings.add_flowfile"}


class ApiToken(models.Model):
    """A token; only its hash is stored, so it is shown once."""

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens")
    #: What the token is for.
    name = models.CharField(max_length=MOST_CHARACTERS)
    scope = models.CharField(max_length=6, choices=Scope.choices)
    digest = models.CharField(max_length=64, unique=True)
    #: First characters, by which its owner recognizes it.
    start = models.CharField(max_length=START)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()  # Its owner and administrators view it, on a page of its own.
        constraints = (models.CheckConstraint(condition=Q(scope__in=Scope.values), name="a_token_reads_or_uploads"),)

    def __str__(self) -> str:
        return f"{self.start}… {self.name}".rstrip()

    def is_valid(self, now: datetime) -> bool:
        """Return whether the token is neither expired nor revoked, and its user may log in."""
        return self.state(now) == "valid"

    def state(self, now: datetime) -> str:
        """Return whether the token is valid, or else why not, in words."""
        if self.revoked_at:
            return "revoked"
        if now >= self.expires_at:
            return "expired"
        return "valid" if self.user.is_active else "user inactive"


def scopes_of(user: User) -> list[Scope]:
    """Return the scopes of which a user can use a token."""
    return [scope for scope, permission in NEEDS.items() if user.has_perm(permission)]


def make_token(user: User, scope: str, name: str, *, now: datetime, expires_at: datetime) -> tuple[ApiToken, str]:
    """Store a new token; return it and its text, which is stored nowhere."""
    text = PREFIX + secrets.token_urlsafe(_BYTES)
    token = ApiToken.objects.create(
        user=user,
        name=name,
        scope=scope,
        digest=digest_of(text),
        start=text[:START],
        created_at=now,
        expires_at=expires_at,
    )
    return token, text


def issue_token(
    user: User, scope: str, name: str, *, days: int, now: datetime, door: Door, by_whom: str
) -> tuple[ApiToken, str]:
    """Store a new token, and record it in the trail; return it and its text."""
    with transaction.atomic():
        token, text = make_token(user, scope, name, now=now, expires_at=now + timedelta(days=days))
        _record(Action.MAKE_TOKEN, token, now, door, by_whom)
    return token, text


def revoke_token(token: ApiToken, *, now: datetime, door: Door, by_whom: str) -> bool:
    """Revoke a token, and record it in the trail; return False if it was revoked before."""
    with transaction.atomic():
        is_first = ApiToken.objects.filter(pk=token.pk, revoked_at=None).update(revoked_at=now) > 0
        if is_first:
            _record(Action.REVOKE_TOKEN, token, now, door, by_whom)
    return is_first


def find_token(text: str, now: datetime) -> ApiToken | None:
    """Return the valid token with a text, and its user; else None."""
    token = ApiToken.objects.select_related("user").filter(digest=digest_of(text)).first()
    return token if token and token.is_valid(now) else None


def note_use(token: ApiToken, now: datetime) -> None:
    """Store the time of a use, at most once a minute; store nothing if that failed or had to wait.

    An import holds the lock of SQLite for minutes. On PostgreSQL only another use or the revocation locks the row.
    """
    if token.last_used_at and now - token.last_used_at < _USE_STEP:
        return
    with suppress(Error), patience(0), transaction.atomic():
        free = ApiToken.objects.select_for_update(skip_locked=True).filter(pk=token.pk)
        ApiToken.objects.filter(pk__in=free.values("pk")).update(last_used_at=now)


def digest_of(text: str) -> str:
    """Return the hash under which a token is stored."""
    return hashlib.sha256(text.encode()).hexdigest()


def _record(action: Action, token: ApiToken, now: datetime, door: Door, by_whom: str) -> None:
    subject = f"{token} ({token.scope}, of {token.user.get_username()})"
    note(action, at=now, door=door, by_whom=by_whom, subject=subject)

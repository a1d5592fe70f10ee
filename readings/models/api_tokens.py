"""Tokens of programs that use the API in the name of a user."""

from __future__ import annotations

import hashlib
import secrets
from datetime import datetime
from typing import Final

from django.contrib.auth.models import User
from django.db import models
from django.db.models import Q

#: Start of every token, by which people and scanners of repositories recognize one.
PREFIX: Final = "mbx_"
#: Length of the start of a token that stays readable.
_SHOWN: Final = len(PREFIX) + 6
#: Random bytes of a token: too many to guess, so that a plain hash protects it.
_BYTES: Final = 32


class Scope(models.TextChoices):
    READ = "read", "Read"
    UPLOAD = "upload", "Upload"


class ApiToken(models.Model):
    """A token; only its hash is stored, so it is shown once."""

    user = models.ForeignKey(User, models.CASCADE, related_name="api_tokens")
    #: What the token is for.
    name = models.CharField(max_length=100)
    scope = models.CharField(max_length=6, choices=Scope.choices)
    digest = models.CharField(max_length=64, unique=True)
    #: First characters, by which its owner recognizes it.
    start = models.CharField(max_length=_SHOWN)
    created_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        default_permissions = ()  # Its owner and administrators view it, on a page of its own.
        constraints = (models.CheckConstraint(condition=Q(scope__in=Scope.values), name="a_token_reads_or_uploads"),)

    def __str__(self) -> str:
        return f"{self.start}… {self.name}"

    def is_valid(self, now: datetime) -> bool:
        """Return whether the token is neither expired nor revoked, and its user may log in."""
        return self.revoked_at is None and now < self.expires_at and self.user.is_active


def make_token(user: User, scope: str, name: str, *, now: datetime, expires_at: datetime) -> tuple[ApiToken, str]:
    """Store a new token; return it and its text, which is stored nowhere."""
    text = PREFIX + secrets.token_urlsafe(_BYTES)
    token = ApiToken.objects.create(
        user=user,
        name=name,
        scope=scope,
        digest=digest_of(text),
        start=text[:_SHOWN],
        created_at=now,
        expires_at=expires_at,
    )
    return token, text


def find_token(text: str, now: datetime) -> ApiToken | None:
    """Return the valid token with a text, and its user; else None."""
    token = ApiToken.objects.select_related("user").filter(digest=digest_of(text)).first()
    return token if token and token.is_valid(now) else None


def digest_of(text: str) -> str:
    """Return the hash under which a token is stored."""
    return hashlib.sha256(text.encode()).hexdigest()

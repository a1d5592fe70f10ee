"""Users with tokens of the API."""

from __future__ import annotations

from datetime import timedelta

from django.contrib.auth.models import User
from django.utils import timezone

from readings.models.api_tokens import ApiToken, Scope, make_token
from readings.models.roles import give_role


def user_with(role: str, name: str = "ann") -> User:
    """Create a user with a role."""
    user = User.objects.create_user(name)
    give_role(user, role)
    return User.objects.get(pk=user.pk)  # without the permissions that it had before


def token_of(user: User, scope: Scope = Scope.READ, *, days: int = 1) -> tuple[ApiToken, str]:
    """Make a token that was made an hour ago; return it and its text."""
    made_at = timezone.now() - timedelta(hours=1)
    return make_token(user, scope, "monthly billing", now=made_at, expires_at=made_at + timedelta(days=days))


def bearer(text: str) -> dict[str, str]:
    """Return the headers of a request with a token."""
    return {"Authorization": f"Bearer {text}"}

"""Uploads to the API in tests."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from django.contrib.auth.models import User
from django.utils import timezone
from pytest_django.fixtures import Settings

from readings.models.api_tokens import Scope, make_token
from readings.models.roles import OPERATOR, give_role


def token_of(name: str = "olga", scope: str = Scope.UPLOAD, role: str = OPERATOR) -> str:
    """Return the text of a new token of a new user."""
    user = User.objects.create_user(name)
    if role:
        give_role(user, role)
    now = timezone.now()
    return make_token(user, scope, "test", now=now, expires_at=now + timedelta(days=1))[1]


def make_folders(settings: Settings, folder: Path) -> None:
    """Create the three folders below a folder, and set them."""
    for name in ("inbox", "archive", "rejected"):
        (folder / name).mkdir()
        setattr(settings, f"{name.upper()}_DIR", folder / name)


def files_below(folder: Path) -> list[bytes]:
    """Return the contents of all files below a folder, hidden ones too."""
    return [path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file()]

"""Tokens of the API: what is stored, and which are valid."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core import serializers
from django.utils import timezone

from readings.models import ApiToken, Trail
from readings.models.api_tokens import NEEDS, PREFIX, START, Scope, find_token, issue_token, revoke_token
from readings.models.api_tokens import scopes_of as scopes
from readings.models.roles import ADMINISTRATOR, OPERATOR, PERMISSIONS, SUPPORT, in_words
from readings.models.trail import Action, Door
from tests.running.tokens import user_with

pytestmark = pytest.mark.django_db


def issue(user: User, name: str = "billing") -> tuple[ApiToken, str]:
    return issue_token(
        user, Scope.READ, name, days=30, now=timezone.now(), door=Door.COMMAND, by_whom=user.get_username()
    )


def entries() -> list[tuple[str, str, str, str]]:
    return list(Trail.objects.order_by("pk").values_list("action", "door", "by_whom", "subject"))


def test_new_token_is_found_by_its_text_and_stored_only_as_a_hash() -> None:
    token, text = issue(user_with(SUPPORT))
    assert text.startswith(PREFIX)
    assert len(text) > START + 32
    assert find_token(text, timezone.now()) == token
    stored = serializers.serialize("json", [token, *Trail.objects.all()])
    assert text[:START] in stored
    assert text[: START + 1] not in stored


def test_making_and_revoking_are_recorded_in_the_trail() -> None:
    token, _ = issue(user_with(SUPPORT))
    now = timezone.now()
    assert revoke_token(token, now=now, door=Door.PAGE, by_whom="root")
    assert not revoke_token(token, now=now, door=Door.PAGE, by_whom="root")
    subject = f"{token.start}… billing (read, of ann)"
    assert entries() == [
        (Action.MAKE_TOKEN, Door.COMMAND, "ann", subject),
        (Action.REVOKE_TOKEN, Door.PAGE, "root", subject),
    ]


def test_longest_name_fits_into_the_trail() -> None:
    token, _ = issue(User.objects.create_user("u" * 150), "n" * 100)
    assert entries()[0][3] == f"{token.start}… {'n' * 100} (read, of {'u' * 150})"


def test_token_is_not_found_after_it_expired_or_was_revoked_or_its_user_left() -> None:
    user = user_with(SUPPORT)
    now = timezone.now()
    token, text = issue(user)
    assert find_token(text, token.expires_at - timedelta(seconds=1)) == token
    assert find_token(text, token.expires_at) is None
    assert find_token(text[:-1], now) is None
    User.objects.update(is_active=False)
    assert find_token(text, now) is None
    User.objects.update(is_active=True)
    assert find_token(text, now) == token
    revoke_token(token, now=now, door=Door.PAGE, by_whom="ann")
    assert find_token(text, now) is None


def test_state_is_in_words() -> None:
    token, _ = issue(user_with(SUPPORT))
    now = timezone.now()
    assert token.state(now) == "valid"
    assert token.state(now + timedelta(days=31)) == "expired"
    token.user.is_active = False
    assert token.state(now) == "user inactive"
    token.revoked_at = now
    assert token.state(now) == "revoked"


def test_scopes_are_those_that_the_permissions_of_the_user_allow() -> None:
    assert scopes(User.objects.create_user("nobody")) == []
    assert scopes(user_with(SUPPORT)) == [Scope.READ]
    assert scopes(user_with(OPERATOR, "olga")) == [Scope.READ, Scope.UPLOAD]
    assert scopes(user_with(ADMINISTRATOR, "root")) == [Scope.READ, Scope.UPLOAD]


def test_every_permission_has_words() -> None:
    granted = [
        f"{app}.{codename}"
        for app, of_roles in PERMISSIONS.items()
        for each in of_roles.values()
        for codename in each
    ]
    words = {
        permission: in_words(permission) for permission in (*granted, *NEEDS.values(), "readings.view_meterpoint")
    }
    assert words["readings.add_flowfile"] == "upload files"
    assert words["readings.view_reading"] == "view readings"
    assert words["readings.view_meterpoint"] == "view meter points"

"""Tokens of the API: what is stored, which are valid, and when their use is noted."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.core import serializers
from django.db import connection
from django.utils import timezone

from readings.models import ApiToken, Trail
from readings.models.api_tokens import (
    NEEDS,
    PREFIX,
    START,
    Scope,
    find_token,
    issue_token,
    note_use,
    revoke_token,
    scopes_of,
)
from readings.models.roles import ADMINISTRATOR, OPERATOR, PERMISSIONS, SUPPORT, in_words
from readings.models.trail import Action, Door
from tests.running.tokens import token_of, user_with

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
    assert scopes_of(User.objects.create_user("nobody")) == []
    assert scopes_of(user_with(SUPPORT)) == [Scope.READ]
    assert scopes_of(user_with(OPERATOR, "olga")) == [Scope.READ, Scope.UPLOAD]
    assert scopes_of(user_with(ADMINISTRATOR, "root")) == [Scope.READ, Scope.UPLOAD]


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


def test_use_is_noted_at_most_once_a_minute() -> None:
    token, _ = token_of(user_with(SUPPORT))
    now = timezone.now()
    noted = []
    for seconds in (0, 59, 60, 61, 180):
        note_use(token, now + timedelta(seconds=seconds))
        token.refresh_from_db()
        assert token.last_used_at
        noted.append((token.last_used_at - now).total_seconds())
    assert noted == [0, 0, 60, 60, 180]


@contextmanager
def another_writer(token: ApiToken) -> Iterator[None]:
    """Hold the lock that an import holds on SQLite, or on PostgreSQL the lock of the token."""
    other = connection.copy()
    try:
        with other.cursor() as cursor:
            if connection.vendor == "sqlite":
                cursor.execute("BEGIN IMMEDIATE")
            else:
                cursor.execute("BEGIN")
                cursor.execute("SELECT 1 FROM readings_apitoken WHERE id = %s FOR UPDATE", [token.pk])
            yield
            cursor.execute("ROLLBACK")
    finally:
        other.close()


def patience() -> int:
    with connection.cursor() as cursor:
        cursor.execute("PRAGMA busy_timeout")
        return int(cursor.fetchone()[0])


@pytest.mark.django_db(transaction=True)
def test_use_is_not_noted_while_another_connection_writes() -> None:
    token, text = token_of(user_with(SUPPORT))
    before = patience() if connection.vendor == "sqlite" else 0
    with another_writer(token):
        began = time.monotonic()
        note_use(token, timezone.now())
        assert time.monotonic() - began < 1
        # The connection still works.
        found = find_token(text, timezone.now())
        assert found
        assert found.last_used_at is None
    note_use(token, timezone.now())
    token.refresh_from_db()
    assert token.last_used_at
    if connection.vendor == "sqlite":
        assert (patience(), before) == (30_000, 30_000)

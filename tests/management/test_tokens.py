"""The commands `make_token` and `revoke_token`."""

from __future__ import annotations

from datetime import timedelta
from io import StringIO
from pathlib import Path
from typing import NamedTuple

import pytest
from django.contrib.auth.models import User
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import OperationalError, connection
from django.utils import timezone

from readings.management.operator import operator
from readings.models import ApiToken, Trail
from readings.models.api_tokens import Scope, find_token
from readings.models.roles import OPERATOR, SUPPORT
from readings.models.trail import Action, Door
from tests.running.box import Box
from tests.running.commands import run
from tests.running.forks import manage
from tests.running.tokens import token_of, user_with

pytestmark = pytest.mark.django_db


class Printed(NamedTuple):
    """Output of a command."""

    out: str
    err: str


def call(*arguments: str) -> Printed:
    """Run a command in this process."""
    out, err = StringIO(), StringIO()
    call_command(*arguments, stdout=out, stderr=err)
    return Printed(out.getvalue(), err.getvalue())


def refusal(*arguments: str) -> str:
    """Run a command that is refused; return the reason."""
    with pytest.raises(CommandError) as caught:
        call(*arguments)
    return str(caught.value)


@pytest.mark.slow
def test_standard_output_is_the_token_alone(tmp_path: Path, database_url: str) -> None:
    box = Box(tmp_path, database_url)
    assert manage(["add_user", "sam", "--role", "support"], box.environment, b"four green meters\n").code == 0
    done = run(box, "make_token", "sam", "--scope", "read", "--name", "billing")
    assert done.code == 0
    assert len(done.out.splitlines()) == 1
    text = done.out.strip()
    assert text.startswith("mbx_")
    assert f"Token {text[:10]}… of sam: scope read, expires on " in done.err
    assert text[10:] not in done.err
    [entry] = box.rows("SELECT action, door, by_whom, subject FROM readings_trail")
    assert entry == ("MAKE_TOKEN", "COMMAND", "olga", f"{text[:10]}… billing (read, of sam)")
    refused = run(box, "make_token", "sam", "--scope", "upload")
    assert (refused.code, refused.out) == (1, "")
    assert "sam may not upload files, which the scope upload needs: no token was made" in refused.err
    assert run(box, "revoke_token").code == 2
    revoked = run(box, "revoke_token", text[:10])
    assert (revoked.code, revoked.out) == (0, f"{text[:10]}… of sam is revoked\n")


def test_token_has_the_days_and_the_scope_of_the_options() -> None:
    user_with(OPERATOR, "olga")
    text = call("make_token", "olga", "--scope", "upload", "--days", "7").out.strip()
    token = find_token(text, timezone.now())
    assert token
    assert (token.scope, token.name, token.expires_at - token.created_at) == (Scope.UPLOAD, "", timedelta(days=7))
    text = call("make_token", "olga", "--scope", "read").out.strip()
    token = find_token(text, timezone.now())
    assert token
    assert token.expires_at - token.created_at == timedelta(days=365)


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        (("nobody", "--scope", "read"), "there is no user nobody: create one with add_user"),
        (("sam", "--scope", "upload"), "sam may not upload files, which the scope upload needs"),
        (("ann", "--scope", "read"), "ann may not view readings, which the scope read needs"),
        (("left", "--scope", "read"), "left is not active: no token was made"),
        (("sam", "--scope", "all"), "invalid choice: 'all'"),
        (("sam",), "the following arguments are required: --scope"),
        (("sam", "--scope", "read", "--days", "0"), "'0' is not a whole number from 1 to 3650"),
        (("sam", "--scope", "read", "--days", "9999"), "'9999' is not a whole number from 1 to 3650"),
        (("sam", "--scope", "read", "--name", "a\nb"), "contains a character that cannot be printed"),
        (("sam", "--scope", "read", "--name", "n" * 101), "has 101 characters, expected at most 100"),
    ],
)
def test_refused_token_is_not_made(arguments: tuple[str, ...], expected: str) -> None:
    user_with(SUPPORT, "sam")
    User.objects.create_user("ann")
    User.objects.create_user("left", is_active=False, is_superuser=True)
    assert expected in refusal("make_token", *arguments)
    assert not ApiToken.objects.exists()
    assert not Trail.objects.exists()


def test_token_is_revoked_by_its_start() -> None:
    sam = user_with(SUPPORT, "sam")
    (token, text), (_, other) = token_of(sam), token_of(sam)
    assert call("revoke_token", token.start).out == f"{token.start}… of sam is revoked\n"
    assert find_token(text, timezone.now()) is None
    assert find_token(other, timezone.now())
    assert list(Trail.objects.values_list("action", "door", "by_whom")) == [
        (Action.REVOKE_TOKEN, Door.COMMAND, operator())
    ]
    assert "no token that can be revoked begins with" in refusal("revoke_token", token.start)


def test_all_tokens_of_a_user_are_revoked() -> None:
    sam, olga = user_with(SUPPORT, "sam"), user_with(OPERATOR, "olga")
    texts = [token_of(sam)[1], token_of(sam)[1]]
    _, other = token_of(olga)
    assert call("revoke_token", "--user", "sam").out.count("of sam is revoked") == 2
    assert [find_token(text, timezone.now()) for text in texts] == [None, None]
    assert find_token(other, timezone.now())
    assert call("revoke_token", "--user", "sam").out == "There is no token to revoke.\n"


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ((), "give the first 10 characters of a token, or --user; --list lists the tokens"),
        (("mbx_",), "2 tokens begin with mbx_: give the first 10 characters of one"),
        (("billing",), "billing is not the start of a token: a token begins with mbx_"),
        (("--user", "nobody"), "there is no user nobody"),
        (("mbx_abcdef", "--user", "sam"), "not allowed with argument"),
    ],
)
def test_unclear_start_revokes_nothing(arguments: tuple[str, ...], expected: str) -> None:
    sam = user_with(SUPPORT, "sam")
    texts = [token_of(sam)[1], token_of(sam)[1]]
    assert expected in refusal("revoke_token", *arguments)
    assert all(find_token(text, timezone.now()) for text in texts)


def test_whole_token_as_an_argument_is_refused_and_not_repeated() -> None:
    _, text = token_of(user_with(SUPPORT, "sam"))
    assert refusal("revoke_token", text) == f"give only the first 10 characters: {text[:10]}"


def test_list_shows_tokens_of_all_users_or_of_one() -> None:
    sam, olga = user_with(SUPPORT, "sam"), user_with(OPERATOR, "olga")
    token, text = token_of(sam)
    token_of(olga, Scope.UPLOAD, days=0)
    every = call("revoke_token", "--list").out
    assert [line.split()[1:4] for line in every.splitlines()] == [
        ["sam", "read", "valid"],
        ["olga", "upload", "expired"],
    ]
    assert text[10:] not in every
    [line] = call("revoke_token", "--list", "--user", "sam").out.splitlines()
    expires = f"expires {token.expires_at:%Y-%m-%d}"
    assert line == f"{token.start}…  sam  read  valid  {expires}  never used  monthly billing"


@pytest.mark.parametrize("command", [("make_token", "sam", "--scope", "read"), ("revoke_token", "mbx_abcdef")])
def test_database_error_of_a_command_of_tokens_is_explained(command: tuple[str, ...]) -> None:
    with connection.execute_wrapper(_fail), pytest.raises(CommandError, match=r"run manage\.py migrate") as raised:
        call(*command)
    assert raised.value.returncode == 2


def _fail(*_: object) -> None:
    raise OperationalError("no such table: readings_apitoken")

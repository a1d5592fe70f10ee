"""Make a token of the API for a user."""

from __future__ import annotations

from argparse import ArgumentParser, ArgumentTypeError
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from readings.management.operator import operator
from readings.models.api_tokens import DAYS, MOST_CHARACTERS, MOST_DAYS, NEEDS, Scope, issue_token, scopes_of
from readings.models.roles import in_words
from readings.models.trail import Door
from readings.queries.upkeep.database import describe_error


class Command(BaseCommand):
    help = (
        "Make a token with which a program uses the API in the name of a user. Standard output is the token alone, "
        "for scripts; it is printed only once. Exit codes: 0; 1 if there is no such user, or if the user may not do "
        "what the token is for; 2 for wrong usage or a database error."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the user and the options."""
        parser.add_argument("user", help="the user name")
        parser.add_argument("--scope", required=True, choices=Scope.values, help="what the token allows")
        parser.add_argument("--name", default="", type=_name, help="the program that uses it")
        parser.add_argument("--days", default=DAYS, type=_days, help="days until it expires (%(default)s)")

    def handle(self, *, user: str, scope: str, name: str, days: int, **options: Any) -> None:
        """Store the token, and print it."""
        try:
            owner = _owner(user, Scope(scope))
            token, text = issue_token(
                owner, scope, name, days=days, now=timezone.now(), door=Door.COMMAND, by_whom=operator()
            )
        except DatabaseError as error:
            raise CommandError(str(describe_error(error)), returncode=2) from error
        self.stdout.write(text)
        self.stderr.write(
            f"Token {token.start}… of {user}: scope {scope}, expires on {token.expires_at:%Y-%m-%d}. "
            "It is not shown again: store it now."
        )


def _owner(name: str, scope: Scope) -> User:
    """Return the user of this name; raise CommandError if there is none, or if a token would be of no use."""
    user = User.objects.filter(username=User.normalize_username(name)).first()
    if user is None:
        raise CommandError(f"there is no user {name}: create one with add_user")
    if not user.is_active:
        raise CommandError(f"{name} is not active: no token was made; an administrator can activate the account")
    if scope not in scopes_of(user):
        needed = f"{name} may not {in_words(NEEDS[scope])}, which the scope {scope} needs"
        raise CommandError(f"{needed}: no token was made; an administrator can add a role")
    return user


def _name(text: str) -> str:
    if len(text) > MOST_CHARACTERS:
        raise ArgumentTypeError(f"has {len(text)} characters, expected at most {MOST_CHARACTERS}")
    if not text.isprintable():
        raise ArgumentTypeError(f"{text!r} contains a character that cannot be printed")
    return text


def _days(text: str) -> int:
    if not text.isdecimal() or not 0 < int(text) <= MOST_DAYS:
        raise ArgumentTypeError(f"{text!r} is not a whole number from 1 to {MOST_DAYS}")
    return int(text)

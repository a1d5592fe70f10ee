"""Revoke tokens of the API, or list them."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.contrib.auth.models import User
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.db.models import QuerySet
from django.utils import timezone

from readings.formats.text import NO_VALUE
from readings.management.operator import operator
from readings.models.api_tokens import PREFIX, START, ApiToken, revoke_token
from readings.models.trail import Door
from readings.queries.upkeep.database import describe_error


class Command(BaseCommand):
    help = (
        "Revoke one token, given its first characters, or all tokens of a user: programs that use them are refused "
        "at once. With --list, list the tokens instead, of one user or of all. Exit codes: 0; 1 if there is no such "
        "user, or if no token, or more than one, begins with these characters; 2 for wrong usage or a database error."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the start of the token, or else the user."""
        which = parser.add_mutually_exclusive_group()
        which.add_argument("start", nargs="?", default="", help=f"the first {START} characters of the token")
        which.add_argument("--user", default="", help="the user whose tokens are revoked or listed")
        parser.add_argument("--list", action="store_true", help="list tokens, and change nothing")

    def handle(self, *, start: str, user: str, **options: Any) -> None:
        """Revoke the tokens, or list them."""
        if not (start or user or options["list"]):
            reason = f"give the first {START} characters of a token, or --user; --list lists the tokens"
            raise CommandError(reason, returncode=2)
        now = timezone.now()
        try:
            tokens = _tokens(_start(start), user)
            if options["list"]:
                for token in tokens:
                    self.stdout.write(_line(token, now))
            else:
                self._revoke(_revocable(tokens, start), now)
        except DatabaseError as error:
            raise CommandError(str(describe_error(error)), returncode=2) from error

    def _revoke(self, tokens: list[ApiToken], now: datetime) -> None:
        for token in tokens:
            if revoke_token(token, now=now, door=Door.COMMAND, by_whom=operator()):
                self.stdout.write(f"{token.start}… of {token.user.get_username()} is revoked")
        if not tokens:
            self.stdout.write("There is no token to revoke.")


def _tokens(start: str, user: str) -> QuerySet[ApiToken]:
    """Return the tokens with a start, and of a user if there is a name; oldest first."""
    tokens = ApiToken.objects.select_related("user").filter(start__startswith=start)
    return (tokens.filter(user=_user(user)) if user else tokens).order_by("created_at", "pk")


def _revocable(tokens: QuerySet[ApiToken], start: str) -> list[ApiToken]:
    """Return the tokens that are not revoked; raise CommandError unless a start means one of them."""
    revocable = list(tokens.filter(revoked_at=None))
    if start and not revocable:
        raise CommandError(f"no token that can be revoked begins with {start}: --list lists the tokens")
    if start and len(revocable) > 1:
        raise CommandError(f"{len(revocable)} tokens begin with {start}: give the first {START} characters of one")
    return revocable


def _user(name: str) -> User:
    """Return the user of this name; raise CommandError if there is none."""
    user = User.objects.filter(username=User.normalize_username(name)).first()
    if user is None:
        raise CommandError(f"there is no user {name}")
    return user


def _start(text: str) -> str:
    """Return the start of a token; raise CommandError for a whole one, which others could see."""
    if len(text) > START:
        raise CommandError(f"give only the first {START} characters: {text[:START]}", returncode=2)
    if text and not text.startswith(PREFIX):
        raise CommandError(f"{text} is not the start of a token: a token begins with {PREFIX}", returncode=2)
    return text


def _line(token: ApiToken, now: datetime) -> str:
    used = f"last used {token.last_used_at:%Y-%m-%d %H:%M}" if token.last_used_at else "never used"
    expires = f"expires {token.expires_at:%Y-%m-%d}"
    parts = (f"{token.start}…", token.user.get_username(), token.scope, token.state(now), expires, used)
    return "  ".join((*parts, token.name or NO_VALUE))

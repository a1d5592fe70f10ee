"""Create a user with a role."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.contrib.auth.models import User
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from readings.models.roles import DUTIES, ROLES, give_role


class Command(BaseCommand):
    help = (
        f"Create a user with a role: {DUTIES}. Asks twice for the password; if standard input is not a terminal, its "
        "first line is the password. Exit codes: 0; 1 if the name is taken, or if the name or the password is not "
        "accepted."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the name and the options."""
        parser.add_argument("name", help="the user name")
        parser.add_argument("--role", required=True, choices=ROLES, help="what the user may do")
        parser.add_argument("--email", default="", help="the e-mail address")

    def handle(self, *, name: str, role: str, email: str, **options: Any) -> None:
        """Create the user."""
        user = User(username=User.normalize_username(name), email=User.objects.normalize_email(email))
        try:
            user.full_clean(exclude=("password",))
            password = _password()
            validate_password(password, user)
        except ValidationError as error:
            raise CommandError(f"{name} was not created: {' '.join(error.messages)}") from error
        user.set_password(password)
        with transaction.atomic():
            user.save()
            give_role(user, role)
        self.stdout.write(f"{user.username} can log in as {role}.")


def _password() -> str:
    """Return the password that was typed twice, or the first line of standard input."""
    if not sys.stdin.isatty():
        return sys.stdin.readline().rstrip("\r\n")
    password = getpass("Password: ")
    if getpass("Password (again): ") != password:
        raise ValidationError("The two passwords differ.")
    return password

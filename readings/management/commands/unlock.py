"""Let somebody log in again who was locked out by wrong passwords."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from readings.formats.text import count
from readings.models.log_ins import unlock


class Command(BaseCommand):
    help = "Let a user log in again who was locked out by wrong passwords, their own or a stranger's. Exit code: 0."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the name."""
        parser.add_argument("name", help="the user name")

    def handle(self, *, name: str, **options: Any) -> None:
        """Forget the wrong attempts."""
        self.stdout.write(f"{name}: {count(unlock(name), 'wrong attempt')} forgotten.")

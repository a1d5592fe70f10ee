"""Unlock a user who was locked out by wrong passwords."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand

from readings.formats.text import count
from readings.models.log_ins import unlock


class Command(BaseCommand):
    help = "Unlock a user who was locked out by wrong passwords, no matter who typed them. Exit code: 0."
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the user name."""
        parser.add_argument("name", help="the user name")

    def handle(self, *, name: str, **options: Any) -> None:
        """Delete the wrong attempts with the name."""
        self.stdout.write(f"{name}: {count(unlock(name), 'wrong attempt')} forgotten.")

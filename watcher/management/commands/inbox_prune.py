"""The command that removes archived files which are no longer needed."""

from __future__ import annotations

import sys
from argparse import ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from readings.management.operator import operator
from watcher.operators.pruning import prune
from watcher.operators.settings import folders_in_settings, naming_what_hinders

SOME_STAY = 1
MOST_DAYS = 36_500


class Command(BaseCommand):
    """Remove archived files that are imported."""

    help = (
        "Remove files from the archive that were put there so many days ago, if their content is imported, all its "
        "readings are stored, and the file has the bytes that came. Nothing else is removed, and never a rejected "
        "file; the list of arrivals keeps that it was, by whom, and where it lay. Removed files cannot be imported "
        "again: keep a backup. Exit codes: 0; 1 if a file of that age stays because something is wrong with it; "
        "2 on wrong use, or if the database or a folder cannot be used."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Say how old, and whether in earnest."""
        age = "how long ago a file must have been put away"
        parser.add_argument("--older-than", required=True, type=days, metavar="DAYS", help=age)
        parser.add_argument("--dry-run", action="store_true", help="say what would be removed, and remove nothing")

    def handle(self, *, older_than: timedelta, dry_run: bool, **options: Any) -> None:
        """Remove them."""
        now = timezone.now()
        gone, size, stays = 0, 0, 0
        with naming_what_hinders():
            for verdict in prune(
                folders_in_settings(), before=now - older_than, by_whom=operator(), at=now, dry_run=dry_run
            ):
                if verdict.stays:
                    stays += 1
                    self.stderr.write(f"{verdict.arrival.resting_place} stays: {verdict.stays}")
                else:
                    gone, size = gone + 1, size + verdict.size
                    if dry_run:
                        self.stdout.write(verdict.arrival.resting_place)
        would = "would be removed" if dry_run else "removed"
        self.stdout.write(f"{gone:,} {would} ({size:,} bytes), {stays:,} left because something is wrong with them")
        if stays:
            sys.exit(SOME_STAY)


def days(text: str) -> timedelta:
    """Read a number of days."""
    if not text.isdecimal() or int(text) > MOST_DAYS:
        raise ArgumentTypeError(f"{text!r} is no whole number of days")
    return timedelta(days=int(text))

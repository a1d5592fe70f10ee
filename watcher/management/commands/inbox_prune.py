"""The command that removes old files from the archive."""

from __future__ import annotations

import sys
from argparse import ArgumentTypeError
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandParser
from django.utils import timezone

from readings.management.operator import operator
from watcher.operators.pruning import prune
from watcher.operators.settings import folders_in_settings, reporting_failures

SKIPPED_SOME = 1
MOST_DAYS = 36_500


class Command(BaseCommand):
    """Remove old archived files whose content is imported."""

    help = (
        "Remove files that were archived at least the given number of days ago, if their content is imported, all "
        "its readings are stored, and the file is unchanged. Rejected files are never removed. The list of arrivals "
        "records who removed a file, when, and from where. Removed files cannot be imported again: keep a backup. "
        "Exit codes: 0; 1 if a file of that age was not removed because of a problem; 2 on wrong use, or if the "
        "database or a folder cannot be used."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options for the age and the dry run."""
        age = "minimum number of days since the file was archived"
        parser.add_argument("--older-than", required=True, type=days, metavar="DAYS", help=age)
        parser.add_argument(
            "--dry-run", action="store_true", help="list the files that would be removed, without removing them"
        )

    def handle(self, *, older_than: timedelta, dry_run: bool, **options: Any) -> None:
        """Remove the files and print the totals."""
        now = timezone.now()
        removed, size, skipped = 0, 0, 0
        with reporting_failures():
            for verdict in prune(
                folders_in_settings(), before=now - older_than, by_whom=operator(), at=now, dry_run=dry_run
            ):
                if verdict.obstacle:
                    skipped += 1
                    self.stderr.write(f"{verdict.arrival.resting_place} not removed: {verdict.obstacle}")
                else:
                    removed, size = removed + 1, size + verdict.size
                    if dry_run:
                        self.stdout.write(verdict.arrival.resting_place)
        action = "would be removed" if dry_run else "removed"
        self.stdout.write(f"{removed:,} {action} ({size:,} bytes), {skipped:,} skipped because of problems")
        if skipped:
            sys.exit(SKIPPED_SOME)


def days(text: str) -> timedelta:
    """Return the number of days in a text; raise ArgumentTypeError otherwise."""
    if not text.isdecimal() or int(text) > MOST_DAYS:
        raise ArgumentTypeError(f"{text!r} is not a whole number of days from 0 to {MOST_DAYS}")
    return timedelta(days=int(text))

"""Derive what counts anew from the stored statements."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections import Counter
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError

from readings.formats.text import count
from readings.imports.rederivation import rederive
from readings.queries.upkeep.database import describe_error

DIFFERS: Final = 1


class Command(BaseCommand):
    """Derive which stored statements count, and store the marks that differ."""

    help = (
        "Derive which of the stored statements count, and mark the others with what took their place: for stores of "
        "earlier versions. Statements are neither added nor removed. The watcher may run; it waits meanwhile. A "
        "second run changes nothing. Exit codes: 0 nothing to change; 1 marks were changed, or would be with "
        "--dry-run; 2 a database error."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the option."""
        parser.add_argument("--dry-run", action="store_true", help="list what differs, and change nothing")

    def handle(self, *, dry_run: bool, **options: Any) -> None:
        """Print each statement that counts otherwise than before, then the totals."""
        changed, differing = Counter[str](), Counter[str]()
        try:
            for step in rederive(store=not dry_run):
                for each in step.derived:
                    changed[each.name] += 1
                    if each.counts != each.counted:
                        differing[each.name] += 1
                        verb = "counts now" if each.counts else "no longer counts"
                        self.stdout.write(f"{each.name} {each.id} (line {each.line:,}) {verb}")
        except DatabaseError as error:
            raise CommandError(str(describe_error(error)), returncode=2) from error
        for name, number in sorted(changed.items()):
            words = f"{count(number, name)} marked anew, of which {differing[name]:,} count otherwise than before"
            self.stdout.write(words)
        if not changed:
            self.stdout.write("all marks agree with the stored statements")
        else:
            sys.exit(DIFFERS)

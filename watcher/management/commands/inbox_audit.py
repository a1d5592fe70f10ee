"""The command that compares the folders with the store."""

from __future__ import annotations

import sys
import time
from typing import Any

from django.core.management.base import BaseCommand

from watcher.operators.audit import Audit
from watcher.operators.settings import folders_in_settings, naming_what_hinders

DIFFERS = 1


class Command(BaseCommand):
    """Compare the archive and the rejected with the database."""

    help = (
        "Compare the archive and the rejected with the database, both ways: every file is hashed and must be that of "
        "an arrival, every arrival must have its file, every rejected file its reports, every flow file as many "
        "readings, accumulations and interval days as it counts, and each of those its file, meter point and "
        "register. Nothing is changed; the watcher may run. One line for each difference, with what to do. Exit "
        "codes: 0; 1 on any difference; 2 if the database or a folder cannot be used."
    )

    def handle(self, **options: Any) -> None:
        """Print the differences."""
        audit = Audit(folders_in_settings(), time.sleep, self._saw)
        found = 0
        with naming_what_hinders():
            for difference in audit.differences():
                found += 1
                self._clear_progress()
                self.stdout.write(f"{difference.where}: {difference.what}; {difference.cure}")
        self._clear_progress()
        seen = ", ".join(f"{number:,} {what}" for what, number in audit.counts.items())
        self.stdout.write(f"{found:,} difference{'' if found == 1 else 's'} ({seen or 'nothing is there'})")
        if found:
            sys.exit(DIFFERS)

    def _saw(self, what: str, number: int) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[K{number:,} {what}")
            sys.stderr.flush()

    def _clear_progress(self) -> None:
        if sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

"""The command that compares the folders with the store."""

from __future__ import annotations

import sys
import time
from typing import Any

from django.core.management.base import BaseCommand

from watcher.operators.audit import Audit
from watcher.operators.settings import folders_in_settings, reporting_failures

DIFFERS = 1


class Command(BaseCommand):
    """Compare the archive and the rejected folder with the database."""

    help = (
        "Compare the archive and the rejected folder with the database, in both directions. Every file is hashed and "
        "must belong to an arrival. Every arrival must have its file, and every rejected file its reports. Every "
        "flow file must have as many readings, accumulations and interval days as it counts, and each of these its "
        "file, meter point and register, and the marks that the stored statements require; every register must have "
        "the key of its meter. Nothing is changed, and the watcher may run. Prints one line for each difference, "
        "with what to do. Exit codes: 0; 1 on any difference; 2 if the database or a folder cannot be used."
    )
    requires_system_checks = ()

    def handle(self, **options: Any) -> None:
        """Print the differences."""
        audit = Audit(folders_in_settings(), time.sleep, self._show_progress)
        total = 0
        with reporting_failures():
            for difference in audit.differences():
                total += 1
                self._clear_progress()
                self.stdout.write(f"{difference.where}: {difference.what}; {difference.cure}")
        self._clear_progress()
        counts = ", ".join(f"{number:,} {what}" for what, number in audit.counts.items())
        self.stdout.write(f"{total:,} difference{'' if total == 1 else 's'} ({counts or 'nothing to compare'})")
        if total:
            sys.exit(DIFFERS)

    def _show_progress(self, what: str, number: int) -> None:
        if sys.stderr.isatty():
            sys.stderr.write(f"\r\x1b[K{number:,} {what}")
            sys.stderr.flush()

    def _clear_progress(self) -> None:
        if sys.stderr.isatty():
            sys.stderr.write("\r\x1b[K")
            sys.stderr.flush()

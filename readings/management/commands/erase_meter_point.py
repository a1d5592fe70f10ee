"""Erase a meter point on a person's request."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from typing import Any, Final

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import DatabaseError
from django.utils import timezone

from readings.formats.text import count, printable
from readings.imports.erasure.cleaning import clean_bytes
from readings.imports.erasure.finishing import finish_rewriting
from readings.imports.erasure.requests import ALL, TOGETHER, Ambiguous, Request, request_for
from readings.management.operator import operator
from readings.queries.upkeep.database import describe_error

INCOMPLETE: Final = 1
WRONG_USE: Final = 2


class Command(BaseCommand):
    """Erase the rows of a meter point, and its lines in stored files."""

    help = (
        "Erase everything that is stored about a meter point: its rows, its lines in the files below ARCHIVE_DIR and "
        "REJECTED_DIR, and what reports state about it. Only a keyed digest stays; later statements about the meter "
        "point are set aside. At the end, all tables and files are searched for it. An interrupted run is finished "
        "by the same command. Exit codes: 0 erased, and found nowhere; 1 unknown, or still found somewhere; 2 wrong "
        "use, not confirmed, or a database or folder that cannot be used."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the identifier and the options."""
        parser.add_argument("identifier", nargs="?", default="", help="MPAN, NMI, or id of a consumer")
        parser.add_argument("--scheme", choices=(*TOGETHER, ALL), help="scheme, if several have the identifier")
        parser.add_argument("--dry-run", action="store_true", help="list what would be erased, and change nothing")
        parser.add_argument("--yes", action="store_true", help="do not ask for confirmation")
        parser.add_argument(
            "--again", action="store_true", help="without identifier: rewrite the files that still await it"
        )

    def handle(self, *, identifier: str, again: bool, **options: Any) -> None:
        """Plan, confirm, erase and search again."""
        if bool(identifier) == again:
            raise CommandError("pass either an identifier or --again", returncode=WRONG_USE)
        try:
            self._finish() if again else self._request(identifier.strip(), **options)
        except Ambiguous as ambiguous:
            message = f"the identifier belongs to {ambiguous}: pass --scheme with one of them, or with ALL"
            raise CommandError(message, returncode=WRONG_USE) from ambiguous
        except DatabaseError as error:
            raise CommandError(str(describe_error(error)), returncode=WRONG_USE) from error
        except OSError as error:
            raise CommandError(f"{error}: run the command again", returncode=WRONG_USE) from error

    def _finish(self) -> None:
        roots = (settings.ARCHIVE_DIR, settings.REJECTED_DIR)
        troubles = list(finish_rewriting(roots, timezone.now()))
        for trouble in troubles:
            self.stderr.write(trouble)
        if troubles:
            sys.exit(INCOMPLETE)
        self.stdout.write("no file awaits its rewriting")

    def _request(self, identifier: str, *, scheme: str | None, dry_run: bool, yes: bool, **options: Any) -> None:
        roots = (settings.ARCHIVE_DIR, settings.REJECTED_DIR)
        request = request_for(identifier, scheme or "", roots, settings.INBOX_DIR)
        request.plan()
        self._describe(request)
        if not request.is_found and not request.is_erased:
            raise CommandError("nothing is stored about this meter point: nothing was erased", returncode=INCOMPLETE)
        if dry_run:
            return
        if not yes:
            self._confirm(identifier)
        troubles = list(request.erase(operator(), timezone.now()))
        trouble = clean_bytes()
        self._verify(request, [*troubles, *([trouble] if trouble else [])])

    def _confirm(self, identifier: str) -> None:
        if not sys.stdin.isatty():
            raise CommandError("not confirmed: pass --yes where there is no terminal", returncode=WRONG_USE)
        if input("This cannot be undone. Type the identifier to erase it: ").strip() != identifier:
            raise CommandError("not confirmed: nothing was erased", returncode=WRONG_USE)

    def _describe(self, request: Request) -> None:
        self.stdout.write(f"{', '.join(request.schemes)} {request.identifier}")
        for name, number in request.rows.items():
            self.stdout.write(f"  {count(number, name, name if name.endswith('s') else '')}")
        for path in request.files:
            self.stdout.write(f"  file {printable(path)}")
        for place in dict.fromkeys(request.elsewhere):
            self.stdout.write(f"  not below our folders, erase it yourself: {place}")
        for path in request.waiting:
            self.stdout.write(f"  in the inbox, will be set aside when it is imported: {printable(path)}")

    def _verify(self, request: Request, troubles: list[str]) -> None:
        """Print where the meter point was searched for, and where it is still found."""
        search, found = request.remainders()
        roots = ", ".join(map(str, request.roots))
        words = (
            f"searched {count(search.files, 'file')} ({roots}) and {count(search.columns, 'column')} of the tables"
        )
        action = "cannot be searched; open it, and remove it if it is about this meter point"
        troubles += [f"{path}: {action}" for path in search.unsearched]
        for trouble in troubles:
            self.stderr.write(trouble)
        for place in found:
            self.stderr.write(f"still found: {place}")
        if found or troubles:
            self.stdout.write(f"{words}: {count(len(found), 'place')} with the meter point; run the command again")
            sys.exit(INCOMPLETE)
        self.stdout.write(f"{words}: found nowhere")

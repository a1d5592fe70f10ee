"""The command that puts rejected files back into the inbox."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from readings.management.operator import operator
from readings.models import Arrival
from readings.models.trail import Door
from readings.queries.upkeep import put_away
from watcher.operators.retry import StaysRejected, put_back
from watcher.operators.settings import CANNOT_RUN, folders_in_settings, reporting_failures

NO_MATCH = 1


class Command(BaseCommand):
    """Put rejected files back into the inbox."""

    help = (
        "Put rejected files back into the inbox under their original names: the watcher imports them as new "
        "arrivals. Nothing in the inbox is overwritten. The reports stay in the rejected folder, with a number in "
        "their names. The list of arrivals records who put the file back, when, and from where. Exit codes: 0; 1 "
        "if no rejected file matches; 2 if a file could not be put back, if several contents match, or if the "
        "database or a folder cannot be used."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options that select files."""
        parser.add_argument(
            "file",
            nargs="?",
            metavar="NAME|SHA",
            default="",
            help="original name of the file, as inbox_status shows it, or its SHA-256 (at least 12 digits)",
        )
        parser.add_argument(
            "--all",
            action="store_true",
            help="put back all matching files, even if their contents differ; without a name or a code, files of "
            "flows that are not read here stay, because they would only be set aside again",
        )
        parser.add_argument(
            "--code", default="", help="only files with this problem code, for example internal-error"
        )

    def handle(self, *, file: str, all: bool, code: str, **options: Any) -> None:
        """Put back the matching files."""
        if not (file or all):
            raise CommandError("give a file name, a SHA-256, or --all", returncode=CANNOT_RUN)
        with reporting_failures():
            arrivals = list(put_away.rejected_arrivals(file, code))
            if not arrivals:
                self.stderr.write("no rejected file matches; inbox_status lists the rejected files")
                sys.exit(NO_MATCH)
            if not all:
                refuse_several(arrivals)
            failures = sum([not self._put_back(arrival) for arrival in distinct(arrivals)])
        if failures:
            sys.exit(CANNOT_RUN)

    def _put_back(self, arrival: Arrival) -> bool:
        try:
            put_back(folders_in_settings(), arrival, door=Door.COMMAND, by_whom=operator(), at=timezone.now())
        except StaysRejected as error:
            self.stderr.write(f"{arrival.name} {error}")
            return False
        self.stdout.write(f"{arrival.name} is back in the inbox (SHA-256 {arrival.flow_file.sha256[:12]})")
        return True


def refuse_several(arrivals: list[Arrival]) -> None:
    """Raise CommandError if several contents match."""
    contents = {arrival.flow_file.sha256: arrival.name for arrival in arrivals}
    if len(contents) > 1:
        listed = "".join(f"\n  {sha256[:12]}  {name}" for sha256, name in contents.items())
        message = f"{len(contents)} different contents match: give the SHA-256 of one, or --all{listed}"
        raise CommandError(message, returncode=CANNOT_RUN)


def distinct(arrivals: list[Arrival]) -> list[Arrival]:
    """Return one arrival for each name and content."""
    return list({(arrival.name, arrival.flow_file.sha256): arrival for arrival in arrivals}.values())

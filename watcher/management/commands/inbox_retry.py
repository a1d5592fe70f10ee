"""The command that puts rejected files back into the inbox."""

from __future__ import annotations

import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.utils import timezone

from readings.management.operator import operator
from readings.models import Arrival
from readings.queries.upkeep import put_away
from watcher.operators.retry import StaysRejected, put_back
from watcher.operators.settings import HINDERED, folders_in_settings, naming_what_hinders

NOTHING_FOUND = 1


class Command(BaseCommand):
    """Put rejected files back into the inbox."""

    help = (
        "Put rejected files back into the inbox, under the names they came with: the watcher takes them as if they "
        "had just come. Nothing in the inbox is overwritten, and the reports stay in the rejected, with a number in "
        "their names. Who did it stands where the file lay, in the list of arrivals. Exit codes: 0; 1 if no rejected "
        "file is meant; 2 if one could not be put back, several contents are meant, or the environment hinders it."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """Say which files."""
        parser.add_argument(
            "file",
            nargs="?",
            metavar="NAME|SHA",
            default="",
            help="the name a file came with, as inbox_status shows it, or its SHA-256: 12 digits or more",
        )
        parser.add_argument("--all", action="store_true", help="all that are meant, where they are several contents")
        parser.add_argument("--code", default="", help="only files with such a problem, for instance internal-error")

    def handle(self, *, file: str, all: bool, code: str, **options: Any) -> None:
        """Put back what is meant."""
        if not (file or all):
            raise CommandError("say which: a name, a SHA-256, or --all", returncode=HINDERED)
        with naming_what_hinders():
            arrivals = list(put_away.rejected_arrivals(file, code))
            if not arrivals:
                self.stderr.write("no rejected file is meant; inbox_status lists them")
                sys.exit(NOTHING_FOUND)
            if not all:
                refuse_several(arrivals)
            stays = sum([not self._put_back(arrival) for arrival in of_each_name_one(arrivals)])
        if stays:
            sys.exit(HINDERED)

    def _put_back(self, arrival: Arrival) -> bool:
        try:
            put_back(folders_in_settings(), arrival, by_whom=operator(), at=timezone.now())
        except StaysRejected as error:
            self.stderr.write(f"{arrival.name} {error}")
            return False
        self.stdout.write(f"{arrival.name} is back in the inbox (SHA-256 {arrival.flow_file.sha256[:12]})")
        return True


def refuse_several(arrivals: list[Arrival]) -> None:
    """Raise CommandError where several contents are meant."""
    contents = {arrival.flow_file.sha256: arrival.name for arrival in arrivals}
    if len(contents) > 1:
        listed = "".join(f"\n  {sha256[:12]}  {name}" for sha256, name in contents.items())
        message = f"{len(contents)} contents are meant: name one by its SHA-256, or say --all{listed}"
        raise CommandError(message, returncode=HINDERED)


def of_each_name_one(arrivals: list[Arrival]) -> list[Arrival]:
    """Leave out what is the same name and content again: one of them is enough to try it."""
    return list({(arrival.name, arrival.flow_file.sha256): arrival for arrival in arrivals}.values())

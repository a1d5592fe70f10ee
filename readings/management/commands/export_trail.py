"""Export the trail as CSV."""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from readings.management.commands.export_readings import day
from readings.management.output import write_export
from readings.models.trail import Action, Door
from readings.presentation import exports
from readings.queries.trail import Entries, entries_in
from readings.queries.upkeep.database import describe_error


class Command(BaseCommand):
    """Write entries of the trail to standard output."""

    help = (
        "Write the trail as CSV to standard output, newest entries first. Options select some of them. The export is "
        "an entry of the trail too. Exit codes: 0; 2 for wrong usage or a database error."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options."""
        add = parser.add_argument
        add("--who", default="", metavar="NAME", help="user name")
        add("--action", choices=Action.values, default="", help="action")
        add("--door", choices=Door.values, default="", help="door")
        add("--meter-point", default="", metavar="ID", help="MPAN, NMI or consumer")
        add("--from", type=day, dest="first_day", metavar="DAY", help="first day, YYYY-MM-DD")
        add("--to", type=day, dest="last_day", metavar="DAY", help="last day, YYYY-MM-DD")

    def handle(self, *, first_day: date | None, last_day: date | None, **options: Any) -> None:
        """Write the entries in blocks."""
        if first_day and last_day and last_day < first_day:
            raise CommandError(f"the first day, {first_day}, is after the last, {last_day}", returncode=2)
        names = ("who", "action", "door", "meter_point")
        entries = Entries(first_day=first_day, last_day=last_day, **{name: options[name] for name in names})
        try:
            write_export(self, exports.trail(entries_in(entries)), "trail.csv", of=entries.in_words)
        except DatabaseError as error:
            raise CommandError(str(describe_error(error)), returncode=2) from error

"""Export readings as CSV."""

from __future__ import annotations

from argparse import ArgumentTypeError
from collections.abc import Callable, Iterator
from datetime import date
from typing import Any, ClassVar

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from readings.management.output import write_export
from readings.models import Scheme
from readings.presentation import exports
from readings.queries.selection import Selection, WrongSelection, meter_points_in, parsed_day
from readings.queries.upkeep.database import describe_error


def day(text: str) -> date:
    """Return the day that an option states."""
    try:
        return parsed_day(text)
    except WrongSelection as error:
        raise ArgumentTypeError(str(error)) from error


class Command(BaseCommand):
    """Write current readings to standard output."""

    help = (
        "Write readings as CSV to standard output, one row each, without superseded and withdrawn readings and test "
        "data. Options select some of them. Exit codes: 0; 2 for wrong usage or a database error."
    )
    requires_system_checks = ()
    export: ClassVar[Callable[..., Iterator[str]]] = staticmethod(exports.readings)
    #: Name of the export in the trail.
    name: ClassVar[str] = "readings.csv"

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options."""
        add = parser.add_argument
        identifiers = "one or more MPANs, NMIs or consumers"
        add("--meter-point", nargs="+", default=(), dest="meter_points", metavar="ID", help=identifiers)
        add("--scheme", choices=Scheme.values, default="", help="TEST_MPAN selects test data")
        add("--area", default="", metavar="AREA", help="area of consumers")
        add("--tariff", default="", metavar="TARIFF", help="tariff of consumers")
        add("--from", type=day, dest="first_day", metavar="DAY", help="first day, YYYY-MM-DD")
        add("--to", type=day, dest="last_day", metavar="DAY", help="last day, YYYY-MM-DD")
        file = "flow file, by name or by at least 12 digits of its hash; includes test data"
        add("--file", default="", metavar="NAME", help=file)

    def handle(self, *, meter_points: list[str], **options: Any) -> None:
        """Write the rows in blocks."""
        names = ("scheme", "area", "tariff", "first_day", "last_day", "file")
        values = {name: options[name] for name in names}
        try:
            selection = Selection(meter_points=tuple(meter_points), **values)
            blocks = type(self).export(selection, nem_time=settings.NEM_UTC_OFFSET)
            points = meter_points_in(selection)
            write_export(self, blocks, type(self).name, meter_points=points, of=selection.in_words)
        except WrongSelection as error:
            raise CommandError(str(error), returncode=2) from error
        except DatabaseError as error:
            raise CommandError(str(describe_error(error)), returncode=2) from error

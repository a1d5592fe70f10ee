"""Export readings as CSV."""

from __future__ import annotations

import os
import sys
from argparse import ArgumentTypeError
from collections.abc import Callable, Iterator
from datetime import date
from io import TextIOWrapper
from typing import Any, ClassVar

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import DatabaseError

from readings.models import Scheme
from readings.presentation import exports
from readings.queries.upkeep.database import describe_error


def day(text: str) -> date:
    """Read a day."""
    try:
        return exports.day(text)
    except exports.WrongSelection as error:
        raise ArgumentTypeError(str(error)) from error


class Command(BaseCommand):
    """Write the readings that count to the standard output."""

    help = (
        "Write readings as CSV to the standard output: those that nothing supersedes or withdraws, of live data. "
        "Without options, all of them. Exit codes: 0; 2 on wrong use, or if the database cannot be used."
    )
    requires_system_checks = ()
    export: ClassVar[Callable[..., Iterator[str]]] = staticmethod(exports.readings)

    def add_arguments(self, parser: CommandParser) -> None:
        """Say what may be asked for."""
        add = parser.add_argument
        several = "MPAN, NMI or consumer; several may follow"
        add("--meter-point", nargs="+", default=(), dest="meter_points", metavar="ID", help=several)
        add("--scheme", choices=Scheme.values, default="", help="TEST_MPAN is test data, which else is left out")
        add("--area", default="", metavar="AREA", help="of consumers")
        add("--tariff", default="", metavar="TARIFF", help="of consumers")
        add("--from", type=day, dest="first_day", metavar="DAY", help="the first day, YYYY-MM-DD")
        add("--to", type=day, dest="last_day", metavar="DAY", help="the last day")
        named = "a flow file: its name, or 12 digits or more of its hash; of test data too"
        add("--file", default="", metavar="NAME", help=named)

    def handle(self, *, meter_points: list[str], **options: Any) -> None:
        """Write them, some at a time."""
        names = ("scheme", "area", "tariff", "first_day", "last_day", "file")
        asked = {name: options[name] for name in names}
        if not options.get("stdout") and isinstance(sys.stdout, TextIOWrapper):
            # Whatever the terminal is set to: line ends as they are, and a serial number may have any letter.
            sys.stdout.reconfigure(encoding="utf-8", newline="")
        try:
            selection = exports.Selection(meter_points=tuple(meter_points), **asked)
            for block in type(self).export(selection, nem_time=settings.NEM_UTC_OFFSET):
                self.stdout.write(block, ending="")
            self.stdout.flush()
        except exports.WrongSelection as error:
            raise CommandError(str(error), returncode=2) from error
        except DatabaseError as error:
            raise CommandError(str(describe_error(error)), returncode=2) from error
        except BrokenPipeError:
            # Whoever read has seen enough. What is still in the buffer must not be tried again.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

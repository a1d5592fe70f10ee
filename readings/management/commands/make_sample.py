"""Write a valid flow file of any size, with invented identities."""

from __future__ import annotations

import os
import sys
from argparse import SUPPRESS, ArgumentTypeError
from datetime import date
from itertools import islice
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandError, CommandParser

from readings.formats.samples import SAMPLES
from readings.formats.samples.meters import FIRST_DAY, MOST_METER_POINTS
from readings.formats.samples.nem12 import INTERVAL_LENGTHS

LINES_AT_ONCE: Final = 1_000
#: Formats of the options that do not apply to all formats.
BELONGS_TO: Final = {
    "readings_per_meter_point": ("D0010", "NEM13"),
    "days": ("NEM12",),
    "interval_length": ("NEM12",),
}


def number_of_meter_points(text: str) -> int:
    """Return the number of meter points that an option states."""
    return _number(text, 0, MOST_METER_POINTS)


def number_of_readings(text: str) -> int:
    """Return the number of readings per register, or of days, that an option states."""
    return _number(text, 1, 10_000)


def _number(text: str, least: int, most: int) -> int:
    if not text.isdecimal() or not least <= int(text) <= most:
        raise ArgumentTypeError(f"{text!r} is not a whole number from {least} to {most}")
    return int(text)


def first_day(text: str) -> date:
    """Return the first day of the readings that an option states."""
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is not a day, expected YYYY-MM-DD") from error
    if not 2020 <= day.year < 2100:
        raise ArgumentTypeError(f"{text} is not between 2020 and 2099")
    return day


class Command(BaseCommand):
    """Write a sample to standard output."""

    help = (
        "Write a valid flow file of any size to standard output, for trials, tests and benchmarks. Meter points, "
        "meters and market participants are invented; the same arguments always give the same file."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the options."""
        add = parser.add_argument
        add("format", choices=sorted(SAMPLES), metavar="FORMAT", help=", ".join(SAMPLES))
        add("--meter-points", type=number_of_meter_points, required=True, metavar="N")
        number = "readings per register: one per day in a D0010, one per quarter in a NEM13; default: 1"
        add("--readings-per-meter-point", type=number_of_readings, default=SUPPRESS, metavar="K", help=number)
        add("--days", type=number_of_readings, default=SUPPRESS, metavar="D", help="days in a NEM12; default: 90")
        minutes = f"minutes per interval in a NEM12: {', '.join(map(str, INTERVAL_LENGTHS))}; default: 30"
        choices: dict[str, Any] = {"type": int, "choices": INTERVAL_LENGTHS, "default": SUPPRESS}
        add("--interval-length", **choices, metavar="L", help=minutes)
        add("--seed", type=int, default=0, metavar="S", help="each seed gives other meter points")
        add("--first-day", type=first_day, default=FIRST_DAY, metavar="DAY", help="first day of the readings")
        add("--plain", action="store_true", help="only the most common records")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the lines in blocks."""
        chosen = {name: options[name] for name in BELONGS_TO if name in options}
        for name in chosen:
            if options["format"] not in BELONGS_TO[name]:
                option = f"--{name.replace('_', '-')}"
                raise CommandError(f"{option} is for {' and '.join(BELONGS_TO[name])}", returncode=2)
        lines = SAMPLES[options["format"]](
            options["meter_points"],
            **chosen,
            seed=options["seed"],
            first_day=options["first_day"],
            plain=options["plain"],
        )
        try:
            while some := "".join(islice(lines, LINES_AT_ONCE)):
                self.stdout.write(some, ending="")
            self.stdout.flush()
        except BrokenPipeError:
            # The reader has closed the pipe. Python must not write the rest of the buffer at exit.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

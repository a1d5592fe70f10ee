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
#: Which formats an option belongs to, where that is not all of them.
BELONGS_TO: Final = {
    "readings_per_meter_point": ("D0010", "NEM13"),
    "days": ("NEM12",),
    "interval_length": ("NEM12",),
}


def number_of_meter_points(text: str) -> int:
    """Read how many meter points the file shall have."""
    return _number(text, 0, MOST_METER_POINTS)


def number_of_readings(text: str) -> int:
    """Read how often each register shall be read, or for how many days its intervals are given."""
    return _number(text, 1, 10_000)


def _number(text: str, least: int, most: int) -> int:
    if not text.isdecimal() or not least <= int(text) <= most:
        raise ArgumentTypeError(f"{text!r} is no whole number from {least} to {most}")
    return int(text)


def first_day(text: str) -> date:
    """Read the first day of the readings."""
    try:
        day = date.fromisoformat(text)
    except ValueError as error:
        raise ArgumentTypeError(f"{text!r} is no day YYYY-MM-DD") from error
    if not 2020 <= day.year < 2100:
        raise ArgumentTypeError(f"{text} does not lie in 2020 to 2099")
    return day


class Command(BaseCommand):
    """Write a sample to the standard output."""

    help = (
        "Write a valid flow file of any size to the standard output, for trials, tests and benchmarks. Meter "
        "points, meters and market participants are invented; the same arguments always make the same file."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Say what may be asked for."""
        add = parser.add_argument
        add("format", choices=sorted(SAMPLES), metavar="FORMAT", help=", ".join(SAMPLES))
        add("--meter-points", type=number_of_meter_points, required=True, metavar="N")
        many = "readings of each register: of a D0010 one a day, of a NEM13 one a quarter; 1 if not given"
        add("--readings-per-meter-point", type=number_of_readings, default=SUPPRESS, metavar="K", help=many)
        add("--days", type=number_of_readings, default=SUPPRESS, metavar="D", help="of a NEM12; 90 if not given")
        minutes = f"minutes, of a NEM12: {', '.join(map(str, INTERVAL_LENGTHS))}; 30 if not given"
        choices: dict[str, Any] = {"type": int, "choices": INTERVAL_LENGTHS, "default": SUPPRESS}
        add("--interval-length", **choices, metavar="L", help=minutes)
        add("--seed", type=int, default=0, metavar="S", help="another seed makes other meter points")
        add("--first-day", type=first_day, default=FIRST_DAY, metavar="DAY", help="of the readings")
        add("--plain", action="store_true", help="nothing but what is most common")

    def handle(self, *args: Any, **options: Any) -> None:
        """Write the lines, some at a time."""
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
            # Whoever read has seen enough. What is still in the buffer must not be tried again.
            os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())

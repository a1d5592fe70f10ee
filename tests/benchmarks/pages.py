"""Speed of the consumption pages with ten million intervals.

    python -m tests.benchmarks.pages [--consumers 1226] [--days 170] [--database sqlite|postgresql]

For each database: half-hourly days of consumers are stored (straight into the tables: what importing takes,
`import_nem` measures), and Django's test client requests each page six times in one process. The benchmark prints the
first time, the median of the others, the number of queries and the size of the page. PostgreSQL runs with fsync.
"""

from __future__ import annotations

import argparse
import os
import random
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from datetime import date, timedelta
from pathlib import Path
from typing import Any, Final

from tests.benchmarks.measuring import DATABASES, database, manage, request_each, run
from tests.running.places import ROOT

FIRST_DAY: Final = date(2016, 7, 15)
PAGES: Final = (
    "/",
    "/consumption/",
    "/consumption/?chart=month",
    "/consumption/?chart=typical-day",
    "/consumption/?chart=half-hour",
    "/consumption/?area=a2&from=2016-10-01&to=2016-10-31",
    "/consumption/?sort=-total",
    "/consumption/?sort=-missing",
    "/consumption/CONSUMER/3000/",
    "/consumption/CONSUMER/3000/values.json",
)


def store(consumers: int, days: int) -> None:
    """Store consumers with a number of days each."""
    from django.db import transaction
    from django.utils import timezone

    from readings.imports.loading.insertion import (
        insert,
        prepare,  # needs settings
    )
    from readings.imports.loading.tables import INTERVAL_DAYS
    from readings.models import FlowFile, Meter, MeterPoint, Register, Status
    from readings.models.meter_points import stored_key

    now = timezone.now()
    file = FlowFile.objects.create(
        sha256="0" * 64, size=1, received_at=now, imported_at=now, status=Status.IMPORTED, format="CONSUMPTION"
    )
    pairs = (("a1", "t1"), ("a1", "t2"), ("a2", "t3"))
    points = MeterPoint.objects.bulk_create(
        MeterPoint(scheme="CONSUMER", identifier=f"{3000 + number}", area=area, tariff=tariff)
        for number in range(consumers)
        for area, tariff in [pairs[number % 3]]
    )
    meters = Meter.objects.bulk_create(Meter(meter_point=point) for point in points)
    registers = Register.objects.bulk_create(
        Register(
            key=stored_key((meter.meter_point.scheme, meter.meter_point.identifier, "", "", "")),
            meter=meter,
            meter_point=meter.meter_point,
            unit="Wh",
        )
        for meter in meters
    )
    for register in registers:
        with transaction.atomic():
            prepare()
            rows = _days(file.pk, register.meter_point_id, register.pk, days)
            insert(INTERVAL_DAYS.name, INTERVAL_DAYS.all_columns, list(rows))


def _days(file: int, point: int, register: int, days: int) -> Iterator[Sequence[Any]]:
    chance = random.Random(point)
    level = chance.uniform(50, 400)
    for number in range(days):
        values = [round(chance.lognormvariate(0, 0.6) * level) for _ in range(48)]
        day = str(FIRST_DAY + timedelta(days=number))
        texts = ",".join(f"{value}.0" for value in values)
        line = number * 48 + 2
        statement = (day, 30, texts, f"{sum(values)}.0", "Wh", "", "", "", None, None, "", "", None, "", "")
        yield file, line, point, register, *statement, 0, 1


def measure() -> None:
    """Request each page six times, and print the times."""
    request_each({page: page for page in PAGES})


def main() -> None:
    """Measure on each database."""
    parser = argparse.ArgumentParser(description="Measure the pages of consumption.")
    parser.add_argument("--consumers", type=int, default=1226)
    parser.add_argument("--days", type=int, default=170)
    parser.add_argument("--database", choices=DATABASES)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.here:
        import django

        os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
        django.setup()
        began_at = time.perf_counter()
        store(options.consumers, options.days)
        days = options.consumers * options.days
        print(
            f"  {days * 48:,} intervals of {days:,} days stored in {time.perf_counter() - began_at:.0f} s", flush=True
        )
        measure()
        return
    for kind in [options.database] if options.database else DATABASES:
        print(kind, flush=True)
        with tempfile.TemporaryDirectory() as folder, database(kind, Path(folder)) as url:
            manage(url, "migrate", "--verbosity=0")
            arguments = ("--here", "--consumers", str(options.consumers), "--days", str(options.days))
            command = (sys.executable, "-m", "tests.benchmarks.pages", *arguments)
            run(*command, environment={"DATABASE_URL": url, "PYTHONPATH": str(ROOT)}, stdout=None)


if __name__ == "__main__":
    main()

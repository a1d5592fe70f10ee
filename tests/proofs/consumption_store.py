"""A large store of consumption, imported from files, for the pages that show it.

    python -m tests.proofs.consumption_store --database URL [--intervals 10000000]

Imports files into an empty store: NMIs with one to three channels, of all qualities; consumers with areas and
tariffs, of which some change; 60 consumers with 17 months; and one with 57 years of half hours. Days are missing,
some meters are exchanged, and some meter points stop sending. The number of intervals decides the number of days of
the many. Then, also in a store that is filled, it brings the stored sums up to date. Prints what is stored and how
long it took.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Iterator
from datetime import date, datetime, timedelta, timezone
from functools import lru_cache
from math import ceil
from random import Random
from resource import RUSAGE_SELF, getrusage
from typing import Final

from readings.formats.samples.nem12 import nem12
from tests.benchmarks.measuring import rerun

FIRST_DAY: Final = date(2026, 10, 15)
#: Consumer with the longest history, and its days.
OLDEST: Final = "2999"
OLDEST_DAYS: Final = 20_805
#: Number of consumers with 17 months, and of their days; their identifiers begin at 3000.
LONG: Final = 60
LONG_DAYS: Final = 517
#: Number of consumers and of NMIs with few days; identifiers of the consumers begin at 10000.
CONSUMERS: Final = 4_000
NMIS: Final = 1_000
#: Fewest days of the many: each meter of an exchange has one, and so has each NMI that stops.
FEWEST_DAYS: Final = 6
_CHANNELS: Final = 1_800
_NMIS_IN_A_FILE: Final = 100
#: Day on which British clocks go back.
CLOCKS_GO_BACK: Final = date(2026, 10, 25)
_AREAS: Final = ("a1", "a2", "a3", "a4", "a5")
_TARIFFS: Final = ("t1", "t2", "t3", "t4")
_HALF_HOURS: Final = 48
#: Tenths of the mean consumption in each hour.
_SHAPE: Final = (5, 4, 4, 3, 3, 4, 7, 11, 12, 10, 9, 9, 10, 9, 8, 9, 12, 17, 19, 18, 15, 12, 9, 7)


def days_for(intervals: int) -> int:
    """Return the number of days of the many with which the store has at least this number of intervals."""
    of_few = (OLDEST_DAYS + LONG * LONG_DAYS) * _HALF_HOURS
    # Of 100 days, about three are left out.
    return max(FEWEST_DAYS, ceil((intervals / 0.97 - of_few) / ((CONSUMERS + _CHANNELS) * _HALF_HOURS)))


def files(days: int) -> Iterator[tuple[str, bytes, datetime]]:
    """Yield name, content and time of arrival of each file; the many have a number of days."""
    last_day = FIRST_DAY + timedelta(days - 1)
    at = datetime(last_day.year, last_day.month, last_day.day, 9, tzinfo=timezone.utc) + timedelta(1)
    for number in range(NMIS // _NMIS_IN_A_FILE):
        lines = nem12(_NMIS_IN_A_FILE, days=days, seed=number, first_day=FIRST_DAY)
        yield f"NEM12#{number:015}#ZZMDPA#ZZRETB.csv", "".join(less_regular(lines, days)).encode(), at
    yield "user_data.csv", _users(changed=False), at - timedelta(days)
    for number in range(CONSUMERS):
        some = tuple(_sent_days(number, FIRST_DAY, days))
        yield f"{10_000 + number}.csv", _half_hours(number, some), at
    for number in range(LONG):
        some = tuple(_sent_days(number, last_day - timedelta(LONG_DAYS - 1), LONG_DAYS))
        yield f"{3_000 + number}.csv", _half_hours(number, some), at
    oldest = tuple(last_day - timedelta(OLDEST_DAYS - 1 - place) for place in range(OLDEST_DAYS))
    yield f"{OLDEST}.csv", _half_hours(0, oldest), at
    yield "user_data_changed.csv", _users(changed=True), at


def less_regular(lines: Iterable[str], days: int) -> Iterator[str]:
    """Yield the lines of a NEM12 with days left out, meters exchanged, and some NMIs that stop.

    Half of the days of each 25th NMI are of another meter.
    """
    place = day = 0
    channel = nmi = ""
    is_left_out = False
    for line in lines:
        record = line[:3]
        if record == "200":
            channel, day = line, 0
            place += line[4:14] != nmi
            nmi = line[4:14]
        elif record == "300":
            day += 1
            is_left_out = _is_left_out(place, day, days)
            if place % 25 == 0 and day == days // 2 + 1:
                yield _with_another_meter(channel)
        if not is_left_out or record in ("200", "900"):
            yield line


def _is_left_out(place: int, day: int, days: int) -> bool:
    """Return whether a day is missing: of each 50th meter point the last third, of the others one in 70."""
    return (place % 50 == 7 and day > days * 2 // 3) or (place * 31 + day) % 70 == 0


def _with_another_meter(channel: str) -> str:
    fields = channel.split(",")
    return ",".join([*fields[:6], f"X{fields[6]}"[:12], *fields[7:]])


def _sent_days(number: int, first_day: date, days: int) -> Iterator[date]:
    for place in range(days):
        if not _is_left_out(number, place, days):
            yield first_day + timedelta(place)


def _users(*, changed: bool) -> bytes:
    """Return area and tariff of each consumer; of each 40th they change."""
    numbers = [*range(10_000, 10_000 + CONSUMERS), *range(3_000, 3_000 + LONG), int(OLDEST)]
    rows = (
        f"{number},{_AREAS[number % 5]},{_TARIFFS[(number // 5 + (changed and number % 40 == 0)) % 4]}\r\n"
        for number in numbers
    )
    return "".join(["id,area,tariff\r\n", *rows]).encode()


def _half_hours(number: int, days: tuple[date, ...]) -> bytes:
    """Return the half hours of a consumer; each 7th repeats an hour when clocks go back."""
    chance = Random(number)
    texts = [
        [f"{round(part * level)}.0" for level in range(12 + number % 40, 40 + number % 40)]
        for part in _SHAPE
        for _ in range(2)
    ]
    rows = ["datetime,consumption"]
    for day in days:
        values = [some[int(chance.random() * len(some))] for some in texts]
        of_day = [f"{time},{value}" for time, value in zip(_times(day), values, strict=True)]
        if day == CLOCKS_GO_BACK and number % 7 == 0:
            of_day[4:4] = [f"{time},77.0" for time in _times(day)[2:4]]
        rows += of_day
    return "".join(f"{row}\r\n" for row in rows).encode()


@lru_cache(maxsize=1_000)
def _times(day: date) -> tuple[str, ...]:
    return tuple(f"{day} {place // 2:02}:{place % 2 * 30:02}:00" for place in range(_HALF_HOURS))


def fill(intervals: int) -> None:
    """Import the files of a store."""
    from readings.models import IntervalDay
    from tests.running.imported import imported

    days, began_at = days_for(intervals), time.perf_counter()
    number = stored = 0
    for name, content, at in files(days):
        report = imported(content, name, clock=lambda at=at: at)
        assert report.outcome == "IMPORTED", (name, report.problems[:3])
        number, stored = number + 1, stored + report.intervals
    seconds = time.perf_counter() - began_at
    rows = IntervalDay.objects.count()
    print(f"  {stored:,} intervals of {rows:,} days, {number:,} files, imported in {seconds:.0f} s", flush=True)


def sum_up() -> None:
    """Bring the stored sums up to date, and let the database gather its statistics."""
    from django.db import connection

    from readings.imports.summing.update import bring_up_to_date
    from readings.models import GroupDay, MonthSum

    began_at = time.perf_counter()
    assert bring_up_to_date()
    seconds, memory = time.perf_counter() - began_at, getrusage(RUSAGE_SELF).ru_maxrss // 1024
    rows = f"{MonthSum.objects.count():,} sums of months, {GroupDay.objects.count():,} sums of days"
    print(f"  {rows}, up to date in {seconds:.0f} s, {memory:,} MB peak", flush=True)
    with connection.cursor() as cursor:
        cursor.execute("VACUUM ANALYZE" if connection.vendor == "postgresql" else "ANALYZE")


def main() -> None:
    """Migrate a database, and fill it in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", required=True, help="URL of an empty store")
    parser.add_argument("--intervals", type=int, default=10_000_000)
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.here:
        sys.exit(rerun("tests.proofs.consumption_store", options.database))
    import django

    django.setup()
    from readings.models import IntervalDay

    if not IntervalDay.objects.exists():
        fill(options.intervals)
    sum_up()


if __name__ == "__main__":
    main()

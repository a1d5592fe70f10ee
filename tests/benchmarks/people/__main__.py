"""Time of every page that people open, in a store of any size.

    python -m tests.benchmarks.people --database URL [--only '^readings'] [--requests 10]

The store comes from `python -m tests.proofs.search`; problems are added to it if it has none. Prints for each page
its queries, the time of the database for them, the time to the first byte with Django's test client (for CSV, to the
first rows), and its size: the median and the 95th percentile of some requests, about other rows each. The fastest of
three tries counts. Where the database takes longer than 20 ms, the longest queries follow.
"""

from __future__ import annotations

import argparse
import os
import re
import subprocess
import sys
import time
from collections.abc import Sequence
from itertools import islice
from statistics import quantiles
from typing import Any, Final, NamedTuple

from django.db import connection
from django.test import Client

from tests.benchmarks.measuring import manage
from tests.running.places import ROOT

#: Milliseconds that the database may take for 95 of 100 requests.
LIMIT: Final = 20.0
_TRIES: Final = 3


class Try(NamedTuple):
    """The times of one request in seconds, its size, and its queries with their times."""

    database: float
    first_byte: float
    size: int
    queries: list[tuple[float, str]]


def measure(only: str, requests: int) -> None:
    """Print the times of each page with a name that matches."""
    from django.contrib.auth.models import User

    from tests.benchmarks.people.drawn import add_problems, pages

    add_problems()
    user, _ = User.objects.get_or_create(username="benchmark", is_superuser=True, is_staff=True)
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    heads = ("queries", "database", "of 95 %", "first byte", "of 95 %", "bytes")
    print(f"{'':<64}", *(f"{head:>11}" for head in heads))
    for name, draw in pages():
        if re.search(only, name):
            addresses = [_settled(client, draw(number)) for number in range(1, requests + 1)]
            _print_page(name, [[_request(client, address) for _ in range(_TRIES)] for address in addresses])


def _print_page(name: str, tries: Sequence[Sequence[Try]]) -> None:
    database = [min(each.database for each in some) * 1000 for some in tries]
    first_byte = [min(each.first_byte for each in some) * 1000 for some in tries]
    figures = [quantiles(some, n=20)[at] for some in (database, first_byte) for at in (9, 18)]
    last = tries[-1][-1]
    print(
        f"{name:<64} {len(last.queries):11}", *(f"{each:8.1f} ms" for each in figures), f"{last.size:11,}", flush=True
    )
    if figures[1] > LIMIT:
        for seconds, sql in sorted(last.queries, reverse=True)[:2]:
            print(f"        {seconds * 1000:8.1f} ms  {sql[:1_000]}")


def _settled(client: Client, address: str) -> str:
    """Return the address to which a page redirects, if it does."""
    answer = client.get(address)
    while answer.status_code in (301, 302):
        address = answer["Location"]
        answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return address


def _request(client: Client, address: str) -> Try:
    """Request a page, then run its queries once more, for the time that the database and their rows take."""
    noted: list[tuple[Any, Any]] = []

    def note(execute: Any, sql: Any, parameters: Any, *arguments: Any) -> Any:
        noted.append((sql, parameters))
        return execute(sql, parameters, *arguments)

    began_at = time.perf_counter()
    with connection.execute_wrapper(note):
        answer: Any = client.get(address)
        first = b"".join(islice(answer.streaming_content, 2)) if answer.streaming else answer.content
        first_byte = time.perf_counter() - began_at
    answer.close()
    queries = [(_seconds(sql, parameters), f"{sql} {parameters}") for sql, parameters in noted if "SELECT" in sql]
    return Try(sum(seconds for seconds, _ in queries), first_byte, len(first), queries)


def _seconds(sql: Any, parameters: Any) -> float:
    with connection.cursor() as cursor:
        began_at = time.perf_counter()
        cursor.execute(sql, parameters)
        cursor.fetchall()
        return time.perf_counter() - began_at


def main() -> None:
    """Measure a store, in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", required=True, help="URL of the store")
    parser.add_argument("--requests", type=int, default=10, help="of each page")
    parser.add_argument("--only", default="", help="pattern of the names of pages")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.here:
        manage(options.database, "migrate", "--verbosity=0")
        environment = {**os.environ, "DATABASE_URL": options.database, "PYTHONPATH": str(ROOT)}
        environment["DJANGO_SETTINGS_MODULE"] = "config.settings"
        command = [sys.executable, "-m", "tests.benchmarks.people", "--here", *sys.argv[1:]]
        sys.exit(subprocess.call(command, cwd=ROOT, env=environment))
    import django

    django.setup()
    measure(options.only, options.requests)


if __name__ == "__main__":
    main()

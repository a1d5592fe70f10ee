"""Time of every page that people open, in a store of any size.

    python -m tests.benchmarks.people --database URL [--only '^readings'] [--requests 10]

The store comes from `python -m tests.proofs.search`; problems are added to it if it has none. Prints for each page
its queries, the time of the database for them, the time to the first byte with Django's test client (for CSV, to the
first rows), and its size: the median and the 95th percentile of some requests, about other rows each. The fastest of
three tries counts. Where the database takes longer than 20 ms, the longest queries follow.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Sequence
from statistics import quantiles
from typing import Final

from tests.benchmarks.measuring import rerun
from tests.benchmarks.requests import Try, client_of_benchmark, request, settled

#: Milliseconds that the database may take for 95 of 100 requests.
LIMIT: Final = 20.0
_TRIES: Final = 3


def measure(only: str, requests: int) -> None:
    """Print the times of each page with a name that matches."""
    from tests.benchmarks.people.drawn import add_problems, pages

    add_problems()
    client = client_of_benchmark()
    heads = ("queries", "database", "of 95 %", "first byte", "of 95 %", "bytes")
    print(f"{'':<64}", *(f"{head:>11}" for head in heads))
    for name, draw in pages():
        if re.search(only, name):
            addresses = [settled(client, draw(number)) for number in range(1, requests + 1)]
            _print_page(name, [[request(client, address) for _ in range(_TRIES)] for address in addresses])


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


def main() -> None:
    """Measure a store, in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", required=True, help="URL of the store")
    parser.add_argument("--requests", type=int, default=10, help="of each page")
    parser.add_argument("--only", default="", help="pattern of the names of pages")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.here:
        sys.exit(rerun("tests.benchmarks.people", options.database))
    import django

    django.setup()
    measure(options.only, options.requests)


if __name__ == "__main__":
    main()

"""Time and size of the pages of consumption and of meter points, in a store of any size.

    python -m tests.benchmarks.consumption --database URL [--only '^summary'] [--requests 5] [--queries]

The store comes from `python -m tests.proofs.consumption_store`. Prints for each page, and for the CSV of each chart
that a page without a period links to: its queries, the time of the database for them, the time to the answer with
Django's test client (of a list that is streamed, to its first rows), and its size: the median of some requests, and
the fastest one, in which other programs of the machine have the least part. `--queries` adds the longest queries of
each page.
"""

from __future__ import annotations

import argparse
import re
import sys
from collections.abc import Iterator, Sequence
from html import unescape
from statistics import median
from typing import Final
from urllib.parse import urljoin

from django.test import Client

from tests.benchmarks.measuring import rerun
from tests.benchmarks.requests import Try, client_of_benchmark, request
from tests.proofs.consumption_store import OLDEST

#: What an answer may take in milliseconds, and in bytes.
SLOWEST: Final = 300.0
LARGEST: Final = 100_000
_CHART: Final = re.compile(r'href="([^"]*[?&;]csv=[^"]*)"')
_SUMMARY: Final = (
    *("", "chart=month", "chart=half-hour", "chart=typical-day", "of=mean", "sort=-total", "sort=-missing"),
    *("sort=-mean", "sort=-meter-point", "area=a2", "tariff=t3", "area=a2&tariff=t3&sort=-total", "scheme=NMI"),
    *("measure=B-Wh", "from=2026-10-20&to=2026-10-26", "from=2020-01-01", "to=1999-12-31&chart=month"),
)
#: Further pages, each with its queries.
_FURTHER: Final = {
    "compare": ("", "by=area", "by=tariff&chart=day", "by=tariff&chart=half-hour", "by=period", "scheme=NMI"),
    "load": ("", "tariff=t3", "area=a2&from=2026-10-20&to=2026-10-26"),
    "completeness": ("", "tariff=t3", "month=2026-10", "list=stopped", "list=stopped&scheme=NMI"),
    "outliers": ("", "tariff=t3", "list=zero", "scheme=NMI&list=high"),
}
_FIRST_ROWS: Final = ", first rows"
_DETAIL: Final = ("", "from=2026-10-20&to=2026-10-26", "to=2026-05-31")


def pages() -> Iterator[tuple[str, str]]:
    """Yield name and address of each page."""
    for query in _SUMMARY:
        yield f"summary {query}".rstrip(), f"/consumption/?{query}".rstrip("?")
    for name, queries in _FURTHER.items():
        for query in queries:
            yield f"{name} {query}".rstrip(), f"/consumption/{name}/?{query}".rstrip("?")
    for name, scheme, identifier in (
        ("consumer of 17 months", "CONSUMER", "3000"),
        ("consumer of 57 years", "CONSUMER", OLDEST),
        ("consumer of few days", "CONSUMER", "10007"),
        ("NMI", "NMI", _nmi("")),
        ("NMI with an exchange", "NMI", _nmi("X")),
    ):
        address = f"/consumption/{scheme}/{identifier}/"
        for query in _DETAIL:
            yield f"{name} {query}".rstrip(), f"{address}?{query}".rstrip("?")
        yield f"{name}: values", f"{address}values.json"
        yield f"{name}: meter point", f"/meter-points/{identifier}/?scheme={scheme}"
        export = f"/exports/intervals.csv?scheme={scheme}&meter-point={identifier}"
        yield f"{name}: export{_FIRST_ROWS}", export
    yield f"export of all{_FIRST_ROWS}", "/exports/intervals.csv"


def _nmi(letter: str) -> str:
    """Return an NMI, of which a serial number begins with a letter."""
    from readings.models import Meter  # needs settings

    meters = Meter.objects.filter(meter_point__scheme="NMI", serial_number__startswith=letter)
    return str(meters.order_by("pk").values_list("meter_point__identifier", flat=True)[0])


def measure(only: str, requests: int, *, with_queries: bool) -> None:
    """Print the times of each page with a name that matches, and of the charts that it links to."""
    client = client_of_benchmark()
    print(f"{'':<56}", *(f"{head:>11}" for head in ("queries", "database", "answer", "fastest", "bytes")))
    seen: set[str] = set()
    for name, address in pages():
        if not re.search(only, name) or (page := answered(client, name, address)) is None:
            continue
        _print_row(name, [request(client, address) for _ in range(requests)], with_queries=with_queries)
        if "from=" not in address and "to=" not in address:
            for chart in sorted({urljoin(address, unescape(text)) for text in _CHART.findall(page)} - seen):
                seen.add(chart)
                tries = [request(client, chart, most=None) for _ in range(requests)]
                _print_row(f"  {chart}"[:56], tries, with_queries=with_queries)


def answered(client: Client, name: str, address: str) -> str | None:
    """Return the text at an address; None, and print the status, if there is none."""
    answer = client.get(address)
    if answer.status_code != 200:
        print(f"{name:<56} {answer.status_code:>11} {answer.headers.get('Location', '')}", flush=True)
        return None
    return "" if answer.streaming else answer.content.decode()


def _print_row(name: str, tries: Sequence[Try], *, with_queries: bool) -> None:
    database = median(each.database for each in tries) * 1000
    times = [each.first_byte * 1000 for each in tries]
    last = tries[-1]
    is_download = name.startswith("  ") or name.endswith(_FIRST_ROWS)
    over = " slow" * (min(times) > SLOWEST) + " large" * (last.size > LARGEST and not is_download)
    figures = "".join(f"{each:9.1f} ms" for each in (database, median(times), min(times)))
    print(f"{name:<56} {len(last.queries):11}{figures}{last.size:12,}{over}", flush=True)
    if with_queries:
        for seconds, sql in sorted(last.queries, reverse=True)[:3]:
            print(f"        {seconds * 1000:8.1f} ms  {sql[:1_000]}")


def main() -> None:
    """Measure a store, in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--database", required=True, help="URL of the store")
    parser.add_argument("--requests", type=int, default=5, help="of each page")
    parser.add_argument("--only", default="", help="pattern of the names of pages")
    parser.add_argument("--queries", action="store_true", help="print the longest queries")
    parser.add_argument("--here", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if not options.here:
        sys.exit(rerun("tests.benchmarks.consumption", options.database))
    import django

    django.setup()
    measure(options.only, options.requests, with_queries=options.queries)


if __name__ == "__main__":
    main()

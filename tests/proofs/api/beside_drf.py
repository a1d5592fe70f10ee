"""A list of 1,000 readings, ours beside the same rows through Django REST framework, in turns in one process."""

from __future__ import annotations

import json
import time
from statistics import median
from typing import Any, Final

from django.conf import settings
from django.db import connection
from django.test import Client

from tests.making.dtc import flow, reading_of
from tests.running.api import Program

ROWS: Final = 1_000
TURNS: Final = 40
#: Our time as a part of theirs, at most.
WANTED: Final = 0.26
OURS: Final = f"/api/readings?limit={ROWS}"
THEIRS: Final = f"/drf/readings?limit={ROWS}"


def fill() -> None:
    """Import readings from several files; some are repeated by a later one, and some are corrected."""
    from tests.running.imported import deliver

    def content(numbers: range, day: str, month: int, value: str = "100.5") -> bytes:
        lines = [line for number in numbers for line in reading_of(number, day=day, value=value)]
        return flow(*lines, identifier=f"F{month}", created=f"2026{month:02}05061500")

    contents = [
        content(range(number, number + 400), f"20260{1 + number // 400}01", 3 + number // 400)
        for number in range(0, 2400, 400)
    ]
    contents += [content(range(200), "20260101", 10), content(range(200, 300), "20260101", 11, "101.5")]
    for number, each in enumerate(contents):
        report = deliver(each, f"{number}.uff")
        assert report.outcome == "IMPORTED", report
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE")  # as the server does by itself after a minute


def seconds(client: Client, address: str) -> float:
    """Return the duration of a request."""
    began = time.perf_counter()
    response = client.get(address)
    assert response.status_code == 200, response.content
    assert len(response.content) > ROWS * 100
    return time.perf_counter() - began


def items(client: Client, address: str) -> list[str]:
    """Return the rows of all pages, each as text, sorted."""
    rows: list[Any] = []
    following: str | None = address
    while following:
        page = client.get(following).json()
        rows += page.get("items", page.get("results"))
        following = page["next"]
    for row in rows:
        row["read_at"] = row["read_at"].replace("+00:00", "Z")  # as they write it
    return sorted(json.dumps(row, sort_keys=True) for row in rows)


def prove() -> int:
    """Print both times and their ratio on the configured database; return 1 if ours is too slow, or differs."""
    settings.ROOT_URLCONF = "tests.proofs.api.drf"
    fill()
    client = Program().client
    if (mine := items(client, OURS)) != (others := items(client, THEIRS)):
        print(f"  not the same rows: {mine[0]}\n{others[0]}")
        return 1
    for address in (OURS, THEIRS):
        seconds(client, address)
    ours, theirs = zip(*((seconds(client, OURS), seconds(client, THEIRS)) for _ in range(TURNS)), strict=True)
    ratio = median(ours) / median(theirs)
    for name, times in (("Meterbox", ours), ("Django REST framework", theirs)):
        print(f"  {name}: {1000 * min(times):.1f} ms at least, median {1000 * median(times):.1f} ms")
    least = min(ours) / min(theirs)
    print(f"  {ROWS:,} of {len(mine):,} equal rows in {TURNS} turns: {ratio:.3f} ×, {least:.3f} × by the minimum")
    return int(ratio > WANTED)

"""The page of a meter point with 57 years of readings and intervals."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone
from decimal import Decimal
from time import process_time

import pytest
from django.db import connection
from django.test import Client

from readings.models import IntervalDay, Reading, Register
from tests.making import mdff
from tests.making.dtc import MPAN, block, flow, reading
from tests.running.imported import deliver
from tests.running.pages import support_client

pytestmark = [pytest.mark.django_db, pytest.mark.slow, pytest.mark.only_on("sqlite")]

LARGEST = 100_000
#: Seconds of the processor for a page, at most; the least of some, because other tests run at the same time.
SLOWEST = 0.3
TRIES = 3
MONTHS, DAYS = 700, 20_000


def look(identifier: str) -> tuple[float, str]:
    """Return the least time for a page, and the page."""
    client: Client = support_client()
    times = []
    for _ in range(TRIES):
        start = process_time()
        response = client.get(f"/meter-points/{identifier}/")
        times.append(process_time() - start)
    assert response.status_code == 200
    return min(times), response.content.decode()


def copies(row: Reading, registers: list[Register]) -> Iterator[Reading]:
    for month in range(MONTHS):
        read_at = datetime(1968 + month // 12, month % 12 + 1, 1, tzinfo=timezone.utc)
        for register in registers:
            yield Reading(
                meter_point=row.meter_point,
                register=register,
                flow_file=row.flow_file,
                line=row.line,
                read_at=read_at,
                value=Decimal(100 * month),
                reading_type="R",
                validation_status="V",
                flag="T",
            )


def test_readings_of_57_years() -> None:
    names = ("DY", "NT", "EV")
    deliver(flow(block(*(reading("1.0", at="20270101000000", register=name) for name in names))), "a.usr")
    row = Reading.objects.earliest("pk")
    Reading.objects.bulk_create(copies(row, list(Register.objects.all())))
    seconds, html = look(MPAN)
    assert len(html) <= LARGEST
    assert seconds <= SLOWEST


def test_days_of_57_years() -> None:
    of_a_day = mdff.day("20260201", values=",".join(["0.125"] * 48))
    deliver(mdff.nem12(mdff.channel(of_a_day), mdff.channel(of_a_day, suffix="B1", register="2")), "a.csv")
    table = IntervalDay._meta.db_table
    columns = [field.column for field in IntervalDay._meta.local_concrete_fields if not field.primary_key]
    values = ", ".join(
        "date('1970-01-01', '+' || n || ' days')" if name == "day" else f'"{name}"' for name in columns
    )
    names = ", ".join(f'"{name}"' for name in columns)
    numbers = f"WITH RECURSIVE numbers(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM numbers WHERE n < {DAYS - 1})"
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO {table} ({names}) {numbers} SELECT {values} FROM {table}, numbers")
    seconds, html = look(mdff.NMI)
    assert "01 Jan 1970 – 01 Feb 2026" in html
    assert len(html) <= LARGEST
    assert seconds <= SLOWEST

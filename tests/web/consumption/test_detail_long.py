"""The page of a meter point with 57 years of half hours."""

from datetime import date, timedelta

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from readings.imports.summing.update import bring_up_to_date
from readings.models.roles import ANALYST
from tests.making.mdff import NMI, OTHER_NMI, channel, day, nem12
from tests.running.imported import deliver
from tests.running.pages import client_of, text_of

DAYS = 20_805
LARGEST = 100_000


def years() -> list[str]:
    """Return the lines of 57 years, with another value each day; some are estimated, substituted, or without one."""
    first = date(1968, 1, 1)
    lines: list[str] = []
    for number in range(DAYS):
        values = ",".join([f"0.{number % 997:03}"] * 48)
        quality = "V" if number % 7 == 0 else "E52" if number % 10 == 0 else "S14" if number % 15 == 0 else "A"
        lines.append(day(f"{first + timedelta(number):%Y%m%d}", values=values, quality=quality))
        lines += ["400,1,24,E52,,", "400,25,26,N,,", "400,27,48,A,,"] if quality == "V" else []
    return lines


@pytest.mark.slow
@pytest.mark.django_db
@pytest.mark.only_on("sqlite")
def test_57_years_take_no_more_queries_than_a_day_and_few_bytes() -> None:
    deliver(nem12(channel(*years()), channel(day(), nmi=OTHER_NMI)), "years.csv")
    bring_up_to_date()
    client = client_of(ANALYST)
    short, long = (f"/consumption/NMI/{identifier}/" for identifier in (OTHER_NMI, NMI))
    assert queries(client, long) == queries(client, short)
    assert queries(client, f"{long}values.json") == queries(client, f"{short}values.json")
    for more in ("", "?compare=year", "?quality=E", "?from=1968-01-01&to=1968-12-31"):
        html = client.get(long + more).content.decode()
        assert len(html) < LARGEST
    words = text_of(client.get(long).content.decode())
    assert "the last 366 of 20,805 days" in words
    total = sum((48 if number % 7 else 46) * (number % 997) for number in range(DAYS))
    assert "53 gaps, 2 d 5 h in all" in words
    assert f"All years {total / 1000:,.1f} {total / 1000 / DAYS:.1f}" in words
    assert len(client.get(f"{long}values.json").content) < 2 * LARGEST


def queries(client: Client, address: str) -> int:
    """Return the number of queries of a page."""
    with CaptureQueriesContext(connection) as queries:
        assert client.get(address).status_code == 200
    return len(queries)

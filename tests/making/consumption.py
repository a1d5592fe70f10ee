"""Half-hourly consumption of invented consumers."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from tests.running.imported import deliver

USERS = b"id,area,tariff\r\n3000,a1,t1\r\n3001,a1,t2\r\n3002,a2,t3\r\n"


def half_hours(rows: Iterable[tuple[str, str]]) -> bytes:
    """Return a file of consumption from times without seconds, and values."""
    return "".join(["datetime,consumption\r\n", *(f"{moment}:00,{value}\r\n" for moment, value in rows)]).encode()


def days(first: str, number: int = 1, value: str = "10.0") -> list[tuple[str, str]]:
    """Return the same value for each half hour of some days."""
    begins_at = datetime.fromisoformat(first)
    moments = (begins_at + timedelta(minutes=30 * place) for place in range(48 * number))
    return [(f"{moment:%Y-%m-%d %H:%M}", value) for moment in moments]


def consumer(identifier: str, *rows: tuple[str, str]) -> None:
    """Import the consumption of a consumer."""
    assert deliver(half_hours(rows), f"{identifier}.csv").outcome == "IMPORTED"


def users() -> None:
    """Import the area and tariff of three consumers."""
    assert deliver(USERS, "user_data.csv").outcome == "IMPORTED"

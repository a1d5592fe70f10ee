"""Requests with Django's test client, with the time of the database, and its queries."""

from __future__ import annotations

import time
from itertools import islice
from typing import Any, NamedTuple

from django.db import connection
from django.test import Client


class Try(NamedTuple):
    """The times of one request in seconds, its size, and its queries with their times."""

    database: float
    first_byte: float
    size: int
    queries: list[tuple[float, str]]


def client_of_benchmark() -> Client:
    """Return a client that is logged in with all permissions."""
    from django.contrib.auth.models import User  # needs settings

    user, _ = User.objects.get_or_create(username="benchmark", is_superuser=True, is_staff=True)
    client = Client(headers={"host": "localhost"})
    client.force_login(user)
    return client


def settled(client: Client, address: str) -> str:
    """Return the address to which a page redirects, if it does."""
    answer = client.get(address)
    while answer.status_code in (301, 302):
        address = answer["Location"]
        answer = client.get(address)
    assert answer.status_code == 200, (address, answer.status_code)
    return address


def request(client: Client, address: str, *, most: int | None = 2) -> Try:
    """Request a page, then run its queries once more, for the time that the database and their rows take.

    Of an answer that is streamed, at most some blocks are read; None for all.
    """
    noted: list[tuple[Any, Any]] = []

    def note(execute: Any, sql: Any, parameters: Any, *arguments: Any) -> Any:
        noted.append((sql, parameters))
        return execute(sql, parameters, *arguments)

    began_at = time.perf_counter()
    with connection.execute_wrapper(note):
        answer: Any = client.get(address)
        first = b"".join(islice(answer.streaming_content, most)) if answer.streaming else answer.content
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

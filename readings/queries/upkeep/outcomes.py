"""Outcomes of arrivals: their numbers by day, and the causes of refusals."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from django.db.models import Count, Min, Q, QuerySet

from readings.models import Arrival, Outcome, Problem, Severity, Status

#: Number of rejected arrivals that are looked at.
MOST: Final = 100


@dataclass(frozen=True, slots=True, kw_only=True)
class Refusal:
    """A rejected arrival and the cause of its rejection."""

    arrival: Arrival
    #: First error of the file; None if none is stored.
    first: Problem | None = None
    #: Codes of its errors, in the order of their first lines.
    codes: list[str] = field(default_factory=list)


def count_outcomes(since: datetime, midnight: datetime) -> dict[str, tuple[int, int]]:
    """Return for each outcome the numbers of arrivals since a midnight, and from an earlier moment until then."""
    rows = Arrival.objects.filter(received_at__gte=since).order_by().values_list("outcome")
    is_later = Q(received_at__gte=midnight)
    counted = rows.annotate(later=Count("outcome", filter=is_later), every=Count("outcome"))
    return {outcome: (later, every - later) for outcome, later, every in counted}


def last_rejected(since: datetime) -> list[Arrival]:
    """Return the arrivals since a moment whose contents are rejected, newest first; leave out members of zips."""
    rows = Arrival.objects.filter(received_at__gte=since, outcome=Outcome.REJECTED)
    return [row for row in newest(rows, MOST) if row.container_id is None]


def newest(rejected: QuerySet[Arrival], number: int) -> list[Arrival]:
    """Return the newest of some rejected arrivals, without those whose contents were imported since.

    There is no join, and no condition on another index: SQLite would begin there, and read far more rows.
    """
    rows = rejected.select_related(None).prefetch_related("flow_file").order_by("-received_at", "-pk")[:number]
    return [row for row in rows if row.flow_file.status == Status.REJECTED]


def with_causes(arrivals: Iterable[Arrival]) -> list[Refusal]:
    """Return the arrivals with the causes of their rejection, in two queries."""
    rows = list(arrivals)
    errors = Problem.objects.filter(flow_file__in={row.flow_file_id for row in rows}, severity=Severity.ERROR)
    by_code = errors.order_by().values_list("flow_file_id", "code").annotate(Min("pk"))
    firsts = dict[int, dict[str, int]]()
    for flow_file, code, first in sorted(by_code, key=lambda row: row[2]) if rows else ():
        firsts.setdefault(flow_file, {})[code] = first
    problems = Problem.objects.in_bulk([min(codes.values()) for codes in firsts.values()]) if firsts else {}
    return [_refusal(row, firsts.get(row.flow_file_id, {}), problems) for row in rows]


def _refusal(arrival: Arrival, codes: dict[str, int], problems: dict[int, Problem]) -> Refusal:
    first = next(iter(codes.values()), 0)
    return Refusal(arrival=arrival, first=problems.get(first), codes=list(codes))


def has_arrivals() -> bool:
    """Return whether a file has ever arrived."""
    return Arrival.objects.exists()

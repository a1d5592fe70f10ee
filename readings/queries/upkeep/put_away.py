"""Where files lie that came through the inbox."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from readings.models import LEFT, Arrival, Channel, Outcome, Problem
from readings.queries.lists import Row

#: So many rows are in memory at a time.
STEP: Final = 500


def in_steps(rows: QuerySet[Row]) -> Iterator[list[Row]]:
    """Give all rows, some at a time, so that memory does not grow with the table."""
    last = 0
    while step := list(rows.filter(pk__gt=last).order_by("pk")[:STEP]):
        yield step
        last = step[-1].pk


def lying_arrivals() -> QuerySet[Arrival]:
    """List the arrivals through the inbox whose files were put away, and lie there still."""
    rows = Arrival.objects.filter(channel=Channel.INBOX, settled_at__isnull=False)
    return rows.exclude(resting_place__startswith=LEFT).select_related("flow_file")


def rejected_arrivals(text: str = "", code: str = "") -> QuerySet[Arrival]:
    """List the arrivals whose files lie in the rejected, the oldest first.

    `text` is a name, or a hash of which the first 12 digits do; `code` is that of a problem.
    """
    rows = lying_arrivals().filter(outcome=Outcome.REJECTED)
    if text:
        is_hash = re.fullmatch("[0-9A-Fa-f]{12,64}", text)
        by_hash = Q(flow_file__sha256__startswith=text.lower()) if is_hash else Q()
        rows = rows.filter(Q(name=text) | by_hash)
    if code:
        rows = rows.filter(Exists(Problem.objects.filter(flow_file=OuterRef("flow_file"), code=code)))
    return rows.order_by("pk")


def archived_arrivals(before: datetime) -> QuerySet[Arrival]:
    """List the arrivals whose files lie in the archive and were put there before a moment."""
    return lying_arrivals().exclude(outcome=Outcome.REJECTED).filter(settled_at__lt=before)


def has_come_again(arrival: Arrival) -> bool:
    """Tell whether the same physical file arrived once more."""
    same = Arrival.objects.filter(flow_file=arrival.flow_file_id, identity=arrival.identity, pk__gt=arrival.pk)
    return bool(arrival.identity) and same.exists()


def places_of(hashes: Iterable[str]) -> set[tuple[str, str]]:
    """Return hash and resting place of all that ever brought these contents, put away or about to be."""
    rows = Arrival.objects.filter(flow_file__sha256__in=list(hashes))
    return set(rows.values_list("flow_file__sha256", "resting_place"))


def arrival_at(place: str, sha256_start: str) -> Arrival | None:
    """Return the last arrival that was put there or is about to be, of a content whose hash begins so."""
    following = f"{sha256_start}g"  # above all that begin so: `startswith` would not go by the index
    rows = Arrival.objects.filter(flow_file__sha256__gte=sha256_start, flow_file__sha256__lt=following)
    return rows.filter(resting_place=place).order_by("pk").last()


def last_arrivals(number: int) -> QuerySet[Arrival]:
    """List what came through the inbox, the last first."""
    return Arrival.objects.filter(channel=Channel.INBOX).select_related("flow_file").order_by("-pk")[:number]


def arrivals_not_put_away() -> QuerySet[Arrival]:
    """List the arrivals whose outcome is stored, and whose files are not put away, the oldest first."""
    return Arrival.objects.filter(settled_at=None).select_related("flow_file").order_by("pk")

"""Where files lie that came through the inbox, and whether the rows of the store agree with each other."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final, NamedTuple

from django.db.models import Count, Exists, Model, OuterRef, Q, QuerySet

from readings.models import (
    LEFT,
    Arrival,
    Channel,
    FlowFile,
    MeterPoint,
    Outcome,
    Problem,
    Reading,
    Register,
    Status,
)
from readings.queries.lists import Row

#: So many rows are in memory at a time.
STEP: Final = 500

#: Keys that the database does not check, and where they lead.
_UNCHECKED: Final[tuple[tuple[str, type[Model], str], ...]] = (
    ("flow_file", FlowFile, "flow file"),
    ("meter_point", MeterPoint, "meter point"),
    ("register", Register, "register"),
    ("superseded_by", Reading, "reading that supersedes it"),
    ("withdrawn_by", Reading, "reading that withdraws it"),
)


class Orphan(NamedTuple):
    """A reading that leads to a row that is not there."""

    reading_id: int
    flow_file_id: int
    line: int
    #: What is not there.
    lacks: str


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


def wrong_counts(flow_files: Iterable[FlowFile]) -> Iterator[tuple[FlowFile, int]]:
    """Give the flow files that count other than the readings that are stored, with that number."""
    by_id = {flow_file.pk: flow_file for flow_file in flow_files}
    stored = Reading.objects.filter(flow_file__in=list(by_id)).values("flow_file").annotate(Count("pk"))
    counts = dict(stored.values_list("flow_file", "pk__count"))
    for key, flow_file in by_id.items():
        expected = flow_file.readings if flow_file.status == Status.IMPORTED else 0
        if counts.get(key, 0) != expected:
            yield flow_file, counts.get(key, 0)


def orphans() -> Iterator[Orphan]:
    """Find the readings that lead to a row that is not there."""
    for column, parent, lacks in _UNCHECKED:
        there = parent._default_manager.filter(pk=OuterRef(f"{column}_id"))
        lost = Reading.objects.filter(~Exists(there), **{f"{column}__isnull": False})
        for reading_id, flow_file_id, line in lost.values_list("pk", "flow_file_id", "line").iterator():
            yield Orphan(reading_id, flow_file_id, line, lacks)

"""Locations of the files that arrived through the inbox, and of uploads."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Final

from django.db.models import Exists, OuterRef, Q, QuerySet

from readings.models import LEFT, Arrival, Channel, Outcome, Problem, Status
from readings.queries.lists import Row

#: Channels whose files Meterbox puts away; those of commands stay where they are.
PUT_AWAY: Final = (Channel.INBOX, Channel.UPLOAD, Channel.API)
#: Number of rows in memory at a time.
STEP: Final = 500


def in_steps(rows: QuerySet[Row]) -> Iterator[list[Row]]:
    """Yield all rows in steps, by primary key, so that memory does not grow with the table."""
    last = 0
    while step := list(rows.filter(pk__gt=last).order_by("pk")[:STEP]):
        yield step
        last = step[-1].pk


def present_arrivals() -> QuerySet[Arrival]:
    """Return the arrivals whose files were put away and are still there; also uploads."""
    rows = Arrival.objects.filter(channel__in=PUT_AWAY, settled_at__isnull=False)
    return rows.exclude(resting_place__startswith=LEFT).select_related("flow_file")


#: Outcomes of contents of which nothing is stored: their files are in the rejected folder.
UNREAD: Final = (Outcome.REJECTED, Outcome.OTHER_FLOW)


def rejected_arrivals(text: str = "", code: str = "") -> QuerySet[Arrival]:
    """Return the arrivals whose files are in the rejected folder, oldest first.

    `text` is a name, or at least the first 12 digits of a hash; `code` is the code of a problem. Without either,
    files of flows that are not read here are left out: they would only be set aside again.
    """
    rows = present_arrivals().filter(outcome__in=UNREAD if text or code else [Outcome.REJECTED])
    if text:
        is_hash = re.fullmatch("[0-9A-Fa-f]{12,64}", text)
        by_hash = Q(flow_file__sha256__startswith=text.lower()) if is_hash else Q()
        rows = rows.filter(Q(name=text) | by_hash)
    if code:
        rows = rows.filter(Exists(Problem.objects.filter(flow_file=OuterRef("flow_file"), code=code)))
    return rows.order_by("pk")


def archived_arrivals(before: datetime) -> QuerySet[Arrival]:
    """Return the arrivals through the inbox whose files were archived before a moment, are still there and are read.

    A zip with a member of a flow that is not read here is left out: only the zip holds that member.
    """
    unread = Arrival.objects.filter(container=OuterRef("pk"), flow_file__status=Status.OTHER_FLOW)
    rows = present_arrivals().filter(~Exists(unread), channel=Channel.INBOX, settled_at__lt=before)
    return rows.exclude(outcome__in=UNREAD)


def is_unread_and_present(arrival: Arrival) -> bool:
    """Return whether `rejected_arrivals` has an arrival: its file is in the rejected folder."""
    is_present = arrival.settled_at is not None and not arrival.resting_place.startswith(LEFT)
    return is_present and arrival.channel in PUT_AWAY and arrival.outcome in UNREAD


def has_come_again(arrival: Arrival) -> bool:
    """Return whether the same physical file arrived again; of an upload, its content under its name in the inbox."""
    later = Arrival.objects.filter(flow_file=arrival.flow_file_id, pk__gt=arrival.pk, channel=Channel.INBOX)
    if arrival.identity:
        return later.filter(identity=arrival.identity).exists()
    return later.filter(name=arrival.name).exists()


def places_of(hashes: Iterable[str]) -> set[tuple[str, str]]:
    """Return hash and resting place of all arrivals of these contents, including planned places."""
    rows = Arrival.objects.filter(flow_file__sha256__in=list(hashes))
    return set(rows.values_list("flow_file__sha256", "resting_place"))


def arrival_at(place: str, sha256_start: str) -> Arrival | None:
    """Return the last arrival with a resting place, also a planned one, and a start of its hash."""
    following = f"{sha256_start}g"  # upper bound of the prefix: `startswith` would not use the index
    rows = Arrival.objects.filter(flow_file__sha256__gte=sha256_start, flow_file__sha256__lt=following)
    return rows.filter(resting_place=place).order_by("pk").last()


def last_arrivals(number: int) -> QuerySet[Arrival]:
    """Return the last arrivals through the inbox, newest first."""
    return Arrival.objects.filter(channel=Channel.INBOX).select_related("flow_file").order_by("-pk")[:number]


def arrivals_not_put_away() -> QuerySet[Arrival]:
    """Return the arrivals with a stored outcome whose files are not put away, oldest first."""
    return Arrival.objects.filter(settled_at=None).select_related("flow_file").order_by("pk")

"""Files that correct a rejected one: of its sender and file identifier, or of its name."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.db.models import F, Q, QuerySet

from readings.models import Arrival, FlowFile, Outcome, Status

#: Number of earlier attempts listed, at most.
ATTEMPTS: Final = 5
#: Number of names of one content that are looked up, at most.
_NAMES: Final = 20


def correction_of(flow_file: FlowFile, arrivals: Iterable[Arrival]) -> Arrival | None:
    """Return the arrival of the file that was imported later in place of a rejected one; None if there is none."""
    first, names = _first_and_names(arrivals)
    if flow_file.status != Status.REJECTED or not names:
        return None
    rows = _neighbours(flow_file, names).filter(outcome=Outcome.IMPORTED, pk__gt=first)
    return rows.order_by(_IN_ORDER).first()


def earlier_attempts(flow_file: FlowFile, arrivals: Iterable[Arrival]) -> list[Arrival]:
    """Return the arrivals of rejected files in whose place a file was imported, newest first; each file once."""
    first, names = _first_and_names(arrivals)
    if flow_file.status != Status.IMPORTED or not names:
        return []
    rows = _neighbours(flow_file, names).filter(
        outcome=Outcome.REJECTED, flow_file__status=Status.REJECTED, pk__lt=first
    )
    newest = rows.order_by(_IN_ORDER.desc())[: ATTEMPTS * 4]
    return list({row.flow_file_id: row for row in reversed(newest)}.values())[: -ATTEMPTS - 1 : -1]


#: Order of arrival; the sum keeps PostgreSQL from walking through all arrivals in place of those of a name.
_IN_ORDER: Final = F("pk") + 0


def _first_and_names(arrivals: Iterable[Arrival]) -> tuple[int, list[str]]:
    """Return the key of the first arrival, and the names under which the content arrived."""
    arrivals = list(arrivals)
    first = min((arrival.pk for arrival in arrivals), default=0)
    return first, list(dict.fromkeys(arrival.name for arrival in arrivals))[:_NAMES]


def _neighbours(flow_file: FlowFile, names: list[str]) -> QuerySet[Arrival]:
    """Return the arrivals of other contents with the sender and file identifier, or with a name, of a file."""
    of_name = Q(name__in=names)
    if flow_file.format:
        of_name &= Q(flow_file__format__in=(flow_file.format, ""))
    if flow_file.sender:
        of_name &= Q(flow_file__sender__in=(flow_file.sender, ""))
    keys = Arrival.objects.filter(of_name).order_by().values("pk")
    if flow_file.sender and flow_file.file_identifier:
        same = FlowFile.objects.filter(sender=flow_file.sender, file_identifier=flow_file.file_identifier)
        keys = keys.union(Arrival.objects.filter(flow_file__in=same).order_by().values("pk"), all=True)
    rows = Arrival.objects.filter(pk__in=keys).exclude(flow_file=flow_file)
    return rows.select_related("flow_file")

"""Arrivals: physical files and uploads with their contents, outcomes and locations."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final

from django.db.models import TextField, Value
from django.db.models.functions import Concat

from readings.formats.contract import Problem
from readings.imports.problems import Surplus
from readings.imports.reports import COUNTED, ImportReport, with_members
from readings.models import LEFT, Arrival, Channel, FlowFile
from readings.models.trail import Action, Door, note

#: Doors through which contents arrive.
_DOORS: Final = {
    Channel.INBOX: Door.INBOX,
    Channel.COMMAND: Door.COMMAND,
    Channel.UPLOAD: Door.PAGE,
    Channel.API: Door.API,
}


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsettledArrival:
    """An arrival with a stored outcome whose file is not put away yet."""

    id: int
    name: str
    identity: str
    outcome: str
    sha256: str
    #: Planned location of the file; empty if not decided yet.
    resting_place: str
    #: Hashes that its content had before it was rewritten: the file may be the original.
    old_hashes: frozenset[str] = frozenset()

    def is_content(self, sha256: str) -> bool:
        """Return whether a hash is that of the content, or of one that it took the place of."""
        return sha256 == self.sha256 or sha256 in self.old_hashes


def unsettled_arrivals() -> list[UnsettledArrival]:
    """Return the arrivals to be put away, oldest first."""
    arrivals = Arrival.objects.filter(settled_at=None).select_related("flow_file").order_by("pk")
    return [_unsettled(arrival) for arrival in arrivals]


def unsettled(identity: str) -> UnsettledArrival | None:
    """Return the unsettled arrival of a physical file, or None."""
    arrivals = Arrival.objects.filter(settled_at=None, identity=identity).select_related("flow_file")
    arrival = arrivals.order_by("pk").first()
    return _unsettled(arrival) if arrival else None


def _unsettled(arrival: Arrival) -> UnsettledArrival:
    return UnsettledArrival(
        id=arrival.pk,
        name=arrival.name,
        identity=arrival.identity,
        outcome=arrival.outcome,
        sha256=arrival.flow_file.sha256,
        resting_place=arrival.resting_place,
        old_hashes=frozenset(arrival.flow_file.rewritings.values_list("old_sha256", flat=True)),
    )


def plan_rest(arrival_id: int, resting_place: str) -> None:
    """Store the planned location of a file, so that a restart finds the file there."""
    Arrival.objects.filter(pk=arrival_id).update(resting_place=resting_place)


def settle(arrival_id: int, resting_place: str, at: datetime) -> None:
    """Store where and when a file was put away."""
    Arrival.objects.filter(pk=arrival_id).update(resting_place=resting_place, settled_at=at)


def note_departure(arrival_ids: Iterable[int], why: str) -> int:
    """Store why files left their location, and the location; return the number of files that had one."""
    present = Arrival.objects.filter(pk__in=list(arrival_ids)).exclude(resting_place__startswith=LEFT)
    left = Concat(Value(f"{LEFT}{why}; was "), "resting_place", Value(")"), output_field=TextField())
    return present.update(resting_place=left)


def report_of(arrival_id: int) -> ImportReport:
    """Return the report of an arrival from the stored rows, without its duration."""
    arrival = Arrival.objects.select_related("flow_file").get(pk=arrival_id)
    flow_file = arrival.flow_file
    report = ImportReport(
        name=arrival.name,
        sha256=flow_file.sha256,
        format=flow_file.format,
        outcome=arrival.outcome,
        arrival_id=arrival.pk,
    )
    for name in COUNTED:
        setattr(report, name, getattr(flow_file, name))
    names = [field.name for field in fields(Problem)]
    report.problems = [Problem(**values) for values in flow_file.problems.order_by("line", "pk").values(*names)]
    surpluses = flow_file.surpluses.order_by("severity", "code").values("severity", "code", "number")
    report.unlisted = [Surplus(**values) for values in surpluses]
    members = arrival.members.order_by("pk").values_list("pk", flat=True)
    return with_members(report, [report_of(member) for member in members])


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """The way in which a content arrived."""

    #: Name of the file, with unprintable characters escaped.
    name: str
    channel: str
    by_whom: str = ""
    #: Identity of the physical file, by which a restart recognizes it.
    identity: str = ""
    #: Permanent location of the file; empty if it is still to be put away.
    resting_place: str = ""


def note_arrival(flow_file: FlowFile, delivery: Delivery, outcome: str, at: datetime) -> int:
    """Store an arrival with its outcome, and its entry in the trail; return its primary key."""
    arrival = Arrival.objects.create(
        flow_file=flow_file,
        name=delivery.name,
        channel=delivery.channel,
        by_whom=delivery.by_whom,
        received_at=at,
        outcome=outcome,
        identity=delivery.identity,
        resting_place=delivery.resting_place,
        settled_at=at if delivery.resting_place else None,
    )
    note(
        Action.IMPORT,
        at=at,
        door=_DOORS[Channel(delivery.channel)],
        by_whom=delivery.by_whom,
        sha256=flow_file.sha256,
        subject=delivery.name,
        outcome=outcome,
    )
    return arrival.pk


def note_last_word(flow_file: FlowFile, arrival_id: int) -> None:
    """Store the arrival that made the statements of a content, or renewed them, last."""
    FlowFile.objects.filter(pk=flow_file.pk).update(arrived=arrival_id)

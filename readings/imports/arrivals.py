"""Physical files and uploads: what brought a content, with which outcome, and where it was put away."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime

from django.db.models import TextField, Value
from django.db.models.functions import Concat

from readings.formats.contract import Problem
from readings.imports.reports import COUNTED, ImportReport, with_members
from readings.models import LEFT, Arrival, FlowFile


@dataclass(frozen=True, slots=True, kw_only=True)
class UnsettledArrival:
    """An arrival whose outcome is stored, and whose file is not put away yet."""

    id: int
    name: str
    identity: str
    outcome: str
    sha256: str
    #: Where the file was about to be moved; empty where that was not yet decided.
    resting_place: str


def unsettled_arrivals() -> list[UnsettledArrival]:
    """Return what is to be put away, oldest first."""
    arrivals = Arrival.objects.filter(settled_at=None).select_related("flow_file").order_by("pk")
    return [_unsettled(arrival) for arrival in arrivals]


def unsettled(identity: str) -> UnsettledArrival | None:
    """Return the arrival of this physical file whose outcome is stored, where only the move is missing."""
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
    )


def plan_rest(arrival_id: int, resting_place: str) -> None:
    """Note where a file is about to be moved, so that a restart finds it there."""
    Arrival.objects.filter(pk=arrival_id).update(resting_place=resting_place)


def settle(arrival_id: int, resting_place: str, at: datetime) -> None:
    """Note that a file was put away."""
    Arrival.objects.filter(pk=arrival_id).update(resting_place=resting_place, settled_at=at)


def note_departure(arrival_ids: Iterable[int], why: str) -> int:
    """Note why files lie no more where they were put, and where that was; return how many did until now."""
    lying = Arrival.objects.filter(pk__in=list(arrival_ids)).exclude(resting_place__startswith=LEFT)
    left = Concat(Value(f"{LEFT}{why}; was "), "resting_place", Value(")"), output_field=TextField())
    return lying.update(resting_place=left)


def report_of(arrival_id: int) -> ImportReport:
    """Return the report of an arrival again, from what is stored; how long it took is not."""
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
    members = arrival.members.order_by("pk").values_list("pk", flat=True)
    return with_members(report, [report_of(member) for member in members])


@dataclass(frozen=True, slots=True, kw_only=True)
class Delivery:
    """How a content came."""

    #: As shown; what is not printable is escaped.
    name: str
    channel: str
    by_whom: str = ""
    #: Of the physical file, so that a restart knows it again.
    identity: str = ""
    #: Where the file lies and stays; empty while it is still to be put away.
    resting_place: str = ""


def note_arrival(flow_file: FlowFile, delivery: Delivery, outcome: str, at: datetime) -> int:
    """Store what brought a content, and with which outcome; return the arrival's primary key."""
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
    return arrival.pk

"""Arrivals: physical files and uploads with their contents, outcomes and locations."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Final

from django.db.models import Q, QuerySet, TextField, Value
from django.db.models.functions import Concat

from readings.formats.contract import Problem
from readings.imports.problems import Surplus
from readings.imports.reports import COUNTED, ImportReport, with_members
from readings.models import LEFT, Arrival, Channel, FlowFile, NamePart, Outcome
from readings.models import Problem as StoredProblem
from readings.models import Surplus as StoredSurplus
from readings.models.plain import rows
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
    sql = "SELECT id FROM readings_arrival WHERE settled_at IS NULL AND identity = %s ORDER BY id LIMIT 1"
    found = rows.first(sql, (identity,))
    return _unsettled(Arrival.objects.select_related("flow_file").get(pk=found[0])) if found else None


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
    rows.change(Arrival, arrival_id, resting_place=resting_place)


def settle(arrival_id: int, resting_place: str, at: datetime) -> None:
    """Store where and when a file was put away."""
    rows.change(Arrival, arrival_id, resting_place=resting_place, settled_at=at)


def note_departure(arrival_ids: Iterable[int], why: str) -> int:
    """Store why files left their location, and the location; return the number of files that had one."""
    present = Arrival.objects.filter(pk__in=list(arrival_ids)).exclude(resting_place__startswith=LEFT)
    left = Concat(Value(f"{LEFT}{why}; was "), "resting_place", Value(")"), output_field=TextField())
    return present.update(resting_place=left)


def report_of(arrival_id: int) -> ImportReport:
    """Return the report of an arrival from the stored rows, without its duration."""
    [report] = reports_of([arrival_id])
    return report


def reports_of(arrival_ids: Collection[int]) -> list[ImportReport]:
    """Return the reports of arrivals, oldest first, in a fixed number of queries."""
    chosen = Arrival.objects.filter(Q(pk__in=arrival_ids) | Q(container__in=arrival_ids)).order_by("pk")
    found = list(chosen.select_related("flow_file"))
    findings = _Findings(FlowFile.objects.filter(pk__in=chosen.order_by().values("flow_file")))
    members: dict[int | None, list[ImportReport]] = {}
    for row in found:
        if row.pk not in arrival_ids:
            members.setdefault(row.container_id, []).append(findings.report(row))
    return [with_members(findings.report(row), members.get(row.pk, [])) for row in found if row.pk in arrival_ids]


class _Findings:
    """Problems of contents, and the names under which they were imported, by content."""

    def __init__(self, flow_files: QuerySet[FlowFile]) -> None:
        of = {"flow_file__in": flow_files.values("pk")}
        self.problems: dict[int, list[Problem]] = {}
        names = [field.name for field in fields(Problem)]
        for file, *values in (
            StoredProblem.objects.filter(**of).order_by("line", "pk").values_list("flow_file", *names)
        ):
            self.problems.setdefault(file, []).append(Problem(**dict(zip(names, values, strict=True))))
        self.surpluses: dict[int, list[Surplus]] = {}
        surpluses = StoredSurplus.objects.filter(**of).order_by("severity", "code")
        for file, severity, code, number in surpluses.values_list("flow_file", "severity", "code", "number"):
            surplus = Surplus(severity=severity, code=code, number=number)
            self.surpluses.setdefault(file, []).append(surplus)
        imported = Arrival.objects.filter(**of, outcome=Outcome.IMPORTED).order_by("-pk")
        self.first_names = dict(imported.values_list("flow_file", "name"))

    def report(self, row: Arrival) -> ImportReport:
        """Return the report of an arrival, without its members; of a duplicate only what it repeats."""
        flow_file = row.flow_file
        report = ImportReport(
            name=row.name,
            sha256=flow_file.sha256,
            format=flow_file.format,
            outcome=row.outcome,
            arrival_id=row.pk,
        )
        if row.outcome == Outcome.DUPLICATE:
            report.duplicate_of = self.first_names.get(flow_file.pk, "")
            return report
        for name in COUNTED:
            setattr(report, name, getattr(flow_file, name))
        report.problems = self.problems.get(flow_file.pk, [])
        report.unlisted = self.surpluses.get(flow_file.pk, [])
        return report


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
    #: Chooses the location of a file that is still to be put away; it is stored with the arrival.
    plan: Callable[[ImportReport], str] = lambda report: ""


def note_arrival(flow_file: FlowFile, delivery: Delivery, report: ImportReport, at: datetime) -> int:
    """Store an arrival with its outcome, and its entry in the trail; return its primary key."""
    arrival = Arrival(
        flow_file=flow_file,
        name=delivery.name,
        channel=delivery.channel,
        by_whom=delivery.by_whom,
        received_at=at,
        outcome=report.outcome,
        identity=delivery.identity,
        resting_place=delivery.resting_place or delivery.plan(report),
        settled_at=at if delivery.resting_place else None,
    )
    rows.insert(arrival)
    NamePart.objects.store(arrival.pk, delivery.name)
    note(
        Action.IMPORT,
        at=at,
        door=_DOORS[Channel(delivery.channel)],
        by_whom=delivery.by_whom,
        sha256=flow_file.sha256,
        subject=delivery.name,
        outcome=report.outcome,
    )
    return arrival.pk


def rename(arrival: Arrival, name: str) -> None:
    """Store another name of an arrival, by which searches find it from now on."""
    Arrival.objects.filter(pk=arrival.pk).update(name=name)
    NamePart.objects.renew(arrival.pk, arrival.name, name)


def note_last_word(flow_file: FlowFile, arrival_id: int) -> None:
    """Store the arrival that made the statements of a content, or renewed them, last."""
    rows.change(FlowFile, flow_file.pk, arrived=arrival_id)

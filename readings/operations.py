"""What may be done to the store. `import_flow` is the only way in: every door calls it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, fields, replace
from datetime import datetime
from functools import partial
from typing import BinaryIO

from django.db.models import F, TextField, Value
from django.db.models.functions import Concat

from readings.attempts import Attempt, ContentChanged, Rules
from readings.containers import Container
from readings.formats import zips
from readings.formats.content import Survey, survey
from readings.formats.contract import Problem
from readings.formats.recognition import has_hole, is_complete
from readings.locks import BeingImported, in_hand
from readings.models import LEFT, Arrival, FlowFile, Status
from readings.outcomes import Delivery, subject_of
from readings.reports import COUNTED, ImportReport, with_members

__all__ = [
    "BeingImported",
    "ContentChanged",
    "Delivery",
    "ImportReport",
    "Rules",
    "UnsettledArrival",
    "forgive_attempt",
    "has_hole",
    "import_flow",
    "is_complete",
    "note_departure",
    "note_failure",
    "plan_rest",
    "report_of",
    "settle",
    "unsettled",
    "unsettled_arrivals",
]


def import_flow(
    stream: BinaryIO,
    delivery: Delivery,
    *,
    clock: Callable[[], datetime],
    rules: Rules,
    dry_run: bool = False,
    is_unchanged: Callable[[], bool] = lambda: True,
    saw: Callable[[int], None] = lambda position: None,
) -> ImportReport:
    """Import one content whole, or refuse it with every problem, in one durable transaction.

    `saw` is told the position in the stream after each batch (0 while the content is hashed), and may raise to stop
    the import: then, as after any exception, nothing is stored but the attempt. `is_unchanged` is asked before the
    commit; ContentChanged is raised where it says no. BeingImported is raised where another importer has the same
    content in hand. Database and operating system errors pass through: they are never the file's fault.
    """
    began_at = clock()
    content = survey(stream, lambda size: saw(0))
    attempt: Attempt | Container
    if zips.recognizes(content.start):
        import_member = partial(_import_member, clock=clock, rules=rules, dry_run=dry_run, saw=saw)
        attempt = Container(stream, content, delivery, clock, rules, is_unchanged, saw, import_member)
    else:
        attempt = Attempt(stream, content, delivery, clock, rules, is_unchanged, saw)
    if content.size > rules.max_bytes:
        attempt.refuse("too-large", f"has {content.size:,} bytes; MAX_BYTES allows {rules.max_bytes:,}")
    if dry_run:
        report = attempt.rehearse(began_at)
    else:
        with in_hand(content.sha256):
            subject = subject_of(content, delivery)
            flow_file = _count_attempt(content, subject, began_at, is_counted=rules.max_attempts is not None)
            if rules.max_attempts is not None and flow_file.attempts > rules.max_attempts:
                attempt.refuse(*_failure(flow_file, rules.max_attempts))
            try:
                report = attempt.store(flow_file)
            except BeingImported:  # The row, or a member of a zip, is in other hands: nobody is at fault.
                if rules.max_attempts is not None:
                    forgive_attempt(content.sha256)
                raise
    report.seconds = (clock() - began_at).total_seconds()
    return report


def _import_member(
    stream: BinaryIO,
    delivery: Delivery,
    *,
    clock: Callable[[], datetime],
    rules: Rules,
    dry_run: bool,
    saw: Callable[[int], None],
) -> ImportReport:
    """Import a member of a zip, or report on it where that was done before the importer was ended.

    Attempts are counted of the zip, not of its members.
    """
    if delivery.identity:
        same = Arrival.objects.filter(flow_file__sha256=survey(stream).sha256, identity=delivery.identity)
        if arrival := same.filter(container=None).order_by("pk").first():
            return report_of(arrival.pk)
    rules = replace(rules, max_attempts=None)
    return import_flow(stream, delivery, clock=clock, rules=rules, dry_run=dry_run, saw=saw)


def _count_attempt(content: Survey, subject: str, at: datetime, *, is_counted: bool) -> FlowFile:
    first = {"size": content.size, "received_at": at, "attempts": int(is_counted)}
    flow_file, is_new = FlowFile.objects.get_or_create(sha256=content.sha256, subject=subject, defaults=first)
    if is_counted and not is_new and flow_file.status != Status.IMPORTED:
        FlowFile.objects.filter(pk=flow_file.pk).update(attempts=F("attempts") + 1)
        flow_file.refresh_from_db(fields=["attempts"])
    return flow_file


def _failure(flow_file: FlowFile, max_attempts: int) -> tuple[str, str]:
    if flow_file.last_error:
        message = f"failed {max_attempts} times by a fault of the importer, not of the file: {flow_file.last_error}"
        return "internal-error", message
    return "poison", f"ended the importer {max_attempts} times without a word; try it alone with import_flow"


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


def note_failure(sha256: str, error: str) -> None:
    """Note a fault of ours that ended an attempt; `error` is shown to operators."""
    FlowFile.objects.filter(sha256=sha256, attempts__gt=0).update(last_error=error[:1000])


def forgive_attempt(sha256: str) -> None:
    """Take back an attempt that the environment ended: neither the file nor we were at fault."""
    FlowFile.objects.filter(sha256=sha256, attempts__gt=0).update(attempts=F("attempts") - 1)

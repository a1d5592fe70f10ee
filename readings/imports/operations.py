"""What may be done to the store. `import_flow` is the only way in: every door calls it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import BinaryIO

from django.db.models import F

from readings.formats import zips
from readings.formats.content import Survey, survey
from readings.formats.recognition import recognize
from readings.imports.arrivals import Delivery, report_of
from readings.imports.attempts import Attempt, Rules
from readings.imports.loading.locks import BeingImported, import_lock
from readings.imports.outcomes import subject_of
from readings.imports.reports import ImportReport
from readings.imports.zip_attempts import Container
from readings.models import Arrival, FlowFile, Status


def import_flow(
    stream: BinaryIO,
    delivery: Delivery,
    *,
    clock: Callable[[], datetime],
    rules: Rules,
    content: Survey | None = None,
    dry_run: bool = False,
    is_unchanged: Callable[[], bool] = lambda: True,
    on_progress: Callable[[int], None] = lambda position: None,
) -> ImportReport:
    """Import one content whole, or refuse it with every problem, in one durable transaction.

    `content` is what a survey of the stream has told already, where the caller made one.
    `on_progress` gets the position in the stream after each batch (0 while it is hashed), and may raise to stop
    the import: then, as after any exception, nothing is stored but the attempt. `is_unchanged` is asked before the
    commit; ContentChanged is raised where it says no. BeingImported is raised where another importer has the same
    content in hand. Database and operating system errors pass through: they are never the file's fault.
    """
    began_at = clock()
    content = content or survey(stream, lambda size: on_progress(0))
    known = recognize(content.start)
    attempt: Attempt | Container
    if zips.recognizes(content.start):
        import_member = partial(_import_member, clock=clock, rules=rules, dry_run=dry_run, on_progress=on_progress)
        attempt = Container(stream, content, delivery, clock, rules, is_unchanged, on_progress, import_member)
    else:
        attempt = Attempt(stream, content, known, delivery, clock, rules, is_unchanged, on_progress)
    if content.size > rules.max_bytes:
        attempt.refuse("too-large", f"has {content.size:,} bytes; MAX_BYTES allows {rules.max_bytes:,}")
    if dry_run:
        report = attempt.rehearse(began_at)
    else:
        report = _store(attempt, content, subject_of(known, delivery), began_at, rules.max_attempts)
    report.seconds = (clock() - began_at).total_seconds()
    return report


def _store(
    attempt: Attempt | Container, content: Survey, subject: str, at: datetime, max_attempts: int | None
) -> ImportReport:
    """Store what an attempt finds, while no other importer has the same content in hand."""
    with import_lock(content.sha256):
        flow_file = _count_attempt(content, subject, at, is_counted=max_attempts is not None)
        if max_attempts is not None and flow_file.attempts > max_attempts:
            attempt.refuse(*_failure(flow_file, max_attempts))
        try:
            return attempt.store(flow_file)
        except BeingImported:  # The row, or a member of a zip, is in other hands: nobody is at fault.
            if max_attempts is not None:
                undo_attempt(content.sha256)
            raise


def _import_member(
    stream: BinaryIO,
    delivery: Delivery,
    *,
    clock: Callable[[], datetime],
    rules: Rules,
    dry_run: bool,
    on_progress: Callable[[int], None],
) -> ImportReport:
    """Import a member of a zip, or report on it where that was done before the importer was ended.

    Attempts are counted of the zip, not of its members.
    """
    content = survey(stream)
    if delivery.identity:
        same = Arrival.objects.filter(flow_file__sha256=content.sha256, identity=delivery.identity)
        if arrival := same.filter(container=None).order_by("pk").first():
            return report_of(arrival.pk)
    rules = replace(rules, max_attempts=None)
    return import_flow(
        stream, delivery, clock=clock, rules=rules, content=content, dry_run=dry_run, on_progress=on_progress
    )


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


def note_failure(sha256: str, error: str) -> None:
    """Note a fault of ours that ended an attempt; `error` is shown to operators."""
    FlowFile.objects.filter(sha256=sha256, attempts__gt=0).update(last_error=error[:1000])


def undo_attempt(sha256: str) -> None:
    """Take back an attempt that the environment ended: neither the file nor we were at fault."""
    FlowFile.objects.filter(sha256=sha256, attempts__gt=0).update(attempts=F("attempts") - 1)

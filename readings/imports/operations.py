"""Operations on the store. `import_flow` is the only way in: every door calls it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from typing import BinaryIO

from django.db import transaction
from django.db.models import F, Q

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
from readings.models.erasures import find_rewritten
from readings.models.plain import rows


def import_flow(
    stream: BinaryIO,
    delivery: Delivery,
    *,
    clock: Callable[[], datetime],
    rules: Rules,
    content: Survey | None = None,
    dry_run: bool = False,
    is_unchanged: Callable[[], bool] = lambda: True,
    on_progress: Callable[[int, int], None] = lambda position, values: None,
    on_attempt: Callable[[], None] = lambda: None,
) -> ImportReport:
    """Import one content completely, or reject it with all problems, in one durable transaction; return the report.

    `content` is the survey of the stream if the caller has one. `on_progress` receives the position in the stream
    and the number of values loaded after each batch (0 and 0 during hashing); it may raise to stop the import. After
    any exception, only the attempt is stored. `on_attempt` is called in the transaction that stores it, before, and
    may write as well. `is_unchanged` is called before the commit. Raise ContentChanged if it
    returns False, and BeingImported if another importer is importing the same content. Errors of the database and the
    operating system propagate: they are never the file's fault.
    """
    began_at = clock()
    content = content or survey(stream, lambda size: on_progress(0, 0))
    parser = recognize(content.start)
    attempt: Attempt | Container
    if zips.recognizes(content.start):
        import_member = partial(_import_member, clock=clock, rules=rules, dry_run=dry_run)
        attempt = Container(stream, content, delivery, clock, rules, is_unchanged, on_progress, import_member)
    else:
        attempt = Attempt(stream, content, parser, delivery, clock, rules, is_unchanged, on_progress)
    if content.size > rules.max_bytes:
        attempt.refuse("too-large", f"has {content.size:,} bytes; MAX_BYTES allows {rules.max_bytes:,}")
    if dry_run:
        report = attempt.rehearse(began_at)
    else:
        subject = subject_of(parser, delivery)
        report = _store(attempt, content, subject, began_at, rules.max_attempts, on_attempt)
    report.seconds = (clock() - began_at).total_seconds()
    return report


def _store(
    attempt: Attempt | Container,
    content: Survey,
    subject: str,
    at: datetime,
    max_attempts: int | None,
    on_attempt: Callable[[], None],
) -> ImportReport:
    """Store the result of an attempt while holding the lock of the content."""
    with import_lock(content.sha256):
        with transaction.atomic(durable=True):
            on_attempt()
            flow_file = count_attempt(content, subject, at, is_counted=max_attempts is not None)
        if max_attempts is not None and flow_file.attempts > max_attempts:
            attempt.refuse(*_failure(flow_file, max_attempts))
        try:
            return attempt.store(flow_file)
        except BeingImported:  # Another importer holds the row or a member of the zip: nobody is at fault.
            if max_attempts is not None:
                undo_attempt(content.sha256)
            raise


def _import_member(
    stream: BinaryIO,
    delivery: Delivery,
    on_progress: Callable[[int, int], None],
    *,
    clock: Callable[[], datetime],
    rules: Rules,
    dry_run: bool,
) -> ImportReport:
    """Import a member of a zip; return its stored report if an interrupted import has stored it already.

    Attempts count for the zip, not for its members.
    """
    content = survey(stream)
    if delivery.identity:
        is_content = Q(flow_file__sha256=content.sha256) | Q(flow_file__rewritings__old_sha256=content.sha256)
        same = Arrival.objects.filter(is_content, identity=delivery.identity)
        if arrival := same.filter(container=None).order_by("pk").first():
            return report_of(arrival.pk)
    rules = replace(rules, max_attempts=None)
    return import_flow(
        stream, delivery, clock=clock, rules=rules, content=content, dry_run=dry_run, on_progress=on_progress
    )


def count_attempt(content: Survey, subject: str, at: datetime, *, is_counted: bool) -> FlowFile:
    """Return the row of a content, stored if it is new; count an attempt to import it."""
    first = {"size": content.size, "received_at": at, "attempts": int(is_counted)}
    flow_file = find_rewritten(content.sha256, subject)
    if flow_file is None:
        flow_file = FlowFile(sha256=content.sha256, subject=subject, **first)
        if rows.insert(flow_file, unless_stored=True):
            return flow_file
        flow_file = FlowFile.objects.get(sha256=content.sha256, subject=subject)
    if is_counted and flow_file.status != Status.IMPORTED:
        FlowFile.objects.filter(pk=flow_file.pk).update(attempts=F("attempts") + 1)
        flow_file.refresh_from_db(fields=["attempts"])
    return flow_file


def _failure(flow_file: FlowFile, max_attempts: int) -> tuple[str, str]:
    if flow_file.last_error:
        cause = "because of a fault in the importer, not in the file"
        return "internal-error", f"failed {max_attempts} times {cause}: {flow_file.last_error}"
    return "poison", f"crashed the importer {max_attempts} times; run import_flow on this file alone to see why"


def note_failure(sha256: str, error: str) -> None:
    """Store the error of the importer that ended an attempt; operators see `error`."""
    FlowFile.objects.filter(sha256=sha256, attempts__gt=0).update(last_error=error[:1000])


def undo_attempt(sha256: str) -> None:
    """Discount an attempt that the environment ended: neither file nor importer was at fault."""
    FlowFile.objects.filter(sha256=sha256, attempts__gt=0).update(attempts=F("attempts") - 1)

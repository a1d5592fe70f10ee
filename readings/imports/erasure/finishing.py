"""Rewriting of the contents that await it; a run that was interrupted is finished by the next one."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from django.db.models import QuerySet

from readings.imports.erasure.contents import ContentFiles
from readings.imports.erasure.matching import Erased, stored_erasures
from readings.imports.erasure.rewriting import ZIP, Unreadable
from readings.imports.loading.locks import BeingImported
from readings.imports.reports import ImportReport
from readings.models import Arrival, FlowFile, RewrittenContent
from readings.models.erasures import await_rewriting


def finish_rewriting(roots: Sequence[Path], at: datetime, erased: Erased | None = None) -> Iterator[str]:
    """Rewrite the files of all contents that await it; yield a message about each that has to wait.

    `erased` knows the identifier of one meter point; without it, all are found by their digests.
    """
    if RewrittenContent.objects.filter(at=None).exists():
        with alone(roots):
            yield from finish_alone(roots, at, erased or stored_erasures())


@contextmanager
def alone(roots: Sequence[Path]) -> Iterator[None]:
    """Wait until no other process rewrites files below our folders, and keep others waiting."""
    try:
        descriptor = os.open(roots[0], os.O_RDONLY)
    except FileNotFoundError:  # There is no archive yet.
        yield
        return
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def finish_alone(roots: Sequence[Path], at: datetime, erased: Erased) -> Iterator[str]:
    """Do the same while `alone`."""
    _include_zips()
    tried: set[int] = set()
    # The zips of a round may add their members to the next one.
    while waiting := [each for each in _waiting() if each.pk not in tried]:
        for flow_file in waiting:
            tried.add(flow_file.pk)
            if trouble := _rewrite(flow_file, roots, erased, at):
                yield f"{flow_file}: {trouble}"


def _awaiting() -> QuerySet[FlowFile]:
    return FlowFile.objects.filter(pk__in=RewrittenContent.objects.filter(at=None).values("flow_file"))


def _include_zips() -> None:
    """Let the zips of members that await their rewriting await theirs."""
    members = Arrival.objects.filter(flow_file__in=_awaiting())
    zips = FlowFile.objects.filter(pk__in=members.values("container__flow_file"))
    for flow_file in zips.exclude(pk__in=_awaiting()):
        await_rewriting(flow_file, flow_file.sha256, "")


def _waiting() -> list[FlowFile]:
    """Return the contents that await their rewriting, zips first: these rewrite their members."""
    return sorted(_awaiting(), key=lambda flow_file: (flow_file.format != ZIP, flow_file.pk))


def _rewrite(flow_file: FlowFile, roots: Sequence[Path], erased: Erased, at: datetime) -> str:
    """Rewrite one content; return why it has to wait, or an empty text."""
    flow_file.refresh_from_db()  # As a member of a zip it may be rewritten already.
    arrivals = list(flow_file.arrivals.order_by("pk"))
    files = ContentFiles(flow_file=flow_file, roots=roots, erased=erased, arrivals=arrivals)
    try:
        return "" if files.rewrite(at) else "is not put away yet; the watcher rewrites it then"
    except BeingImported:
        return "is being imported; the watcher rewrites it afterwards"
    except Unreadable as error:
        return f"is a zip that cannot be read ({error}); remove it by hand"
    except OSError as error:
        return f"cannot be rewritten: {error}"


def finish_import(report: ImportReport, roots: Sequence[Path], at: datetime) -> list[str]:
    """Rewrite what an import left to be rewritten, and correct the hash in its report; return the troubles."""
    troubles = list(finish_rewriting(roots, at))
    if report.arrival_id:
        sha256 = Arrival.objects.filter(pk=report.arrival_id).values_list("flow_file__sha256", flat=True).first()
        report.sha256 = sha256 or report.sha256
    return troubles

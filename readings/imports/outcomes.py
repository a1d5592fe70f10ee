"""Outcomes of contents, stored in their rows."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import asdict
from datetime import datetime
from typing import Final

from django.db.models import F

from readings import VERSION
from readings.formats.contract import WARNING, Format, Problem
from readings.formats.statements import Header
from readings.imports.arrivals import Delivery
from readings.imports.loading.counts import Counts
from readings.imports.reports import COUNTED, ImportReport
from readings.models import FlowFile, Outcome, Status
from readings.models import Problem as StoredProblem
from readings.models import Surplus as StoredSurplus
from readings.models.plain import rows

HEADER_FIELDS: Final = (
    "version",
    "file_identifier",
    "sender_role",
    "sender",
    "recipient_role",
    "recipient",
    "created_at",
    "test_flag",
)
#: Name of the first arrival of another content with a file identifier.
_SAME_IDENTIFIER: Final = """
SELECT name FROM readings_arrival
WHERE outcome = 'IMPORTED' AND flow_file_id = (
    SELECT id FROM readings_flowfile
    WHERE sender = %s AND file_identifier = %s AND format = %s AND status = 'IMPORTED' AND id <> %s
    ORDER BY id LIMIT 1
)
ORDER BY id LIMIT 1
"""


def subject_of(parser: Format | None, delivery: Delivery) -> str:
    """Return the subject that only the file name states; it is part of the content's identity."""
    return subject_in(parser, delivery.name)


def subject_in(parser: Format | None, name: str) -> str:
    """Return the subject in a file name, of a format that states it only there; else an empty text."""
    match = parser.SUBJECT.fullmatch(re.split(r"[/\\]", name)[-1]) if parser and parser.SUBJECT else None
    return match["subject"] if match else ""


def first_name_of(flow_file: FlowFile) -> str:
    """Return the name under which a content was imported; empty if it was not."""
    first = flow_file.arrivals.filter(outcome=Outcome.IMPORTED).order_by("pk").first()
    return first.name if first else ""


def describe(flow_file: FlowFile, report: ImportReport, header: Header | None, at: datetime) -> None:
    """Store header, counts and problems of the last attempt in the row of the content."""
    header = header or Header(flow=report.format, version="")
    has_problems = bool(flow_file.errors or flow_file.warnings)
    values = {name: getattr(header, name) for name in HEADER_FIELDS}
    values |= {name: getattr(report, name) for name in COUNTED}
    values |= {
        "format": report.format,
        "status": Status(report.outcome),
        "imported_at": at if report.outcome == Outcome.IMPORTED else None,
        "importer_version": VERSION,
        "attempts": 0,
        "last_error": "",
    }
    for name, value in values.items():
        setattr(flow_file, name, value)
    rows.change(FlowFile, flow_file.pk, arrived=flow_file.arrived, **values)
    if has_problems:
        flow_file.problems.all().delete()
        flow_file.surpluses.all().delete()
    StoredProblem.objects.bulk_create(
        StoredProblem(flow_file=flow_file, **asdict(problem)) for problem in report.problems
    )
    StoredSurplus.objects.bulk_create(
        StoredSurplus(flow_file=flow_file, **asdict(surplus)) for surplus in report.unlisted
    )


def add_counts(flow_file: FlowFile, counts: Counts) -> None:
    """Add the new rows of a content that arrived again to those of its row: parts of days may repeat no longer."""
    names = ("readings", "accumulations", "interval_days", "intervals")
    new = {name: F(name) + number for name in names if (number := getattr(counts, name))}
    if new:
        FlowFile.objects.filter(pk=flow_file.pk).update(**new)


def add_problems(flow_file: FlowFile, report: ImportReport) -> None:
    """Add the warnings of a content that arrived again, and made its statements count again, to those of its row."""
    stored = set(flow_file.problems.values_list("line", "code", "value", "message"))
    new = [each for each in report.problems if (each.line, each.code, each.value, each.message) not in stored]
    StoredProblem.objects.bulk_create(StoredProblem(flow_file=flow_file, **asdict(problem)) for problem in new)
    if new:
        FlowFile.objects.filter(pk=flow_file.pk).update(warnings=F("warnings") + len(new))


def same_file_identifier(flow_file: FlowFile, header: Header | None) -> Iterator[Problem]:
    """Yield a warning if the sender has used the file identifier before; it must be unique per sender."""
    if not header or not header.file_identifier:
        return
    before = rows.first(_SAME_IDENTIFIER, (header.sender, header.file_identifier, header.flow, flow_file.pk))
    if before:
        message = f"{header.sender} used this file identifier earlier for other content: {before[0]}"
        yield Problem(
            severity=WARNING,
            line=1,
            field="File Identifier",
            code="repeated-file-identifier",
            value=header.file_identifier,
            message=message,
        )

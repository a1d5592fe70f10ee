"""How a content came, and what became of it, written down."""

from __future__ import annotations

import re
from dataclasses import asdict
from datetime import datetime
from typing import Final

from readings import VERSION
from readings.formats.contract import Format
from readings.formats.statements import Header
from readings.imports.arrivals import Delivery
from readings.imports.reports import COUNTED, ImportReport
from readings.models import FlowFile, Outcome, Status
from readings.models import Problem as StoredProblem

#: Characters of the message of a problem.
LONGEST_MESSAGE: Final = 400
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


def subject_of(known: Format | None, delivery: Delivery) -> str:
    """Return what only the name of the file says that the content is about; it is part of the content's identity."""
    named = known.SUBJECT.fullmatch(re.split(r"[/\\]", delivery.name)[-1]) if known and known.SUBJECT else None
    return named["subject"] if named else ""


def first_name_of(flow_file: FlowFile) -> str:
    """Return the name under which a content was imported; empty where it was not."""
    first = flow_file.arrivals.filter(outcome=Outcome.IMPORTED).order_by("pk").first()
    return first.name if first else ""


def describe(flow_file: FlowFile, report: ImportReport, header: Header | None, at: datetime) -> None:
    """Write the header, the counts and the problems of the last attempt into the row of the content."""
    header = header or Header(flow=report.format, version="")
    for name in HEADER_FIELDS:
        setattr(flow_file, name, getattr(header, name))
    for name in COUNTED:
        setattr(flow_file, name, getattr(report, name))
    flow_file.format = report.format
    flow_file.status = Status(report.outcome)
    flow_file.imported_at = at if report.outcome == Outcome.IMPORTED else None
    flow_file.importer_version = VERSION
    flow_file.attempts, flow_file.last_error = 0, ""
    flow_file.save()
    flow_file.problems.all().delete()
    StoredProblem.objects.bulk_create(
        StoredProblem(flow_file=flow_file, **asdict(problem)) for problem in report.problems
    )

"""Reports of imports, as answers: those of the command `import_flow`, with what a program needs next."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Literal
from urllib.parse import urlencode

from django.db.models import Q
from ninja import Schema
from pydantic import Field

from readings.api.errors import ROOT, ProblemDetails
from readings.imports.reports import ImportReport, as_json, other_flow_in
from readings.models import Arrival, Outcome

#: Codes of problems of a content that is another form of file.
_ANOTHER_FORM: Final = frozenset({"other-file-format", "unknown-version-header"})


class ReportedProblem(Schema):
    """A problem of a file."""

    severity: Literal["ERROR", "WARNING"]
    line: int = Field(description="Line of the file; 0 for the whole file.")
    record: str
    field: str
    code: str
    value: str
    message: str
    scheme: str
    identifier: str = Field(description="Meter point that the problem concerns; empty if it is unknown.")


class ReportedSurplus(Schema):
    """The number of problems of a code that the report does not list."""

    severity: Literal["ERROR", "WARNING"]
    code: str
    number: int


class Report(Schema):
    """What an import did."""

    name: str
    sha256: str
    format: str
    outcome: Literal["imported", "duplicate", "rejected", "other-flow"]
    duplicate_of: str = Field(description="Name under which a duplicate was imported first.")
    meter_points: int
    meters: int
    registers: int
    readings: int = Field(description="Number of new readings; so are the numbers of other statements.")
    accumulations: int
    interval_days: int
    intervals: int
    repeats: int
    superseded: int
    withdrawn: int
    completed: int
    seconds: float
    errors: int
    warnings: int
    problems: list[ReportedProblem]
    unlisted: list[ReportedSurplus]
    members: list[Report] = Field(description="Reports of the members of a zip.")


class FirstArrival(Schema):
    """The arrival that brought a content first."""

    name: str
    received_at: datetime


class UploadReport(Report):
    """What an upload did."""

    dry_run: bool = Field(description="Whether nothing was stored.")
    flow_file: str = Field(description="Address of the flow file; a dry run stores nothing there.")
    first_arrival: FirstArrival | None = Field(description="Import of the same content, if the outcome is duplicate.")


class Waiting(Schema):
    """A file that waits for the watcher."""

    name: str
    sha256: str
    status: Literal["received", "imported"] = Field(description="`imported`: the same content was imported before.")
    flow_file: str = Field(description="Address of the flow file, where its status changes.")


class Rejection(ProblemDetails):
    """A file that was rejected, with all its problems; without `report`, the request is wrong."""

    report: UploadReport | None = None


def address_of(sha256: str, subject: str) -> str:
    """Return the address of a flow file."""
    return f"{ROOT}flow-files/{sha256}" + (f"?{urlencode({'subject': subject})}" if subject else "")


def upload_report(report: ImportReport) -> dict[str, Any]:
    """Return the answer to an upload; without an arrival, it is that of a dry run."""
    arrival = Arrival.objects.select_related("flow_file").get(pk=report.arrival_id) if report.arrival_id else None
    first = _first_arrival(report) if report.outcome == Outcome.DUPLICATE else None
    known = arrival or first
    # The hash of the flow file is another one if its content was rewritten since.
    row = known.flow_file if known else None
    return {
        **as_json(report),
        "dry_run": arrival is None,
        "flow_file": address_of(row.sha256, row.subject) if row else address_of(report.sha256, ""),
        "first_arrival": first and {"name": first.name, "received_at": first.received_at.isoformat()},
    }


def _first_arrival(report: ImportReport) -> Arrival | None:
    is_content = Q(flow_file__sha256=report.sha256) | Q(flow_file__rewritings__old_sha256=report.sha256)
    same = Arrival.objects.filter(is_content, name=report.duplicate_of, outcome=Outcome.IMPORTED)
    return same.select_related("flow_file").order_by("pk").first()


def another_flow(report: ImportReport) -> str:
    """Return what a content is of which nothing is read, if it is another flow or form of file; else nothing."""
    if report.outcome == Outcome.OTHER_FLOW:
        return f"{report.name}: {other_flow_in(report)}"
    found = next((problem for problem in report.problems if problem.code in _ANOTHER_FORM), None)
    return f"{report.name}: {found.value} {found.message}" if found else ""

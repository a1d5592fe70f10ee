"""What became of one file, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Final

from readings.formats.contract import Problem
from readings.formats.text import count

#: What a report and the row of a content count alike.
COUNTED: Final = (
    "meter_points",
    "meters",
    "registers",
    "readings",
    "accumulations",
    "interval_days",
    "intervals",
    "repeats",
    "superseded",
    "withdrawn",
    "errors",
    "warnings",
)


@dataclass(slots=True, kw_only=True)
class ImportReport:
    """What became of one file."""

    name: str
    sha256: str
    format: str = ""
    #: IMPORTED, DUPLICATE or REJECTED.
    outcome: str = ""
    #: The name under which the same content was imported, where this is a duplicate.
    duplicate_of: str = ""
    #: Primary key; None on a dry run.
    arrival_id: int | None = None
    meter_points: int = 0
    meters: int = 0
    registers: int = 0
    #: Rows that are new.
    readings: int = 0
    accumulations: int = 0
    interval_days: int = 0
    #: Those of the days that are new.
    intervals: int = 0
    #: What was stored already.
    repeats: int = 0
    #: What was stored, and was corrected.
    superseded: int = 0
    #: Readings that were taken back.
    withdrawn: int = 0
    seconds: float = 0.0
    errors: int = 0
    warnings: int = 0
    #: The first of them, in the order of lines; `errors` and `warnings` count all.
    problems: list[Problem] = field(default_factory=list)
    #: Those of what came in a zip; then the counts are their sums, and the problems those of the zip itself.
    members: list[ImportReport] = field(default_factory=list)


def with_members(report: ImportReport, members: list[ImportReport]) -> ImportReport:
    """Return the report of a zip with those of its members, and with their counts; without members, as it is."""
    for name in COUNTED:
        if members and name not in ("errors", "warnings"):
            setattr(report, name, sum(getattr(member, name) for member in members))
    report.members = members
    return report


def as_json(report: ImportReport) -> dict[str, Any]:
    """Return the report as the commands and report files give it; the outcome is in lower case."""
    answer = {each.name: getattr(report, each.name) for each in fields(report)}
    del answer["arrival_id"]
    return {
        **answer,
        "outcome": report.outcome.lower(),
        "seconds": round(report.seconds, 3),
        "problems": [asdict(problem) for problem in report.problems],
        "members": [as_json(member) for member in report.members],
    }


def as_json_text(report: ImportReport) -> str:
    """Return the report as one line of JSON."""
    return json.dumps(as_json(report), ensure_ascii=False)


def as_text(report: ImportReport) -> str:
    """Return the report for people: what became of the file, then a line `path:line: code message` a problem."""
    lines = [f"{report.name}: {_summary(report)}", *_problem_lines(report)]
    return "\n".join([*lines, *map(as_text, report.members)])


#: Counted things that have no plural.
_PARTICIPLES: Final = ("superseded", "withdrawn")


def _summary(report: ImportReport) -> str:
    if report.outcome == "DUPLICATE":
        return f"duplicate: the same content was imported as {report.duplicate_of}"
    found = f"{count(report.errors, 'error')}, {count(report.warnings, 'warning')}"
    if report.outcome == "REJECTED":
        stored = "what was good in it was stored" if report.members else "nothing was stored"
        return f"rejected: {found}; {stored}"
    parts = [
        count(report.meter_points, "meter point"),
        count(report.meters, "meter"),
        count(report.registers, "register"),
    ]
    if report.readings or not report.interval_days:
        parts.append(count(report.readings, "reading"))
    for number, what in (
        (report.accumulations, "accumulation"),
        (report.interval_days, "interval day"),
        (report.intervals, "interval"),
        (report.repeats, "repeat"),
        (report.superseded, "superseded"),
        (report.withdrawn, "withdrawn"),
        (report.warnings, "warning"),
    ):
        if number:
            parts.append(count(number, what, what if what in _PARTICIPLES else ""))
    return f"imported: {', '.join(parts)} in {report.seconds:.2f} s"


def _problem_lines(report: ImportReport) -> Iterator[str]:
    for problem in report.problems:
        value = repr(problem.value) if problem.value else ""
        where = " ".join(part for part in (problem.record, problem.field, value) if part)
        message = f"{where}: {problem.message}" if where else problem.message
        yield f"{report.name}:{problem.line}: {problem.code} {problem.severity.lower()}: {message}"
    if (more := report.errors + report.warnings - len(report.problems)) > 0:
        yield f"{report.name}: {count(more, 'more problem')} not listed"

"""Import reports, for people and for programs."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields
from typing import Any, Final

from readings.formats.contract import OTHER_FLOW, Problem
from readings.formats.text import count
from readings.imports.disk import write_text
from readings.imports.problems import Problems, Surplus
from readings.models import Outcome

#: Counts that a report and the row of a content share.
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
    "completed",
    "errors",
    "warnings",
)


@dataclass(slots=True, kw_only=True)
class ImportReport:
    """The outcome of one file."""

    name: str
    sha256: str
    format: str = ""
    #: Outcome: IMPORTED, DUPLICATE, REJECTED or OTHER_FLOW.
    outcome: str = ""
    #: Name under which the same content was imported; empty unless the outcome is DUPLICATE.
    duplicate_of: str = ""
    #: Primary key of the arrival; None in a dry run.
    arrival_id: int | None = None
    meter_points: int = 0
    meters: int = 0
    registers: int = 0
    #: Numbers of new rows.
    readings: int = 0
    accumulations: int = 0
    interval_days: int = 0
    #: Number of intervals in the new days.
    intervals: int = 0
    #: Number of rows that were stored already.
    repeats: int = 0
    #: Number of stored rows that were corrected.
    superseded: int = 0
    #: Number of readings that were withdrawn.
    withdrawn: int = 0
    #: Number of stored days that a part of the day completed.
    completed: int = 0
    #: Duration of the import; 0 if it is unknown, in a report from stored rows.
    seconds: float = 0.0
    errors: int = 0
    warnings: int = 0
    #: First problems of each code in line order, and the numbers of the others; `errors` and `warnings` count all.
    problems: list[Problem] = field(default_factory=list)
    unlisted: list[Surplus] = field(default_factory=list)
    #: Reports of the members of a zip; the counts are then their sums, and the problems those of the zip itself.
    members: list[ImportReport] = field(default_factory=list)

    def list_problems(self, problems: Problems) -> None:
        """Take over the problems of a content."""
        self.errors, self.warnings = problems.errors, problems.warnings
        self.problems, self.unlisted = problems.by_line(), problems.surpluses()


def with_members(report: ImportReport, members: list[ImportReport]) -> ImportReport:
    """Return the report of a zip with the reports of its members and the sums of their counts."""
    for name in COUNTED:
        if members and name not in ("errors", "warnings"):
            setattr(report, name, sum(getattr(member, name) for member in members))
    report.members = members
    return report


def as_json(report: ImportReport) -> dict[str, Any]:
    """Return the report in the form of commands and report files; the outcome is its word."""
    answer = {each.name: getattr(report, each.name) for each in fields(report)}
    del answer["arrival_id"]
    return {
        **answer,
        "outcome": Outcome(report.outcome).word,
        "seconds": round(report.seconds, 3),
        "problems": [asdict(problem) for problem in report.problems],
        "unlisted": [asdict(surplus) for surplus in report.unlisted],
        "members": [as_json(member) for member in report.members],
    }


def as_json_text(report: ImportReport) -> str:
    """Return the report as one line of JSON."""
    return json.dumps(as_json(report), ensure_ascii=False)


def write_reports(report: ImportReport, place: bytes) -> None:
    """Write both forms of a report next to the place of its file."""
    write_text(place + b".report.json", as_json_text(report) + "\n")
    write_text(place + b".report.txt", as_text(report) + "\n")


def as_text(report: ImportReport) -> str:
    """Return the report as text: the outcome, then one line `path:line: code severity: message` per problem."""
    lines = [f"{report.name}: {_summary(report)}", *_problem_lines(report)]
    return "\n".join([*lines, *map(as_text, report.members)])


#: Nouns of counts without a plural form.
_PARTICIPLES: Final = ("superseded", "withdrawn", "completed")


def _summary(report: ImportReport) -> str:
    if report.outcome == Outcome.OTHER_FLOW:
        return f"{Outcome.OTHER_FLOW.word}: {other_flow_in(report)}"
    if report.outcome == Outcome.DUPLICATE:
        again = count(report.superseded, "statement")
        changed = f"; its statements count again, in place of {again}" if report.superseded else ""
        return f"duplicate: the same content was imported as {report.duplicate_of}{changed}"
    problems = f"{count(report.errors, 'error')}, {count(report.warnings, 'warning')}"
    if report.outcome == Outcome.REJECTED:
        stored = "its valid members were stored" if report.members else "nothing was stored"
        return f"rejected: {problems}; {stored}"
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
        (report.completed, "completed"),
        (report.warnings, "warning"),
    ):
        if number:
            parts.append(count(number, what, what if what in _PARTICIPLES else ""))
    took = f" in {report.seconds:.2f} s" if report.seconds else ""
    return f"imported: {', '.join(parts)}{took}"


def other_flow_in(report: ImportReport) -> str:
    """Return what a content of flows that are not read here is, and that it was set aside."""
    if len(report.members) == 1:
        return other_flow_in(report.members[0])
    if report.members:
        flows = ", ".join(sorted({member.format for member in report.members}))
        number = count(len(report.members), "file")
        return f"{number} of flows that are not read here ({flows}); set aside, nothing was stored"
    notes = [problem for problem in report.problems if problem.code == OTHER_FLOW]
    return "; ".join(f"{note.value} {note.message}" for note in notes)


def _problem_lines(report: ImportReport) -> Iterator[str]:
    for problem in report.problems:
        if report.outcome == Outcome.OTHER_FLOW and problem.code == OTHER_FLOW:
            continue  # The summary names it.
        value = repr(problem.value) if problem.value else ""
        where = " ".join(part for part in (problem.record, problem.field, value) if part)
        message = f"{where}: {problem.message}" if where else problem.message
        yield f"{report.name}:{problem.line}: {problem.code} {problem.severity.lower()}: {message}"
    for surplus in report.unlisted:
        what = surplus.code or f"{surplus.severity.lower()}s"
        yield f"{report.name}: {surplus.number:,} more {what} not listed"

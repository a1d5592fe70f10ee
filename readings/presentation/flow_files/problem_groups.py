"""The problems of a flow file by code in words, for the templates and the text for its sender."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from readings.formats.raw_lines import mark
from readings.formats.text import count
from readings.models import MeterPoint, Problem, Severity
from readings.presentation import badges, cells, links
from readings.queries.flow_files.problems import Group

#: Severity and code of a group.
Kind = tuple[str, str]


def title(group: Group) -> str:
    """Return the code of a group as words."""
    return group.code.replace("-", " ").capitalize() or "Further problems"


def common_message(problems: Sequence[Problem]) -> str:
    """Return the message of problems if all of them have the same; else an empty text."""
    messages = {problem.message for problem in problems}
    return messages.pop() if len(messages) == 1 else ""


def in_words(
    group: Group, displayed: Sequence[dict[str, Any]], address: Callable[[int], str], *, is_alone: bool
) -> dict[str, Any]:
    """Return a group for the template.

    `displayed` are those of its problems that are shown with their lines. `address` returns the address of the page
    of the group, from a line on; `is_alone` tells that this is that page.
    """
    listed = {problem.line: problem for problem in group.first if problem.line}
    anchors = {each["problem"].line: f"#problem-{each['problem'].pk}" for each in displayed}
    return {
        "severity": badges.outcome(group.severity, Severity(group.severity).label),
        "code": group.code,
        "title": title(group),
        "message": common_message(group.first),
        "where": where(group),
        "lines": [(f"{line:,}", anchors.get(line) or address(line)) for line in listed],
        "more": _number(group.number - len(group.first)) if listed else "",
        "unstored": _unstored(group.number - group.stored),
        "problems": displayed,
        "address": "" if is_alone or group.stored <= len(displayed) else address(0),
        "all": count(group.stored, "problem"),
    }


def _number(number: int) -> str:
    return f"{number:,}" if number else ""


def _unstored(number: int) -> str:
    return f"{number:,} more {'was' if number == 1 else 'were'} counted but not stored." if number else ""


def where(group: Group) -> str:
    """Return how many problems a group has, and in what."""
    if not any(problem.line for problem in group.first):
        return "Whole file" if group.number == 1 else count(group.number, "problem")
    lines = {problem.line for problem in group.first}
    if len(lines) == group.number and 0 not in lines:
        return "Line" if group.number == 1 else count(group.number, "line")
    return f"{count(group.number, 'problem')}, line{'' if len(lines) == 1 else 's'}"


def problem(
    row: Problem,
    line: bytes | None,
    fields: Mapping[str, Sequence[str]],
    meter_points: Mapping[tuple[str, str], MeterPoint],
) -> dict[str, Any]:
    """Return a problem with its raw line for the template; `fields` are the field names of each record."""
    names = fields.get(row.record, ())
    stored = meter_points.get((row.scheme, row.identifier))
    return {
        "problem": row,
        "where": cells.line(row.line),
        "marked": None
        if line is None
        else mark(line, names=names, record=row.record, field=row.field, value=row.value),
        "meter_point": links.meter_point(stored) if stored else row.identifier,
    }

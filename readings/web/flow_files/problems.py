"""The problems on the page of a flow file: by code, with the lines as sent."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from django.conf import settings
from django.http import Http404, HttpRequest

from readings.formats.raw_lines import lines_at
from readings.formats.recognition import find_format
from readings.formats.text import count
from readings.imports.kept_files import NotThere, open_content
from readings.models import Arrival, FlowFile, Problem, Severity
from readings.presentation.flow_files import problem_groups
from readings.presentation.flow_files.problem_groups import Kind
from readings.queries import details
from readings.queries.flow_files.problems import Group, groups_of, page_of

#: Number of problems of each code that are shown with their lines.
SHOWN: Final = 3
#: Number of problems that are shown with their lines, of all codes.
MOST_SHOWN: Final = 60


class Choice(NamedTuple):
    """The part of the problems that an address names: one code, from a place on; all codes without one."""

    severity: str = ""
    code: str = ""
    after: tuple[int, int] | None = None

    @classmethod
    def of(cls, request: HttpRequest) -> Choice:
        """Return the choice of a request; raise Http404 for an invalid place."""
        after = request.GET.get("after")
        if after is None:
            return cls(request.GET.get("severity", ""), request.GET.get("code", ""))
        try:
            line, pk = map(int, after.split("_"))
        except ValueError:
            raise Http404("There is no such page of problems.") from None
        return cls(request.GET.get("severity", ""), request.GET.get("code", ""), (line, pk))

    def is_of(self, group: Group) -> bool:
        """Return whether it names a group."""
        return self.code == group.code and self.severity in ("", group.severity)


def context(row: FlowFile, arrivals: Sequence[Arrival], choice: Choice) -> dict[str, Any]:
    """Return the problems of a file for the template."""
    groups = groups_of(row)
    if not choice.code:
        displayed = _first_of_each(groups)
        return {**_groups(row, groups, displayed, arrivals), "groups": groups}
    chosen = next((group for group in groups if choice.is_of(group)), None)
    if chosen is None:
        raise Http404("The file has no problem of this code.")
    page, following = page_of(row, chosen, choice.after)
    return {
        **_groups(row, [chosen], {_kind(chosen): page}, arrivals, is_alone=True),
        "groups": groups,
        "chosen": chosen,
        "every_code": _address(row),
        "earlier": _address(row, chosen) if choice.after else "",
        "later": _address(row, chosen, following) if following else "",
    }


def _first_of_each(groups: Sequence[Group]) -> dict[Kind, list[Problem]]:
    """Return the problems that are shown if no code is chosen."""
    shown: dict[Kind, list[Problem]] = {}
    left = MOST_SHOWN
    for group in groups:
        shown[_kind(group)] = group.first[: min(SHOWN, left)]
        left -= len(shown[_kind(group)])
    return shown


def _groups(
    row: FlowFile,
    groups: Sequence[Group],
    displayed: dict[Kind, list[Problem]],
    arrivals: Iterable[Arrival],
    *,
    is_alone: bool = False,
) -> dict[str, Any]:
    problems = [problem for few in displayed.values() for problem in few]
    lines, why_none = _lines(row, arrivals, {problem.line for problem in problems} - {0})
    module = find_format(row.format)
    fields = module.FIELDS if module else {}
    meter_points = details.meter_points_of(problems)
    words: dict[str, list[dict[str, Any]]] = {Severity.ERROR: [], Severity.WARNING: []}
    for group in groups:
        rows = [
            problem_groups.problem(each, lines.get(each.line), fields, meter_points)
            for each in displayed[_kind(group)]
        ]

        def address(line: int, group: Group = group) -> str:
            return _address(row, group, (line, 0) if line else None)

        words[group.severity].append(problem_groups.in_words(group, rows, address, is_alone=is_alone))
    warnings = sum(group.number for group in groups if group.severity == Severity.WARNING)
    return {
        "errors": words[Severity.ERROR],
        "warnings": words[Severity.WARNING],
        "number_of_warnings": count(warnings, "warning"),
        "why_no_lines": why_none,
    }


def _lines(row: FlowFile, arrivals: Iterable[Arrival], numbers: set[int]) -> tuple[dict[int, bytes], str]:
    """Return the lines with these numbers as sent, or the reason why they cannot be shown."""
    if not numbers:
        return {}, ""
    try:
        with open_content(row, arrivals, (settings.ARCHIVE_DIR, settings.REJECTED_DIR)) as stream:
            lines = lines_at(stream, numbers)
    except (NotThere, OSError) as error:
        return {}, str(error).partition("; was ")[0]  # Without the former place of a file that was put back.
    return lines, "" if len(lines) == len(numbers) else "the last ones are too far down in a large file"


def _kind(group: Group) -> Kind:
    return group.severity, group.code


def _address(row: FlowFile, group: Group | None = None, after: tuple[int, int] | None = None) -> str:
    query = {"subject": row.subject} if row.subject else {}
    if group:
        query |= {"code": group.code, "severity": group.severity}
    if after:
        query["after"] = "{}_{}".format(*after)
    return f"?{urlencode(query)}#problems"

"""The problems of a flow file by severity and code, in bounded numbers."""

from __future__ import annotations

from typing import Final, NamedTuple

from django.db.models import Count, Window
from django.db.models.functions import RowNumber

from readings.models import FlowFile, Problem, Severity, Surplus

#: Number of problems listed of each code, at most.
LISTED: Final = 20
#: Number of problems on a page of one code.
PAGE: Final = 50


class Group(NamedTuple):
    """The problems of one severity and code."""

    severity: str
    #: Code of the problems; empty if it is unknown, in stores of earlier versions.
    code: str
    #: Number of all problems, also of those that are not stored.
    number: int
    #: Number of those that are stored.
    stored: int
    #: First stored problems by line, at most LISTED.
    first: list[Problem]


def groups_of(flow_file: FlowFile) -> list[Group]:
    """Return the problems of a file by code: errors first, then the most frequent codes, then by line."""
    groups: dict[tuple[str, str], Group] = {}
    of_code = ("severity", "code")
    place = Window(RowNumber(), partition_by=of_code, order_by=("line", "pk"))
    rows = Problem.objects.filter(flow_file=flow_file).annotate(
        place=place, stored=Window(Count("pk"), partition_by=of_code)
    )
    for row in rows.filter(place__lte=LISTED).order_by("line", "pk"):
        empty = Group(row.severity, row.code, row.stored, row.stored, [])
        groups.setdefault((row.severity, row.code), empty).first.append(row)
    for surplus in Surplus.objects.filter(flow_file=flow_file):
        key = surplus.severity, surplus.code
        group = groups.get(key, Group(*key, 0, 0, []))
        groups[key] = group._replace(number=group.number + surplus.number)
    return sorted(groups.values(), key=_place)


def _place(group: Group) -> tuple[bool, int, int, str]:
    line = group.first[0].line if group.first else 0
    return group.severity != Severity.ERROR, -group.number, line, group.code


def page_of(
    flow_file: FlowFile, group: Group, after: tuple[int, int] | None
) -> tuple[list[Problem], tuple[int, int] | None]:
    """Return a page of the stored problems of one code by line, and the cursor of the next page, or None."""
    rows = Problem.objects.filter(flow_file=flow_file, severity=group.severity, code=group.code)
    if after:
        line, pk = after
        rows = rows.filter(line__gte=line).exclude(line=line, pk__lte=pk)
    page = list(rows.order_by("line", "pk")[: PAGE + 1])
    last = page[PAGE - 1] if len(page) > PAGE else None
    return page[:PAGE], (last.line, last.pk) if last else None

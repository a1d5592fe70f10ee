"""What one page says of one flow file."""

from __future__ import annotations

from typing import Final

from django.db.models import QuerySet

from readings.models import Accumulation, FlowFile, IntervalDay, Problem, Reading
from readings.queries.lists import accumulations, first_arrival, interval_days, readings

#: Problems on a page.
PAGE: Final = 50
#: Statements of each kind that stand on the page, the first of the file.
STATED: Final = 20


def flow_files_of(sha256_start: str) -> list[FlowFile]:
    """Find the contents whose hash begins so; of one content there are several where its name has a subject."""
    following = f"{sha256_start}g"  # above all that begin so: `startswith` would not go by the index
    rows = FlowFile.objects.filter(sha256__gte=sha256_start, sha256__lt=following)
    return list(rows.prefetch_related(first_arrival()).order_by("sha256", "subject", "pk")[:PAGE])


def problems_page(
    flow_file: FlowFile, behind: tuple[int, int] | None
) -> tuple[list[Problem], tuple[int, int] | None]:
    """Return a page of the problems of a file by their lines, with the line and number behind which the next is."""
    rows = Problem.objects.filter(flow_file=flow_file).order_by("line", "pk")
    if behind:
        line, pk = behind
        rows = rows.filter(line__gte=line).exclude(line=line, pk__lte=pk)
    page = list(rows[: PAGE + 1])
    last = page[PAGE - 1] if len(page) > PAGE else None
    return page[:PAGE], (last.line, last.pk) if last else None


def readings_in(flow_file: FlowFile) -> QuerySet[Reading]:
    """List the first readings of a file, by their lines."""
    return readings().filter(flow_file=flow_file).order_by("line", "pk")[:STATED]


def accumulations_in(flow_file: FlowFile) -> QuerySet[Accumulation]:
    """List the first accumulations of a file, by their lines."""
    return accumulations().filter(flow_file=flow_file).order_by("line", "pk")[:STATED]


def interval_days_in(flow_file: FlowFile) -> QuerySet[IntervalDay]:
    """List the first interval days of a file, by their lines."""
    return interval_days().filter(flow_file=flow_file).order_by("line", "pk")[:STATED]

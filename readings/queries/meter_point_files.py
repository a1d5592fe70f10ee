"""The files with lines about a meter point, and the problems of these lines."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from operator import or_
from typing import Final, NamedTuple

from django.db.models import Case, Count, Max, Min, OuterRef, Q, QuerySet, Subquery, Sum, When

from readings.formats.contract import About
from readings.formats.recognition import FORMATS
from readings.models import (
    Accumulation,
    FlowFile,
    IntervalDay,
    MeterPoint,
    Problem,
    Reading,
    Repeat,
    SiteVisit,
    Statement,
)
from readings.queries.lists import first_arrival

#: Number of files listed for a meter point, at most; the newest are taken.
FILES: Final = 20
#: Number of findings listed, at most.
FINDINGS: Final = 50
#: Model of the statement that a finding concerns, and whether the statement follows the finding.
_NEAREST: Final[Mapping[About, tuple[type[Statement] | type[SiteVisit], bool]]] = {
    About.READING: (Reading, False),
    About.READING_BELOW: (Reading, True),
    About.SITE_VISIT: (SiteVisit, False),
    About.ACCUMULATION: (Accumulation, False),
    About.INTERVAL_DAY: (IntervalDay, False),
    About.INTERVAL_DAY_BELOW: (IntervalDay, True),
}
#: Number of lines by which a parent may precede the first statement, and a child follow the last.
_BEFORE, _BEHIND = 3, 60


class FileLines(NamedTuple):
    """The number of a file's lines about a meter point, and the first and last of them."""

    flow_file: FlowFile
    first: int
    last: int
    rows: int
    #: Number of the lines that only repeat stored statements.
    repeats: int


def files_of(meter_point: MeterPoint) -> list[FileLines]:
    """Return the newest files with lines about a meter point, newest first."""
    statements = [
        model._default_manager.filter(meter_point=meter_point)
        .order_by()
        .values("flow_file")
        .annotate(Min("line"), Max("line"), Count("pk"))
        .values_list("flow_file", "line__min", "line__max", "pk__count")
        .order_by("-flow_file")[: FILES + 1]
        for model in (Reading, Accumulation, IntervalDay, SiteVisit)
    ]
    repeats = _repeats_about(meter_point)
    repeating = {key: number for key, _, _, number in repeats}
    statements.append(repeats)
    spans: dict[int, tuple[int, int, int]] = {}
    for rows in statements:
        for key, first, last, number in rows:
            before = spans.get(key, (first, last, 0))
            spans[key] = min(first, before[0]), max(last, before[1]), before[2] + number
    newest = sorted(spans, reverse=True)[: FILES + 1]
    flow_files = FlowFile.objects.prefetch_related(first_arrival()).in_bulk(newest)
    return [FileLines(flow_files[key], *spans[key], repeating.get(key, 0)) for key in newest]


def _repeats_about(meter_point: MeterPoint) -> QuerySet[Repeat, tuple[int, int, int, int]]:
    """Return file, first and last line and number of the lines that repeat stored statements about a meter point."""
    rows = Repeat.objects.filter(meter_point=meter_point).order_by().values("flow_file")
    rows = rows.annotate(Min("first_line"), Max("last_line"), Sum("number"))
    columns = rows.values_list("flow_file", "first_line__min", "last_line__max", "number__sum")
    return columns.order_by("-flow_file")[: FILES + 1]


def findings_of(meter_point: MeterPoint, files: Iterable[FileLines]) -> list[Problem]:
    """Return the problems of the lines about a meter point, newest file first, then by line."""
    near = [Q(flow_file=each.flow_file, line__range=(each.first - _BEFORE, each.last + _BEHIND)) for each in files]
    about = Case(*_concerned(), default=None)
    rows = Problem.objects.filter(reduce(or_, near, Q(pk=None))).annotate(about=about).filter(about=meter_point.pk)
    rows = rows.select_related("flow_file").prefetch_related(first_arrival("flow_file__"))
    return list(rows.order_by("-flow_file", "line", "pk")[: FINDINGS + 1])


def _concerned() -> Iterator[When]:
    """Yield, for the records of each format, the meter point that a finding about them concerns."""
    for module in FORMATS:
        for about, (model, follows) in _NEAREST.items():
            records = [record for record, subject in module.RECORDS.items() if subject is about]
            if records:
                is_one = Q(flow_file__format=module.NAME, record__in=records)
                yield When(is_one, then=_nearest(model, follows=follows))


def _nearest(model: type[Statement] | type[SiteVisit], *, follows: bool) -> Subquery:
    """Return the meter point of the nearest statement: after a parent record, else at or before the line."""
    rows = model._default_manager.filter(flow_file=OuterRef("flow_file"))
    if follows:
        rows = rows.filter(line__gt=OuterRef("line"), line__lte=OuterRef("line") + _BEFORE).order_by("line")
    else:
        rows = rows.filter(line__lte=OuterRef("line")).order_by("-line")
    return Subquery(rows.values("meter_point")[:1])

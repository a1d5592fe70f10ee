"""The files that state something of a meter point, and what was found in the lines that do."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import reduce
from operator import or_
from typing import Final, NamedTuple

from django.db.models import Case, Count, Max, Min, OuterRef, Q, Subquery, When

from readings.formats.contract import About
from readings.formats.recognition import FORMATS
from readings.models import Accumulation, FlowFile, IntervalDay, MeterPoint, Problem, Reading, SiteVisit, Statement
from readings.queries.lists import first_arrival

#: Files of a meter point that are listed, the newest.
FILES: Final = 20
#: Findings that are listed.
FINDINGS: Final = 50
#: Where the statement is that a finding concerns, and whether it is behind the finding.
_NEAREST: Final[Mapping[About, tuple[type[Statement] | type[SiteVisit], bool]]] = {
    About.READING: (Reading, False),
    About.READING_BELOW: (Reading, True),
    About.SITE_VISIT: (SiteVisit, False),
    About.ACCUMULATION: (Accumulation, False),
    About.INTERVAL_DAY: (IntervalDay, False),
    About.INTERVAL_DAY_BELOW: (IntervalDay, True),
}
#: So far before its lines a parent may stand, and so far behind them a record that belongs to the last.
_BEFORE, _BEHIND = 3, 60


class FileLines(NamedTuple):
    """The lines of a file that state something of a meter point lie between two."""

    flow_file: FlowFile
    first: int
    last: int
    rows: int


def files_of(meter_point: MeterPoint) -> list[FileLines]:
    """List the newest files that state something of a meter point, and between which lines they do."""
    stated = [
        model._default_manager.filter(meter_point=meter_point)
        .order_by()
        .values("flow_file")
        .annotate(Min("line"), Max("line"), Count("pk"))
        .values_list("flow_file", "line__min", "line__max", "pk__count")
        .order_by("-flow_file")[: FILES + 1]
        for model in (Reading, Accumulation, IntervalDay, SiteVisit)
    ]
    found: dict[int, tuple[int, int, int]] = {}
    for rows in stated:
        for key, first, last, number in rows:
            before = found.get(key, (first, last, 0))
            found[key] = min(first, before[0]), max(last, before[1]), before[2] + number
    newest = sorted(found, reverse=True)[: FILES + 1]
    flow_files = FlowFile.objects.prefetch_related(first_arrival()).in_bulk(newest)
    return [FileLines(flow_files[key], *found[key]) for key in newest]


def findings_of(meter_point: MeterPoint, files: Iterable[FileLines]) -> list[Problem]:
    """List the problems of the lines that are about a meter point, newest file first."""
    near = [Q(flow_file=each.flow_file, line__range=(each.first - _BEFORE, each.last + _BEHIND)) for each in files]
    about = Case(*_concerned(), default=None)
    rows = Problem.objects.filter(reduce(or_, near, Q(pk=None))).annotate(about=about).filter(about=meter_point.pk)
    rows = rows.select_related("flow_file").prefetch_related(first_arrival("flow_file__"))
    return list(rows.order_by("-flow_file", "line", "pk")[: FINDINGS + 1])


def _concerned() -> Iterator[When]:
    """Say of the records of each format which meter point a finding about them concerns."""
    for known in FORMATS:
        for about, (model, behind) in _NEAREST.items():
            records = [record for record, concerned in known.RECORDS.items() if concerned is about]
            if records:
                is_one = Q(flow_file__format=known.NAME, record__in=records)
                yield When(is_one, then=_nearest(model, behind=behind))


def _nearest(model: type[Statement] | type[SiteVisit], *, behind: bool) -> Subquery:
    """Say which meter point the nearest line is about that states something: behind a parent, else at or before."""
    rows = model._default_manager.filter(flow_file=OuterRef("flow_file"))
    if behind:
        rows = rows.filter(line__gt=OuterRef("line"), line__lte=OuterRef("line") + _BEFORE).order_by("line")
    else:
        rows = rows.filter(line__lte=OuterRef("line")).order_by("-line")
    return Subquery(rows.values("meter_point")[:1])

"""The files with lines about a meter point."""

from __future__ import annotations

from collections import Counter
from typing import Final, NamedTuple

from django.db.models import Count, QuerySet, Sum

from readings.models import (
    Accumulation,
    ConsumerDetails,
    FlowFile,
    IntervalDay,
    MeterPoint,
    Reading,
    Repeat,
    Scheme,
    SiteVisit,
)
from readings.queries.lists import first_arrival

#: Number of files listed for a meter point, at most; the newest are taken.
FILES: Final = 20
#: Rows that files state about a meter point, and about a consumer.
_OF_A_METER: Final = (Reading, Accumulation, IntervalDay, SiteVisit)
_OF_A_CONSUMER: Final = (IntervalDay, ConsumerDetails)


class FileLines(NamedTuple):
    """The number of a file's lines about a meter point."""

    flow_file: FlowFile
    rows: int
    #: Number of the lines that only repeat stored statements.
    repeats: int


def files_of(meter_point: MeterPoint) -> list[FileLines]:
    """Return the newest files with lines about a meter point, newest first."""
    statements = [
        model._default_manager.filter(meter_point=meter_point, flow_file__isnull=False)
        .order_by()
        .values("flow_file")
        .annotate(Count("pk"))
        .values_list("flow_file", "pk__count")
        .order_by("-flow_file")[: FILES + 1]
        for model in (_OF_A_CONSUMER if meter_point.scheme == Scheme.CONSUMER else _OF_A_METER)
    ]
    repeating = dict(_repeats_about(meter_point))
    numbers = Counter(repeating)
    for rows in statements:
        for key, number in rows:
            numbers[key] += number
    newest = sorted(numbers, reverse=True)[: FILES + 1]
    flow_files = FlowFile.objects.prefetch_related(first_arrival()).in_bulk(newest)
    return [FileLines(flow_files[key], numbers[key], repeating.get(key, 0)) for key in newest]


def _repeats_about(meter_point: MeterPoint) -> QuerySet[Repeat, tuple[int, int]]:
    """Return file and number of the lines that repeat stored statements about a meter point."""
    rows = Repeat.objects.filter(meter_point=meter_point).order_by().values("flow_file").annotate(Sum("number"))
    return rows.values_list("flow_file", "number__sum").order_by("-flow_file")[: FILES + 1]

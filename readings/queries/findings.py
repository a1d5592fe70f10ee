"""Everything that is wrong or doubtful about a meter point, as far as the store knows."""

from __future__ import annotations

from datetime import datetime
from typing import Final, NamedTuple

from django.db.models import Count, Max, QuerySet

from readings.models import (
    Accumulation,
    ConsumerDetails,
    IntervalDay,
    MeterPoint,
    Problem,
    Reading,
    Repeat,
    SiteVisit,
    Surplus,
)
from readings.models.register_readings import DOUBT, Doubt
from readings.queries.lists import first_arrival

#: Number of problems listed for a meter point, and of surpluses, at most; those of the newest files are taken.
LISTED: Final = 50


class DoubtfulReadings(NamedTuple):
    """The current readings of a meter point that are unusable for one reason."""

    doubt: Doubt
    number: int
    #: Time of the newest of them.
    newest: datetime


class Findings(NamedTuple):
    """The findings about a meter point; nothing was found wrong only if all of them are empty."""

    problems: list[Problem]
    doubtful: list[DoubtfulReadings]
    #: Problems that were only counted, in files about the meter point: some may concern it.
    surpluses: list[Surplus]
    has_more_problems: bool
    has_more_surpluses: bool


def findings_about(meter_point: MeterPoint) -> Findings:
    """Return the findings about a meter point, by file, newest first; in a file errors before warnings."""
    problems, surpluses = list(_problems(meter_point)[: LISTED + 1]), list(_surpluses(meter_point)[: LISTED + 1])
    return Findings(
        problems=problems[:LISTED],
        doubtful=_doubtful(meter_point),
        surpluses=surpluses[:LISTED],
        has_more_problems=len(problems) > LISTED,
        has_more_surpluses=len(surpluses) > LISTED,
    )


def _problems(meter_point: MeterPoint) -> QuerySet[Problem]:
    # The last condition follows from the first; without it SQLite would not use the partial index.
    rows = Problem.objects.filter(identifier=meter_point.identifier, scheme=meter_point.scheme, identifier__gt="")
    rows = rows.select_related("flow_file").prefetch_related(first_arrival("flow_file__"))
    return rows.order_by("-flow_file", "severity", "line", "pk")


def _surpluses(meter_point: MeterPoint) -> QuerySet[Surplus]:
    about = [
        model._default_manager.filter(meter_point=meter_point).order_by().values("flow_file")
        for model in (Reading, Accumulation, IntervalDay, SiteVisit, Repeat, ConsumerDetails)
    ]
    files = _problems(meter_point).order_by().values("flow_file").union(*about)
    rows = Surplus.objects.filter(flow_file__in=files).select_related("flow_file")
    return rows.prefetch_related(first_arrival("flow_file__")).order_by("-flow_file", "severity", "code")


def _doubtful(meter_point: MeterPoint) -> list[DoubtfulReadings]:
    rows = Reading.objects.filter(meter_point=meter_point).in_doubt().annotate(doubt=DOUBT).order_by()
    numbers = rows.values("doubt").annotate(Count("pk"), Max("read_at")).order_by("doubt")
    columns = numbers.values_list("doubt", "pk__count", "read_at__max")
    return [DoubtfulReadings(Doubt(doubt), number, newest) for doubt, number, newest in columns]

"""The lists: what each shows, with all that a line of it needs."""

from __future__ import annotations

from typing import Any, TypeVar

from django.db.models import Model, Prefetch, QuerySet

from readings.models import (
    Accumulation,
    Arrival,
    FlowFile,
    IntervalDay,
    Meter,
    MeterPoint,
    Problem,
    Reading,
    SiteVisit,
)
from readings.models.register_readings import ReadingQuerySet
from readings.models.statements import StatementQuerySet

Row = TypeVar("Row", bound=Model)
Rows = TypeVar("Rows", bound=StatementQuerySet[Any])

#: Counting stops here: nobody pages further, and to count all takes seconds.
CAP = 10_000


def first_arrival(path: str = "") -> Prefetch[str]:
    """Fetch with many rows the arrival that brought the flow file of each first: `name_of` needs it."""
    return Prefetch(f"{path}arrivals", Arrival.objects.order_by("pk")[:1], to_attr="first_arrivals")


def count_up_to_cap(rows: QuerySet[Row]) -> int:
    """Count rows; one more than CAP means: at least so many."""
    return rows.order_by()[: CAP + 1].count()


def name_of(flow_file: FlowFile) -> str:
    """Return the name under which a content came first, or the start of its hash."""
    fetched = getattr(flow_file, "first_arrivals", None)
    arrivals = flow_file.arrivals.order_by("pk")[:1] if fetched is None else fetched
    return next((arrival.name for arrival in arrivals), flow_file.sha256[:12])


def readings() -> ReadingQuerySet:
    """List readings, the last stored first."""
    return _with_what_a_line_needs(Reading.objects.all())


def accumulations() -> StatementQuerySet[Accumulation]:
    """List accumulations, the last stored first."""
    return _with_what_a_line_needs(Accumulation.objects.all())


def interval_days() -> StatementQuerySet[IntervalDay]:
    """List interval days, the last stored first."""
    return _with_what_a_line_needs(IntervalDay.objects.all())


def flow_files() -> QuerySet[FlowFile]:
    """List flow files, the last received first."""
    return FlowFile.objects.prefetch_related(first_arrival()).order_by("-pk")


def arrivals() -> QuerySet[Arrival]:
    """List arrivals, the last first."""
    return Arrival.objects.select_related("flow_file", "container__flow_file").order_by("-pk")


def problems() -> QuerySet[Problem]:
    """List problems, the last found first."""
    rows = Problem.objects.select_related("flow_file").prefetch_related(first_arrival("flow_file__"))
    return rows.order_by("-pk")


def meter_points() -> QuerySet[MeterPoint]:
    """List meter points, the last heard of first."""
    return MeterPoint.objects.prefetch_related("meters__registers").order_by("-pk")


def meters() -> QuerySet[Meter]:
    """List meters, the last heard of first."""
    rows = Meter.objects.select_related("meter_point").prefetch_related("registers")
    return rows.order_by("-pk")


def site_visits() -> QuerySet[SiteVisit]:
    """List site visits, the last stored first."""
    return (
        SiteVisit.objects.select_related("meter_point", "meter", "flow_file")
        .prefetch_related(first_arrival("flow_file__"))
        .order_by("-pk")
    )


def _with_what_a_line_needs(rows: Rows) -> Rows:
    rows = rows.select_related("meter_point", "register__meter", "flow_file")
    return rows.prefetch_related(first_arrival("flow_file__")).order_by("-pk")

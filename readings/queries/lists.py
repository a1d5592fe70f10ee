"""The rows of each list, with the related rows that a line needs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime, timezone
from functools import reduce
from operator import or_
from typing import Any, NamedTuple, TypeVar

from django.db.models import Model, Prefetch, Q, QuerySet

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

#: Number at which counting stops: nobody pages further, and counting all rows takes seconds.
CAP = 10_000


def first_arrival(path: str = "") -> Prefetch[str]:
    """Return the prefetch of each flow file's first arrival, for `name_of`."""
    return Prefetch(f"{path}arrivals", Arrival.objects.order_by("pk")[:1], to_attr="first_arrivals")


def count_up_to_cap(rows: QuerySet[Row]) -> int:
    """Return the number of rows; CAP + 1 if there are more than CAP."""
    return rows.order_by()[: CAP + 1].count()


def name_of(flow_file: FlowFile) -> str:
    """Return the name of a flow file's first arrival, or the start of its hash."""
    fetched = getattr(flow_file, "first_arrivals", None)
    arrivals = flow_file.arrivals.order_by("pk")[:1] if fetched is None else fetched
    return next((arrival.name for arrival in arrivals), flow_file.sha256[:12])


class Source(NamedTuple):
    """A flow file, as a statement names it."""

    name: str
    sha256: str


def sources(keys: Collection[int]) -> dict[int, Source]:
    """Return names and hashes of flow files by primary key, in two queries."""
    rows = flow_files().filter(pk__in=keys) if keys else ()
    return {row.pk: Source(name_of(row), row.sha256) for row in rows}


class MomentKey(NamedTuple):
    """Place of a row in an order by time and primary key, by which the address of a page names its beginning."""

    at: datetime
    pk: int

    @classmethod
    def parsed(cls, text: str) -> MomentKey:
        """Return the key that a text states; raise ValueError or OverflowError."""
        moment, _, pk = text.rpartition("_")
        return cls(datetime.fromisoformat(moment).astimezone(timezone.utc), int(pk))

    @property
    def text(self) -> str:
        """Return the key as text, for an address."""
        return f"{self.at.isoformat()}_{self.pk}"


def after(columns: Sequence[str], key: Sequence[Any]) -> Q:
    """Return the predicate of rows that follow a key in the ascending order of columns, of which an index is made."""
    parts = [
        Q(**dict(zip(columns[:number], key[:number], strict=True)), **{f"{column}__gt": key[number]})
        for number, column in enumerate(columns)
    ]
    # The first condition, which follows from the others, is the one that an index can begin with.
    return Q((f"{columns[0]}__gte", key[0])) & reduce(or_, parts)


def readings() -> ReadingQuerySet:
    """Return readings, newest first."""
    return _with_related_rows(Reading.objects.all())


def accumulations() -> StatementQuerySet[Accumulation]:
    """Return accumulations, newest first."""
    return _with_related_rows(Accumulation.objects.all())


def interval_days() -> StatementQuerySet[IntervalDay]:
    """Return interval days, newest first."""
    return _with_related_rows(IntervalDay.objects.all())


def flow_files() -> QuerySet[FlowFile]:
    """Return flow files, newest first."""
    return FlowFile.objects.prefetch_related(first_arrival()).order_by("-pk")


def arrivals() -> QuerySet[Arrival]:
    """Return arrivals, newest first."""
    return Arrival.objects.select_related("flow_file", "container__flow_file").order_by("-pk")


def problems() -> QuerySet[Problem]:
    """Return problems, newest first."""
    rows = Problem.objects.select_related("flow_file").prefetch_related(first_arrival("flow_file__"))
    return rows.order_by("-pk")


def meter_points() -> QuerySet[MeterPoint]:
    """Return meter points, newest first."""
    return MeterPoint.objects.prefetch_related("meters__registers").order_by("-pk")


def meters() -> QuerySet[Meter]:
    """Return meters, newest first."""
    rows = Meter.objects.select_related("meter_point").prefetch_related("registers")
    return rows.order_by("-pk")


def site_visits() -> QuerySet[SiteVisit]:
    """Return site visits, newest first."""
    return (
        SiteVisit.objects.select_related("meter_point", "meter", "flow_file")
        .prefetch_related(first_arrival("flow_file__"))
        .order_by("-pk")
    )


def _with_related_rows(rows: Rows) -> Rows:
    rows = rows.select_related("meter_point", "register__meter", "flow_file", "restated_in")
    return rows.prefetch_related(first_arrival("flow_file__"), first_arrival("restated_in__")).order_by("-pk")

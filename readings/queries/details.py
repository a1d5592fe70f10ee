"""Rows that belong to a flow file, a meter point, a reading, an accumulation or an interval day."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from django.db.models import Q, QuerySet

from readings.formats.dtc.catalogue.codes import WITHDRAWN
from readings.models import (
    Accumulation,
    Arrival,
    ConsumerDetails,
    FlowFile,
    IntervalDay,
    MeterPoint,
    Problem,
    Reading,
    RewrittenContent,
    Scheme,
    SiteVisit,
    Surplus,
)
from readings.queries.lists import accumulations, arrivals, first_arrival, interval_days, readings, site_visits

#: Number of rows in a table on a page, at most.
MOST = 200
#: Number of problems on a page.
PAGE: Final = 50
#: Number of statements of each kind on the page of a file, at most; the first are taken.
MOST_STATEMENTS: Final = 20
#: Number of accumulations and interval days on the page of a meter point, at most; the newest are taken.
FEW = 10


def arrivals_of(flow_file: FlowFile) -> QuerySet[Arrival]:
    """Return the arrivals of a flow file, oldest first."""
    return arrivals().filter(flow_file=flow_file).order_by("pk")[:MOST]


def members_of(flow_file: FlowFile) -> QuerySet[Arrival]:
    """Return the arrivals of a zip's members, oldest first."""
    return arrivals().filter(container__flow_file=flow_file).order_by("pk")[:MOST]


def versions_of(reading: Reading) -> QuerySet[Reading]:
    """Return all versions of a reading, oldest first."""
    rows = readings().filter(meter_point=reading.meter_point_id, register=reading.register_id)
    rows = rows.filter(read_at=reading.read_at, reading_type=reading.reading_type)
    return rows.order_by("version")[:MOST]


def versions_of_accumulation(row: Accumulation) -> QuerySet[Accumulation]:
    """Return all versions of an accumulation, oldest first."""
    rows = accumulations().filter(meter_point=row.meter_point_id, register=row.register_id)
    rows = rows.filter(current_read_at=row.current_read_at, previous_read_at=row.previous_read_at)
    return rows.order_by("version")[:MOST]


def versions_of_day(row: IntervalDay) -> QuerySet[IntervalDay]:
    """Return all versions of an interval day, oldest first."""
    rows = interval_days().filter(meter_point=row.meter_point_id, register=row.register_id)
    rows = rows.filter(day=row.day, occurrence=row.occurrence)
    return rows.order_by("version")[:MOST]


def accumulations_between(reading: Reading) -> QuerySet[Accumulation]:
    """Return the accumulations that begin or end at a reading, newest first."""
    rows = accumulations().filter(meter_point=reading.meter_point_id, register=reading.register_id)
    rows = rows.filter(Q(previous_read_at=reading.read_at) | Q(current_read_at=reading.read_at))
    return rows.order_by("-current_read_at", "-pk")[:MOST]


def latest_accumulations(meter_point: MeterPoint) -> QuerySet[Accumulation]:
    """Return the latest current accumulations of a meter point, newest first."""
    rows = accumulations().filter(meter_point=meter_point).current()
    return rows.order_by("-current_read_at", "-pk")[:FEW]


def withdrawals_of(reading: Reading) -> QuerySet[Reading]:
    """Return the withdrawal of a reading, or the readings that a withdrawal withdraws."""
    if reading.reading_type != WITHDRAWN:
        return readings().filter(pk__in=[reading.withdrawn_by_id] if reading.withdrawn_by_id else [])
    rows = readings().filter(meter_point=reading.meter_point_id, register=reading.register_id)
    rows = rows.filter(read_at=reading.read_at, withdrawn_by=reading)
    return rows.order_by("reading_type", "version")[:MOST]


def site_visits_about(reading: Reading) -> QuerySet[SiteVisit]:
    """Return the site visits for a reading, by line."""
    rows = site_visits().filter(flow_file=reading.flow_file_id, reading_line=reading.line)
    return rows.filter(meter_point=reading.meter_point_id).order_by("line")[:MOST]


def site_visits_at(meter_point: MeterPoint) -> QuerySet[SiteVisit]:
    """Return the site visits at a meter point, newest first."""
    return site_visits().filter(meter_point=meter_point)[:MOST]


def history_of(meter_point: MeterPoint) -> list[ConsumerDetails]:
    """Return area and tariff of a consumer over time, newest first; nothing if they never changed."""
    if meter_point.scheme != Scheme.CONSUMER:
        return []
    rows = ConsumerDetails.objects.filter(meter_point=meter_point).select_related("flow_file")
    history = list(rows.prefetch_related(first_arrival("flow_file__")).order_by("-pk")[:MOST])
    return history if len(history) > 1 else []


def latest_readings(meter_point: MeterPoint) -> QuerySet[Reading]:
    """Return the latest countable reading of each register; nothing for test data."""
    if meter_point.scheme == Scheme.TEST_MPAN:
        return readings().none()
    rows = readings().filter(meter_point=meter_point).countable().latest_of_each_register()
    return rows.order_by("register__meter", "register__register_id", "pk")


def flow_files_of(sha256_start: str) -> list[FlowFile]:
    """Return the flow files whose hash has this start, or had it before they were rewritten, by hash and subject."""
    following = f"{sha256_start}g"  # upper bound of the prefix: `startswith` would not use the index
    originals = RewrittenContent.objects.filter(old_sha256__gte=sha256_start, old_sha256__lt=following)
    # A list, because PostgreSQL reads all files for a condition with a subquery as an alternative.
    rewritten = list(originals.values_list("flow_file", flat=True)[:PAGE])
    is_one = Q(sha256__gte=sha256_start, sha256__lt=following) | Q(pk__in=rewritten)
    rows = FlowFile.objects.filter(is_one)
    return list(rows.prefetch_related(first_arrival()).order_by("sha256", "subject", "pk")[:PAGE])


def surpluses_of(flow_file: FlowFile) -> QuerySet[Surplus]:
    """Return the numbers of a file's problems that are not stored, errors first."""
    return Surplus.objects.filter(flow_file=flow_file).order_by("severity", "code")


def meter_points_of(problems: Iterable[Problem]) -> dict[tuple[str, str], MeterPoint]:
    """Return the stored meter points that problems concern, by scheme and identifier."""
    identifiers = {problem.identifier for problem in problems} - {""}
    rows = MeterPoint.objects.filter(identifier__in=identifiers) if identifiers else ()
    return {(row.scheme, row.identifier): row for row in rows}


def readings_in(flow_file: FlowFile) -> QuerySet[Reading]:
    """Return the first readings of a file, by line."""
    return readings().filter(flow_file=flow_file).order_by("line", "pk")[:MOST_STATEMENTS]


def accumulations_in(flow_file: FlowFile) -> QuerySet[Accumulation]:
    """Return the first accumulations of a file, by line."""
    return accumulations().filter(flow_file=flow_file).order_by("line", "pk")[:MOST_STATEMENTS]


def interval_days_in(flow_file: FlowFile) -> QuerySet[IntervalDay]:
    """Return the first interval days of a file, by line."""
    return interval_days().filter(flow_file=flow_file).order_by("line", "pk")[:MOST_STATEMENTS]

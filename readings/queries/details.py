"""What belongs to one thing: a flow file, a meter point, a reading."""

from __future__ import annotations

from typing import Final

from django.db.models import Q, QuerySet

from readings.formats.dtc.catalogue.codes import WITHDRAWN
from readings.models import (
    Accumulation,
    Arrival,
    FlowFile,
    IntervalDay,
    MeterPoint,
    Problem,
    Reading,
    Scheme,
    SiteVisit,
)
from readings.queries.lists import accumulations, arrivals, first_arrival, interval_days, readings, site_visits

#: So many lines of a table stand on the page of one thing.
SHOWN = 200
#: Problems on a page.
PAGE: Final = 50
#: Statements of each kind that stand on the page, the first of the file.
STATED: Final = 20
#: Accumulations and interval days on the page of a meter point, the newest; it links to the list of all.
FEW = 10


def arrivals_of(flow_file: FlowFile) -> QuerySet[Arrival]:
    """List what brought a content, the first first."""
    return arrivals().filter(flow_file=flow_file).order_by("pk")[:SHOWN]


def members_of(flow_file: FlowFile) -> QuerySet[Arrival]:
    """List what came in a zip, the first first."""
    return arrivals().filter(container__flow_file=flow_file).order_by("pk")[:SHOWN]


def versions_of(reading: Reading) -> QuerySet[Reading]:
    """List all that was ever stated for the register, time and type of a reading, the first first."""
    rows = readings().filter(meter_point=reading.meter_point_id, register=reading.register_id)
    rows = rows.filter(read_at=reading.read_at, reading_type=reading.reading_type)
    return rows.order_by("version")[:SHOWN]


def versions_of_accumulation(row: Accumulation) -> QuerySet[Accumulation]:
    """List all that was ever stated of the time between two reads of a register, the first first."""
    rows = accumulations().filter(meter_point=row.meter_point_id, register=row.register_id)
    rows = rows.filter(current_read_at=row.current_read_at, previous_read_at=row.previous_read_at)
    return rows.order_by("version")[:SHOWN]


def versions_of_day(row: IntervalDay) -> QuerySet[IntervalDay]:
    """List all that was ever stated of the day of a channel, the first first."""
    rows = interval_days().filter(meter_point=row.meter_point_id, register=row.register_id)
    rows = rows.filter(day=row.day, occurrence=row.occurrence)
    return rows.order_by("version")[:SHOWN]


def accumulations_between(reading: Reading) -> QuerySet[Accumulation]:
    """List the accumulations that begin or end with a reading, the newest first."""
    rows = accumulations().filter(meter_point=reading.meter_point_id, register=reading.register_id)
    rows = rows.filter(Q(previous_read_at=reading.read_at) | Q(current_read_at=reading.read_at))
    return rows.order_by("-current_read_at", "-pk")[:SHOWN]


def latest_accumulations(meter_point: MeterPoint) -> QuerySet[Accumulation]:
    """List the last accumulations of a meter point that nothing supersedes, the newest first."""
    rows = accumulations().filter(meter_point=meter_point).current()
    return rows.order_by("-current_read_at", "-pk")[:FEW]


def latest_interval_days(meter_point: MeterPoint) -> QuerySet[IntervalDay]:
    """List the last interval days of a meter point that nothing supersedes, the newest first."""
    rows = interval_days().filter(meter_point=meter_point).current()
    return rows.order_by("-day", "register__suffix", "-pk")[:FEW]


def withdrawals_of(reading: Reading) -> QuerySet[Reading]:
    """List the line that took a reading back, or, of such a line, the readings that it took back."""
    if reading.reading_type != WITHDRAWN:
        return readings().filter(pk__in=[reading.withdrawn_by_id] if reading.withdrawn_by_id else [])
    rows = readings().filter(meter_point=reading.meter_point_id, register=reading.register_id)
    rows = rows.filter(read_at=reading.read_at, withdrawn_by=reading)
    return rows.order_by("reading_type", "version")[:SHOWN]


def site_visits_about(reading: Reading) -> QuerySet[SiteVisit]:
    """List what the file of a reading says about a visit for it."""
    rows = site_visits().filter(flow_file=reading.flow_file_id, reading_line=reading.line)
    return rows.filter(meter_point=reading.meter_point_id).order_by("line")[:SHOWN]


def site_visits_at(meter_point: MeterPoint) -> QuerySet[SiteVisit]:
    """List the site visits at a meter point, the last stored first."""
    return site_visits().filter(meter_point=meter_point)[:SHOWN]


def latest_readings(meter_point: MeterPoint) -> QuerySet[Reading]:
    """Find the latest reading of each register that counts; none of test data does."""
    if meter_point.scheme == Scheme.TEST_MPAN:
        return readings().none()
    rows = readings().filter(meter_point=meter_point).countable().latest_of_each_register()
    return rows.order_by("register__meter", "register__register_id", "pk")


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

"""What belongs to one thing: a flow file, a meter point, a reading."""

from __future__ import annotations

from django.db.models import F, Q, QuerySet, Window
from django.db.models.functions import RowNumber

from readings.codes import WITHDRAWN
from readings.models import Arrival, FlowFile, MeterPoint, Problem, Reading, Scheme, SiteVisit
from readings.queries.lists import readings, site_visits

#: So many lines of a table stand on the page of one thing.
SHOWN = 200


def arrivals_of(flow_file: FlowFile) -> QuerySet[Arrival]:
    """List what brought a content, the first first."""
    return Arrival.objects.filter(flow_file=flow_file).order_by("pk")[:SHOWN]


def problems_of(flow_file: FlowFile) -> QuerySet[Problem]:
    """List the problems of a file, errors first, each by line; its own counts say how many there are."""
    rows = Problem.objects.filter(flow_file=flow_file)
    return rows.order_by("severity", "line", "pk")[:SHOWN]


def versions_of(reading: Reading) -> QuerySet[Reading]:
    """List all that was ever stated for the register, time and type of a reading, the first first."""
    rows = readings().filter(meter_point=reading.meter_point_id, register=reading.register_id)
    rows = rows.filter(read_at=reading.read_at, reading_type=reading.reading_type)
    return rows.order_by("version")[:SHOWN]


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
    """Find the latest reading of each register that may count as one.

    Nothing superseded, withdrawn, suspect or of failed validation does, and no test data.
    """
    newest = Window(RowNumber(), partition_by=F("register"), order_by=(F("read_at").desc(), F("pk").desc()))
    counting = Q(superseded_by=None, withdrawn_by=None, meter_point__scheme=Scheme.MPAN)
    # What validation found counts more than the flag of the first check.
    suspect = Q(reading_status="F") | Q(reading_status="", flag="F")
    rows = readings().filter(counting, meter_point=meter_point)
    rows = rows.exclude(reading_type=WITHDRAWN).exclude(validation_status="F").exclude(suspect)
    rows = rows.annotate(newest=newest).filter(newest=1)
    return rows.order_by("register__meter", "register__register_id", "pk")

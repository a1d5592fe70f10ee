"""Search in each list."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import Q, QuerySet

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
from readings.models.statements import StatementT
from readings.queries.lists import Row
from readings.queries.search import Search, Term


def narrow_readings(rows: QuerySet[Reading], search: Search) -> QuerySet[Reading]:
    """Return the readings that match a search, newest first; for file names, by line."""
    return _narrow_statements(rows, search, "-read_at")


def narrow_accumulations(rows: QuerySet[Accumulation], search: Search) -> QuerySet[Accumulation]:
    """Return the accumulations that match a search, newest first; for file names, by line."""
    return _narrow_statements(rows, search, "-current_read_at")


def narrow_interval_days(rows: QuerySet[IntervalDay], search: Search) -> QuerySet[IntervalDay]:
    """Return the interval days that match a search, newest first; for file names, by line."""
    return _narrow_statements(rows, search, "-day")


def narrow_flow_files(rows: QuerySet[FlowFile], search: Search) -> QuerySet[FlowFile]:
    """Return the flow files that match a search by name, hash or file identifier."""
    texts = [term.text for term in search.terms if not term.flow_files] + search.unknown
    for identifier in texts:
        rows = rows.filter(file_identifier=identifier)
    for term in search.terms:
        if term.flow_files:
            rows = rows.filter(pk__in=_files(term))
    return rows


def narrow_arrivals(rows: QuerySet[Arrival], search: Search) -> QuerySet[Arrival]:
    """Return the arrivals of the flow files that match a search."""
    return _matching(rows, search, lambda term: Q(flow_file__in=_files(term)))


def narrow_problems(rows: QuerySet[Problem], search: Search) -> QuerySet[Problem]:
    """Return the problems of the flow files that match a search, by line."""
    if search.is_blank:
        return rows
    rows = _matching(rows, search, lambda term: Q(flow_file__in=_files(term)))
    return rows.order_by("-flow_file_id", "line", "pk")


def narrow_meter_points(rows: QuerySet[MeterPoint], search: Search) -> QuerySet[MeterPoint]:
    """Return the meter points that match a search, themselves or by one of their meters."""

    def condition(term: Term) -> Q:
        through_meters = {meter.meter_point_id for meter in term.meters}
        return Q(pk__in={*_points(term), *through_meters})

    return _matching(rows, search, condition)


def narrow_meters(rows: QuerySet[Meter], search: Search) -> QuerySet[Meter]:
    """Return the meters that match a search, themselves or by their meter point."""
    return _matching(rows, search, lambda term: Q(pk__in=_meters(term)) | _at_points(term))


def narrow_site_visits(rows: QuerySet[SiteVisit], search: Search) -> QuerySet[SiteVisit]:
    """Return the site visits that match a search."""

    def condition(term: Term) -> Q:
        visits = Q(flow_file__in=_files(term)) | Q(meter__in=_meters(term))
        return visits | _at_points(term)

    return _matching(rows, search, condition)


def _narrow_statements(rows: QuerySet[StatementT], search: Search, newest: str) -> QuerySet[StatementT]:
    if search.is_blank:
        return rows
    rows = _matching(rows, search, _statements_of)
    if all(term.names_files_only for term in search.terms):
        return rows.order_by("-flow_file_id", "line")
    return rows.order_by(newest, "-pk")


def _matching(rows: QuerySet[Row], search: Search, condition: Callable[[Term], Q]) -> QuerySet[Row]:
    if search.unknown:
        return rows.none()
    for term in search.terms:
        rows = rows.filter(condition(term))
    return rows


def _statements_of(term: Term) -> Q:
    condition = Q(flow_file__in=_files(term)) | _at_points(term)
    if term.meters:
        # The index has the meter point before the register.
        registers = {register.pk for meter in term.meters for register in meter.registers.all()}
        points = {meter.meter_point_id for meter in term.meters}
        condition |= Q(meter_point__in=points, register__in=registers)
    return condition


def _at_points(term: Term) -> Q:
    return Q(meter_point__in=_points(term))


def _points(term: Term) -> set[int]:
    return {meter_point.pk for meter_point in term.meter_points}


def _meters(term: Term) -> set[int]:
    return {meter.pk for meter in term.meters}


def _files(term: Term) -> set[int]:
    return {flow_file.pk for flow_file in term.flow_files}

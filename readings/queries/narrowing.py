"""How a search narrows each list."""

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
from readings.models.statements import Stated
from readings.queries.lists import Row
from readings.queries.search import Search, Term


def narrow_readings(rows: QuerySet[Reading], search: Search) -> QuerySet[Reading]:
    """Leave the readings that a search asks for: newest read first, those of files by their lines."""
    return _narrow_statements(rows, search, "-read_at")


def narrow_accumulations(rows: QuerySet[Accumulation], search: Search) -> QuerySet[Accumulation]:
    """Leave the accumulations that a search asks for: newest read first, those of files by their lines."""
    return _narrow_statements(rows, search, "-current_read_at")


def narrow_interval_days(rows: QuerySet[IntervalDay], search: Search) -> QuerySet[IntervalDay]:
    """Leave the interval days that a search asks for: newest day first, those of files by their lines."""
    return _narrow_statements(rows, search, "-day")


def narrow_flow_files(rows: QuerySet[FlowFile], search: Search) -> QuerySet[FlowFile]:
    """Leave the flow files of a name, a hash or a file identifier."""
    texts = [term.text for term in search.terms if not term.flow_files] + search.unknown
    for identifier in texts:
        rows = rows.filter(file_identifier=identifier)
    for term in search.terms:
        if term.flow_files:
            rows = rows.filter(pk__in=_files(term))
    return rows


def narrow_arrivals(rows: QuerySet[Arrival], search: Search) -> QuerySet[Arrival]:
    """Leave the arrivals of the flow files that a search names."""
    return _matching(rows, search, lambda term: Q(flow_file__in=_files(term)))


def narrow_problems(rows: QuerySet[Problem], search: Search) -> QuerySet[Problem]:
    """Leave the problems of the flow files that a search names, by their lines."""
    if search.is_blank:
        return rows
    rows = _matching(rows, search, lambda term: Q(flow_file__in=_files(term)))
    return rows.order_by("-flow_file_id", "line", "pk")


def narrow_meter_points(rows: QuerySet[MeterPoint], search: Search) -> QuerySet[MeterPoint]:
    """Leave the meter points that a search names, themselves or by one of their meters."""

    def named(term: Term) -> Q:
        through_meters = {meter.meter_point_id for meter in term.meters}
        return Q(pk__in={*_points(term), *through_meters})

    return _matching(rows, search, named)


def narrow_meters(rows: QuerySet[Meter], search: Search) -> QuerySet[Meter]:
    """Leave the meters that a search names, themselves or by their meter point."""
    return _matching(rows, search, lambda term: Q(pk__in=_meters(term)) | _at_points(term))


def narrow_site_visits(rows: QuerySet[SiteVisit], search: Search) -> QuerySet[SiteVisit]:
    """Leave the site visits that a search asks for."""

    def found(term: Term) -> Q:
        visits = Q(flow_file__in=_files(term)) | Q(meter__in=_meters(term))
        return visits | _at_points(term)

    return _matching(rows, search, found)


def _narrow_statements(rows: QuerySet[Stated], search: Search, newest: str) -> QuerySet[Stated]:
    if search.is_blank:
        return rows
    rows = _matching(rows, search, _stated_of)
    if all(term.names_files_only for term in search.terms):
        return rows.order_by("-flow_file_id", "line")
    return rows.order_by(newest, "-pk")


def _matching(rows: QuerySet[Row], search: Search, condition: Callable[[Term], Q]) -> QuerySet[Row]:
    if search.unknown:
        return rows.none()
    for term in search.terms:
        rows = rows.filter(condition(term))
    return rows


def _stated_of(term: Term) -> Q:
    condition = Q(flow_file__in=_files(term)) | _at_points(term)
    if term.meters:
        # Of a register alone there is no index: it stands behind the meter point.
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

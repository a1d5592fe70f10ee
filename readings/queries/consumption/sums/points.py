"""The list of consumers and NMIs: sorted, searched and paged in the database."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Any, Final

from django.db.models import (
    Case,
    ExpressionWrapper,
    F,
    FloatField,
    IntegerField,
    Max,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, NullIf

from readings.formats.packed_day import EXACT, ZERO, exact_sum
from readings.models import MeterPoint, MonthSum, Scheme
from readings.models.consumption.exact import ExactSum, as_number
from readings.models.consumption.half_hours import DAY
from readings.models.consumption.sums import Quality
from readings.queries.consumption.scope import Scope, changed_in, meter_points_in, months_in
from readings.queries.consumption.sums.sql import amount_in, days_with_value_in, minutes_in
from readings.queries.consumption.sums.table import days_in_period, with_a_value

#: Number of lines on a page.
ON_A_PAGE: Final = 100
_NAMES: Final = ("identifier", "scheme")
NOT_ACTUAL: Final = Q(quality__in=(Quality.SUBSTITUTED, Quality.ESTIMATED))


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What of the list is asked for."""

    #: Name of a column, one of SORTS.
    sort: str = "identifier"
    is_descending: bool = False
    #: Part of an identifier.
    search: str = ""
    #: Only consumers whose area or tariff changed.
    only_changed: bool = False
    #: Number of the page, from 1.
    page: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """A consumer or NMI, with its sums in the period."""

    key: int
    scheme: str
    identifier: str
    area: str
    tariff: str
    #: Exact total; None without a value in the period.
    total: Decimal | None = None
    #: Substituted and estimated part of it.
    not_actual: Decimal = ZERO
    #: Largest mean power of one interval in the months of the period.
    peak: Decimal | None = None
    #: Last day with a value at all.
    last_day: date | None = None
    #: Calendar days from the first to the last, in the period.
    days: int = 0
    #: Calendar days with a value of the quality in the period.
    days_with_value: int = 0
    #: Minutes with a value in the period, whatever the quality.
    minutes: int = 0

    @property
    def per_day(self) -> Decimal | None:
        """Return the mean per day with a value; None without any."""
        days = self.days_with_value
        return EXACT.divide(self.total, Decimal(days)) if self.total is not None and days else None

    @property
    def missing_minutes(self) -> int | None:
        """Return the minutes without a value from the first day to the last, in the period."""
        return self.days * DAY - self.minutes if self.days > 0 else None

    @property
    def share(self) -> Decimal | None:
        """Return the share of substituted and estimated amounts in per cent."""
        return EXACT.divide(100 * self.not_actual, self.total) if self.total else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Page:
    """One page of the list."""

    lines: list[Line]
    #: Number of the page, and of the lines of all pages.
    number: int
    of_lines: int

    @property
    def first(self) -> int:
        """Return the number of the first line, from 0."""
        return (self.number - 1) * ON_A_PAGE


def page_of(scope: Scope, asked: Asked) -> Page:
    """Return one page of the list, in a fixed number of queries; the last page if there are fewer."""
    points = _points(scope, asked)
    of_lines = points.count()
    number = max(1, min(asked.page, -(-of_lines // ON_A_PAGE)))
    first = (number - 1) * ON_A_PAGE
    found = _ordered(points, scope, asked)[first : first + ON_A_PAGE]
    lines = [
        Line(key=point.pk, scheme=point.scheme, identifier=point.identifier, area=point.area, tariff=point.tariff)
        for point in found
    ]
    return Page(lines=_with_sums(scope, lines), number=number, of_lines=of_lines)


def _points(scope: Scope, asked: Asked) -> QuerySet[MeterPoint]:
    points = meter_points_in(scope)
    if not scope.measure.of_consumers:
        points = points.filter(scheme=Scheme.NMI)
    if asked.search:
        points = points.filter(identifier__icontains=asked.search)
    return points.filter(pk__in=changed_in(scope)) if asked.only_changed else points


def _ordered(points: QuerySet[MeterPoint], scope: Scope, asked: Asked) -> QuerySet[MeterPoint]:
    """Return the meter points in order; those without a value come last in either order."""
    points = points.annotate(place=SORTS[asked.sort](scope))
    place = F("place")
    first = place.desc(nulls_last=True) if asked.is_descending else place.asc(nulls_last=True)
    return points.order_by(first, *_NAMES)


def _rows(scope: Scope, *, is_whole: bool = False) -> QuerySet[MonthSum, Any]:
    """Return the months of each meter point in the period, or all of them whatever the quality."""
    scope = replace(scope, scheme="", area="", tariff="")
    scope = replace(scope, quality="", first_day=None, last_day=None) if is_whole else scope
    rows = months_in(scope) if is_whole else with_a_value(scope)
    return rows.filter(meter_point=OuterRef("pk")).order_by().values("meter_point")


def _total(scope: Scope) -> Subquery:
    return Subquery(_rows(scope).annotate(value=as_number(ExactSum(amount_in(scope)))).values("value"))


def _peak(scope: Scope) -> Subquery:
    return Subquery(_rows(scope).annotate(value=Max(as_number("peak"))).values("value"))


def _share(scope: Scope) -> Subquery:
    part = Coalesce(as_number(ExactSum(amount_in(scope), filter=NOT_ACTUAL)), 0.0)
    whole = NullIf(as_number(ExactSum(amount_in(scope))), 0.0)
    value = ExpressionWrapper(part / whole, output_field=FloatField())
    return Subquery(_rows(scope).annotate(value=value).values("value"))


def _last(scope: Scope) -> Subquery:
    return Subquery(_rows(scope, is_whole=True).annotate(value=Max("last_day")).values("value"))


def _mean(scope: Scope) -> Subquery:
    days = NullIf(as_number(Sum(days_with_value_in(scope))), 0.0)
    value = ExpressionWrapper(as_number(ExactSum(amount_in(scope))) / days, output_field=FloatField())
    return Subquery(_rows(scope).annotate(value=value).values("value"))


def _missing(scope: Scope) -> Subquery:
    rows = _rows(scope, is_whole=True).annotate(days=days_in_period(scope), minutes=_minutes(scope))
    value = Case(When(days__gt=0, then=F("days") * DAY - F("minutes")), output_field=IntegerField())
    return Subquery(rows.annotate(value=value).values("value"))


def _minutes(scope: Scope) -> Coalesce:
    return Coalesce(Sum(minutes_in(scope), filter=in_period(scope)), 0)


def in_period(scope: Scope) -> Q:
    """Return the condition of the months that the period of a scope touches."""
    condition = Q(month__isnull=False)
    if scope.first_day:
        condition &= Q(month__gte=scope.first_day.replace(day=1))
    return condition & Q(month__lte=scope.last_day) if scope.last_day else condition


#: Expressions by which the list is sorted.
SORTS: Final[dict[str, Callable[[Scope], Any]]] = {
    "identifier": lambda _: F("identifier"),
    "area": lambda _: NullIf(F("area"), Value("")),
    "tariff": lambda _: NullIf(F("tariff"), Value("")),
    "total": _total,
    "mean": _mean,
    "peak": _peak,
    "last": _last,
    "missing": _missing,
    "share": _share,
}


def _with_sums(scope: Scope, lines: Sequence[Line]) -> list[Line]:
    among = replace(scope, scheme="", area="", tariff="", among=[line.key for line in lines])
    sums = _sums(among)
    rows = months_in(replace(among, quality="", first_day=None, last_day=None)).order_by().values("meter_point")
    rows = rows.annotate(last=Max("last_day"), days=days_in_period(scope), minutes=_minutes(scope))
    spans = {key: rest for key, *rest in rows.values_list("meter_point", "last", "days", "minutes")}
    found = []
    for line in lines:
        last_day, days, minutes = spans.get(line.key, (None, 0, 0))
        total, not_actual, peak, counted = sums.get(line.key, (None, ZERO, None, 0))
        more = replace(line, last_day=last_day, days=max(days, 0), minutes=minutes)
        found.append(replace(more, total=total, not_actual=not_actual, peak=peak, days_with_value=counted))
    return found


def _sums(scope: Scope) -> dict[int, tuple[Decimal, Decimal, Decimal, int]]:
    """Return exact total, its part that is not actual, peak, and days with a value of each meter point."""
    rows = months_in(scope).order_by().annotate(inside=amount_in(scope), counted=days_with_value_in(scope))
    of_points: defaultdict[int, list[tuple[str, Decimal, Decimal, int]]] = defaultdict(list)
    for key, *row in rows.values_list("meter_point", "quality", "inside", "peak", "counted"):
        if row[1] is not None:
            of_points[key].append((row[0], row[1], row[2], row[3]))
    return {
        key: (
            exact_sum(total for _, total, *_ in months),
            exact_sum(total for quality, total, *_ in months if quality != Quality.ACTUAL),
            max(peak for *_, peak, _ in months),
            sum(counted for *_, counted in months),
        )
        for key, months in of_points.items()
    }

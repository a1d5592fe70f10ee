"""Periods with data."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Final

from django.db.models import Max, Min, Q

from readings.models.consumption.calendar import end_of, months_between
from readings.queries.consumption.scope import Scope, groups_in

#: Number of months of the period that a page shows at first.
MONTHS: Final = 13
_FEBRUARY: Final = 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """Days from the first to the last."""

    first_day: date
    last_day: date

    @property
    def days(self) -> int:
        """Return the number of calendar days."""
        return (self.last_day - self.first_day).days + 1

    def within(self, scope: Scope) -> Scope:
        """Return a scope that is limited to these days."""
        return replace(scope, first_day=self.first_day, last_day=self.last_day)


def span_of(scope: Scope) -> Span | None:
    """Return the first and last day of a scope with a value; None without any."""
    found = groups_in(scope).order_by().aggregate(first=Min("day"), last=Max("day"))
    return Span(first_day=found["first"], last_day=found["last"]) if found["first"] else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """The days of a scope with a value, whatever its period."""

    every: Span
    #: Those that are not after today; all of them if all are after it.
    span: Span
    #: First day after `span`; None without any.
    later: date | None

    def within(self, scope: Scope) -> Scope:
        """Return a scope that has no days after `span` unless it has a period."""
        if scope.first_day or scope.last_day or self.later is None:
            return scope
        return replace(scope, last_day=self.span.last_day)

    def latest_months(self, scope: Scope) -> tuple[Span, Scope]:
        """Return the last months, and a scope that is limited to them."""
        span = latest_months(self.span)
        whole = whole_months(span)
        return span, (span if self.later and self.later <= whole.last_day else whole).within(scope)


def known_days(scope: Scope, today: date) -> Known | None:
    """Return the days of a scope with a value, those after today apart; None without any."""
    rows = groups_in(replace(scope, first_day=None, last_day=None)).order_by()
    past, later = Q(day__lte=today), Q(day__gt=today)
    found = rows.aggregate(
        first=Min("day"), last=Max("day"), last_past=Max("day", filter=past), later=Min("day", filter=later)
    )
    if found["first"] is None:
        return None
    every = Span(first_day=found["first"], last_day=found["last"])
    if found["last_past"] is None:
        return Known(every=every, span=every, later=None)
    return Known(every=every, span=replace(every, last_day=found["last_past"]), later=found["later"])


def latest_months(span: Span, number: int = MONTHS) -> Span:
    """Return the last months of a span, from the first day of a month."""
    first_day = months_before(span.last_day, number - 1)
    return Span(first_day=max(first_day, span.first_day), last_day=span.last_day)


def latest_days(span: Span, number: int) -> Span:
    """Return the last days of a span."""
    first_day = max(span.last_day - timedelta(number - 1), span.first_day)
    return Span(first_day=first_day, last_day=span.last_day)


def months_before(day: date, number: int) -> date:
    """Return the first day of the month that is some months before that of a day."""
    months = day.year * 12 + day.month - 1 - number
    return date(months // 12, months % 12 + 1, 1) if months >= 12 else date.min


def month_of(day: date) -> Span:
    """Return the month of a day."""
    first_day = day.replace(day=1)
    return Span(first_day=first_day, last_day=end_of(day))


def whole_months(span: Span) -> Span:
    """Return the months of a span: sums of whole months are at hand."""
    return Span(first_day=span.first_day.replace(day=1), last_day=month_of(span.last_day).last_day)


def months_of(span: Span) -> list[date]:
    """Return the first day of each month of a span."""
    return list(months_between(span.first_day, span.last_day))


def year_before(span: Span) -> Span:
    """Return the same days of the year before; the month of it for a whole month."""
    if span == month_of(span.first_day):
        return month_of(months_before(span.first_day, 12))
    return Span(first_day=_year_before(span.first_day), last_day=_year_before(span.last_day))


def _year_before(day: date) -> date:
    return day.replace(year=max(day.year - 1, 1), day=min(day.day, 28) if day.month == _FEBRUARY else day.day)


def just_before(span: Span) -> Span:
    """Return the period of the same length that ends before a span; the month before for a whole month."""
    end = span.first_day - timedelta(1)
    return (
        month_of(end)
        if span == month_of(span.first_day)
        else Span(first_day=span.first_day - timedelta(span.days), last_day=end)
    )


def months_to_compare(every: Span) -> tuple[Span, Span]:
    """Return the latest full month and that of the year before, or the month before if there is no data that old."""
    latest = month_of(every.last_day)
    if latest.last_day > every.last_day and every.first_day < latest.first_day:
        latest = month_of(months_before(every.last_day, 1))
    before = year_before(latest)
    return latest, before if before.last_day >= every.first_day else month_of(months_before(latest.first_day, 1))

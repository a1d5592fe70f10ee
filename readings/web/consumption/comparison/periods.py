"""Comparison of two periods, day by day."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from django import forms
from django.http import QueryDict

from readings.presentation import cells
from readings.presentation.charts import compared, over_time
from readings.presentation.charts.compared import Series
from readings.presentation.charts.figure import Figure
from readings.presentation.charts.units import Unit
from readings.queries.consumption.scope import Scope
from readings.queries.consumption.sums.amounts import Amount, added, by_start, rows_of
from readings.queries.consumption.sums.half_hours import MOST_DAYS, half_hours_of
from readings.queries.consumption.sums.spans import (
    Known,
    Span,
    just_before,
    month_of,
    months_to_compare,
    year_before,
)
from readings.queries.consumption.sums.table import number_of_points
from readings.web.consumption import frame
from readings.web.consumption.comparison.lines import Compared, lines_of
from readings.web.consumption.filters import Choice, address

#: Number of days of a period, at most; and those up to which months are too few for a chart.
LONGEST: Final = 3_660
_MONTHS: Final = 62
#: Names of the days of both periods in addresses, and their labels.
_DAYS: Final = {"from": "From", "to": "To", "from2": "Compared with, from", "to2": "To"}


class Periods(forms.Form):
    """Form for the days of two periods."""

    def __init__(self, first: Span, second: Span) -> None:
        days = (first.first_day, first.last_day, second.first_day, second.last_day)
        super().__init__(auto_id="period-%s", label_suffix="", initial=dict(zip(_DAYS, days, strict=True)))
        for name, label in _DAYS.items():
            widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
            self.fields[name] = forms.DateField(label=label, widget=widget)


def periods_context(scope: Scope, known: Known, params: QueryDict) -> dict[str, Any]:
    """Return what the page shows of two periods; `is_wrong_period` if the second one is wrong."""
    first, second = _spans(scope, params, known.every if scope.first_day or scope.last_day else known.span)
    context: dict[str, Any] = {"periods": Periods(first, second or year_before(first))}
    context["kept"] = [(name, value) for name, value in params.items() if value and name not in (*_DAYS, "csv")]
    if second is None or max(first.days, second.days) > LONGEST:
        return context | {"is_wrong_period": True, "longest": LONGEST}
    charts = _charts(first)
    chart = frame.chart_of(params, first.days, charts)
    of_mean = params.get("of") == "mean"
    totals = [_amount(span.within(scope)) for span in (first, second)]
    unit = over_time.page_unit(totals[0], scope.measure.family)
    lines = [
        Compared(
            label=words_of(span),
            amount=total,
            meter_points=number_of_points(span.within(scope)),
            address=frame.address_of("summary", params, **{"from": f"{span.first_day}", "to": f"{span.last_day}"}),
        )
        for span, total in zip((first, second), totals, strict=True)
    ]
    # The second one is what the first is compared with.
    lines.reverse()
    means = {"": "Total", "mean": "Mean per meter point"}
    return context | {
        "unit": unit,
        "figure": _figure(scope, (first, second), chart, unit, of_mean=of_mean),
        "charts": frame.choices_of(params, "chart", chart, charts),
        "means": frame.choices_of(params, "of", "mean" if of_mean else "", means),
        "others": list(_others(params, first, second)),
        "lines": list(lines_of(lines, unit)),
    }


def _spans(scope: Scope, params: QueryDict, every: Span) -> tuple[Span, Span | None]:
    """Return the periods; the second is None if its days are wrong."""
    first, second = months_to_compare(every)
    if scope.first_day or scope.last_day:
        first_day = scope.first_day or every.first_day
        last_day = max(scope.last_day or every.last_day, first_day)
        first = Span(first_day=first_day, last_day=last_day)
        second = year_before(first)
    if not (params.get("from2") or params.get("to2")):
        return first, second
    field = forms.DateField(required=False)
    try:
        begin, end = (field.clean(params.get(name, "")) for name in ("from2", "to2"))
        begin = begin or end - timedelta(first.days - 1)
        second = Span(first_day=begin, last_day=end or begin + timedelta(first.days - 1))
    except (forms.ValidationError, OverflowError):
        return first, None
    return first, second if second.days > 0 else None


def _amount(scope: Scope) -> Amount:
    return added(row.amount for row in rows_of(scope, by_month=True))


def _charts(first: Span) -> dict[str, str]:
    """Return the charts of a period."""
    has = {"half-hour": first.days <= MOST_DAYS, "day": first.days <= frame.MANY_DAYS, "month": first.days > _MONTHS}
    return {key: words for key, words in frame.CHARTS.items() if has[key]}


def _figure(scope: Scope, spans: tuple[Span, Span], chart: str, unit: Unit, *, of_mean: bool) -> Figure:
    axis = "time" if chart == "half-hour" else chart
    places = compared.places_of(spans[0], axis)
    series = []
    for span in spans:
        own = compared.places_of(span, axis)
        amounts = _amounts(span.within(scope), span, axis)
        words = [compared.in_words(place, axis) for place in own]
        series.append(compared.shifted(Series(label=words_of(span), amounts=amounts), len(places), words))
    note = ""
    if len(places) != len(own):
        note = f"The periods differ in length: {spans[0].days} and {spans[1].days} days, from their first on."
    first = replace(series[0], places=())
    return compared.of_series([first, series[1]], places, axis, unit, of_mean=of_mean, note=note)


def _amounts(scope: Scope, span: Span, axis: str) -> list[Amount | None]:
    if axis == "time":
        return compared.half_hours_at(half_hours_of(scope).get("", []), span)
    amounts = by_start(rows_of(scope, by_month=axis == "month"))
    return compared.at_places(amounts, compared.places_of(span, axis))


def words_of(span: Span) -> str:
    """Return a period in words: a month or a year by its name."""
    first, last = span.first_day, span.last_day
    if span == month_of(first):
        return f"{first:%B} {first.year:04}"
    if (first.month, first.day, last.month, last.day) == (1, 1, 12, 31) and first.year == last.year:
        return f"{first.year:04}"
    return f"{cells.day(first)} to {cells.day(last)}"


def _others(params: QueryDict, first: Span, second: Span) -> Iterator[Choice]:
    """Yield links that compare the first period with others."""
    known = {"Same days last year": year_before(first), "Period before": just_before(first)}
    if first == month_of(first.first_day):
        known = {"Same month last year": year_before(first), "Month before": just_before(first)}
    for words, span in known.items():
        days = dict(zip(_DAYS, (first.first_day, first.last_day, span.first_day, span.last_day), strict=True))
        target = address(params, **{name: f"{day}" for name, day in days.items()})
        yield Choice(target, words, span == second)

"""Comparison of tariffs or areas."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Final

from django.http import QueryDict

from readings.presentation import cells
from readings.presentation.charts import compared, over_time
from readings.presentation.charts.compared import Series
from readings.presentation.charts.figure import Figure
from readings.presentation.charts.units import Unit
from readings.queries.consumption.scope import Scope, changed_in
from readings.queries.consumption.sums.amounts import Amount, Row, added, by_start, rows_of
from readings.queries.consumption.sums.half_hours import MOST_DAYS, half_hours_of
from readings.queries.consumption.sums.spans import Known, Span, span_of
from readings.queries.consumption.sums.table import groups_of
from readings.web.consumption import frame
from readings.web.consumption.comparison.lines import Compared, lines_of

#: Number of tariffs or areas in one chart, at most.
MOST: Final = 6
#: Name of those without a tariff or area, as NMIs, in addresses and on the page.
NOTHING: Final = "none"


@dataclass(frozen=True, slots=True)
class Offered:
    """A tariff or area that may be chosen."""

    name: str
    is_chosen: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Groups:
    """Amounts of some tariffs or areas in a period."""

    scope: Scope
    by: str
    span: Span
    chart: str
    of_mean: bool
    #: Rows by day or month of each tariff or area that is chosen, the largest first.
    rows: Mapping[str, Sequence[Row]]


def groups_context(scope: Scope, known: Known, params: QueryDict, by: str) -> dict[str, Any]:
    """Return what the page shows of tariffs or areas."""
    if scope.first_day or scope.last_day:
        span = span_of(scope)
    else:
        span, scope = known.latest_months(scope)
    if span is None:
        return {"figure": None}
    chart = frame.chart_of(params, span.days)
    every: defaultdict[str, list[Row]] = defaultdict(list)
    for row in rows_of(scope, by_month=chart != "day", group=by):
        every[row.group].append(row)
    totals = {name: added(row.amount for row in rows) for name, rows in every.items()}
    largest = sorted(every, key=lambda name: (-totals[name].total, name))
    asked = {"" if name == NOTHING else name for name in params.getlist("with")}
    chosen = ([name for name in largest if name in asked] or largest)[:MOST]
    rows = {name: every[name] for name in chosen}
    of_mean = params.get("of") != "total"
    found = Groups(scope=scope, by=by, span=span, chart=chart, of_mean=of_mean, rows=rows)
    unit = over_time.page_unit(totals[chosen[0]], scope.measure.family)
    means = {"total": "Total", "": "Mean per meter point"}
    return {
        "unit": unit,
        "figure": _figure(found, unit),
        "charts": frame.choices_of(params, "chart", chart, frame.CHARTS),
        "means": frame.choices_of(params, "of", "" if of_mean else "total", means),
        "period": f"{cells.day(span.first_day)} to {cells.day(span.last_day)}",
        "offered": [Offered(name or NOTHING, name in chosen) for name in largest],
        "kept": [(name, value) for name, value in params.items() if value and name not in ("with", "csv")],
        "most": MOST,
        "lines": list(lines_of(list(_compared(found, totals, params)), unit)),
        "changed": changed_in(scope),
    }


def _compared(found: Groups, totals: Mapping[str, Amount], params: QueryDict) -> Iterator[Compared]:
    """Yield the tariffs or areas that are chosen, each with its number of meter points."""
    numbers: Counter[str] = Counter()
    for group in groups_of(found.scope):
        numbers[getattr(group, found.by)] += group.meter_points
    for name in found.rows:
        address = frame.address_of("summary", params, **{found.by: name}) if name else ""
        yield Compared(label=name or NOTHING, amount=totals[name], meter_points=numbers[name], address=address)


def _figure(found: Groups, unit: Unit) -> Figure:
    span, note = found.span, ""
    most = {"half-hour": MOST_DAYS, "day": frame.MANY_DAYS}.get(found.chart)
    if most and span.days > most:
        note = f"The last {most} days of the period."
        span = Span(first_day=span.last_day - timedelta(most - 1), last_day=span.last_day)
    axis = "time" if found.chart == "half-hour" else found.chart
    places = compared.places_of(span, axis)
    if axis == "time":
        half_hours = half_hours_of(replace(found.scope, first_day=span.first_day), found.by)
        amounts = {name: compared.half_hours_at(half_hours.get(name, []), span) for name in found.rows}
    else:
        amounts = {name: compared.at_places(by_start(rows), places) for name, rows in found.rows.items()}
    series = [Series(label=name or NOTHING, amounts=each) for name, each in amounts.items()]
    return compared.of_series(series, places, axis, unit, of_mean=found.of_mean, note=note)

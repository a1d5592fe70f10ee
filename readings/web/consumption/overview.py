"""Parts of the overview in words: figures, groups, repeated hours, and links to other periods and comparisons."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.http import QueryDict

from readings.formats.packed_day import clock_at
from readings.formats.text import NO_VALUE, count
from readings.models import Scheme
from readings.models.consumption.half_hours import HALF_HOUR
from readings.presentation import cells
from readings.presentation.charts.units import Unit, duration, unit_for, written
from readings.queries.consumption.scope import Scope
from readings.queries.consumption.sums.amounts import Amount, Row, added
from readings.queries.consumption.sums.half_hours import coincident_peak, has_few_rows
from readings.queries.consumption.sums.repeats import repeats_in
from readings.queries.consumption.sums.spans import (
    MONTHS,
    Span,
    latest_days,
    latest_months,
    month_of,
    months_to_compare,
    year_before,
)
from readings.queries.consumption.sums.table import Group, coverage_of
from readings.web.consumption.filters import Choice, address
from readings.web.consumption.frame import FEW_DAYS, address_of, link_to


@dataclass(frozen=True, slots=True, kw_only=True)
class Overview:
    """The amounts of a scope in the period of the page."""

    scope: Scope
    params: QueryDict
    #: First and last day of all data, and of that in the period.
    every: Span
    span: Span
    chart: str
    of_mean: bool
    #: Amounts by day or month, those of weekends apart.
    rows: Sequence[Row]
    unit: Unit

    @property
    def total(self) -> Amount:
        """Return the amount of the period."""
        return added(row.amount for row in self.rows)

    @property
    def period(self) -> str:
        """Return the period in words."""
        return f"{cells.day(self.span.first_day)} to {cells.day(self.span.last_day)}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Fact:
    """A figure with its name, and what it links to."""

    name: str
    value: str
    more: str = ""
    address: str = ""


def facts(overview: Overview, groups: Iterable[Group]) -> Iterator[Fact]:
    """Yield the figures under the chart."""
    unit, total = overview.unit, overview.total
    weekend = added(row.amount for row in overview.rows if row.is_weekend)
    week = added(row.amount for row in overview.rows if not row.is_weekend)
    days = count(total.days, "calendar day with a value", "calendar days with a value")
    yield Fact(name=f"Total ({unit})", value=written(total.total, unit), more=days)
    for name, value, of_week, of_weekend in (
        ("Mean per day with data", total.per_day, week.per_day, weekend.per_day),
        ("Mean per meter point and day", total.per_point_day, week.per_point_day, weekend.per_point_day),
    ):
        more = f"Mon–Fri {written(of_week, unit)}, Sat and Sun {written(of_weekend, unit)}"
        yield Fact(name=f"{name} ({unit})", value=written(value, unit), more=more)
    yield _peak(overview)
    yield _quality(total)
    yield _complete(overview)
    yield Fact(
        name="Consumers and NMIs",
        value=f"{sum(group.meter_points for group in groups):,}",
        more=f"last day with data: {cells.day(overview.every.last_day)}",
    )


def _peak(overview: Overview) -> Fact:
    family = overview.scope.measure.family.removesuffix("h")
    load = link_to("consumption-load", overview.params)
    name = "Peak of all meter points together"
    if not has_few_rows(overview.scope):
        more = "in the load duration" if load else "choose a shorter period"
        return Fact(name=name, value=NO_VALUE, more=more, address=load)
    peak = coincident_peak(overview.scope)
    if peak is None:
        return Fact(name=name, value=NO_VALUE, address=load)
    unit = unit_for(peak.power, family)
    again = " (repeated hour)" if peak.occurrence else ""
    more = f"{peak.day:%a} {cells.day(peak.day)} {clock_at(HALF_HOUR * peak.place)}{again}"
    return Fact(name=f"{name} ({unit})", value=written(peak.power, unit), more=more, address=load)


def _quality(total: Amount) -> Fact:
    share = total.not_actual
    parts = ((total.substituted, "substituted"), (total.estimated, "estimated"))
    shares = [f"{_percent(100 * part / total.total)} {words}" for part, words in parts if part and total.total]
    value = NO_VALUE if share is None else _percent(share)
    return Fact(name="Not actual", value=value, more=", ".join(shares) or "all values are actual")


def _complete(overview: Overview) -> Fact:
    coverage = coverage_of(overview.scope)
    value = NO_VALUE if coverage.percent is None else _percent(coverage.percent)
    missing = coverage.expected - coverage.covered
    more = f"missing: {duration(missing)}" if missing > 0 else "nothing is missing"
    address = link_to("consumption-completeness", overview.params)
    return Fact(name="Complete", value=value, more=more, address=address)


def _percent(share: object) -> str:
    """Return a share in per cent; only 0 is 0 and only 100 is 100."""
    text = f"{share:.1f}"
    if text == "100.0" and share != 100:
        return "> 99.9 %"
    return "< 0.1 %" if text == "0.0" and share else f"{text} %"


@dataclass(frozen=True, slots=True, kw_only=True)
class GroupLine:
    """A line of the table by area and tariff."""

    area: str
    tariff: str
    cells: tuple[str, ...]
    #: Address of the page narrowed to it, and of its comparison; empty if no filter selects it.
    address: str
    comparison: str


def group_lines(overview: Overview, groups: Sequence[Group]) -> Iterator[GroupLine]:
    """Yield the lines of the table by area and tariff."""
    total, unit = overview.total.total, overview.unit
    for group in groups:
        is_nmi = group.scheme == Scheme.NMI
        names = {"scheme": group.scheme} if is_nmi else {"area": group.area, "tariff": group.tariff}
        yield GroupLine(
            area=group.area or ("NMIs" if is_nmi else NO_VALUE),
            tariff=group.tariff or NO_VALUE,
            cells=(
                f"{group.meter_points:,}",
                written(group.amount.total, unit),
                f"{100 * group.amount.total / total:.1f}" if total else NO_VALUE,
                written(group.amount.per_point_day, unit),
            ),
            address=address(overview.params, **names, page="") if all(names.values()) else "",
            comparison=_comparison(overview.params, group, groups) if group.tariff else "",
        )


def _comparison(params: QueryDict, group: Group, groups: Sequence[Group]) -> str:
    """Return the address that compares the tariff of a group with the largest other, of its area if possible."""
    others = [each for each in groups if each.tariff not in ("", group.tariff)]
    in_area = [each for each in others if each.area == group.area]
    largest = max(in_area or others, key=lambda each: each.amount.total, default=group)
    chosen = urlencode([("with", name) for name in dict.fromkeys((group.tariff, largest.tariff))])
    area = group.area if in_area else ""
    return f"{link_to('consumption-compare', params, by='tariff', tariff='', area=area)}&{chosen}"


def spans(overview: Overview) -> Iterator[Choice]:
    """Yield links to other periods."""
    every, scope = overview.every, overview.scope
    is_given = any(map(overview.params.get, ("from", "to")))
    months = latest_months(every)
    latest = {
        f"Last {FEW_DAYS} days": latest_days(every, FEW_DAYS),
        "Last month": month_of(every.last_day),
        f"Last {MONTHS} months": months,
        "All": every,
    }
    for words, span in latest.items():
        is_default = span == months
        days = {"from": "", "to": ""} if is_default else {"from": f"{span.first_day}", "to": f"{span.last_day}"}
        is_here = (span.first_day, span.last_day) == (scope.first_day, scope.last_day)
        if words == "All" or span.first_day > every.first_day:
            is_chosen = not is_given if is_default else is_here
            yield Choice(address(overview.params, **days, chart="", page=""), words, is_chosen)


def comparisons(overview: Overview) -> Iterator[Choice]:
    """Yield links to comparisons of what is on the page."""
    latest, other = months_to_compare(overview.every)
    other_words = "Same month last year" if other == year_before(latest) else "Month before"
    words = {"tariff": "Tariffs in one chart", "area": "Areas in one chart", "period": other_words}
    for by, label in words.items():
        # A filter by what is compared would leave one line.
        dropped = {"from": "", "to": ""} if by == "period" else {by: ""}
        yield Choice(address_of("consumption-compare", overview.params, by=by, **dropped), label)


def repeats(overview: Overview) -> Iterator[tuple[str, str]]:
    """Yield the total with each repeated interval counted once in four ways."""
    total, unit = overview.total.total, overview.unit
    found = repeats_in(overview.scope, total)
    yield "all rows", f"{unit.exact(total)} {unit}"
    for name in ("first", "last", "mean", "largest"):
        yield f"{name} value of each repeated interval", f"{unit.exact(getattr(found, name))} {unit}"
    yield "repeated intervals", f"{found.number:,}"

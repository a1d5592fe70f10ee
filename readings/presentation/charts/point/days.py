"""Figures of one meter point by day and month, and the units of its page."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Final

from readings.formats.packed_day import ZERO, exact_sum
from readings.formats.text import count
from readings.models.consumption.calendar import months_between
from readings.models.consumption.half_hours import DAY
from readings.models.consumption.sums import Quality
from readings.presentation.charts.figure import Figure, Line, seconds
from readings.presentation.charts.units import Unit, unit_for, written
from readings.queries.consumption.point.life import Life, Window

#: Number of months in a table on the page, at most; the CSV has all.
MOST_MONTHS: Final = 120
_OTHER_QUALITIES: Final = (Quality.SUBSTITUTED, Quality.ESTIMATED)

Amounts = Mapping[date, Mapping[str, Decimal]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Units:
    """The units of a page: one for energy, one for power."""

    energy: Unit
    power: Unit


def units_of(life: Life, family: str) -> Units:
    """Return the units of a page: thousands if a month or a peak is large."""
    months = (exact_sum(amounts.values()) for amounts in life.months.values())
    peak = max((row.peak for row in life.rows), default=ZERO)
    return Units(
        energy=unit_for(max(map(abs, months), default=ZERO), family),
        power=unit_for(peak, family.removesuffix("h")),
    )


def day_words(day: date) -> str:
    """Return a day with its weekday."""
    return f"{day:%a %d %b} {day.year:04}"


def of_days(life: Life, window: Window, unit: Unit, *, is_compared: bool = False) -> Figure:
    """Return the figure of the days of a window, with the same days of the year before if they are compared."""
    days = life.days(window.first_day, window.last_day)
    covered = life.covered(window.first_day, window.last_day)
    figure = _bars("day", "Consumption by day", window.days, days, unit)
    missing: list[tuple[str, ...]] = [(str(DAY - covered[day]),) for day in window.days]
    columns: tuple[str, ...] = ("Missing (minutes)",)
    if all(covered[day] == DAY for day in window.days):
        columns, missing = (), [()] * window.length
    figure = replace(
        figure,
        columns=("Day", *figure.columns, *columns),
        rows=[
            (day_words(day), *row, *minutes)
            for day, row, minutes in zip(window.days, figure.rows, missing, strict=True)
        ],
    )
    return _with_year_before(figure, life, window, days, unit) if is_compared else figure


def of_months(life: Life, unit: Unit) -> Figure:
    """Return the figure of all months from the first to the last."""
    months = list(months_between(life.first_day, life.last_day))
    figure = _bars("month", "Consumption by month", months, life.months, unit)
    return replace(
        figure,
        columns=("Month", *figure.columns),
        rows=[(f"{month:%B} {month.year:04}", *row) for month, row in zip(months, figure.rows, strict=True)],
        csv_only=len(months) > MOST_MONTHS,
        note=f"The table of {len(months)} months is in the CSV." if len(months) > MOST_MONTHS else "",
    )


def _bars(key: str, title: str, places: Sequence[date], amounts: Amounts, unit: Unit) -> Figure:
    """Return a figure whose rows lack their first cell."""
    present = [quality for quality in _OTHER_QUALITIES if any(quality in each for each in amounts.values())]
    totals = [exact_sum(amounts[each].values()) if each in amounts else None for each in places]
    parts = {quality: [amounts.get(each, {}).get(quality, ZERO) for each in places] for quality in present}
    line = Line(
        label="Consumption",
        values=[None if total is None else unit.of(total) for total in totals],
        parts={str(quality.value): [unit.of(amount) for amount in some] for quality, some in parts.items()},
        style="bars",
    )
    columns = [totals, *parts.values()]
    return Figure(
        key=key,
        title=title,
        unit=unit.name,
        axis=key,
        places=list(map(seconds, places)),
        lines=[line],
        columns=(f"Total ({unit})", *(f"of which {quality.label.lower()} ({unit})" for quality in present)),
        rows=[tuple(map(unit.exact, row)) for row in zip(*columns, strict=True)],
    )


def _with_year_before(figure: Figure, life: Life, window: Window, days: Amounts, unit: Unit) -> Figure:
    places = {day: year_before(day) for day in window.days}
    dated = [day for day in places.values() if day]
    before = life.days(min(dated), max(dated)) if dated else {}
    totals = [exact_sum(before[place].values()) if place in before else None for place in places.values()]
    both = [day for day, place in places.items() if day in days and place in before]
    line = Line(
        label="The year before",
        values=[None if total is None else unit.of(total) for total in totals],
        style="dashed",
    )
    return replace(
        figure,
        lines=[*figure.lines, line],
        columns=(*figure.columns, f"The year before ({unit})"),
        rows=[(*row, unit.exact(total)) for row, total in zip(figure.rows, totals, strict=True)],
        note=_compared(
            exact_sum(amount for day in both for amount in days[day].values()),
            exact_sum(total for day, total in zip(places, totals, strict=True) if total is not None and day in days),
            len(both),
            unit,
        ),
    )


def year_before(day: date) -> date | None:
    """Return the same day of the year before; None for 29 February and before the first year."""
    try:
        return day.replace(year=day.year - 1)
    except ValueError:
        return None


def _compared(total: Decimal, before: Decimal, number: int, unit: Unit) -> str:
    if not number:
        return "No day has a value in both years."
    change = f" ({100 * (total - before) / before:+.1f} %)" if before else ""
    own, other = (f"{written(each, unit)} {unit}" for each in (total, before))
    return f"{count(number, 'day')} with a value in both years: {own}, the year before {other}{change}."

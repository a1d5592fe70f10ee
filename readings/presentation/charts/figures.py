"""Figures of consumption: days, months, half hours, and typical days."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from readings.formats.packed_day import clock_at
from readings.formats.text import NO_VALUE
from readings.presentation.charts.figure import Figure, Line, seconds
from readings.queries.consumption.profiles import HalfHour, HalfHourTotals, TypicalDay
from readings.queries.consumption.totals import Amount
from readings.queries.consumption.values import HALF_HOURS

#: Decimal places of means, by the first letter of the unit.
_PLACES: Final = {"k": 3, "M": 6}


def amount(value: Decimal | None) -> str:
    """Return a sum with all of its digits."""
    return NO_VALUE if value is None else f"{value:,f}"


def mean(value: Decimal | None, unit: str) -> str:
    """Return a mean, rounded."""
    return NO_VALUE if value is None else f"{value:,.{_PLACES.get(unit[:1], 1)}f}"


def duration(minutes: int | None) -> str:
    """Return a duration in words."""
    if minutes is None:
        return NO_VALUE
    hours, rest = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = (f"{number} {unit}" for number, unit in ((days, "d"), (hours, "h"), (rest, "min")) if number)
    return " ".join(parts) or "none"


def exact(value: Decimal) -> str:
    """Return a value with all of its digits, for a table of a figure."""
    return f"{value:f}"


def rounded(value: Decimal | None, unit: str) -> str:
    """Return a mean, rounded, for a table of a figure."""
    return mean(value, unit).replace(",", "")


def of_days(days: Mapping[date, Amount], unit: str, axis: str, *, of_mean: bool) -> Figure:
    """Return the figure of days or months."""
    pattern = "%B %Y" if axis == "month" else "%a %d %b %Y"
    name = "Mean per channel-day" if of_mean else "Total"
    return Figure(
        key=axis,
        title=f"{name} by {axis}",
        axis=axis,
        unit=unit,
        places=list(map(seconds, days)),
        lines=[
            Line(label=name, values=[each.mean if of_mean else each.total for each in days.values()], style="bars")
        ],
        columns=(axis.capitalize(), f"Total ({unit})", f"Mean per channel-day ({unit})", "Channel-days"),
        rows=[
            (f"{day:{pattern}}", exact(each.total), rounded(each.mean, unit), f"{each.days}")
            for day, each in days.items()
        ],
    )


def of_half_hours(totals: HalfHourTotals, *, of_mean: bool) -> Figure:
    """Return the figure of consecutive half hours."""
    points = [
        (datetime.combine(day, time()) + timedelta(minutes=30 * place), half_hour)
        for day, half_hours in _with_gaps(totals.days)
        for place, half_hour in enumerate(half_hours)
    ]
    name = "Mean per channel" if of_mean else "Total"
    number, unit = len(totals.days), totals.unit
    values = [each.mean if of_mean else each.total if each.values else None for _, each in points]
    return Figure(
        key="half-hour",
        title=f"{name} by half hour",
        note=f"The last {number} of {totals.of_days} days. Choose a period to see other days."
        if totals.of_days > number
        else "",
        axis="time",
        unit=unit,
        places=[seconds(begins_at) for begins_at, _ in points],
        lines=[Line(label=name, values=values, style="steps")],
        columns=("Half hour from", f"Total ({unit})", f"Mean per channel ({unit})", "Values"),
        rows=[
            (f"{begins_at:%a %d %b %Y %H:%M}", exact(each.total), rounded(each.mean, unit), f"{each.values}")
            for begins_at, each in points
            if each.values
        ],
    )


def _with_gaps(days: Mapping[date, list[HalfHour]]) -> Iterator[tuple[date, list[HalfHour]]]:
    """Yield the days in order, and an empty one after each gap's start, so that no line bridges the gap."""
    for day, half_hours in days.items():
        yield day, half_hours
        following = day + timedelta(days=1)
        if following not in days:
            yield following, [HalfHour()]


def of_typical_day(main: TypicalDay, others: Iterable[tuple[str, TypicalDay]], name: str) -> Figure:
    """Return the figure of a typical day with its band, and the medians of the others."""
    compared = list(others)
    edges = ("low", "high", "median")
    own = [_edge(main, edge) for edge in edges]
    medians = [_edge(day, "median") for _, day in compared]
    labels = (f"{name}: 10%", f"{name}: 90%", f"{name}: median", *(f"{label}: median" for label, _ in compared))
    clocks = [clock_at(30 * place) for place in range(HALF_HOURS)]
    columns = list(zip(*own, *medians, strict=True))
    return Figure(
        key="typical-day",
        title="A typical day of one channel",
        note=f"Based on {of_how_many(main)}. The band contains 80% of the values of each half hour.",
        axis="clock",
        unit=main.unit,
        places=[30 * 60 * place for place in range(HALF_HOURS)],
        lines=[Line(label=label, values=values) for label, values in zip(labels, [*own, *medians], strict=True)],
        band=0,
        columns=("Half hour from", *(f"{label} ({main.unit})" for label in labels)),
        rows=[
            (clock, *(rounded(value, main.unit) for value in values))
            for clock, values in zip(clocks, columns, strict=True)
        ],
    )


def _edge(day: TypicalDay, name: str) -> list[Decimal | None]:
    return [getattr(band, name) if band else None for band in day.bands]


def of_how_many(day: TypicalDay) -> str:
    """Return the number of channel-days of a typical day in words."""
    if day.days == day.of_days:
        return f"all {day.days:,} channel-days"
    return f"{day.days:,} of {day.of_days:,} channel-days, evenly spread"

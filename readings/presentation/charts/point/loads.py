"""Figures of the mean power of one meter point: half hours, load duration, and typical days."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime, time, timedelta
from decimal import Decimal, localcontext
from typing import Final

from readings.formats.packed_day import EXACT, clock_at
from readings.formats.text import NO_VALUE, count
from readings.models.consumption.calendar import is_weekend
from readings.models.consumption.half_hours import HALF_HOUR, HALF_HOURS
from readings.models.consumption.half_hours import NO_VALUE as NOTHING
from readings.models.consumption.sums import Quality
from readings.presentation.charts.figure import Figure, Line, seconds
from readings.presentation.charts.point.days import Units, day_words
from readings.presentation.charts.units import Unit
from readings.queries.consumption.point.days import Pass, PointDays
from readings.queries.consumption.point.life import Window
from readings.queries.consumption.point.loads import duration_curve
from readings.queries.consumption.point.typical import Others, TypicalDay, typical_day

_SMALLEST: Final = Decimal("0.0001")


def power(unit: Unit, kilowatts: Decimal | None) -> Decimal | None:
    """Return a power in the unit of the page, rounded to what a chart can show."""
    return None if kilowatts is None else unit.of(kilowatts).quantize(_SMALLEST)


def of_half_hours(window: Window, days: PointDays, units: Units) -> Figure:
    """Return the figure of the half hours of a window; the second pass of a repeated hour is a line of its own."""
    hourly = 60 // HALF_HOUR
    passes = sorted({key.occurrence for key in days.half_hours} | {0})
    lines: list[Line] = []
    with localcontext(EXACT):
        for occurrence in passes:
            found = [days.half_hours.get(Pass(day, occurrence)) for day in window.days]
            amounts = [amount for each in found for amount in (each.amounts if each else [None] * HALF_HOURS)]
            marks = "".join(each.qualities if each else NOTHING * HALF_HOURS for each in found)
            values = [None if amount is None else power(units.power, amount * hourly) for amount in amounts]
            label, style = ("Second pass", "points") if occurrence else ("Half hour", "steps")
            lines.append(Line(label=label, values=values, marks=marks.replace(NOTHING, "A"), style=style))
    start = seconds(window.first_day)
    places = [start + 60 * HALF_HOUR * place for place in range(HALF_HOURS * window.length)]
    return replace(half_hours_at("", units), places=places, lines=lines)


def half_hours_at(address: str, units: Units, *, is_repeated: bool = False) -> Figure:
    """Return the figure of half hours that the script fetches from an address."""
    repeats = " The clock repeats an hour: its second pass is apart." if is_repeated else ""
    return Figure(
        key="half-hours",
        title="Mean power by half hour",
        note=f"Times are the start of each half hour.{repeats}",
        unit=units.power.name,
        axis="time",
        csv_only=True,
        address=address,
    )


def heat_map_of(half_hours: Figure) -> Figure:
    """Return the heat map of the half hours of a figure."""
    return replace(half_hours, key="heat-map", title="Days by half hours", axis="heat", note="", csv_only=False)


def half_hours_table(days: PointDays, units: Units) -> Figure:
    """Return the figure of half hours with its rows alone, for the CSV: only those with a value."""
    return replace(
        half_hours_at("", units),
        columns=(
            *("Half hour from", "Pass of the clock", f"Consumption ({units.energy})"),
            *(f"Mean power ({units.power})", "Quality"),
        ),
        rows=list(_half_hour_rows(days, units)),
    )


def _half_hour_rows(days: PointDays, units: Units) -> Iterator[tuple[str, ...]]:
    with localcontext(EXACT):
        for (day, occurrence), each in days.half_hours.items():
            for place, (amount, quality) in enumerate(zip(each.amounts, each.qualities, strict=True)):
                if amount is not None:
                    begins_at = datetime.combine(day, time()) + timedelta(minutes=HALF_HOUR * place)
                    words = f"{day_words(day)} {begins_at:%H:%M}", str(occurrence + 1)
                    amounts = units.energy.exact(amount), units.power.exact(amount * (60 // HALF_HOUR))
                    yield *words, *amounts, str(Quality(quality).label)


def of_load_duration(days: PointDays, unit: Unit) -> Figure:
    """Return the figure of the load that is reached or exceeded in each share of the half hours."""
    loads = days.loads
    curve = [(share, unit.of(load)) for share, load in duration_curve(loads)]
    return Figure(
        key="load-duration",
        title="Load duration",
        note=f"Of {count(len(loads), 'half hour')}: the mean power that each share of them reaches or exceeds.",
        unit=unit.name,
        axis="share",
        places=[share / 10 for share, _ in curve],
        lines=[Line(label="Mean power", values=[load for _, load in curve])],
        columns=("Share of the half hours (%)", f"Mean power, at least ({unit})"),
        rows=[(f"{share / 10:g}", f"{load:f}") for share, load in curve],
    )


def of_typical_day(days: PointDays, others: Others | None, tariff: str, unit: Unit) -> Figure:
    """Return the figure of the typical day of a window, with the others of the tariff."""
    own = typical_day(days.half_hours)
    parts = [
        ("Mon–Fri", typical_day(days.half_hours, lambda day: not is_weekend(day)).median),
        ("Sat, Sun", typical_day(days.half_hours, is_weekend).median),
    ]
    if not all(any(each is not None for each in line) for _, line in parts):
        parts = []
    if others:
        parts.append((f"Others of tariff {tariff}", others.typical.median))
    labels = ("10 % of the days", "90 % of the days", "Median", *(f"{label}: median" for label, _ in parts))
    values = [[power(unit, each) for each in line] for line in (*_edges(own), *(line for _, line in parts))]
    return Figure(
        key="typical-day",
        title="A typical day",
        note="The band has 80 % of the values of each half hour." + _sample(others, tariff),
        axis="clock",
        unit=unit.name,
        places=[60 * HALF_HOUR * place for place in range(HALF_HOURS)],
        lines=[Line(label=label, values=line) for label, line in zip(labels, values, strict=True)],
        band=0,
        columns=("Half hour from", *(f"{label} ({unit})" for label in labels)),
        rows=[
            (clock_at(HALF_HOUR * place), *(NO_VALUE if each is None else f"{each:f}" for each in row))
            for place, row in enumerate(zip(*values, strict=True))
        ],
    )


def _edges(day: TypicalDay) -> tuple[list[Decimal | None], ...]:
    return day.low, day.high, day.median


def _sample(others: Others | None, tariff: str) -> str:
    if not others:
        return ""
    of_how_many = f"{others.meter_points} of the {count(others.of_meter_points, 'other')}"
    return f" The others have tariff {tariff} at present: {of_how_many}, {count(others.days, 'day')} in all."

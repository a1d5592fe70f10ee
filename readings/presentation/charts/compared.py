"""Figures that compare areas, tariffs or periods."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time, timedelta

from readings.models.consumption.half_hours import HALF_HOUR, HALF_HOURS
from readings.presentation.charts.figure import Figure, seconds
from readings.presentation.charts.over_time import MOST_ROWS, line_of, mean_text, title_of, words_of
from readings.presentation.charts.units import Unit
from readings.queries.consumption.sums.amounts import Amount
from readings.queries.consumption.sums.half_hours import Day
from readings.queries.consumption.sums.spans import Span, months_of

#: Name of the place of each axis in a table.
_PLACES = {"day": "Day", "month": "Month", "time": "Half hour from"}
_DRAWN_AS_BARS = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Series:
    """Amounts at consecutive places; None where nothing is known."""

    label: str
    amounts: Sequence[Amount | None]
    #: Its own places in words, if they are not those of the figure.
    places: Sequence[str] = ()


def places_of(span: Span, axis: str) -> list[date]:
    """Return each day or half hour of a span, or the first day of each month."""
    if axis == "month":
        return months_of(span)
    days = [span.first_day + timedelta(number) for number in range(span.days)]
    if axis == "day":
        return days
    step = timedelta(minutes=HALF_HOUR)
    return [datetime.combine(day, time()) + place * step for day in days for place in range(HALF_HOURS)]


def in_words(place: date, axis: str) -> str:
    """Return a place in words."""
    if isinstance(place, datetime):
        return f"{words_of(place, 'day')} {place:%H:%M}"
    return words_of(place, axis)


def at_places(amounts: Mapping[date, Amount], places: Sequence[date]) -> list[Amount | None]:
    """Return the amounts of days or months in order of the places."""
    return [amounts.get(place) for place in places]


def half_hours_at(days: Sequence[Day], span: Span) -> list[Amount | None]:
    """Return the half hours of a span in order, without the second pass of repeated hours."""
    of_days = {each.day: each.half_hours for each in days if not each.occurrence}
    nothing: list[Amount | None] = [None] * HALF_HOURS
    every = (span.first_day + timedelta(number) for number in range(span.days))
    return [amount for day in every for amount in of_days.get(day, nothing)]


def of_series(
    series: Sequence[Series], places: Sequence[date], axis: str, unit: Unit, *, of_mean: bool, note: str = ""
) -> Figure:
    """Return the figure of several series at the same places."""
    style = _style(axis, len(places), len(series))
    totals = [line_of(each.label, each.amounts, unit, of_mean=False, style=style) for each in series]
    lines = [line_of(each.label, each.amounts, unit, of_mean=True, style=style) for each in series]
    columns = [
        label for each in series for label in ([*([_PLACES[axis]] if each.places else []), f"{each.label} ({unit})"])
    ]
    return Figure(
        key="comparison",
        title=title_of(axis, of_mean=of_mean),
        note=note,
        axis=axis,
        unit=unit.name,
        places=list(map(seconds, places)),
        lines=lines if of_mean else totals,
        totals=totals,
        columns=(_PLACES[axis], *columns),
        rows=_rows(series, [in_words(place, axis) for place in places], unit, of_mean=of_mean),
        csv_only=len(places) > MOST_ROWS,
    )


def _style(axis: str, places: int, lines: int) -> str:
    if axis == "time":
        return "steps"
    return "bars" if places * lines <= _DRAWN_AS_BARS * 31 else "line"


def _rows(series: Sequence[Series], places: Sequence[str], unit: Unit, *, of_mean: bool) -> list[tuple[str, ...]]:
    """Return the rows of the places at which a series has an amount."""

    def text(amount: Amount | None) -> str:
        if amount is None:
            return ""
        return mean_text(amount.per_point_day, unit) if of_mean else unit.exact(amount.total)

    rows = []
    for number, words in enumerate(places):
        at_place = [(each.places, each.amounts[number]) for each in series]
        if any(amount for _, amount in at_place):
            cells = [cell for own, amount in at_place for cell in (*own[number : number + 1], text(amount))]
            rows.append((words, *cells))
    return rows


def shifted(series: Series, number: int, words: Sequence[str]) -> Series:
    """Return a series of another period at a number of places, with its own places in words."""
    amounts = [*series.amounts[:number], *[None] * (number - len(series.amounts))]
    return replace(series, amounts=amounts, places=[*words[:number], *[""] * (number - len(words))])

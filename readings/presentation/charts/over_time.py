"""Figures of many meter points: days, months, half hours, and a typical day."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from decimal import Decimal
from typing import Final

from readings.formats.packed_day import EXACT, ZERO, clock_at
from readings.formats.text import NO_VALUE, count
from readings.models.consumption.half_hours import HALF_HOUR, HALF_HOURS
from readings.models.consumption.sums import Quality
from readings.presentation.charts.figure import Figure, Line, seconds
from readings.presentation.charts.units import LARGE, Unit, unit_for
from readings.queries.consumption.sums.amounts import Amount
from readings.queries.consumption.sums.half_hours import Day
from readings.queries.consumption.sums.typical import TypicalDay, TypicalDays

#: Number of rows of a table that a page shows, at most; the CSV has all.
MOST_ROWS: Final = 400
PER_POINT: Final = "Mean per meter point and day"
PATTERNS: Final = {"day": "%a %d %b", "month": "%B"}
#: Digits of means after the decimal point in kWh, or in MWh.
_DIGITS: Final = {0: 4, 3: 7}
_DRAWN: Final = 7


def page_unit(amount: Amount, family: str) -> Unit:
    """Return the unit of all totals and means of a page: thousands if the means keep their digits."""
    is_large = abs(amount.per_point_day or amount.total) * 100 >= LARGE
    return unit_for(amount.total if is_large else ZERO, family)


def mean_text(value: Decimal | None, unit: Unit) -> str:
    """Return a mean for a table of a figure, rounded."""
    return "" if value is None else f"{unit.of(value):.{_DIGITS[unit.power]}f}"


def words_of(start: date, axis: str) -> str:
    """Return a day with its weekday, or a month."""
    return f"{start:{PATTERNS[axis]}} {start.year:04}"


def of_amounts(amounts: Mapping[date, Amount], unit: Unit, axis: str, *, of_mean: bool, note: str = "") -> Figure:
    """Return the figure of days or months."""
    parts = parts_of(amounts.values())
    points = "Meter points" if axis == "day" else "Days, for each meter point"
    names = [f"Of which {Quality(mark).label.lower()} ({unit})" for mark in parts]
    return Figure(
        key=axis,
        title=title_of(axis, of_mean=of_mean),
        note=note,
        axis=axis,
        unit=unit.name,
        places=list(map(seconds, amounts)),
        lines=[line_of(PER_POINT if of_mean else "Total", list(amounts.values()), unit, of_mean=of_mean)],
        totals=[line_of("Total", list(amounts.values()), unit, of_mean=False)],
        columns=(axis.capitalize(), f"Total ({unit})", *names, f"{PER_POINT} ({unit})", points),
        rows=[
            (
                *(words_of(start, axis), unit.exact(each.total)),
                *(unit.exact(part(each, mark)) for mark in parts),
                *(mean_text(each.per_point_day, unit), f"{each.point_days}"),
            )
            for start, each in amounts.items()
        ],
        csv_only=len(amounts) > MOST_ROWS,
    )


def title_of(axis: str, *, of_mean: bool) -> str:
    """Return the title of a figure of totals or means."""
    name = (PER_POINT if axis == "month" else "Mean per meter point") if of_mean else "Total"
    return f"{name} by {'half hour' if axis == 'time' else axis}"


def part(amount: Amount, mark: str) -> Decimal:
    """Return the part of an amount that has a quality."""
    return amount.estimated if mark == Quality.ESTIMATED else amount.substituted


def parts_of(amounts: Iterable[Amount]) -> list[str]:
    """Return the qualities other than actual that occur in amounts."""
    every = list(amounts)
    marks = (Quality.SUBSTITUTED.value, Quality.ESTIMATED.value)
    return [mark for mark in marks if any(part(each, mark) for each in every)]


def line_of(label: str, amounts: Sequence[Amount | None], unit: Unit, *, of_mean: bool, style: str = "bars") -> Line:
    """Return a line of totals, or of means per meter point and day, with the parts that are not actual."""
    marks = parts_of(filter(None, amounts))

    def value(amount: Amount | None, of: Decimal) -> Decimal | None:
        if amount is None:
            return None
        if not of_mean:
            return unit.of(of)
        # A drawing needs few digits of a mean, and a page has to stay small.
        return round(unit.of(EXACT.divide(of, Decimal(amount.point_days))), _DRAWN) if amount.point_days else None

    parts = {mark: [value(each, part(each, mark)) or ZERO if each else ZERO for each in amounts] for mark in marks}
    return Line(
        label=label,
        values=[value(each, each.total) if each else None for each in amounts],
        marks="".join(map(mark_of, amounts)) if marks and style != "bars" else "",
        parts=parts,
        style=style,
    )


def mark_of(amount: Amount | None) -> str:
    """Return the quality of most of an amount."""
    if amount is None:
        return Quality.ACTUAL.value
    actual = amount.total - amount.substituted - amount.estimated
    sizes = {Quality.ACTUAL: actual, Quality.SUBSTITUTED: amount.substituted, Quality.ESTIMATED: amount.estimated}
    return max(sizes, key=lambda quality: abs(sizes[quality])).value


def of_half_hours(days: Sequence[Day], unit: Unit, *, of_mean: bool, note: str = "") -> Figure:
    """Return the figure of consecutive half hours; the second pass of a repeated hour is apart."""
    first = list(_points([each for each in days if not each.occurrence]))
    again = [point for point in _points([each for each in days if each.occurrence]) if point[1]]
    repeated = dict(again)
    amounts = [amount for _, amount in first]
    style = "bars" if parts_of(filter(None, amounts)) else "steps"
    name = "Mean per meter point" if of_mean else "Total"
    lines = [line_of(name, amounts, unit, of_mean=of_mean, style=style)]
    if repeated:
        second = [repeated.get(moment) for moment, _ in first]
        lines.append(line_of("Repeated half hour", second, unit, of_mean=of_mean, style="points"))
    return Figure(
        key="half-hour",
        title=f"{name} by half hour",
        note=note,
        axis="time",
        unit=unit.name,
        places=[seconds(moment) for moment, _ in first],
        lines=lines,
        totals=[line_of("Total", amounts, unit, of_mean=False)],
        columns=("Half hour from", f"Total ({unit})", f"Mean per meter point ({unit})", "Repeated"),
        rows=[_half_hour_row(*point, unit, "") for point in first if point[1]]
        + [_half_hour_row(*point, unit, "yes") for point in again],
        csv_only=len(first) > MOST_ROWS,
    )


def _half_hour_row(moment: datetime, amount: Amount | None, unit: Unit, repeated: str) -> tuple[str, ...]:
    assert amount
    words = f"{moment:%a %d %b} {moment.year:04} {moment:%H:%M}"
    return words, unit.exact(amount.total), mean_text(amount.per_point_day, unit), repeated


def _points(days: Sequence[Day]) -> Iterator[tuple[datetime, Amount | None]]:
    """Yield each half hour, and one without a value after each gap's start, so that no line bridges the gap."""
    present = {each.day for each in days}
    for each in days:
        midnight = datetime.combine(each.day, time())
        for place, amount in enumerate(each.half_hours):
            yield midnight + timedelta(minutes=HALF_HOUR * place), amount
        if each.day != days[-1].day and each.day + timedelta(1) not in present:
            yield midnight + timedelta(1), None


def of_typical_days(days: TypicalDays, unit: Unit) -> Figure:
    """Return the figure of the typical day of one meter point."""
    named = {"Mon–Fri": days.weekdays, "Sat, Sun": days.weekends}
    edges = [_edges(days.every, place, unit) for place in (0, 2, 1)]
    medians = [_edges(each, 1, unit) for each in named.values()]
    labels = ("10 %", "90 %", "All days: median", *(f"{name}: median" for name in named))
    columns = list(zip(*edges, *medians, strict=True))
    return Figure(
        key="typical-day",
        title="A typical day of one meter point",
        note=f"Based on {_based_on(days)}. The band contains 80 % of the values of each half hour.",
        axis="clock",
        unit=unit.name,
        places=[60 * HALF_HOUR * place for place in range(HALF_HOURS)],
        lines=[Line(label=label, values=values) for label, values in zip(labels, [*edges, *medians], strict=True)],
        band=0,
        columns=("Half hour from", *(f"{label} ({unit})" for label in labels)),
        rows=[
            (clock_at(HALF_HOUR * place), *(NO_VALUE if each is None else f"{each:.4f}" for each in values))
            for place, values in enumerate(columns)
        ],
    )


def _edges(day: TypicalDay, place: int, unit: Unit) -> list[Decimal | None]:
    return [unit.of(band[place]) if band else None for band in day.bands]


def _based_on(days: TypicalDays) -> str:
    of_days = count(days.every.days, "day", "days")
    if days.months == days.of_months:
        return f"all {of_days} of all meter points"
    return f"{of_days} in {days.months} of {days.of_months:,} months of meter points, evenly spread"

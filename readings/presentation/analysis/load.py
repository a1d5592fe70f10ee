"""Charts and tables of the load."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Final

from readings.formats.packed_day import EXACT, clock_at, exact_sum
from readings.formats.text import NO_VALUE, count
from readings.models.consumption.sums import Quality
from readings.presentation import cells
from readings.presentation.charts.figure import Figure, Line, seconds
from readings.presentation.charts.units import Unit, unit_for, written
from readings.queries.consumption.load.half_hours import LONGEST, HalfHour, Load

#: Number of the largest half hours in the table.
LARGEST: Final = 10
#: Thousandths of the half hours at which the curve is drawn: each per cent, and closer at either end.
PLACES: Final = (*range(0, 20), *range(20, 980, 10), *range(980, 1001))
_LEAST: Final = Decimal("0.01")
_DAY: Final = "%a %d %b %Y"


def unit_of(load: Load, family: str) -> Unit:
    """Return the unit of power of a page."""
    return unit_for(load.peak.load, family.removesuffix("h"))


def percent(share: Decimal | None) -> str:
    """Return a share in per cent."""
    if share is None:
        return NO_VALUE
    value = 100 * share
    if 0 < value < _LEAST:
        return f"less than {_LEAST} %"
    return f"{value:.1f} %" if value >= 1 or not value else f"{value:.2f} %"


def pass_of(half_hour: HalfHour) -> str:
    """Return in words that a half hour is a later pass of the clock; empty for the first."""
    return " (repeated hour)" if half_hour.occurrence else ""


def moment(half_hour: HalfHour) -> str:
    """Return day and time of a half hour in words."""
    return f"{half_hour.day:{_DAY}} {clock_at(half_hour.minute)}{pass_of(half_hour)}"


def period(load: Load) -> str:
    """Return in words which days the load is of, and of how many meter points."""
    days = f"{cells.day(load.first_day)} to {cells.day(load.last_day)}: {count(load.days, 'day')} with values"
    cut = f", the last {LONGEST} and the rest of their first month; choose another period to see earlier ones"
    fewest, most = load.meter_points
    if fewest == most:
        points = f"{count(most, 'meter point')} on each day."
    else:
        points = (
            f"From {fewest:,} to {most:,} meter points have a value on a day: a low load may be that of few of them."
        )
    return f"{days}{cut if load.is_cut else ''}. {points}"


def duration_curve(load: Load, unit: Unit) -> Figure:
    """Return the load duration curve: the load that is exceeded in each share of the half hours."""
    loads = [load.exceeded_in(thousandths) for thousandths in PLACES]
    return Figure(
        key="load-duration",
        title="Load duration",
        note=f"All {len(load.half_hours):,} half hours, largest first: each load is exceeded in that share of them.",
        axis="share",
        unit=unit.name,
        places=[thousandths / 10 for thousandths in PLACES],
        lines=[Line(label="Load", values=list(map(unit.of, loads)))],
        columns=("Share of the half hours (%)", f"Load ({unit})"),
        rows=[(f"{thousandths / 10:g}", unit.exact(value)) for thousandths, value in zip(PLACES, loads, strict=True)],
    )


def peaks_by_day(load: Load, unit: Unit) -> Figure:
    """Return the chart of the largest half hour of each day."""
    peaks = load.peaks_of_days
    return Figure(
        key="daily-peak",
        title="Peak of each day",
        note="The largest half hour of the sum of all meter points. A repeated hour counts as two hours.",
        axis="day",
        unit=unit.name,
        places=[seconds(each.day) for each in peaks],
        lines=[Line(label="Peak", values=[unit.of(each.load) for each in peaks], style="bars")],
        columns=("Day", f"Peak ({unit})", "Half hour from"),
        rows=[
            (f"{each.day:{_DAY}}", unit.exact(each.load), f"{clock_at(each.minute)}{pass_of(each)}") for each in peaks
        ],
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Large:
    """A line of the table of the largest half hours."""

    half_hour: HalfHour
    moment: str
    load: str
    share: str
    not_actual: str


def largest(load: Load, by_quality: Mapping[HalfHour, Mapping[str, Decimal]], unit: Unit) -> Iterator[Large]:
    """Yield the largest half hours."""
    for each in load.half_hours[:LARGEST]:
        others = [amount for quality, amount in by_quality[each].items() if quality != Quality.ACTUAL]
        yield Large(
            half_hour=each,
            moment=moment(each),
            load=written(each.load, unit),
            share=percent(share(each.load, load.peak.load)),
            not_actual=percent(share(exact_sum(others), each.load)) if others else "none",
        )


def share(part: Decimal, whole: Decimal) -> Decimal | None:
    """Return a part as a share of the whole; None without a whole."""
    return EXACT.divide(part, whole) if whole else None

"""Charts as numbers: what a script draws, and the table that says the same without one."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta, timezone
from decimal import Decimal
from typing import Any, Final

from readings.formats.text import NOT_SAID
from readings.queries.consumption.profiles import HalfHour, HalfHourTotals, TypicalDay
from readings.queries.consumption.totals import Amount
from readings.queries.consumption.values import HALF_HOURS
from readings.queries.intervals import clock_at

#: Digits behind the point of what is no plain sum, by the first letter of its unit.
_PLACES: Final = {"k": 3, "M": 6}


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A chart: its lines over days, times or half hours of a day."""

    title: str
    #: What it is made from.
    note: str = ""
    #: `day`, `month`, `time` or `clock`.
    axis: str
    unit: str
    places: Sequence[float]
    lines: list[tuple[str, Sequence[Decimal | None]]]
    #: A line of which this is the lower edge of a band, and the next the upper; -1 without a band.
    band: int = -1
    columns: tuple[str, ...]
    rows: list[tuple[str, ...]] = field(default_factory=list)

    @property
    def drawing(self) -> dict[str, Any]:
        """What the script needs."""
        lines = [{"label": name, "values": list(map(plain, values))} for name, values in self.lines]
        return {"axis": self.axis, "unit": self.unit, "band": self.band, "x": self.places, "lines": lines}


def amount(value: Decimal | None) -> str:
    """Write a sum with all of its digits."""
    return NOT_SAID if value is None else f"{value:,f}"


def mean(value: Decimal | None, unit: str) -> str:
    """Write a mean, rounded."""
    return NOT_SAID if value is None else f"{value:,.{_PLACES.get(unit[:1], 1)}f}"


def plain(value: Decimal | None) -> float | None:
    """Return a number that a script takes."""
    return None if value is None else float(value)


def duration(minutes: int | None) -> str:
    """Write how long something is."""
    if minutes is None:
        return NOT_SAID
    hours, rest = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    parts = (f"{number} {unit}" for number, unit in ((days, "d"), (hours, "h"), (rest, "min")) if number)
    return " ".join(parts) or "none"


def seconds(moment: date | datetime) -> float:
    """Return the place of a clock time on an axis that knows no zone."""
    if not isinstance(moment, datetime):
        moment = datetime.combine(moment, time())
    return moment.replace(tzinfo=timezone.utc).timestamp()


def of_days(days: Mapping[date, Amount], unit: str, axis: str, *, of_mean: bool) -> Figure:
    """Draw days or months."""
    written = "%B %Y" if axis == "month" else "%a %d %b %Y"
    name = "Mean of a channel's day" if of_mean else "Total"
    return Figure(
        title=f"{name}, by {axis}",
        axis=axis,
        unit=unit,
        places=list(map(seconds, days)),
        lines=[(name, [each.mean if of_mean else each.total for each in days.values()])],
        columns=(axis.capitalize(), f"Total ({unit})", f"Mean of a channel's day ({unit})", "Days of channels"),
        rows=[
            (f"{day:{written}}", amount(each.total), mean(each.mean, unit), f"{each.days:,}")
            for day, each in days.items()
        ],
    )


def of_half_hours(found: HalfHourTotals, *, of_mean: bool) -> Figure:
    """Draw half hours one after the other."""
    several = [
        (datetime.combine(day, time()) + timedelta(minutes=30 * place), half_hour)
        for day, half_hours in _with_gaps(found.days)
        for place, half_hour in enumerate(half_hours)
    ]
    name = "Mean of a channel" if of_mean else "Total"
    left_out = found.of_days > len(found.days)
    return Figure(
        title=f"{name}, by half hour",
        note=f"The last {len(found.days)} of {found.of_days} days: choose a period to see others."
        if left_out
        else "",
        axis="time",
        unit=found.unit,
        places=[seconds(begins_at) for begins_at, _ in several],
        lines=[(name, [each.mean if of_mean else each.total if each.values else None for _, each in several])],
        columns=("Half hour from", f"Total ({found.unit})", f"Mean of a channel ({found.unit})", "Values"),
        rows=[
            (f"{begins_at:%a %d %b %Y %H:%M}", amount(each.total), mean(each.mean, found.unit), f"{each.values:,}")
            for begins_at, each in several
            if each.values
        ],
    )


def _with_gaps(days: Mapping[date, list[HalfHour]]) -> Iterator[tuple[date, list[HalfHour]]]:
    """Give the days in order; where days are missing, the next one without a value, so that no line bridges them."""
    for day, half_hours in days.items():
        yield day, half_hours
        following = day + timedelta(days=1)
        if following not in days:
            yield following, [HalfHour()]


def of_typical_day(main: TypicalDay, others: Iterable[tuple[str, TypicalDay]], name: str) -> Figure:
    """Draw a typical day with its band, and the medians of others beside it."""
    beside = list(others)
    edges = ("low", "high", "median")
    own = [_edge(main, edge) for edge in edges]
    medians = [_edge(day, "median") for _, day in beside]
    labels = (f"{name}: 10 %", f"{name}: 90 %", f"{name}: median", *(f"{label}: median" for label, _ in beside))
    clocks = [clock_at(30 * place) for place in range(HALF_HOURS)]
    columns = list(zip(*own, *medians, strict=True))
    return Figure(
        title="A typical day of one channel",
        note=f"Made from {of_how_many(main)}. On eight days of ten, a half hour lies in the band.",
        axis="clock",
        unit=main.unit,
        places=[30 * 60 * place for place in range(HALF_HOURS)],
        lines=list(zip(labels, [*own, *medians], strict=True)),
        band=0,
        columns=("Half hour from", *(f"{label} ({main.unit})" for label in labels)),
        rows=[
            (clock, *(mean(value, main.unit) for value in values))
            for clock, values in zip(clocks, columns, strict=True)
        ],
    )


def _edge(day: TypicalDay, name: str) -> list[Decimal | None]:
    return [getattr(band, name) if band else None for band in day.bands]


def of_how_many(day: TypicalDay) -> str:
    """Say from how many days something is made."""
    if day.days == day.of_days:
        return f"all {day.days:,} days of channels"
    return f"{day.days:,} of {day.of_days:,} days of channels, evenly spread"

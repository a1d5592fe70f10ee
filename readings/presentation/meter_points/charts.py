"""The use of a meter point over time: a figure, its main numbers, and notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Context, Decimal
from typing import Final

from readings.formats.mdff.catalogue import codes
from readings.formats.mdff.catalogue import labels as mdff_labels
from readings.formats.text import NO_VALUE, count
from readings.presentation import cells
from readings.presentation.charts.figure import QUALITIES, Figure, Line, Share, seconds
from readings.presentation.charts.units import Unit, unit_for, written
from readings.presentation.meter_points.breaks import notes
from readings.presentation.meter_points.names import Names, days
from readings.queries.meter_points.series import Series, Span
from readings.queries.meter_points.sources import Measured
from readings.queries.meter_points.stretches import ACTUAL, MARKS
from readings.queries.meter_points.use import LastActual, Measurement

#: Unit of the registers of flows that state none.
UNSTATED: Final = Unit("register units")
#: Number of registers that a chart names, at most.
MOST_NAMED: Final = 6
#: Power of ten of a prefix, in terms of the prefix k.
_PREFIXES: Final = {"M": 3, "k": 0}
#: Digits of a drawn value; the table has all.
_DRAWN: Final = Context(prec=6)
_IN_WORDS: Final = {ACTUAL: "Actual", **QUALITIES}


@dataclass(frozen=True, slots=True)
class Number:
    """One of the main numbers of a chart."""

    name: str
    value: str
    notes: Sequence[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Chart:
    """A figure with its main numbers and notes."""

    figure: Figure
    numbers: Sequence[Number]
    notes: Sequence[str]


def _family(measured: Measured) -> str:
    """Return a unit without its prefix; empty if the flow states none."""
    return measured.unit.lstrip("Mk")


def _in_thousands(amount: Decimal, measured: Measured) -> Decimal:
    """Return an amount in terms of the prefix k; as it is if the flow states no unit."""
    return amount.scaleb(_PREFIXES.get(measured.unit[:1], -3)) if measured.unit else amount


def charts_of(measurements: Sequence[Measurement], names: Names) -> list[Chart]:
    """Return the charts of a page, with one unit for each family of units."""
    largest: dict[str, Decimal] = {}
    for each in measurements:
        peaks = [abs(_in_thousands(span.per_day, each.measured)) for span in each.series.spans]
        largest[_family(each.measured)] = max([*peaks, largest.get(_family(each.measured), Decimal(0))])
    return [
        _chart(
            each,
            unit_for(largest[_family(each.measured)], _family(each.measured)) if _family(each.measured) else UNSTATED,
            names,
            f"use-{number}",
        )
        for number, each in enumerate(measurements, start=1)
    ]


def _chart(of: Measurement, unit: Unit, names: Names, key: str) -> Chart:
    series = of.series
    values = [_drawn(unit.of(_in_thousands(span.per_day, of.measured))) for span in series.spans]
    lines = [Line(label="Per day", values=values, marks="".join(span.mark for span in series.spans), style="bars")]
    if exchanges := [_at(series.spans, change.day) for change in series.changes if change.day < series.end]:
        points = [value if place in exchanges else None for place, value in enumerate(values)]
        lines.append(Line(label="Exchange", values=points, style="points"))
    every_day = all(span.days == 1 for span in series.spans)
    figure = Figure(
        key=key,
        title=title_of(of),
        note=_sum_of(series.registers, names),
        unit=unit.name if every_day else f"{unit} per day",
        axis="spans",
        places=[int(seconds(span.first)) for span in series.spans],
        ends=[int(seconds(span.end)) for span in series.spans],
        lines=lines,
        legend=[share for mark in MARKS[1:] if (share := _share(of, mark, unit))],
        columns=_columns(unit, every_day=every_day),
        rows=[_row(span, of, unit, every_day=every_day) for span in series.spans],
    )
    return Chart(figure=figure, numbers=_numbers(of, unit, names), notes=_notes(of, names))


def title_of(of: Measurement) -> str:
    """Return the title of a chart: what it measures."""
    kind = of.measured.kind
    if not kind:
        return "Use"
    if not of.of_intervals:
        return f"{codes.DIRECTIONS.get(kind, f'Direction {kind}')}, between reads"
    words, _, way = mdff_labels.channel(kind).partition(": ")
    return f"{way[:1].upper()}{way[1:]}, channels {kind}" if way else words or f"Channels {kind}"


def _sum_of(registers: Sequence[int], names: Names) -> str:
    """Return the registers that are added up in words; nothing for a single one."""
    if len(registers) > MOST_NAMED:
        meters = {names.registers[key].meter_id for key in registers}
        return f"Sum of {len(registers)} registers of {count(len(meters), 'meter')}."
    return f"Sum of {names.registers_and_meters(registers)}." if len(registers) > 1 else ""


def _at(spans: Sequence[Span], day: date) -> int:
    """Return the place of the span that covers a day, or of the first after it."""
    return next(place for place, span in enumerate(spans) if span.end > day)


def _drawn(value: Decimal) -> Decimal:
    return _DRAWN.plus(value)


def _columns(unit: Unit, *, every_day: bool) -> tuple[str, ...]:
    if every_day:
        return "Day", f"Amount ({unit})", "Quality"
    return "From", "To", "Calendar days", f"Amount ({unit})", f"Per day ({unit})", "Quality"


def _row(span: Span, of: Measurement, unit: Unit, *, every_day: bool) -> tuple[str, ...]:
    first, quality = cells.day(span.first), _IN_WORDS[span.mark]
    amount = unit.of(_in_thousands(span.amount, of.measured))
    written_amount = _rounded(amount) if span.is_spread else f"{amount:f}"
    if every_day:
        return first, written_amount, quality
    per_day = _rounded(amount / span.days)
    return first, cells.day(span.end), f"{span.days}", written_amount, per_day, quality


def _rounded(value: Decimal) -> str:
    return f"{value:.6f}".rstrip("0").removesuffix(".")


def _share(of: Measurement, mark: str, unit: Unit) -> Share | None:
    series = of.series
    if mark not in series.amounts:
        return None
    total = f"{written(_in_thousands(series.total, of.measured), unit)} {unit}"
    of_days = f"{series.days_of[mark]:,} of {days(series.days)}"
    return Share(mark, f"{QUALITIES[mark]}: {_percent(series.share(mark))} of {total}, {of_days}")


def _numbers(of: Measurement, unit: Unit, names: Names) -> list[Number]:
    series = of.series
    total = written(_in_thousands(series.total, of.measured), unit)
    mean = NO_VALUE if series.per_day is None else written(_in_thousands(series.per_day, of.measured), unit)
    numbers = [
        Number("Total", f"{total} {_short(unit)}", [_time_of(of)]),
        Number("Mean per day", f"{mean} {_short(unit)}", [f"{total} in {days(series.days)}"]),
    ]
    if of.has_quality:
        share = sum((series.share(mark) for mark in MARKS[1:]), Decimal(0))
        numbers.append(Number("Not actual", _percent(share), [_not_actual(series)]))
    kind = ("actual " if of.has_quality else "") + ("day" if of.of_intervals else "reading")
    return [*numbers, Number(f"Last {kind}", *_last(of.last_actual, names))]


def _time_of(of: Measurement) -> str:
    """Return the time of a series: from reading to reading, or from the first day to the last."""
    last = of.series.end - timedelta(days=1) if of.of_intervals else of.series.end
    return f"{cells.day(of.series.first)} – {cells.day(last)}"


def _last(last: LastActual | None, names: Names) -> tuple[str, list[str]]:
    if last is None:
        return "None", ["in the time of the chart"]
    if last.register is None or last.value is None:
        return cells.day(last.day), []
    return cells.day(last.day), [f"{names.registers_of([last.register])}: {last.value:f}"]


def _not_actual(series: Series) -> str:
    return f"{series.days_not_actual:,} of {days(series.days)}"


def _short(unit: Unit) -> str:
    return "" if unit == UNSTATED else unit.name


def _percent(share: Decimal) -> str:
    return f"{share:.1f} %" if share >= Decimal("0.05") or not share else "less than 0.1 %"


def _notes(of: Measurement, names: Names) -> list[str]:
    words = notes(of.series, names, of_intervals=of.of_intervals)
    if of.series.is_cut:
        words.append(f"Drawn since {cells.day(of.series.first)}; older values are in the lists.")
    return words

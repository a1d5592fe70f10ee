"""Parts of the page of one consumer or NMI in words: figures, years, what is missing or repeated, channels."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

from django.http import QueryDict

from readings.formats.mdff.catalogue import labels
from readings.formats.packed_day import clock_at
from readings.formats.text import NO_VALUE, count
from readings.models import MeterPoint, Register
from readings.models.consumption.sums import Quality
from readings.presentation import cells, links
from readings.presentation.charts.point.days import Units, day_words
from readings.presentation.charts.units import duration, written
from readings.queries.consumption.point.channels import Channel
from readings.queries.consumption.point.days import PointDays
from readings.queries.consumption.point.gaps import Gap, Repeat
from readings.queries.consumption.point.life import Life, Peak, Sums, Window
from readings.queries.consumption.point.loads import base_load
from readings.queries.consumption.scope import Measure
from readings.web.consumption.filters import Choice, address

#: Number of gaps and of repeats listed, at most.
MOST_LISTED: Final = 25
_LEAST: Final = Decimal("0.1")


@dataclass(frozen=True, slots=True)
class Fact:
    """A figure of the window, with a note, and the address of what the note names."""

    name: str
    value: str
    note: str = ""
    address: str = ""


def facts(sums: Sums, days: PointDays, units: Units, params: QueryDict, *, has_quality: bool) -> Iterator[Fact]:
    """Yield the figures of a window; files of consumers have no quality."""
    energy, power = units.energy, units.power
    peak, mean = days.peak, days.mean_power
    yield Fact(f"Total ({energy})", written(sums.total, energy))
    yield Fact(
        f"Mean per day with data ({energy})", written(sums.mean, energy), f"of {count(sums.days, 'day')} with a value"
    )
    yield Fact(f"Peak ({power})", written(peak.power if peak else None, power), *_moment(peak, params))
    yield Fact(f"Base load ({power})", written(base_load(days.loads), power), "exceeded in 95 % of half hours")
    factor = 100 * mean / peak.power if peak and mean is not None and peak.power > 0 else None
    yield Fact("Load factor", percent(factor), "mean power ÷ peak")
    if has_quality:
        substituted = f"substituted {percent(sums.share(Quality.SUBSTITUTED))}"
        yield Fact("Estimated", percent(sums.share(Quality.ESTIMATED)), substituted)
    missing = f"missing {duration(sums.missing)}" if sums.missing else "nothing is missing"
    yield Fact("Complete", percent(complete(sums)), missing, "#gaps" if sums.missing else "")
    yield Fact("Days", f"{(sums.last_day - sums.first_day).days + 1:,}", span(sums.first_day, sums.last_day))


def percent(share: Decimal | None) -> str:
    """Return a share in per cent; one that is not quite none or all is never written as that."""
    if share is None:
        return NO_VALUE
    words = "< 0.1" if 0 < share < _LEAST else "> 99.9" if 100 - _LEAST < share < 100 else f"{share:.1f}"
    return f"{words}\N{NO-BREAK SPACE}%"


def complete(sums: Sums) -> Decimal:
    """Return the share of the time that is covered, in per cent."""
    return Decimal(100 * sums.covered) / sums.expected


def span(first_day: date, last_day: date) -> str:
    """Return a span of days in words."""
    return cells.day(first_day) if first_day == last_day else f"{cells.day(first_day)} to {cells.day(last_day)}"


def in_words(window: Window) -> str:
    """Return the days of a window in words, and of how many they are the last."""
    words = span(window.first_day, window.last_day)
    if window.of_days == window.length:
        return words
    return f"{words}: the last {window.length:,} of {window.of_days:,} days"


def _moment(peak: Peak | None, params: QueryDict) -> tuple[str, str]:
    return (f"{day_words(peak.day)} {clock_at(peak.minute)}", on(params, peak.day, peak.day)) if peak else ("", "")


def on(params: QueryDict, first_day: date, last_day: date) -> str:
    """Return the address of the same page for other days."""
    return address(params, **{"from": first_day.isoformat(), "to": last_day.isoformat()})


def moves(life: Life, window: Window, params: QueryDict) -> Iterator[Choice]:
    """Yield links to as many days before and after the window."""
    days, one = timedelta(window.length), timedelta(1)
    if window.first_day > life.first_day:
        first = max(window.first_day - days, life.first_day)
        yield Choice(on(params, first, window.first_day - one), "Earlier")
    if window.last_day < life.last_day:
        last = min(window.last_day + days, life.last_day)
        yield Choice(on(params, window.last_day + one, last), "Later")
    if window.length < (life.last_day - life.first_day).days + 1:
        yield Choice(address(params, **{"from": "", "to": ""}), "Latest days")


@dataclass(frozen=True, slots=True)
class Year:
    """A line of the table of years."""

    name: str
    address: str
    cells: tuple[str, ...]


def year_columns(units: Units, *, has_quality: bool) -> tuple[str, ...]:
    """Return the headings of the table of years."""
    totals = f"Total ({units.energy})", f"Mean per day ({units.energy})", f"Peak ({units.power})"
    return *totals, *(("Estimated", "Substituted") if has_quality else ()), "Complete", "Missing"


def years(life: Life, units: Units, params: QueryDict, *, has_quality: bool) -> list[Year]:
    """Return all years together, and each of them, newest first; nothing within one year."""
    if life.first_day.year == life.last_day.year:
        return []

    def line(name: str, address: str, sums: Sums) -> Year:
        return Year(name, address, tuple(_cells(sums, units, has_quality=has_quality)))

    of_years = [
        line(f"{each.first_day.year:04}", on(params, each.first_day, each.last_day), each) for each in life.years()
    ]
    return [line("All years", "", life.all()), *of_years]


def _cells(sums: Sums, units: Units, *, has_quality: bool) -> Iterator[str]:
    yield written(sums.total, units.energy)
    yield written(sums.mean, units.energy)
    yield written(sums.peak.power if sums.peak else None, units.power)
    if has_quality:
        yield percent(sums.share(Quality.ESTIMATED))
        yield percent(sums.share(Quality.SUBSTITUTED))
    yield percent(complete(sums))
    yield duration(sums.missing)


@dataclass(frozen=True, slots=True, kw_only=True)
class Listed:
    """A gap or a repeat for the template; the address is that of its interval days."""

    begins_at: datetime
    address: str
    cells: tuple[str, ...]


def interval_days(point: MeterPoint, first_day: date, last_day: date) -> str:
    """Return the address of the list of interval days of some days."""
    days = {"from": first_day.isoformat(), "to": last_day.isoformat()}
    return links.listing("interval-days", **days, meter_point=point.identifier, scheme=point.scheme)


def gap_lines(point: MeterPoint, gaps: Sequence[Gap]) -> list[Listed]:
    """Return the longest gaps, the longest first."""
    longest = sorted(gaps, key=lambda gap: (-gap.minutes, gap.begins_at))[:MOST_LISTED]
    return [
        Listed(
            begins_at=gap.begins_at,
            address=interval_days(point, gap.begins_at.date(), (gap.ends_at - timedelta(minutes=1)).date()),
            cells=(f"{cells.day(gap.ends_at)} {gap.ends_at:%H:%M}", duration(gap.minutes)),
        )
        for gap in longest
    ]


def repeat_lines(point: MeterPoint, repeats: Sequence[Repeat], registers: Mapping[int, Register]) -> list[Listed]:
    """Return the first repeats."""
    return [
        Listed(
            begins_at=repeat.begins_at,
            address=interval_days(point, repeat.begins_at.date(), repeat.begins_at.date()),
            cells=(f"{', '.join(repeat.values)} {repeat.unit}", channel_name(registers[repeat.channel])),
        )
        for repeat in repeats[:MOST_LISTED]
    ]


def channel_name(register: Register) -> str:
    """Return the name of a channel."""
    return labels.register(register.register_id, register.suffix, "")


@dataclass(frozen=True, slots=True, kw_only=True)
class ChannelLine:
    """A line of the table of channels; the address shows its measure."""

    name: str
    meter: str
    address: str
    cells: tuple[str, ...]


def channel_lines(channels: Sequence[Channel], measures: Sequence[Measure], params: QueryDict) -> list[ChannelLine]:
    """Return the channels for the template."""
    return [
        ChannelLine(
            name=channel_name(each.register),
            meter=each.register.meter.serial_number or NO_VALUE,
            address=next((address(params, measure=key) for key in _keys(each, measures)), ""),
            cells=(
                *(labels.channel(each.register.suffix), each.unit, f"{each.interval_length} min"),
                *(cells.day(each.first_day), cells.day(each.last_day)),
            ),
        )
        for each in channels
    ]


def _keys(channel: Channel, measures: Sequence[Measure]) -> Iterator[str]:
    letter = channel.register.suffix[:1].upper()
    return (measure.key for measure in measures if measure.letter == letter and channel.unit.endswith(measure.family))

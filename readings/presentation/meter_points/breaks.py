"""Exchanges, gaps and missing registers of a series, in sentences."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date
from typing import Final

from readings.presentation import cells
from readings.presentation.meter_points.names import Names, days
from readings.queries.meter_points.breaks import Change, Gap
from readings.queries.meter_points.series import Series
from readings.queries.meter_points.stretches import Stretch, Use

#: Number of exchanges or gaps in sentences, at most; the newest are taken.
MOST: Final = 8


def notes(series: Series, names: Names, *, of_intervals: bool) -> list[str]:
    """Return the exchanges, gaps and missing registers of a series, newest first."""
    words = [_change(each, names) for each in reversed(series.changes[-MOST:])]
    words += _gaps(series.gaps, names, of_intervals=of_intervals)
    words += [_unread(each, names, of_intervals=of_intervals) for each in series.unread[:MOST]]
    return words + [_overlap(each, names) for each in series.overlaps[-MOST:]]


def _overlap(stretch: Stretch, names: Names) -> str:
    register = names.registers_of([stretch.register])
    time = f"{cells.day(stretch.first)} – {cells.day(stretch.end)}"
    return f"Two stated amounts of {register} overlap, {time} and another: the days of both count twice."


def _change(change: Change, names: Names) -> str:
    old, new = _keys(change.old), _keys(change.new)
    day = cells.day(change.day)
    if change.is_exchange:
        return f"{day}: {names.registers_and_meters(old)} replaced by {names.registers_and_meters(new)}."
    meter = names.meter(change.new[0].meter)
    return f"{day}: {names.registers_of(old)} of {meter} replaced by {names.registers_of(new)}."


def _gaps(gaps: Sequence[Gap], names: Names, *, of_intervals: bool) -> Iterator[str]:
    for gap in reversed(gaps[-MOST:]):
        yield (
            _days_without(gap, names) if of_intervals else f"{_why(gap, names)}: the use {_between(gap)} is unknown."
        )
    if len(gaps) > MOST:
        rest = gaps[:-MOST]
        yield f"{len(rest):,} earlier gaps, {days(sum(gap.days for gap in rest))} in total."


def _days_without(gap: Gap, names: Names) -> str:
    last = date.fromordinal(gap.end.toordinal() - 1)
    time = cells.day(gap.first) if gap.days == 1 else f"{cells.day(gap.first)} – {cells.day(last)}"
    where = ""
    if {use.meter for use in gap.old} != {use.meter for use in gap.new} and gap.old and gap.new:
        where = f", between {names.meter(gap.old[0].meter)} and {names.meter(gap.new[0].meter)}"
    return f"No intervals on {days(gap.days)}{where}: {time}."


def _why(gap: Gap, names: Names) -> str:
    """Return the reading that a gap lacks."""
    lacking = [f"no final reading of {names.meter(use.meter)}" for use in gap.old if not use.is_removed]
    lacking += [f"no initial reading of {names.meter(use.meter)}" for use in gap.new if not use.is_installed]
    if not (gap.old and gap.new):
        return "No reading"
    words = " and ".join(_distinct(lacking)) or "no meter was read"
    return words[:1].upper() + words[1:]


def _between(gap: Gap) -> str:
    return f"between {cells.day(gap.first)} and {cells.day(gap.end)}"


def _unread(use: Use, names: Names, *, of_intervals: bool) -> str:
    register, since = names.registers_of([use.register]), cells.day(use.end)
    kind = "intervals" if of_intervals else "reading"
    words = f"No {kind} of {register} of {names.meter(use.meter)} after {since}, while others of the meter have some"
    return f"{words}: the sum since then is incomplete."


def _keys(uses: Iterable[Use]) -> list[int]:
    return [use.register for use in uses]


def _distinct(words: Iterable[str]) -> list[str]:
    return list(dict.fromkeys(words))

"""The use of a meter point over time: one series for each direction and family of units."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, tzinfo
from decimal import Decimal
from typing import Final, NamedTuple

from readings.formats.dtc.catalogue.codes import CUSTOMER_OWN
from readings.models import MeterPoint, Reading, Register
from readings.models.advances import Standing
from readings.queries.meter_points.series import Series, series_of
from readings.queries.meter_points.sources import (
    Measured,
    Source,
    newest_readings,
    of_accumulations,
    of_days,
    of_readings,
)
from readings.queries.meter_points.stretches import ACTUAL

#: Number of spans between readings in a chart, and of days in all charts of a page, at most; the newest are taken.
MOST_SPANS: Final = 100
MOST_DAYS: Final = 360
#: Number of series, at most; those of consumption and generation are first.
MOST: Final = 6
#: Kinds of energy taken from the grid and given to it, as NEM13 and NEM12 state them.
_FIRST: Final = ("", "E", "I", "B")


class LastActual(NamedTuple):
    """The last actual reading, stated quantity or day of a series."""

    day: date
    #: Register and value of a reading.
    register: int | None = None
    value: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Measurement:
    """A series and what it measures."""

    series: Series
    measured: Measured
    of_intervals: bool
    #: None if none is in the time of the series.
    last_actual: LastActual | None

    @property
    def has_quality(self) -> bool:
        """Return whether the flow states the quality of its values; a file of consumption states none."""
        return bool(self.measured.kind) or not self.of_intervals


@dataclass(frozen=True, slots=True, kw_only=True)
class Registers:
    """The registers of a meter point, and those among them that have readings, intervals, or no advances."""

    known: Mapping[int, Register]
    read: Collection[int]
    channels: Collection[int]
    without_advances: frozenset[int]


def measurements_of(meter_point: MeterPoint, registers: Registers, zone: tzinfo) -> list[Measurement]:
    """Return the series of a meter point: of its reads, then of its intervals."""
    found = []
    if registers.read and meter_point.is_nmi:
        sources = of_accumulations(meter_point, registers.known, zone, MOST_SPANS)
        found += [_of_amounts(source, kind, MOST_SPANS, of_intervals=False) for kind, source in _in_order(sources)]
    elif registers.read:
        found.append(_of_readings(meter_point, registers, zone))
    if registers.channels:
        days = of_days(meter_point, registers.channels, registers.known, MOST_DAYS)
        most = MOST_DAYS // max(1, min(len(days), MOST))
        found += [_of_amounts(source, kind, most, of_intervals=True) for kind, source in _in_order(days)]
    return [each for each in found if each][:MOST]


def _of_readings(meter_point: MeterPoint, registers: Registers, zone: tzinfo) -> Measurement | None:
    energy = [key for key in registers.read if key not in registers.without_advances]
    readings, is_cut = newest_readings(meter_point, energy, MOST_SPANS) if energy else ([], False)
    source = of_readings(readings, registers.known, registers.without_advances, zone)
    series = series_of(source.stretches, source.uses, most=MOST_SPANS, is_cut=is_cut)
    if series is None:
        return None
    last = _last_of(readings, zone)
    return Measurement(series=series, measured=Measured("", ""), of_intervals=False, last_actual=last)


def _last_of(readings: Sequence[Reading], zone: tzinfo) -> LastActual | None:
    """Return the last actual reading that no customer took."""
    rows = [row for row in readings if row.standing == Standing.ACTUAL and row.reading_type not in CUSTOMER_OWN]
    last = max(rows, key=lambda row: (row.read_at, row.reading_type != "F"), default=None)
    return LastActual(last.read_at.astimezone(zone).date(), last.register_id, last.value) if last else None


def _of_amounts(source: Source, measured: Measured, most: int, *, of_intervals: bool) -> Measurement | None:
    series = series_of(source.stretches, source.uses, most=most, is_cut=source.is_cut)
    if series is None:
        return None
    actual = [each for each in source.stretches if set(each.amounts) == {ACTUAL}]
    last = max((each.first if of_intervals else each.end for each in actual), default=None)
    return Measurement(
        series=series,
        measured=measured,
        of_intervals=of_intervals,
        last_actual=LastActual(last) if last else None,
    )


def _in_order(sources: Mapping[Measured, Source]) -> list[tuple[Measured, Source]]:
    def order(item: tuple[Measured, Source]) -> tuple[int, Measured]:
        kind = item[0].kind
        return (_FIRST.index(kind) if kind in _FIRST else len(_FIRST)), item[0]

    return sorted(sources.items(), key=order)

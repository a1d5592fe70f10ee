"""Stretches of readings (D0010), of stated quantities (NEM13), and of days of intervals (NEM12, consumers)."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta, tzinfo
from decimal import Decimal
from typing import Final, NamedTuple

from django.db.models import Case, F, TextField, Value, When

from readings.formats.mdff.catalogue.codes import VARIES
from readings.formats.mdff.catalogue.labels import is_no_reading, may_be_added_up
from readings.models import Accumulation, IntervalDay, MeterPoint, Reading, Register
from readings.models.advances import Standing, advances
from readings.models.consumption.units import common_unit, converted, family_of
from readings.queries.meter_point import dial_reading
from readings.queries.meter_points.newest import newest
from readings.queries.meter_points.stretches import (
    ACTUAL,
    ESTIMATED,
    IN_DOUBT,
    Stretch,
    Use,
    day_of,
    exact_sum,
    mark_of,
)

_DAY: Final = timedelta(days=1)


class Measured(NamedTuple):
    """What registers measure: those of one kind and family of units are added up."""

    #: Direction of a NEM13, or first letter of a NEM12 suffix; empty if the flow states none.
    kind: str
    #: Unit of all amounts, into which those in other units of its family are converted.
    unit: str


@dataclass(slots=True)
class Source:
    """The stretches of the registers that measure the same."""

    stretches: list[Stretch] = field(default_factory=list)
    uses: list[Use] = field(default_factory=list)
    #: Whether older ones are left out.
    is_cut: bool = False


def newest_readings(meter_point: MeterPoint, registers: Collection[int], most: int) -> tuple[list[Reading], bool]:
    """Return the newest countable readings with their standing, in two queries, and whether there are older ones."""
    rows, is_cut = newest(Reading.objects.filter(meter_point=meter_point).countable(), registers, "read_at", most)
    return list(rows.with_standing()), is_cut


def of_readings(
    readings: Sequence[Reading], registers: Mapping[int, Register], without: frozenset[int], zone: tzinfo
) -> Source:
    """Return the advances of registers between their actual readings, and after them the one to the last estimate.

    `without` are the registers without advances.
    """
    found = advances(map(dial_reading, readings), maximum_demand=without)
    counted = [row for row in readings if row.register_id not in without]
    actual = [row for row in counted if row.standing == Standing.ACTUAL]
    last_actual = {row.register_id: row.read_at for row in sorted(actual, key=_in_time)}
    tails = {
        row.register_id: row.pk
        for row in sorted(counted, key=_in_time)
        if row.pk in found and found[row.pk].is_estimated and row.read_at > last_actual[row.register_id]
    }
    source = Source()
    for row in counted:
        advance = found.get(row.pk)
        if advance and (not advance.is_estimated or row.pk == tails.get(row.register_id)):
            mark = ESTIMATED if advance.is_estimated else IN_DOUBT if advance.amount < 0 else ACTUAL
            first, end = day_of(advance.since, zone), day_of(advance.until, zone)
            stretch = Stretch(register=row.register_id, first=first, end=end, amounts={mark: advance.amount})
            source.stretches.append(stretch)
    source.uses += _uses_of_readings(actual, source.stretches, registers, zone)
    return source


def _in_time(row: Reading) -> datetime:
    return row.read_at


def _uses_of_readings(
    actual: Iterable[Reading], stretches: Iterable[Stretch], registers: Mapping[int, Register], zone: tzinfo
) -> Iterator[Use]:
    rows_of: defaultdict[int, list[Reading]] = defaultdict(list)
    for row in actual:
        rows_of[row.register_id].append(row)
    ends = {each.register: each.end for each in sorted(stretches, key=lambda each: each.end)}
    for register, rows in rows_of.items():
        first, last = min(row.read_at for row in rows), max(row.read_at for row in rows)
        end = day_of(last, zone)
        yield Use(
            register=register,
            meter=registers[register].meter_id,
            first=day_of(first, zone),
            end=max(end, ends.get(register, end)),
            is_installed=any(row.reading_type == "I" for row in rows if row.read_at == first),
            is_removed=any(row.reading_type == "F" for row in rows if row.read_at == last),
        )


def of_accumulations(
    meter_point: MeterPoint, registers: Mapping[int, Register], zone: tzinfo, most: int
) -> dict[Measured, Source]:
    """Return the newest quantities that a NEM13 states between two reads, in two queries."""
    countable = Accumulation.objects.filter(meter_point=meter_point).countable()
    rows, is_cut = newest(countable, registers, "current_read_at", most)
    columns = ("register__pk", "direction", "unit", "previous_read_at", "current_read_at", "quantity")
    sources: defaultdict[Measured, Source] = defaultdict(Source)
    for register, direction, unit, since, until, quantity, quality in rows.order_by("current_read_at").values_list(
        *columns, "current_quality_method"
    ):
        if may_be_added_up(unit):
            first, end = day_of(since, zone), day_of(until, zone)
            stretch = Stretch(register=register, first=first, end=end, amounts={mark_of(quality): quantity})
            sources[Measured(direction, unit)].stretches.append(stretch)
    return _with_uses(sources, registers, is_cut=is_cut)


def of_days(
    meter_point: MeterPoint, registers: Collection[int], known: Mapping[int, Register], most: int
) -> dict[Measured, Source]:
    """Return the newest days of intervals, in two queries; only days of varying quality are unpacked."""
    rows, is_cut = newest(IntervalDay.objects.filter(meter_point=meter_point).current(), registers, "day", most)
    of_varying_days = {
        f"{name}_by_quality": Case(
            When(quality_method=VARIES, then=F(name)), default=Value(""), output_field=TextField()
        )
        for name in ("values", "events")
    }
    names = ("register__pk", "day", "unit", "total", "quality_method", *of_varying_days)
    sources: defaultdict[Measured, Source] = defaultdict(Source)
    for register, day, unit, *statement in rows.annotate(**of_varying_days).order_by("day").values_list(*names):
        amounts = _amounts(*statement)
        if amounts and may_be_added_up(unit):
            stretch = Stretch(register=register, first=day, end=day + _DAY, amounts=amounts)
            sources[Measured(known[register].suffix[:1], unit)].stretches.append(stretch)
    return _with_uses(sources, known, is_cut=is_cut)


def _amounts(total: Decimal, quality_method: str, values: str, events: str) -> dict[str, Decimal]:
    """Return the parts of a day by mark of quality; nothing of null data."""
    if not events:
        return {} if is_no_reading(quality_method) else {mark_of(quality_method): total}
    texts = values.split(",")
    parts: defaultdict[str, list[Decimal]] = defaultdict(list)
    for first, last, quality, *_ in json.loads(events):
        if not is_no_reading(quality):
            parts[mark_of(quality)] += map(Decimal, filter(None, texts[first - 1 : last]))
    return {mark: exact_sum(amounts) for mark, amounts in parts.items() if amounts}


def _with_uses(
    by_unit: Mapping[Measured, Source], registers: Mapping[int, Register], *, is_cut: bool
) -> dict[Measured, Source]:
    sources = _joined(by_unit)
    for source in sources.values():
        source.is_cut = is_cut
        times: defaultdict[int, list[date]] = defaultdict(list)
        for each in source.stretches:
            times[each.register] += (each.first, each.end)
        source.uses += [
            Use(register=register, meter=registers[register].meter_id, first=min(days), end=max(days))
            for register, days in times.items()
        ]
    return sources


def _joined(by_unit: Mapping[Measured, Source]) -> dict[Measured, Source]:
    """Return one source for each kind and family of units; units without a family stay apart."""
    units_of: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for kind, unit in by_unit:
        units_of[kind, family_of(unit) or unit].append(unit)
    joined = {}
    for (kind, _), units in units_of.items():
        to = common_unit(units)
        own = ((each, unit) for unit in units for each in by_unit[Measured(kind, unit)].stretches)
        joined[Measured(kind, to)] = Source([_in_unit(each, unit, to) for each, unit in own])
    return joined


def _in_unit(stretch: Stretch, unit: str, to: str) -> Stretch:
    if unit == to:
        return stretch
    return replace(stretch, amounts={mark: converted(each, unit, to) for mark, each in stretch.amounts.items()})

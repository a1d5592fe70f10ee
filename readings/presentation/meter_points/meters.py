"""The meters of a meter point, with their registers, in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import date, datetime, tzinfo
from typing import Any

from readings.formats.dtc.catalogue import labels as dtc_labels
from readings.formats.mdff.catalogue import labels as mdff_labels
from readings.models import Meter, Reading, Register
from readings.presentation import cells
from readings.presentation.meter_points.names import Names
from readings.queries.meter_points.ends import DayEnds, Ends


def meters_table(
    names: Names,
    exchanges: Iterable[Reading],
    ends: Mapping[int, Ends],
    day_ends: Mapping[int, DayEnds],
    without: frozenset[int],
    zone: tzinfo,
) -> list[dict[str, Any]]:
    """Return the meters with their registers, those in use first, then by the time since which they are read."""
    events = _events(exchanges)
    meters = [
        {
            "serial": cells.together(cells.meter(meter), names.mark(meter.pk)),
            "registers": [_register(each, ends, day_ends, without, zone) for each in meter.registers.all()],
            "since": min((_since(each.pk, ends, day_ends, zone) for each in meter.registers.all()), default=date.max),
            "events": events.get(meter.pk, ()),
            "is_disused": meter.pk in names.disused,
        }
        for meter in names.meters.values()
    ]
    return sorted(meters, key=lambda each: (each["is_disused"], each["since"]))


def _since(register: int, ends: Mapping[int, Ends], day_ends: Mapping[int, DayEnds], zone: tzinfo) -> date:
    days = [ends[register].first.astimezone(zone).date()] if register in ends else []
    days += [day_ends[register].first] if register in day_ends else []
    return min(days, default=date.max)


def _events(exchanges: Iterable[Reading]) -> dict[int, list[str]]:
    events: dict[int, list[str]] = {}
    for reading in exchanges:
        word = "installed" if reading.reading_type == "I" else "removed"
        event = f"{word} {dtc_labels.british_time(reading.read_at)}, register {reading.register} at {reading.value:f}"
        events.setdefault(reading.register.meter_id, []).append(event)
    return events


def _register(
    register: Register,
    ends: Mapping[int, Ends],
    day_ends: Mapping[int, DayEnds],
    without: frozenset[int],
    zone: tzinfo,
) -> dict[str, Any]:
    own, days = ends.get(register.pk), day_ends.get(register.pk)
    return {
        "name": cells.register(register),
        "way": mdff_labels.channel(register.suffix),
        "readings": _span(_day(own.first, zone), _day(own.last, zone)) if own else "",
        "intervals": _span(days.first, days.last) if days else "",
        "is_maximum_demand": register.pk in without,
    }


def _span(first: date, last: date) -> str:
    return cells.day(first) if first == last else f"{cells.day(first)} – {cells.day(last)}"


def _day(moment: datetime, zone: tzinfo) -> date:
    return moment.astimezone(zone).date()


def channels_table(names: Names, day_ends: Mapping[int, DayEnds], order: Iterable[int]) -> list[dict[str, Any]]:
    """Return the channels with intervals, those of meters in use first."""
    return [
        {
            "register": cells.register(register),
            "meter": cells.together(cells.meter(meter), names.mark(meter.pk)),
            "way": mdff_labels.channel(register.suffix),
            "span": day_ends[key],
        }
        for key in order
        if key in day_ends
        for register in [names.registers[key]]
        for meter in [_meter_of(names, register)]
    ]


def _meter_of(names: Names, register: Register) -> Meter:
    return names.meters[register.meter_id]

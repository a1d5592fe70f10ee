"""What counts in the store, in the form in which the model says it."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from readings.models import Accumulation, IntervalDay, Reading, Statement


def stored() -> set[tuple[Any, ...]]:
    """Return what counts in the store."""
    from readings.models import Accumulation, IntervalDay, Reading

    related = ("register__meter", "meter_point", "flow_file", "restated_in")
    return {
        *map(_reading, Reading.objects.current().select_related(*related)),
        *map(_day, IntervalDay.objects.current().exclude(meter_point__scheme="CONSUMER").select_related(*related)),
        *(("half hour", *key) for key, _ in half_hours()),
        *map(_accumulation, Accumulation.objects.current().select_related(*related)),
    }


def half_hours() -> Iterator[tuple[tuple[str, int, int, Decimal], tuple[str, int]]]:
    """Yield each half hour of consumption that counts, with hash and line of its source."""
    from readings.models import FlowFile, IntervalDay

    hashes = dict(FlowFile.objects.values_list("pk", "sha256"))
    for row in IntervalDay.objects.current().filter(meter_point__scheme="CONSUMER"):
        values = row.values.split(",")
        assert Decimal(row.total) == sum(map(Decimal, filter(None, values)))
        for place, (value, (file, line)) in enumerate(zip(values, row.sources, strict=True)):
            if value:
                yield (f"{row.day}", place, row.occurrence, Decimal(value)), (hashes[file], line)


def _source(row: Statement) -> tuple[str, int]:
    return (row.restated_in or row.flow_file).sha256, row.last_source[1]


def _reading(row: Reading) -> tuple[Any, ...]:
    from readings.formats.dtc.catalogue.clock import BRITISH_CLOCK_TIME

    value = Decimal(row.value)
    if row.meter_point.is_nmi:
        quality = (row.flag, row.method, row.reason_code)
        return "reading", _nem_time(row.read_at), "", "", value, *quality, *_source(row)
    at = row.read_at_as_sent or f"{row.read_at.astimezone(BRITISH_CLOCK_TIME):%Y%m%d%H%M%S}"
    place = (row.register.meter.serial_number, row.register.register_id, at)
    details = (row.validation_status, row.flag, row.method, row.reason_code, row.reading_status)
    return "reading", *place, row.reading_type, "", value, *details, *_source(row)


def _day(row: IntervalDay) -> tuple[Any, ...]:
    values = [Decimal(value) for value in row.values.split(",")]
    halves = (values[0], values[-1])
    details = (*halves, row.quality_method, row.reason_code, row.reason_description, tuple(_events(row)))
    place = (row.register.suffix, f"{row.day:%Y%m%d}")
    meter = row.register.meter.serial_number.lstrip("0")
    spelling = (row.register.meter.serial_number, row.register.register_id)
    return "day", *place, "", meter, Decimal(row.total), *details, *_source(row), *spelling


def _events(row: IntervalDay) -> Iterator[str]:
    for event in json.loads(row.events or "[]"):
        yield ",".join(map(str, ["400", *event]))


def _accumulation(row: Accumulation) -> tuple[Any, ...]:
    reads = (Decimal(row.previous_read), Decimal(row.current_read))
    quality = ",".join((row.current_quality_method, row.current_reason_code, row.current_reason_description))
    place, kind = _nem_time(row.previous_read_at), _nem_time(row.current_read_at)
    return "accumulation", place, kind, "", Decimal(row.quantity), *reads, quality, *_source(row)


def _nem_time(moment: datetime) -> str:
    from readings.formats.contract import NEM_TIME

    return f"{moment.astimezone(NEM_TIME):%Y%m%d%H%M%S}"

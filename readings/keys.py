"""Which meter points, meters and registers a batch names."""

from __future__ import annotations

from itertools import chain

from readings.formats.contract import Accumulation, Batch, IntervalDay, MeterPointDetails, RegisterKey, SiteVisit
from readings.loading import Measures


def keys_of(batch: Batch) -> list[RegisterKey]:
    """Return what the batch names, each once, in the order of its lines."""
    readings = (reading[1] for reading in batch.readings)
    metered = (stated[1] for stated in chain[Accumulation | IntervalDay](batch.accumulations, batch.interval_days))
    named: list[MeterPointDetails | SiteVisit] = [*batch.meter_points, *batch.site_visits]
    return list(dict.fromkeys(chain(readings, metered, map(without_register, named))))


def without_register(named: MeterPointDetails | SiteVisit) -> RegisterKey:
    """Return the key of the meter, or of the meter point alone, that is named."""
    return named.scheme, named.identifier, named.serial_number, None, ""


def measures_of(batch: Batch) -> dict[RegisterKey, Measures]:
    """Return what the batch says that its registers and channels measure."""
    measures = {day.register: (day.unit, "") for day in batch.interval_days}
    return measures | {each.register: (each.unit, each.direction) for each in batch.accumulations}

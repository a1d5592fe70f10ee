"""Keys of a batch: the meter points, meters and registers that its statements concern."""

from __future__ import annotations

from itertools import chain
from operator import itemgetter
from typing import Any, Final, TypeAlias

from readings.formats.contract import Batch
from readings.formats.statements import MeterPointDetails, RegisterKey, RegisterStatement, SiteVisit
from readings.models.meter_points import stored_key

#: Primary keys of meter point, meter and register; None for parts that the key lacks.
Ids: TypeAlias = tuple[int, Any, Any]
#: Keys with the texts under which their registers are stored; empty texts for keys without a register.
Keys: TypeAlias = dict[RegisterKey, str]
#: Unit and direction.
Measures: TypeAlias = tuple[str, str]
#: Getter of a statement's register key.
_REGISTER: Final = itemgetter(1)


def keys_of(batch: Batch) -> Keys:
    """Return the distinct keys of a batch, in order of first occurrence, each with the text of its register."""
    statements = chain[RegisterStatement](batch.readings, batch.accumulations, batch.interval_days)
    others: list[MeterPointDetails | SiteVisit] = [*batch.meter_points, *batch.site_visits]
    distinct = dict.fromkeys(chain(map(_REGISTER, statements), map(without_register, others)))
    return {key: "" if key[3] is None else stored_key(key) for key in distinct}


def without_register(row: MeterPointDetails | SiteVisit) -> RegisterKey:
    """Return the key of a meter, or of a meter point without a meter."""
    return row.scheme, row.identifier, row.serial_number, None, ""


def measures_of(batch: Batch) -> dict[RegisterKey, Measures]:
    """Return unit and direction of the registers and channels of a batch."""
    measures = {day.register: (day.unit, "") for day in batch.interval_days}
    return measures | {each.register: (each.unit, each.direction) for each in batch.accumulations}

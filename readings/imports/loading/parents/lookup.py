"""Look-up of parents in sets; those that are missing are created."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Final

from django.db import IntegrityError, connection, transaction

from readings.formats.statements import RegisterKey
from readings.imports.loading.insertion import is_postgresql
from readings.imports.loading.parents.creation import create
from readings.imports.loading.parents.keys import Ids, Keys, Measures

_WANTED_ON_POSTGRESQL: Final = """
WITH wanted AS MATERIALIZED (
    SELECT scheme, identifier, serial_number, number - 1 AS place
    FROM unnest(string_to_array(%s, E'\n'), string_to_array(%s, E'\n'), string_to_array(%s, E'\n', E'\\x01'))
        WITH ORDINALITY AS wanted(scheme, identifier, serial_number, number)
    WHERE scheme <> ''
)
"""
_WANTED_ON_SQLITE: Final = """
WITH wanted(scheme, identifier, serial_number, place) AS MATERIALIZED (
    SELECT json_extract(value, '$[0]'), json_extract(value, '$[1]'), json_extract(value, '$[2]'), key
    FROM json_each(%s)
)
"""
_METERS: Final = """
SELECT wanted.place, meter_point.id, meter.id
FROM wanted
JOIN readings_meterpoint meter_point
    ON meter_point.identifier = wanted.identifier AND meter_point.scheme = wanted.scheme
LEFT JOIN readings_meter meter
    ON meter.meter_point_id = meter_point.id AND meter.serial_number = wanted.serial_number
"""
_REGISTERS: Final = "SELECT key, meter_point_id, meter_id, id FROM readings_register WHERE key"
_NOTHING: Final = None, None, None


def resolve(keys: Keys, measures: Mapping[RegisterKey, Measures]) -> dict[RegisterKey, Ids]:
    """Return the primary keys for each key; create meter points, meters and registers that are missing.

    `measures` gives unit and direction of new registers. If another importer creates one of them at the same time,
    wait for its transaction.
    """
    before: list[Ids] = []
    names, texts = list(keys), list(keys.values())
    while True:
        ids = _stored(names, texts)
        missing = [place for place, each in enumerate(ids) if None in each and _is_missing(names[place], each)]
        if not missing:
            break
        try:
            with transaction.atomic():
                new = {names[place]: texts[place] for place in missing}
                created = create(new, [ids[place] for place in missing], measures)
            for place, each in zip(missing, created, strict=True):
                ids[place] = each
            break
        except IntegrityError:
            if ids == before:
                raise  # Nobody has created any of them meanwhile: another constraint fails, and fails again.
            before = ids
    return dict(zip(names, ids, strict=True))


def _is_missing(key: RegisterKey, ids: Ids) -> bool:
    return ids[0] is None or (ids[1] is None and key[2] is not None) or (ids[2] is None and key[3] is not None)


def _stored(keys: Sequence[RegisterKey], texts: Sequence[str]) -> list[Ids]:
    ids = _registers(texts)
    others = [place for place, each in enumerate(ids) if each[2] is None]
    if others:
        for place, meter_point, meter in _meters([keys[place] for place in others]):
            ids[others[place]] = meter_point, meter, None
    return ids


def _registers(texts: Sequence[str]) -> list[Ids]:
    """Return the primary keys for the registers that are stored, in order; for others no primary keys."""
    with connection.cursor() as cursor:
        if is_postgresql():
            cursor.execute(f"{_REGISTERS} = ANY(string_to_array(%s, E'\n'))", ["\n".join(texts)])
        else:
            cursor.execute(f"{_REGISTERS} IN (SELECT value FROM json_each(%s))", [json.dumps(texts)])
        stored = {row[0]: row[1:] for row in cursor.fetchall()}
    return [stored.get(text, _NOTHING) for text in texts]


def _meters(keys: Sequence[RegisterKey]) -> list[tuple[int, int, int | None]]:
    """Return place, meter point and meter of the keys whose meter point is stored, the latter as primary keys."""
    with connection.cursor() as cursor:
        if is_postgresql():
            # An empty text would be an empty array; the query drops the extra element of a line end.
            columns = ["\n".join(_or_null(column)) or "\n" for column in zip(*(key[:3] for key in keys), strict=True)]
            cursor.execute(_WANTED_ON_POSTGRESQL + _METERS, columns)
        else:
            cursor.execute(_WANTED_ON_SQLITE + _METERS, [json.dumps([key[:3] for key in keys])])
        found: list[tuple[int, int, int | None]] = cursor.fetchall()
        return found


def _or_null(texts: Iterable[str | None]) -> Iterator[str]:
    return ("\x01" if text is None else text for text in texts)

"""Meter points, meters and registers of a batch: looked up or created in sets."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from itertools import chain
from operator import itemgetter
from typing import Any, Final, NamedTuple, TypeAlias

from django.db import IntegrityError, connection, transaction

from readings.formats.contract import WARNING, Batch, Problem
from readings.formats.spelling import searchable_form
from readings.formats.statements import MeterPointDetails, RegisterKey, RegisterStatement, SiteVisit
from readings.imports.loading.insertion import among, insert, is_postgresql, utc_text
from readings.imports.loading.locks import lock_meter_points
from readings.imports.summing.stale import regrouping
from readings.models.meter_points import stored_key

#: Getter of a statement's register key.
_REGISTER: Final = itemgetter(1)

#: Primary keys of meter point, meter and register; None for parts that the key lacks.
Ids: TypeAlias = tuple[int, Any, Any]
Clock: TypeAlias = Callable[[], datetime]
#: Unit and direction.
Measures: TypeAlias = tuple[str, str]
_WANTED_ON_POSTGRESQL: Final = """
WITH wanted AS MATERIALIZED (
    SELECT * FROM unnest(string_to_array(%s, E'\n'), string_to_array(%s, E'\n'), string_to_array(%s, E'\n', E'\\x01'))
        WITH ORDINALITY AS wanted(scheme, identifier, serial_number, place)
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
SELECT meter_point.id, meter.id
FROM wanted
LEFT JOIN readings_meterpoint meter_point
    ON meter_point.identifier = wanted.identifier AND meter_point.scheme = wanted.scheme
LEFT JOIN readings_meter meter
    ON meter.meter_point_id = meter_point.id AND meter.serial_number = wanted.serial_number
ORDER BY wanted.place
"""
#: Texts of keys, and their places in order.
_TEXTS_ON_POSTGRESQL: Final = "unnest(string_to_array(%s, E'\n')) WITH ORDINALITY AS wanted(text, number)"
_TEXTS_ON_SQLITE: Final = "(SELECT value AS text, key + 1 AS number FROM json_each(%s)) AS wanted"
_REGISTERS: Final = """
SELECT wanted.number - 1, register.meter_point_id, register.meter_id, register.id
FROM {} JOIN readings_register register ON register.key = wanted.text
"""


def keys_of(batch: Batch) -> list[RegisterKey]:
    """Return the distinct keys of a batch, in order of first occurrence."""
    statements = chain[RegisterStatement](batch.readings, batch.accumulations, batch.interval_days)
    others: list[MeterPointDetails | SiteVisit] = [*batch.meter_points, *batch.site_visits]
    return list(dict.fromkeys(chain(map(_REGISTER, statements), map(without_register, others))))


def without_register(row: MeterPointDetails | SiteVisit) -> RegisterKey:
    """Return the key of a meter, or of a meter point without a meter."""
    return row.scheme, row.identifier, row.serial_number, None, ""


def measures_of(batch: Batch) -> dict[RegisterKey, Measures]:
    """Return unit and direction of the registers and channels of a batch."""
    measures = {day.register: (day.unit, "") for day in batch.interval_days}
    return measures | {each.register: (each.unit, each.direction) for each in batch.accumulations}


def resolve(keys: Sequence[RegisterKey], measures: Mapping[RegisterKey, Measures]) -> list[Ids]:
    """Return the primary keys for each key, in order; create meter points, meters and registers that are missing.

    `measures` gives unit and direction of new registers. If another importer creates one of them at the same time,
    wait for its transaction.
    """
    before: list[Ids] = []
    while True:
        stored = _stored(keys)
        if not any(_is_missing(key, ids) for key, ids in zip(keys, stored, strict=True)):
            return stored
        try:
            with transaction.atomic():
                return _create(keys, stored, measures)
        except IntegrityError:
            if stored == before:
                raise  # Nobody has created any of them meanwhile: another constraint fails, and fails again.
            before = stored


def _is_missing(key: RegisterKey, ids: Ids) -> bool:
    return ids[0] is None or (ids[1] is None and key[2] is not None) or (ids[2] is None and key[3] is not None)


def _stored(keys: Sequence[RegisterKey]) -> list[Ids]:
    found = _registers(keys)
    others = [key for place, key in enumerate(keys) if place not in found]
    meters = iter(_meters(others) if others else ())
    return [found.get(place) or (*next(meters), None) for place in range(len(keys))]


def _registers(keys: Sequence[RegisterKey]) -> dict[int, Ids]:
    """Return the primary keys for the registers that are stored, by their places among the keys."""
    texts = ["" if key[3] is None else stored_key(key) for key in keys]
    with connection.cursor() as cursor:
        if is_postgresql():
            cursor.execute(_REGISTERS.format(_TEXTS_ON_POSTGRESQL), ["\n".join(texts)])
        else:
            cursor.execute(_REGISTERS.format(_TEXTS_ON_SQLITE), [json.dumps(texts)])
        return {place: (point, meter, register) for place, point, meter, register in cursor.fetchall()}


def _meters(keys: Sequence[RegisterKey]) -> list[tuple[int, Any]]:
    """Return the primary keys of meter point and meter for each key, in order."""
    with connection.cursor() as cursor:
        if is_postgresql():
            # An empty text would be an empty array; the query drops the extra element of a line end.
            columns = ["\n".join(_or_null(column)) or "\n" for column in zip(*(key[:3] for key in keys), strict=True)]
            cursor.execute(_WANTED_ON_POSTGRESQL + _METERS, columns)
        else:
            cursor.execute(_WANTED_ON_SQLITE + _METERS, [json.dumps([key[:3] for key in keys])])
        meters: list[tuple[int, Any]] = cursor.fetchall()
        return meters


def _or_null(texts: Iterable[str | None]) -> Iterator[str]:
    return ("\x01" if text is None else text for text in texts)


def _create(
    keys: Sequence[RegisterKey], stored: Sequence[Ids], measures: Mapping[RegisterKey, Measures]
) -> list[Ids]:
    """Create the missing meter points, then the meters, then the registers; return all primary keys."""
    pairs = list(zip(keys, stored, strict=True))
    new = _numbered("readings_meterpoint", (key[:2] for key, ids in pairs if ids[0] is None))
    rows = [(number, *key, "", "") for key, number in new.items()]
    insert("readings_meterpoint", ("id", "scheme", "identifier", "area", "tariff"), rows)
    points = [new[key[:2]] if ids[0] is None else ids[0] for key, ids in pairs]

    wanted = [
        (point, key[2]) if ids[1] is None and key[2] is not None else None
        for point, (key, ids) in zip(points, pairs, strict=True)
    ]
    new = _numbered("readings_meter", wanted)
    forms = [(number, *key, searchable_form(key[1])) for key, number in new.items()]
    names = ("id", "meter_point_id", "serial_number", "searchable", "searchable_reversed")
    insert("readings_meter", names, [(*row, row[-1][::-1]) for row in forms])
    meters = [new[want] if want else ids[1] for want, ids in zip(wanted, stored, strict=True)]

    texts = [stored_key(key) if ids[2] is None and key[3] is not None else "" for key, ids in pairs]
    numbers = _numbered("readings_register", texts)
    of_text = dict(zip(texts, zip(keys, meters, points, strict=True), strict=True))
    rows = [
        (number, text, meter, point, *key[3:], *measures.get(key, ("", "")))
        for text, number in numbers.items()
        for key, meter, point in [of_text[text]]
    ]
    columns = ("id", "key", "meter_id", "meter_point_id", "register_id", "suffix", "unit", "direction")
    insert("readings_register", columns, rows)
    registers = [numbers[text] if text else ids[2] for text, ids in zip(texts, stored, strict=True)]
    return list(zip(points, meters, registers, strict=True))


def _numbered(table: str, keys: Iterable[Any]) -> dict[Any, int]:
    """Return a new primary key of the table for each distinct key."""
    distinct = dict.fromkeys(key for key in keys if key)
    with connection.cursor() as cursor:
        if is_postgresql():
            numbers = "SELECT nextval(%s::regclass) FROM generate_series(1, %s)"
            cursor.execute(numbers, [f"{table}_id_seq", len(distinct)])
            return dict(zip(distinct, (number for (number,) in cursor.fetchall()), strict=True))
        # SQLite has a single writer: nobody else takes the following numbers.
        cursor.execute(f"SELECT coalesce(max(id), 0) FROM {table}")
        return {key: number for number, key in enumerate(distinct, cursor.fetchone()[0] + 1)}


class Change(NamedTuple):
    """Details of a consumer, and the area and tariff that it had before."""

    details: MeterPointDetails
    area: str
    tariff: str


def describe_consumers(
    rows: Sequence[tuple[int, MeterPointDetails]], flow_file_id: int, clock: Clock
) -> tuple[list[Change], list[tuple[int, int]]]:
    """Store area and tariff of consumers, by primary key, with their history.

    Return those that had others before; and the lines that repeat what is stored, each with its meter point.
    """
    lock_meter_points({key for key, _ in rows})
    since, stored = utc_text(clock()), _stored_texts("area, tariff", (key for key, _ in rows))
    changes, repeats, new = [], [], []
    for key, each in rows:
        before, stored[key] = stored[key], (each.area, each.tariff)
        if before == stored[key]:
            repeats.append((each.line, key))
        else:
            new.append((key, each.area, each.tariff, flow_file_id, each.line, since))
            changes += [Change(each, *before)] if any(before) else []
    if new:
        columns = ("meter_point_id", "area", "tariff", "flow_file_id", "line", "since")
        insert("readings_consumerdetails", columns, new)
        with regrouping([key for key, *_ in new]), connection.cursor() as cursor:
            sql = "UPDATE readings_meterpoint SET area = %s, tariff = %s WHERE id = %s"
            cursor.executemany(sql, [(area, tariff, key) for key, area, tariff, *_ in new])
    return changes, repeats


def warnings_about(changes: Iterable[Change]) -> Iterator[Problem]:
    """Yield a warning about each area and each tariff that changed."""
    for each in changes:
        for name in ("area", "tariff"):
            before, now = getattr(each, name), getattr(each.details, name)
            if before != now:
                message = f"replaces {before} for consumer {each.details.identifier} from now on"
                yield Problem(
                    scheme=each.details.scheme,
                    identifier=each.details.identifier,
                    severity=WARNING,
                    line=each.details.line,
                    field=name,
                    code=f"changed-{name}",
                    value=now,
                    message=message,
                )


def names_of(meter_points: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Return scheme and identifier of meter points by primary key."""
    return _stored_texts("scheme, identifier", meter_points)


def _stored_texts(columns: str, meter_points: Iterable[int]) -> dict[int, tuple[str, str]]:
    """Return two columns of meter points by primary key."""
    is_one, wanted = among(meter_points)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT id, {columns} FROM readings_meterpoint WHERE id {is_one}", [wanted])
        return {key: (first, second) for key, first, second in cursor.fetchall()}

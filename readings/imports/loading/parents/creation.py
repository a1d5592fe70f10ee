"""Creation of parents in sets, without reading them back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from django.db import connection

from readings.formats.spelling import searchable_form
from readings.formats.statements import RegisterKey
from readings.imports.loading.insertion import Table, insert_each, is_postgresql
from readings.imports.loading.parents.keys import Ids, Keys, Measures

_OF_METER_POINT: Final = ("id", "scheme", "identifier", "area", "tariff")
_OF_METER: Final = ("id", "meter_point_id", "serial_number", "searchable", "searchable_reversed")
_OF_REGISTER: Final = ("id", "key", "meter_id", "meter_point_id", "register_id", "suffix", "unit", "direction")
_NEXT: Final = "SELECT nextval(%s::regclass) FROM generate_series(1, %s)"
_NOT_MEASURED: Final = ("", "")


def create(keys: Keys, stored: Sequence[Ids], measures: Mapping[RegisterKey, Measures]) -> list[Ids]:
    """Create the parents of some keys that are not stored; return the primary keys of all of them, in order."""
    names = [key[:2] for key in keys]
    new_points = _numbered(
        "readings_meterpoint", (name for name, ids in zip(names, stored, strict=True) if not ids[0])
    )
    points = [ids[0] or new_points[name] for name, ids in zip(names, stored, strict=True)]

    wanted = [(point, key[2]) for point, key in zip(points, keys, strict=True)]
    is_new = ((each, ids) for each, ids in zip(wanted, stored, strict=True) if not ids[1] and each[1] is not None)
    new_meters = _numbered("readings_meter", (each for each, _ in is_new))
    meters = [ids[1] or new_meters.get(each) for each, ids in zip(wanted, stored, strict=True)]

    texts = ["" if ids[2] else text for text, ids in zip(keys.values(), stored, strict=True)]
    new_registers = _numbered("readings_register", filter(None, texts))
    registers = [ids[2] or new_registers.get(text) for text, ids in zip(texts, stored, strict=True)]

    created = list(zip(points, meters, registers, strict=True))
    of_register = dict(zip(texts, zip(keys, created, strict=True), strict=True))
    insert_each(_tables(new_points, new_meters, of_register, measures))
    return created


def _tables(
    points: Mapping[tuple[str, str], int],
    meters: Mapping[tuple[int, Any], int],
    registers: dict[str, tuple[RegisterKey, Ids]],
    measures: Mapping[RegisterKey, Measures],
) -> Iterator[Table]:
    """Yield the rows of new parents, by table; each text of a register has its key and its primary keys."""
    if points:
        schemes, identifiers = zip(*points, strict=True)
        nothing = [""] * len(points)
        columns = [[*points.values()], schemes, identifiers, nothing, nothing]
        yield Table("readings_meterpoint", _OF_METER_POINT, columns)
    if meters:
        of, serial_numbers = zip(*meters, strict=True)
        forms = list(map(searchable_form, serial_numbers))
        backwards = [form[::-1] for form in forms]
        yield Table("readings_meter", _OF_METER, [[*meters.values()], of, serial_numbers, forms, backwards])
    registers.pop("", None)
    if registers:
        keys, ids = zip(*registers.values(), strict=True)
        of_points, of_meters, numbers = zip(*ids, strict=True)
        *_, register_ids, suffixes = zip(*keys, strict=True)
        units, directions = zip(*(measures.get(key, _NOT_MEASURED) for key in keys), strict=True)
        columns = [numbers, [*registers], of_meters, of_points, register_ids, suffixes, units, directions]
        yield Table("readings_register", _OF_REGISTER, columns)


def _numbered(table: str, keys: Iterable[Any]) -> dict[Any, int]:
    """Return a new primary key of the table for each distinct key."""
    distinct = dict.fromkeys(keys)
    if not distinct:
        return {}
    numbers = _numbers_on_postgresql if is_postgresql() else _numbers_on_sqlite
    return dict(zip(distinct, numbers(table, len(distinct)), strict=True))


def _numbers_on_postgresql(table: str, many: int) -> Sequence[int]:
    sequence = f"{table}_id_seq"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT min(number), max(number) FROM ({_NEXT}) AS taken(number)", [sequence, many])
        first, last = cursor.fetchone()
        if last - first + 1 == many:
            return range(first, last + 1)
        # Another importer took some numbers meanwhile; those of this one are left out.
        cursor.execute(_NEXT, [sequence, many])
        return [number for (number,) in cursor.fetchall()]


def _numbers_on_sqlite(table: str, many: int) -> Sequence[int]:
    with connection.cursor() as cursor:
        # There is a single writer: nobody else takes the following numbers.
        cursor.execute(f"SELECT coalesce(max(id), 0) FROM {table}")
        last = cursor.fetchone()[0]
        return range(last + 1, last + 1 + many)

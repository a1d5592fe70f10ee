"""Consumers: their areas and tariffs, and the names of meter points."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple, TypeAlias

from django.db import connection

from readings.formats.contract import WARNING, Problem
from readings.formats.statements import MeterPointDetails
from readings.imports.loading.insertion import among, insert, utc_text
from readings.imports.loading.locks import lock_meter_points
from readings.imports.summing.stale import regrouping

Clock: TypeAlias = Callable[[], datetime]


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

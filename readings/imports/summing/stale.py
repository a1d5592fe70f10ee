"""Notes of what has to be summed again. They are written in the transaction that changes what counts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any, Final

from django.db import connection

from readings.imports.loading.insertion import among, insert

_STALE_MONTHS: Final = ("meter_point_id", "first_day", "last_day")


def note_days(days: Iterable[tuple[int, Any]]) -> None:
    """Note that days of meter points changed: primary key and day of each row."""
    spans: dict[int, tuple[str, str]] = {}
    for meter_point, day in ((key, str(day)) for key, day in days):
        first, last = spans.get(meter_point, (day, day))
        spans[meter_point] = min(first, day), max(last, day)
    insert("readings_stalemonths", _STALE_MONTHS, [(key, *span) for key, span in spans.items()])


def note_all_days(meter_points: Iterable[int]) -> None:
    """Note that all days of meter points changed."""
    insert("readings_stalemonths", _STALE_MONTHS, [(key, None, None) for key in sorted(meter_points)])


@contextmanager
def regrouping(meter_points: Sequence[int]) -> Iterator[None]:
    """Note that the groups that meter points leave change, and those that they enter."""
    note_groups(meter_points)
    yield
    note_groups(meter_points)


def note_groups(meter_points: Sequence[int]) -> None:
    """Note that the groups to which meter points belong lose or gain them."""
    is_one, wanted = among(meter_points)
    sql = (
        "INSERT INTO readings_stalegroup (scheme, area, tariff, first_day, last_day) "
        "SELECT point.scheme, point.area, point.tariff, min(months.first_day), max(months.last_day) "
        "FROM readings_monthsum months JOIN readings_meterpoint point ON point.id = months.meter_point_id "
        f"WHERE months.meter_point_id {is_one} GROUP BY point.scheme, point.area, point.tariff, months.month"
    )
    with connection.cursor() as cursor:
        cursor.execute(sql, [wanted])

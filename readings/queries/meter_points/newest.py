"""The newest statements of the registers of a meter point, found by index without reading its whole history."""

from __future__ import annotations

from collections.abc import Collection
from datetime import date, datetime
from typing import TypeVar

from django.db.models import Max, OuterRef, Subquery

from readings.models import MeterPoint, Reading, Register
from readings.models.register_readings import ReadingQuerySet
from readings.queries.lists import Rows

Moment = TypeVar("Moment", date, datetime)


def newest(rows: Rows, registers: Collection[int], column: str, most: int) -> Rows:
    """Return the rows since the time from which the busiest register has about `most` of them, in one query.

    All registers begin at one time, so that their sum has no false beginning.
    """
    own = rows.filter(register=OuterRef("pk")).order_by(f"-{column}").values(column)[most : most + 1]
    bounds = Register.objects.filter(pk__in=registers).annotate(bound=Subquery(own))
    since = bounds.aggregate(since=Max("bound"))["since"]
    found = rows.filter(register__in=registers)
    return found.filter(**{f"{column}__gte": since}) if since else found


def readings_since(meter_point: MeterPoint, registers: Collection[int], most: int) -> list[Reading]:
    """Return the newest countable readings with their standing, in two queries."""
    rows: ReadingQuerySet = Reading.objects.filter(meter_point=meter_point).countable()
    return list(newest(rows, registers, "read_at", most).with_standing())

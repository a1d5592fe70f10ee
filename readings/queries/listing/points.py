"""Which meter points and meters the filters of their lists select, and by which index."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from django.db.models import QuerySet

from readings.models import Meter, MeterPoint
from readings.queries.listing.called import points_called
from readings.queries.listing.orders import STORED, Order, name, number
from readings.queries.listing.pages import Selected

_BY_IDENTIFIER: Final = Order(
    name="identifier",
    columns=("identifier", "scheme"),
    kinds=(name, name),
    words="identifier",
    words_descending="identifier, last first",
)
_BY_SERIAL_NUMBER: Final = Order(
    name="serial-number",
    columns=("searchable", "pk"),
    kinds=(name, number),
    words="serial number",
    words_descending="serial number, last first",
    is_of_bytes=True,
)


def meter_points() -> QuerySet[MeterPoint]:
    """Return meter points with their meters and registers."""
    return MeterPoint.objects.prefetch_related("meters__registers")


def meters() -> QuerySet[Meter]:
    """Return meters with their meter points and registers."""
    return Meter.objects.select_related("meter_point").prefetch_related("registers")


def select_meter_points(filters: Mapping[str, Any]) -> Selected[MeterPoint]:
    """Return the meter points that the filters of an address select: no filter has an index."""
    every = MeterPoint.objects.all()
    equal = {name: filters[name] for name in ("scheme", "area", "tariff") if filters[name]}
    return Selected(
        rows=every.filter(**equal) if equal else every,
        orders=(STORED,) if equal else (STORED, _BY_IDENTIFIER),
        default="-stored",
        scope=every if equal else None,
    )


def select_meters(filters: Mapping[str, Any]) -> Selected[Meter]:
    """Return the meters that the filters of an address select; raise WrongSelection."""
    every = Meter.objects.all()
    if filters["meter_point"]:
        points = points_called(filters["meter_point"], filters["scheme"])
        return Selected(
            rows=every.filter(meter_point__in=points), orders=(_BY_SERIAL_NUMBER,), default="serial-number"
        )
    if filters["scheme"]:
        rows = every.filter(meter_point__scheme=filters["scheme"])
        return Selected(rows=rows, orders=(STORED,), default="-stored", scope=every)
    return Selected(rows=every, orders=(STORED, _BY_SERIAL_NUMBER), default="-stored")

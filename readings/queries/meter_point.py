"""Queries for the page of one meter point and for tables of many. Each function runs a fixed number of queries."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Collection, Iterable
from datetime import date, datetime
from decimal import Decimal
from typing import Final

from django.db.models import F, Max, OuterRef, Q, Subquery

from readings.formats.dtc.catalogue.supply_number import core_in
from readings.formats.mdff.catalogue.nmi import nmi_check_digit
from readings.models import Accumulation, IntervalDay, Meter, MeterPoint, Reading, Scheme
from readings.models.advances import DialReading
from readings.queries.lists import MomentKey, readings

#: Number of readings on a page.
PAGE: Final = 50
#: Number of exchanges of meters, and of stated quantities that prove a rollover, at most.
MANY: Final = 400
#: Number of readings at the registers and times of a page, at most; those that count are first.
BESIDE: Final = 2000

_NMI_AND_CHECK_DIGIT: Final = re.compile(r"[A-HJ-NP-Z0-9]{10}[0-9]")


def meter_points_called(identifier: str) -> list[MeterPoint]:
    """Return the meter points with an identifier, live data first.

    An NMI may include its check digit, and an MPAN may be in the supply number of a bill.
    """
    if "\0" in identifier:
        return []  # PostgreSQL refuses it.
    names = {identifier, compact := "".join(identifier.split()).upper()}
    if _NMI_AND_CHECK_DIGIT.fullmatch(compact) and compact[10] == nmi_check_digit(compact):
        names.add(compact[:10])
    names.add(core_in(compact) or compact)
    return sorted(MeterPoint.objects.filter(identifier__in=names), key=lambda each: each.scheme == Scheme.TEST_MPAN)


def meters_of(meter_point: MeterPoint) -> list[Meter]:
    """Return the meters of a meter point with their registers, in order of arrival."""
    return list(Meter.objects.filter(meter_point=meter_point).prefetch_related("registers").order_by("pk"))


def readings_page(meter_point: MeterPoint, after: MomentKey | None) -> tuple[list[Reading], MomentKey | None]:
    """Return a page of all readings, newest first, and the key of the next page, or None."""
    rows = readings().filter(meter_point=meter_point).with_standing().newest_first()
    if after:
        rows = rows.filter(Q(read_at__lt=after.at) | Q(read_at=after.at, pk__lt=after.pk))
    page = list(rows[: PAGE + 1])
    has_more = len(page) > PAGE
    return page[:PAGE], MomentKey(page[PAGE - 1].read_at, page[PAGE - 1].pk) if has_more else None


def exchanges_of(meter_point: MeterPoint) -> list[Reading]:
    """Return the initial and final readings of the meters, oldest first."""
    rows = Reading.objects.filter(meter_point=meter_point, reading_type__in=("I", "F")).current()
    return list(rows.select_related("register").order_by("read_at", "pk")[:MANY])


def readings_beside(meter_point: MeterPoint, page: Collection[Reading]) -> dict[tuple[int, datetime], list[Reading]]:
    """Return all readings of the registers and times of a page, by register and time; first those that count."""
    registers, times = {row.register_id for row in page}, {row.read_at for row in page}
    rows = readings().filter(meter_point=meter_point, register__in=registers, read_at__in=times)
    beside: defaultdict[tuple[int, datetime], list[Reading]] = defaultdict(list)
    for row in rows.order_by(F("superseded_by").asc(nulls_first=True), "-pk")[:BESIDE]:
        beside[row.register_id, row.read_at].append(row)
    return beside


def speakers_of(meter_point: MeterPoint) -> list[tuple[str, str]]:
    """Return the senders of all readings of a meter point, each with its role."""
    rows = Reading.objects.filter(meter_point=meter_point).order_by()
    return list(rows.values_list("flow_file__sender", "flow_file__sender_role").distinct())


def actual_readings_before(meter_point: MeterPoint, page: Collection[Reading]) -> list[Reading]:
    """Return the last actual reading before the page for each register on it."""
    if not page:
        return []
    oldest = min((row.read_at, row.pk) for row in page)
    older = Q(read_at__lt=oldest[0]) | Q(read_at=oldest[0], pk__lt=oldest[1])
    rows = Reading.objects.filter(meter_point=meter_point, register__in={row.register_id for row in page})
    return list(rows.filter(older).actual().latest_of_each_register().with_standing())


def reported_quantities(meter_point: MeterPoint) -> dict[tuple[int, datetime, datetime], Decimal]:
    """Return the newest quantities that files report between two reads, by register and both times."""
    rows = Accumulation.objects.filter(meter_point=meter_point).current().order_by("-current_read_at")
    columns = rows.values_list("register__pk", "previous_read_at", "current_read_at", "quantity")
    return {(register, since, until): amount for register, since, until, amount in columns[:MANY]}


def dial_reading(reading: Reading) -> DialReading:
    """Return a reading, annotated with its standing, as the state of its register."""
    return DialReading(
        key=reading.pk,
        register=reading.register_id,
        read_at=reading.read_at,
        value=reading.value,
        standing=reading.standing,
        dial_digits=len(reading.register_read.partition(".")[0]),
        reading_type=reading.reading_type,
    )


def latest_of_each(meter_points: Iterable[MeterPoint]) -> tuple[dict[int, Reading], dict[int, date]]:
    """Return the newest countable reading and the newest interval day of each meter point, in three queries."""
    keys = {meter_point.pk for meter_point in meter_points}
    newest = Subquery(Reading.objects.filter(meter_point=OuterRef("pk")).countable().latest_first().values("pk")[:1])
    latest = MeterPoint.objects.filter(pk__in=keys).annotate(newest=newest).values_list("newest", flat=True)
    bulk = Reading.objects.select_related("meter_point", "register__meter", "flow_file").filter(pk__in=list(latest))
    days = IntervalDay.objects.filter(meter_point__in=keys).current()
    last_days = days.order_by().values("meter_point").annotate(Max("day")).values_list("meter_point", "day__max")
    return {reading.meter_point_id: reading for reading in bulk}, dict(last_days)

"""The latest statements of each register: the actual one, and later ones of other kinds."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Final

from django.db.models import OuterRef, Q, Subquery

from readings.formats.mdff.catalogue.codes import ACTUAL, VARIES
from readings.models import IntervalDay, MeterPoint, Reading, Register
from readings.models.register_readings import Kind, ReadingQuerySet
from readings.queries.lists import interval_days, readings
from readings.queries.meter_points.newest import newest

#: Predicate of days with actual intervals only. An event states first and last interval, then the quality.
_ACTUAL_DAY: Final = Q(quality_method="") | Q(quality_method__startswith=ACTUAL)
_VARIES_BUT_ACTUAL: Final = Q(quality_method=VARIES) & ~Q(events__regex=r'[0-9], ?"[EFSN]')
_KINDS: Final = ("actual", "customer", "estimate", "doubtful")


@dataclass(frozen=True, slots=True, kw_only=True)
class Latest:
    """The latest readings of a register."""

    register: int
    #: Kind of each: "actual", "customer", "estimate" or "doubtful".
    readings: list[tuple[str, Reading]]

    @property
    def actual(self) -> Reading | None:
        """Return the latest actual reading."""
        return next((row for kind, row in self.readings if kind == "actual"), None)


def latest_of(meter_point: MeterPoint, registers: Collection[int]) -> list[Latest]:
    """Return the latest actual reading of each register, and the latest of each other kind that is later.

    Every register that has current readings is listed.
    """
    own = Reading.objects.filter(meter_point=meter_point, register=OuterRef("pk"))
    of_kinds: dict[str, ReadingQuerySet] = {
        "actual": own.actual().of_kind(Kind.ACTUAL),
        "customer": own.actual().of_kind(Kind.CUSTOMER_OWN),
        "estimate": own.countable().of_kind(Kind.ESTIMATE),
        "doubtful": own.in_doubt(),
    }
    probes = {kind: Subquery(rows.latest_first().values("pk")[:1]) for kind, rows in of_kinds.items()}
    found = Register.objects.filter(pk__in=registers).annotate(**probes).values_list("pk", *_KINDS)
    keys = {register: dict(zip(_KINDS, pks, strict=True)) for register, *pks in found}
    rows = (
        readings().with_standing().in_bulk([pk for of_register in keys.values() for pk in of_register.values() if pk])
    )
    latest = [_latest(register, {kind: rows[pk] for kind, pk in pks.items() if pk}) for register, pks in keys.items()]
    return [each for each in latest if each.readings]


def _latest(register: int, rows: dict[str, Reading]) -> Latest:
    actual = rows.pop("actual", None)
    later = [(kind, row) for kind, row in rows.items() if actual is None or row.read_at > actual.read_at]
    later.sort(key=lambda each: each[1].read_at, reverse=True)
    return Latest(register=register, readings=[*([("actual", actual)] if actual else []), *later])


def latest_days_of(meter_point: MeterPoint, channels: Collection[int]) -> list[IntervalDay]:
    """Return the latest day with actual intervals only of each channel, and its latest day of all, if later."""
    own = IntervalDay.objects.filter(meter_point=meter_point, register=OuterRef("pk")).current()
    days = {
        "actual": own.filter(_ACTUAL_DAY | _VARIES_BUT_ACTUAL),
        "latest": own,
    }
    probes = {name: Subquery(rows.order_by("-day", "-pk").values("pk")[:1]) for name, rows in days.items()}
    found = Register.objects.filter(pk__in=channels).annotate(**probes).values_list("pk", *days)
    rows = interval_days().in_bulk({pk for _, *pks in found for pk in pks if pk})
    pairs = [(rows.get(actual), rows[latest]) for _, actual, latest in found if latest]
    return [row for actual, latest in pairs for row in _of_channel(actual, latest)]


def newest_days(meter_point: MeterPoint, channels: Collection[int], most: int) -> list[IntervalDay]:
    """Return the newest days of intervals, newest first."""
    rows, _ = newest(interval_days().filter(meter_point=meter_point).current(), channels, "day", most)
    return list(rows.order_by("-day", "register__suffix", "-pk")[:most])


def _of_channel(actual: IntervalDay | None, latest: IntervalDay) -> list[IntervalDay]:
    if actual is None or (actual.day, actual.occurrence) == (latest.day, latest.occurrence):
        return [latest]
    return [actual, latest] if latest.day > actual.day else [actual]

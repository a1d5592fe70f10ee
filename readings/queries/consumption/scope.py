"""Scopes: which amounts of which meter points are summed over which days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db.models import Count, Q, QuerySet

from readings.formats.mdff.catalogue.codes import suffix_in_words
from readings.models import ConsumerDetails, GroupDay, IntervalDay, MeterPoint, MonthSum, Register, Scheme
from readings.models.consumption.units import FAMILIES

#: Schemes with half hours.
SCHEMES: Final = (Scheme.CONSUMER, Scheme.NMI)
#: First letter of the NMI channels that are summed with the consumption of consumers.
USED: Final = "E"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """Amounts that can be summed: one kind of channel, one family of units."""

    #: First letter of the channels' suffix.
    letter: str = USED
    #: Smallest unit of the family.
    family: str = "Wh"

    @property
    def key(self) -> str:
        """Return the key of the measure in an address."""
        return f"{self.letter}-{self.family}"

    @property
    def of_consumers(self) -> bool:
        """Return whether the measure includes consumers."""
        return self == CONSUMPTION

    @property
    def channels(self) -> Q:
        """Return the predicate of its registers."""
        own = Q(suffix__startswith=self.letter, meter__meter_point__scheme=Scheme.NMI)
        return own | Q(meter__meter_point__scheme=Scheme.CONSUMER) if self.of_consumers else own

    @property
    def words(self) -> str:
        """Return the name of the measure."""
        if self.of_consumers:
            return f"Energy consumed: consumers and NMI channels {self.letter}"
        return f"NMI channels {self.letter}: {suffix_in_words(self.letter) or self.family}"


CONSUMPTION: Final = Measure()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """The amounts to be summed; empty fields select all."""

    measure: Measure = CONSUMPTION
    scheme: str = ""
    area: str = ""
    tariff: str = ""
    #: A `Quality`. It selects amounts of stored sums, not whole interval days.
    quality: str = ""
    first_day: date | None = None
    last_day: date | None = None
    meter_point: int | None = None
    #: Meter points to which the scope is limited; None for no limit.
    among: Sequence[int] | None = None


def _given(filters: dict[str, Any]) -> dict[str, Any]:
    """Return the filters without those that select all."""
    return {name: value for name, value in filters.items() if value not in ("", None)}


def groups_in(scope: Scope) -> QuerySet[GroupDay]:
    """Return the sums of a scope per day, pass of the clock, group and quality."""
    filters = {
        "scheme": scope.scheme,
        "area": scope.area,
        "tariff": scope.tariff,
        "quality": scope.quality,
        "day__gte": scope.first_day,
        "day__lte": scope.last_day,
    }
    rows = GroupDay.objects.filter(letter=scope.measure.letter, family=scope.measure.family)
    return rows.filter(**_given(filters))


def months_in(scope: Scope) -> QuerySet[MonthSum]:
    """Return the sums of a scope per meter point, month and quality; of the first and last month the whole."""
    filters = {
        "meter_point__scheme": scope.scheme,
        "meter_point__area": scope.area,
        "meter_point__tariff": scope.tariff,
        "meter_point": scope.meter_point,
        "quality": scope.quality,
        "month__gte": scope.first_day and scope.first_day.replace(day=1),
        "month__lte": scope.last_day,
    }
    rows = MonthSum.objects.filter(letter=scope.measure.letter, family=scope.measure.family)
    rows = rows.filter(**_given(filters))
    return rows if scope.among is None else rows.filter(meter_point__in=scope.among)


def days_in(scope: Scope) -> QuerySet[IntervalDay]:
    """Return the current interval days of a scope."""
    rows = IntervalDay.objects.current().filter(unit__in=FAMILIES[scope.measure.family])
    filters = {"day__gte": scope.first_day, "day__lte": scope.last_day, "meter_point": scope.meter_point}
    rows = rows.filter(**_given(filters))
    if scope.among is not None:
        rows = rows.filter(meter_point__in=scope.among)
    # A subquery for the channels takes half the time of joins.
    return rows.filter(register__in=_channels_in(scope))


def _channels_in(scope: Scope) -> QuerySet[Register]:
    fields = {"scheme": scope.scheme, "area": scope.area, "tariff": scope.tariff, "pk": scope.meter_point}
    filters = {f"meter__meter_point__{name}": value for name, value in _given(fields).items()}
    return Register.objects.filter(scope.measure.channels, **filters)


def meter_points_in(scope: Scope) -> QuerySet[MeterPoint]:
    """Return the consumers and NMIs of a scope, with or without half hours."""
    filters = {"scheme": scope.scheme, "area": scope.area, "tariff": scope.tariff, "pk": scope.meter_point}
    rows = MeterPoint.objects.filter(scheme__in=SCHEMES)
    return rows.filter(**_given(filters))


def changed_in(scope: Scope) -> set[int]:
    """Return the primary keys of the consumers of a scope whose area or tariff changed."""
    rows = ConsumerDetails.objects.filter(meter_point__in=meter_points_in(scope)).order_by()
    changed = rows.values("meter_point").annotate(number=Count("pk")).filter(number__gt=1)
    return set(changed.values_list("meter_point", flat=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """The values that occur in each field of a scope."""

    schemes: list[str]
    areas: list[str]
    tariffs: list[str]
    measures: list[Measure]


def choices() -> Choices:
    """Return the values that occur in the stored sums."""
    columns = ("scheme", "area", "tariff", "letter", "family")
    groups = set(GroupDay.objects.order_by().values_list(*columns).distinct())
    return Choices(
        schemes=_distinct(scheme for scheme, *_ in groups),
        areas=_distinct(area for _, area, *_ in groups),
        tariffs=_distinct(tariff for _, _, tariff, *_ in groups),
        measures=_in_order({Measure(letter=letter, family=family) for *_, letter, family in groups}),
    )


def measures_of(meter_point: MeterPoint) -> list[Measure]:
    """Return the measures of a meter point that are summed, consumption first."""
    rows = MonthSum.objects.filter(meter_point=meter_point).order_by().values_list("letter", "family")
    return _in_order({Measure(letter=letter, family=family) for letter, family in rows.distinct()})


def _in_order(distinct: Iterable[Measure]) -> list[Measure]:
    return sorted(distinct, key=lambda measure: (measure != CONSUMPTION, measure.key))


def _distinct(texts: Iterable[str]) -> list[str]:
    return sorted(set(texts) - {""})

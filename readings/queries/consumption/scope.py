"""What is summed: which amounts, of whom, over which days."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Final

from django.db.models import Q, QuerySet
from django.db.models.functions import Left

from readings.formats.mdff.catalogue.codes import suffix_in_words
from readings.models import IntervalDay, MeterPoint, Register, Scheme
from readings.queries.consumption.exact import FAMILIES, family_of

#: The schemes of which there are half hours.
SCHEMES: Final = (Scheme.CONSUMER, Scheme.NMI)
#: The channels of NMIs that are summed together with the consumption of consumers.
USED: Final = "E"


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """Amounts that may be added up: one kind of channel, one family of units."""

    #: The first letter of the suffix of the channels.
    letter: str = USED
    #: The smallest unit of the family.
    family: str = "Wh"

    @property
    def key(self) -> str:
        """Name it in an address."""
        return f"{self.letter}-{self.family}"

    @property
    def of_consumers(self) -> bool:
        """Tell whether what consumers use is among it."""
        return self == CONSUMPTION

    @property
    def words(self) -> str:
        """Say what it is."""
        if self.of_consumers:
            return f"Energy used: consumers, NMI channels {self.letter}"
        return f"NMI channels {self.letter}: {suffix_in_words(self.letter) or self.family}"


CONSUMPTION: Final = Measure()


@dataclass(frozen=True, slots=True, kw_only=True)
class Scope:
    """What is summed. Empty: all."""

    measure: Measure = CONSUMPTION
    scheme: str = ""
    area: str = ""
    tariff: str = ""
    first_day: date | None = None
    last_day: date | None = None
    meter_point: int | None = None
    #: Only these meter points, where not None.
    among: Sequence[int] | None = None


def days_in(scope: Scope) -> QuerySet[IntervalDay]:
    """Select the days of a scope that nothing supersedes."""
    rows = IntervalDay.objects.current().filter(unit__in=FAMILIES[scope.measure.family])
    said = {"day__gte": scope.first_day, "day__lte": scope.last_day, "meter_point": scope.meter_point}
    rows = rows.filter(**{name: value for name, value in said.items() if value is not None})
    if scope.among is not None:
        rows = rows.filter(meter_point__in=scope.among)
    # Not by joins: to look for the channels first halves the time.
    return rows.filter(register__in=_channels_in(scope))


def _channels_in(scope: Scope) -> QuerySet[Register]:
    channel = Q(suffix__startswith=scope.measure.letter, meter__meter_point__scheme=Scheme.NMI)
    if scope.measure.of_consumers:
        channel |= Q(meter__meter_point__scheme=Scheme.CONSUMER)
    said = {"scheme": scope.scheme, "area": scope.area, "tariff": scope.tariff, "pk": scope.meter_point}
    of_whom = {f"meter__meter_point__{name}": value for name, value in said.items() if value}
    return Register.objects.filter(channel, **of_whom)


def meter_points_in(scope: Scope) -> QuerySet[MeterPoint]:
    """Select the consumers and NMIs of a scope, whether or not they have half hours."""
    said = {"scheme": scope.scheme, "area": scope.area, "tariff": scope.tariff, "pk": scope.meter_point}
    rows = MeterPoint.objects.filter(scheme__in=SCHEMES)
    return rows.filter(**{name: value for name, value in said.items() if value not in ("", None)})


@dataclass(frozen=True, slots=True, kw_only=True)
class Choices:
    """What there is to choose from."""

    schemes: list[str]
    areas: list[str]
    tariffs: list[str]
    measures: list[Measure]


def choices() -> Choices:
    """Find what there is to choose from."""
    groups = set(MeterPoint.objects.filter(scheme__in=SCHEMES).values_list("scheme", "area", "tariff").distinct())
    return Choices(
        schemes=_distinct(scheme for scheme, _, _ in groups),
        areas=_distinct(area for _, area, _ in groups),
        tariffs=_distinct(tariff for _, _, tariff in groups),
        measures=measures(Register.objects.filter(meter__meter_point__scheme__in=SCHEMES)),
    )


def measures_of(meter_point: MeterPoint) -> list[Measure]:
    """Find what is measured at a meter point."""
    return measures(Register.objects.filter(meter__meter_point=meter_point))


def measures(registers: QuerySet[Register]) -> list[Measure]:
    """Find what registers measure that may be added up; what is used comes first."""
    rows: Iterable[tuple[Any, ...]] = (
        registers.annotate(letter=Left("suffix", 1))
        .values_list("letter", "unit", "meter__meter_point__scheme")
        .distinct()
    )
    found = set()
    for letter, unit, scheme in rows:
        if scheme == Scheme.CONSUMER:
            found.add(CONSUMPTION)
        elif letter.isalpha() and family_of(unit):
            found.add(Measure(letter=letter, family=family_of(unit)))
    return sorted(found, key=lambda measure: (measure != CONSUMPTION, measure.key))


def _distinct(texts: Iterable[str]) -> list[str]:
    return sorted(set(texts) - {""})

"""The total of one day of each meter point, compared with its other days of the month, in pages.

The database sorts by floats; what is shown is exact.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal, localcontext
from enum import Enum
from typing import Any, Final

from django.db.models import Case, Count, ExpressionWrapper, F, FloatField, IntegerField, Q, QuerySet, Sum, When
from django.db.models.functions import Cast, Round

from readings.formats.packed_day import EXACT
from readings.models import MonthSum
from readings.models.consumption.exact import ExactSum, PackedElement, as_number
from readings.queries.consumption.coverage.spans import MINUTES_OF_A_DAY, POINT
from readings.queries.consumption.scope import Scope, months_in

#: Minutes with a value of a day that is compared, at least: the day on which clocks go forward has 23 hours.
LEAST: Final = 23 * 60
#: Minutes with a value of the other days of the month, at least.
LEAST_OF_OTHERS: Final = 24 * 60
#: Ratio of a day with use to other days without any.
_NO_USE_ELSEWHERE: Final = 1e12


class Which(str, Enum):
    """Which meter points are listed."""

    FURTHEST = ""
    HIGH = "high"
    LOW = "low"
    ZERO = "zero"


_CONDITIONS: Final = {
    Which.FURTHEST: Q(of_day__gt=0) & ~Q(ratio=1),
    Which.HIGH: Q(of_day__gt=0, ratio__gt=1),
    Which.LOW: Q(of_day__gt=0, ratio__lt=1),
    Which.ZERO: Q(of_day=0),
}
_ORDERS: Final = {
    Which.FURTHEST: "-distance",
    Which.HIGH: "-ratio",
    Which.LOW: "ratio",
    Which.ZERO: "-usual",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Compared:
    """The use of a meter point on one day, and on the other days of the month, in kWh."""

    scheme: str
    identifier: str
    area: str
    tariff: str
    total: Decimal
    #: Mean per day of the other days: per 24 hours with a value.
    usual: Decimal

    @property
    def ratio(self) -> Decimal | None:
        """Return the total in terms of the mean; None if the other days have no use."""
        return EXACT.divide(self.total, self.usual) if self.usual else None


@dataclass(frozen=True, slots=True, kw_only=True)
class Numbers:
    """The numbers of meter points with a value on the day."""

    compared: int
    high: int
    low: int
    zero: int
    #: Without a value in a part of the day; and without another day in the month.
    partial: int
    alone: int

    def of(self, which: Which) -> int:
        """Return the number of meter points in a list."""
        numbers = {Which.HIGH: self.high, Which.LOW: self.low, Which.ZERO: self.zero}
        return numbers.get(which, self.high + self.low)


@dataclass(frozen=True, slots=True, kw_only=True)
class Comparison:
    """The meter points of a scope on one day."""

    scope: Scope
    day: date

    def numbers(self) -> Numbers:
        """Return the number of meter points in each list."""
        enough, others = Q(minutes_of_day__gte=LEAST), Q(other_minutes__gte=LEAST_OF_OTHERS)
        is_compared = enough & others
        conditions = {
            "compared": is_compared,
            "high": is_compared & _CONDITIONS[Which.HIGH],
            "low": is_compared & _CONDITIONS[Which.LOW],
            "zero": is_compared & _CONDITIONS[Which.ZERO],
            "partial": ~enough,
            "alone": enough & ~others,
        }
        return Numbers(
            **self._sums().aggregate(**{name: Count("meter_point", filter=each) for name, each in conditions.items()})
        )

    def listed(self, which: Which) -> QuerySet[Any, Any]:
        """Return the meter points of a list, the most unlike first."""
        rows = self._sums().filter(minutes_of_day__gte=LEAST, other_minutes__gte=LEAST_OF_OTHERS)
        farther = When(ratio__gt=0, ratio__lt=1, then=1.0 / F("ratio"))
        if which is Which.FURTHEST:
            rows = rows.annotate(distance=Case(farther, default=F("ratio"), output_field=FloatField()))
        return rows.filter(_CONDITIONS[which]).order_by(_ORDERS[which], *POINT[1::-1])

    def lines(self, rows: QuerySet[Any, Any]) -> list[Compared]:
        """Return the meter points of some rows of `listed`."""
        points = list(rows.values_list("meter_point", *POINT))
        own = self._months().filter(meter_point__in=[key for key, *_ in points]).order_by().values("meter_point")
        sums = own.annotate(
            exact=ExactSum(self._packed("totals")),
            of_month=ExactSum("total"),
            minutes_of_day=Sum(Cast(self._packed("minutes_of_days"), IntegerField())),
            all_minutes=Sum("minutes"),
        )
        found = {
            key: row
            for key, *row in sums.values_list("meter_point", "exact", "of_month", "minutes_of_day", "all_minutes")
        }
        return [_compared(point, *found[key]) for key, *point in points]

    def _months(self) -> QuerySet[MonthSum]:
        return months_in(replace(self.scope, first_day=self.day, last_day=self.day))

    def _packed(self, column: str) -> PackedElement:
        return PackedElement(column, self.day.day)

    def _sums(self) -> QuerySet[Any, Any]:
        """Return the sums of each meter point with a value on the day, as numbers by which the database sorts."""
        points: QuerySet[Any, Any] = self._months().order_by().values("meter_point", *POINT)
        sums = points.annotate(
            minutes_of_day=Sum(Cast(self._packed("minutes_of_days"), IntegerField())),
            of_day=Sum(as_number(self._packed("totals"))),
            of_others=Sum(as_number("total")) - F("of_day"),
            other_minutes=Sum("minutes") - F("minutes_of_day"),
        )
        no_others = Q(of_others__lte=0) | Q(other_minutes=0)
        usual = ExpressionWrapper(F("of_others") * 1440.0 / F("other_minutes"), output_field=FloatField())
        compared: QuerySet[Any, Any] = sums.filter(minutes_of_day__gt=0).annotate(
            usual=Case(When(no_others, then=0.0), default=usual, output_field=FloatField()),
            ratio=Case(
                When(usual__gt=0, then=Round(F("of_day") / F("usual"), 9)),
                default=_NO_USE_ELSEWHERE,
                output_field=FloatField(),
            ),
        )
        return compared


def _compared(point: Sequence[str], total: Decimal, of_month: Decimal, minutes: int, all_minutes: int) -> Compared:
    scheme, identifier, area, tariff = point
    with localcontext(EXACT):
        usual = (of_month - total) * MINUTES_OF_A_DAY / (all_minutes - minutes)
    return Compared(scheme=scheme, identifier=identifier, area=area, tariff=tariff, total=total, usual=usual)

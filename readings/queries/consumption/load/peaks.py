"""The peaks of the meter points of a scope, each for itself."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from django.db.models import Count, Q

from readings.formats.packed_day import ZERO
from readings.models.consumption.exact import ExactMax, ExactSum
from readings.queries.consumption.scope import Scope, months_in


@dataclass(frozen=True, slots=True, kw_only=True)
class SinglePeaks:
    """The sum of the peaks of the meter points, in kW, between two limits.

    Peaks are stored by month: if a period begins or ends within one, some may lie outside, and the limits differ.
    """

    low: Decimal
    high: Decimal
    meter_points: int

    @property
    def is_exact(self) -> bool:
        """Return whether both limits are the sum."""
        return self.low == self.high


def single_peaks(scope: Scope, first_day: date, last_day: date) -> SinglePeaks:
    """Return the sum of the peaks between two days."""
    rows = months_in(replace(scope, first_day=first_day, last_day=last_day)).order_by().values("meter_point")
    in_period = Q(peak_day__gte=first_day, peak_day__lte=last_day)
    peaks = rows.annotate(highest=ExactMax("peak"), known=ExactMax("peak", filter=in_period))
    sums = peaks.aggregate(number=Count("meter_point"), high=ExactSum("highest"), low=ExactSum("known"))
    return SinglePeaks(low=sums["low"] or ZERO, high=sums["high"] or ZERO, meter_points=sums["number"])

"""Bringing the stored sums up to date, in short transactions."""

from __future__ import annotations

from collections.abc import Callable

from readings.imports.loading.insertion import prepare
from readings.imports.loading.locks import Busy, summing
from readings.imports.summing.groups import sum_stale_group
from readings.imports.summing.months import sum_stale_months
from readings.models.consumption.sums import StaleGroup, StaleMonths

#: Seconds that a page spends on stale sums, at most about.
LONGEST = 0.5


def is_up_to_date() -> bool:
    """Return whether the sums include everything that is stored."""
    return not (StaleMonths.objects.exists() or StaleGroup.objects.exists())


def bring_up_to_date(has_time: Callable[[], bool] = lambda: True, *, waits: bool = True) -> bool:
    """Sum what is stale, while there is time; return whether nothing is left.

    `waits=False` leaves it to others if they are writing.
    """
    while not is_up_to_date():
        if not has_time():
            return False
        try:
            with summing(waits=waits):
                _step()
        except Busy:
            return False
    return True


def bring_up_to_date_briefly(monotonic: Callable[[], float]) -> bool:
    """Sum what is stale before a page is shown, without waiting for others; return whether nothing is left."""
    end = monotonic() + LONGEST
    return bring_up_to_date(lambda: monotonic() < end, waits=False)


def _step() -> None:
    prepare()
    if StaleMonths.objects.exists():
        sum_stale_months()
    elif StaleGroup.objects.exists():
        sum_stale_group()

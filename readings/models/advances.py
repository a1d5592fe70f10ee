"""How far a register moved from one reading to the next.

Nothing of this is stored: what the sender said is kept as sent. An advance is taken between actual readings only.
Estimates have advances of their own, from the actual reading before them, and no later advance begins with one.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal
from typing import Final

from django.db import models

#: Below this a mean per day says nothing.
SHORTEST: Final = timedelta(hours=12)
#: No dial has more before the point.
MOST_DIGITS: Final = 12
_DAY: Final = Decimal(86_400)


class Standing(models.TextChoices):
    """What a reading may be used for."""

    ACTUAL = "ACTUAL", "actual"
    ESTIMATE = "ESTIMATE", "estimate"
    #: Superseded, withdrawn, suspect, of failed validation, or no reading at all.
    LEFT_OUT = "LEFT_OUT", "left out"


@dataclass(frozen=True, slots=True, kw_only=True)
class Shown:
    """What a register showed."""

    #: Of the reading.
    key: int
    register: int
    read_at: datetime
    value: Decimal
    #: One of Standing.
    standing: str
    #: The digits of the dial before the point, where the flow gives a reading with its zeros; else 0.
    dial_digits: int = 0
    #: The first reading of a meter as it was installed: nothing leads up to it.
    is_first: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """How far a register moved since an actual reading, in the units of the register."""

    since: datetime
    until: datetime
    amount: Decimal
    #: To an estimate: nobody saw the register show it.
    is_estimated: bool
    #: Why the amount is not the plain difference, or what is odd about it; empty where nothing is.
    note: str = ""

    @property
    def days(self) -> Decimal:
        """Return how many days it took, with their parts."""
        return Decimal((self.until - self.since) // timedelta(seconds=1)) / _DAY

    @property
    def per_day(self) -> Decimal | None:
        """Return the mean of a day; None where too little time passed, or the register shows less than before."""
        if self.until - self.since < SHORTEST or self.amount < 0:
            return None
        return self.amount / self.days


def advances(
    readings: Iterable[Shown],
    *,
    maximum_demand: frozenset[int] = frozenset(),
    stated: Mapping[tuple[int, datetime, datetime], Decimal] | None = None,
) -> dict[int, Advance]:
    """Return the advance up to each reading that has one, by the reading's key.

    `maximum_demand` are the registers that are reset, and have none. `stated` holds amounts that the sender gave for
    a register between two moments: they prove a rollover.
    """
    before: dict[int, Shown] = {}
    found = {}
    for reading in sorted(readings, key=lambda each: (each.read_at, each.key)):
        if reading.standing == Standing.LEFT_OUT or reading.register in maximum_demand:
            continue
        previous = None if reading.is_first else before.get(reading.register)
        if previous and previous.read_at < reading.read_at:
            span = reading.register, previous.read_at, reading.read_at
            found[reading.key] = _between(previous, reading, (stated or {}).get(span))
        if reading.standing == Standing.ACTUAL:
            before[reading.register] = reading
    return found


def _between(previous: Shown, reading: Shown, stated: Decimal | None) -> Advance:
    amount = reading.value - previous.value
    note = ""
    if amount < 0:
        rolled, note = _rollover(previous, reading, stated)
        amount += rolled
    return Advance(
        since=previous.read_at,
        until=reading.read_at,
        amount=amount,
        is_estimated=reading.standing == Standing.ESTIMATE,
        note=note,
    )


def _rollover(previous: Shown, reading: Shown, stated: Decimal | None) -> tuple[Decimal, str]:
    """Return what is to be added to a difference below zero, and why; nothing where no rollover can be told."""
    seen = len(str(int(previous.value)))
    if stated is not None and (digits := proven_rollover(previous.value, reading.value, stated)):
        return Decimal(10) ** digits, rolled_over(digits)
    digits = previous.dial_digits or seen
    turn = Decimal(10) ** digits
    # The last tenth of the dial before, the first tenth now: an exchange or a slip seldom looks so.
    if previous.value >= turn * 9 / 10 and reading.value < turn / 10:
        likely = "" if previous.dial_digits else ", if the dial has as many"
        return (
            turn,
            f"taken as a rollover: 9{'x' * (digits - 1)} → 0{'x' * (digits - 1)} with {digits} digits{likely}",
        )
    return Decimal(0), "lower than the actual reading before it; no rollover can be told"


def proven_rollover(previous: Decimal, current: Decimal, stated: Decimal) -> int | None:
    """Return how many digits a register rolled over with, where an amount that the sender states says so."""
    seen = len(str(int(previous)))
    turns = (
        digits for digits in range(seen, MOST_DIGITS + 1) if stated == current - previous + Decimal(10) ** digits
    )
    return next(turns, None) if current < previous else None


def rolled_over(digits: int) -> str:
    """Say that a rollover is proven."""
    return f"rolled over with {digits} digits: the sender states this amount"

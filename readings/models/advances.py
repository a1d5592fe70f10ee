"""Advances: how far a register moved from one reading to the next.

Advances are computed, never stored. An advance begins at an actual reading and ends at the next actual reading; an
estimate has an advance of its own from the actual reading before it, and no advance begins at an estimate. Of several
readings at one instant, a final one ends the advance before it and an initial one begins the next; of other kinds,
the first in their order does both.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from decimal import Decimal
from typing import Final

from django.db import models

from readings.formats.dtc.catalogue.codes import CUSTOMER_OWN

#: Digits of a dial before the decimal point, at most.
MOST_DIGITS: Final = 12


class Standing(models.TextChoices):
    """Use that may be made of a reading."""

    ACTUAL = "ACTUAL", "actual"
    ESTIMATE = "ESTIMATE", "estimate"
    #: Reading that is superseded, withdrawn or suspect, that failed validation, or that is null data.
    LEFT_OUT = "LEFT_OUT", "left out"


@dataclass(frozen=True, slots=True, kw_only=True)
class DialReading:
    """The state of a register at one moment."""

    #: Primary key of the reading.
    key: int
    register: int
    read_at: datetime
    value: Decimal
    #: Value of Standing.
    standing: str
    #: Digits of the dial before the decimal point, if the flow states leading zeros, else 0.
    dial_digits: int = 0
    #: Reading type of a British reading.
    reading_type: str = ""

    @property
    def is_first(self) -> bool:
        """Return whether it is the first reading of a newly installed or set meter: no advance ends at it."""
        return self.reading_type == "I"

    @property
    def order(self) -> tuple[datetime, int, str, int]:
        """Return the order of readings: at one instant final, initial, actual, the customer's own, estimates."""
        rank = {"F": 0, "I": 1}.get(self.reading_type, 3 if self.reading_type in CUSTOMER_OWN else 2)
        rank = 4 if self.standing == Standing.ESTIMATE else rank
        return self.read_at, rank, self.reading_type, self.key


@dataclass(frozen=True, slots=True, kw_only=True)
class Advance:
    """The difference from an actual reading, in units of the register."""

    #: Primary key of the reading at which the advance begins.
    begin: int
    since: datetime
    until: datetime
    amount: Decimal
    #: Whether the advance ends at an estimate.
    is_estimated: bool
    #: Explanation of an amount that is negative or not the plain difference; else empty.
    note: str = ""


def advances(
    readings: Iterable[DialReading],
    *,
    maximum_demand: frozenset[int] = frozenset(),
    quantities: Mapping[tuple[int, datetime, datetime], Decimal] | None = None,
) -> dict[int, Advance]:
    """Return the advances by the key of the reading at which they end.

    Registers in `maximum_demand` are reset and have no advances. `quantities` holds the quantities that the sender
    states for a register between two moments; they prove a rollover.
    """
    before: dict[int, DialReading] = {}
    result = {}
    for reading in sorted(readings, key=lambda each: each.order):
        if reading.standing == Standing.LEFT_OUT or reading.register in maximum_demand:
            continue
        previous = None if reading.is_first else before.get(reading.register)
        if previous and previous.read_at < reading.read_at:
            span = reading.register, previous.read_at, reading.read_at
            result[reading.key] = _between(previous, reading, (quantities or {}).get(span))
        is_begun = previous is not None and previous.read_at == reading.read_at
        if reading.standing == Standing.ACTUAL and not is_begun:
            before[reading.register] = reading
    return result


def _between(previous: DialReading, reading: DialReading, quantity: Decimal | None) -> Advance:
    amount = reading.value - previous.value
    note = ""
    if amount < 0:
        rolled, note = _rollover(previous, reading, quantity)
        amount += rolled
    return Advance(
        begin=previous.key,
        since=previous.read_at,
        until=reading.read_at,
        amount=amount,
        is_estimated=reading.standing == Standing.ESTIMATE,
        note=note,
    )


def _rollover(previous: DialReading, reading: DialReading, quantity: Decimal | None) -> tuple[Decimal, str]:
    """Return the correction of a negative difference and its explanation; zero if no rollover is recognized."""
    least = len(str(int(previous.value)))
    if quantity is not None and (digits := proven_rollover(previous.value, reading.value, quantity)):
        return Decimal(10) ** digits, rolled_over(digits)
    digits = previous.dial_digits or least
    turn = Decimal(10) ** digits
    # From the last tenth of the dial to the first: meter exchanges and typing errors seldom look like this.
    if previous.value >= turn * 9 / 10 and reading.value < turn / 10:
        condition = "" if previous.dial_digits else " if the dial has that many"
        return (
            turn,
            f"taken as a rollover: 9{'x' * (digits - 1)} → 0{'x' * (digits - 1)} with {digits} digits{condition}",
        )
    return Decimal(0), "lower than the previous actual reading; not recognizable as a rollover"


def proven_rollover(previous: Decimal, current: Decimal, quantity: Decimal) -> int | None:
    """Return the number of dial digits for which a rollover explains the stated quantity; None if there is none."""
    least = len(str(int(previous)))
    turns = (
        digits for digits in range(least, MOST_DIGITS + 1) if quantity == current - previous + Decimal(10) ** digits
    )
    return next(turns, None) if current < previous else None


def rolled_over(digits: int) -> str:
    """Return the explanation of a proven rollover."""
    return f"rolled over with {digits} digits: the sender states this amount"

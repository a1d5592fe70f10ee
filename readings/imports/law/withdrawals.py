"""Withdrawals: D0010 lines of reading type W."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from readings.formats.dtc.catalogue.codes import WITHDRAWN
from readings.imports.law.entries import Entry


def withdrawals(entries: Iterable[Entry]) -> list[Entry]:
    """Return the withdrawals among entries."""
    return [entry for entry in entries if entry.kind == WITHDRAWN]


def withdraws(withdrawal: Entry, reading: Entry) -> bool:
    """Return whether a withdrawal takes back a reading of its register and time.

    It takes back the value that it states, of a sender in its own role, unless the reading was stated again since.
    The order of lines inside a file has no meaning.
    """
    return (
        withdrawal.value == reading.value
        and withdrawal.role == reading.role
        and withdrawal.occasion.stated_at >= reading.occasion.stated_at
    )


def withdrawal_of(reading: Entry, among: Sequence[Entry]) -> Entry | None:
    """Return the last of the withdrawals that take back a reading, or None."""
    taking_back = (withdrawal for withdrawal in among if withdraws(withdrawal, reading))
    return max(taking_back, key=lambda withdrawal: withdrawal.occasion, default=None)

"""Warnings about lines that meet stored statements: corrections, withdrawals, repeats that count again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from decimal import Decimal
from typing import Final

from django.db import connection

from readings.formats.contract import WARNING, Problem
from readings.formats.dtc.catalogue.codes import WITHDRAWN
from readings.formats.spelling import without_spelling
from readings.imports.law.completions import repeated_or_corrected
from readings.imports.law.entries import Entry
from readings.imports.law.withdrawals import withdraws
from readings.imports.loading.tables import INTERVAL_DAYS, READINGS, StatementTable
from readings.imports.loading.versions import Comparison, Group, newly_superseded

#: Registers of a meter point, with their readings at one instant.
_OTHERS_AT: Final = """
SELECT register.id, meter.serial_number, register.register_id, reading.read_at, reading.value
FROM readings_meter meter
JOIN readings_register register ON register.meter_id = meter.id
LEFT JOIN readings_reading reading ON reading.meter_point_id = meter.meter_point_id
    AND reading.register_id = register.id AND reading.read_at = %s AND reading.reading_type <> 'W'
WHERE meter.meter_point_id = %s
"""

#: Code of warnings about statements that take the place of others, or whose place another one keeps.
CORRECTION: Final = "correction"
WHOLE_DIRECTION: Final = "whole-direction"


def findings(comparison: Comparison) -> Iterator[Problem]:
    """Yield the warnings about the lines of a comparison."""
    table = comparison.table
    withdrawing = []
    for entry in comparison.new:
        if table is READINGS and entry.kind == WITHDRAWN:
            withdrawing.append(entry)
        elif entry.withdrawn_by:
            if entry.withdrawn_by.id:
                yield _warning(entry, "withdrawn-before", "was withdrawn before this reading arrived")
        else:
            yield from _correction(entry, comparison)
    for line, entry, _ in comparison.repeated:
        if entry.id and entry.counts and any(entry.stored_links):
            message = f"is stated again, later than what took its place, and counts again for {table.subject}"
            yield _warning(entry, "stated-again", message, line)
    for entry in withdrawing:
        yield from _unmatched(entry, comparison.group_of(entry))


class CorrectedDays:
    """Counter of the corrected interval days of a file: a year that is sent again is one warning."""

    def __init__(self) -> None:
        self._first: Problem | None = None
        self._number = 0

    def without_days(self, problems: Iterable[Problem], table: StatementTable) -> Iterator[Problem]:
        """Yield the warnings except corrections of interval days, which are counted."""
        for problem in problems:
            if table is not INTERVAL_DAYS or problem.code != CORRECTION:
                yield problem
                continue
            self._first = self._first or problem
            self._number += 1

    def summary(self) -> list[Problem]:
        """Return one warning about all corrected days, on the line of the first one."""
        first, number = self._first, self._number
        self._first, self._number = None, 0
        if first is None or number == 1:
            return [first] if first else []
        return [replace(first, message=f"{first.message} ({number:,} days, first here)")]


def _warning(entry: Entry, code: str, message: str, line: int = 0) -> Problem:
    value = str(entry.value)
    return Problem(severity=WARNING, line=line or entry.line, code=code, value=value, message=message)


def _correction(entry: Entry, comparison: Comparison) -> Iterator[Problem]:
    winner = entry.superseded_by
    subject = comparison.table.subject
    if winner and winner.suffix != entry.suffix:
        message = f"states a whole direction, of which the stream {winner.suffix} is stated, too; the streams count"
        yield _warning(entry, WHOLE_DIRECTION, message)
        return
    if winner:
        reason = "a later statement" if winner.occasion > entry.occasion else "a statement of better standing"
        yield _warning(entry, CORRECTION, f"{reason} reports {winner.value} for {subject}; it stays current")
        return
    group = comparison.group_of(entry)
    replaced = [each for each in group.entries if each.superseded_by is entry and newly_superseded(each)]
    if not replaced:
        return
    last = max(replaced, key=lambda each: each.occasion)
    if entry.merged and (hour := repeated_or_corrected(entry, last)):
        message = f"reports {hour} again with other values; they count as a correction. If the clock went back, "
        message += "this is the second pass of the hour: send the whole day in one file"
        yield _warning(entry, "corrected-or-repeated", message)
    else:
        yield _warning(entry, CORRECTION, f"replaces {last.value}, reported earlier for {subject}")


def _unmatched(withdrawal: Entry, group: Group) -> Iterator[Problem]:
    """Yield a warning about a withdrawal that takes nothing back."""
    readings = [entry for entry in group.entries if entry.kind != WITHDRAWN]
    same = [entry for entry in readings if entry.value == withdrawal.value]
    if any(withdraws(withdrawal, entry) for entry in same):
        return
    code = "withdrawal-without-match"
    if not same:
        message = (
            "withdraws a value that nobody reported; it applies to a reading of this value that was made earlier"
        )
        meter_point, register, read_at = withdrawal.place
        if alike := _other_spellings(meter_point, register, read_at, withdrawal.value):
            message = f"withdraws a value that is reported only under another spelling: {'; '.join(alike)}"
    elif any(entry.role == withdrawal.role for entry in same):
        message = "is older than the reading that it withdraws; the reading stays"
    else:
        code = "withdrawal-by-another-party"
        message = "withdraws a reading that a party in another role reported; the reading stays"
    yield _warning(withdrawal, code, message)


def _other_spellings(meter_point: int, register: int, read_at: str, value: Decimal) -> list[str]:
    """Return meter and register, in words, of readings of a value and time whose register is spelled alike."""
    with connection.cursor() as cursor:
        cursor.execute(_OTHERS_AT, [read_at, meter_point])
        rows = cursor.fetchall()
    spelled = {number: (meter, name) for number, meter, name, _, _ in rows}
    own = tuple(map(without_spelling, spelled.pop(register, ("", ""))))
    alike = {number for number, names in spelled.items() if tuple(map(without_spelling, names)) == own}
    found = {number for number, _, _, at, reported in rows if at and Decimal(reported) == value}
    return sorted(f"meter {spelled[number][0]}, register {spelled[number][1]}" for number in alike & found)

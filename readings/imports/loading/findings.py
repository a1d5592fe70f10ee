"""Warnings about lines that meet stored statements: corrections, withdrawals, repeats that count again."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Final, TypeAlias

from django.db import connection

from readings.formats.contract import WARNING, Problem
from readings.formats.dtc.catalogue.codes import WITHDRAWN
from readings.formats.spelling import without_spelling
from readings.imports.law.completions import repeated_or_corrected
from readings.imports.law.entries import Entry
from readings.imports.law.withdrawals import withdraws
from readings.imports.loading.parents.consumers import names_of
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
#: Primary key of a meter point, and a warning about it.
Finding: TypeAlias = tuple[int, Problem]


def findings(comparison: Comparison) -> Iterator[Finding]:
    """Yield the warnings about the lines of a comparison, each with the primary key of its meter point."""
    table = comparison.table
    withdrawing = []
    for entry in comparison.new:
        if table is READINGS and entry.kind == WITHDRAWN:
            withdrawing.append(entry)
        elif entry.withdrawn_by:
            if entry.withdrawn_by.id:
                warning = _warning(entry, "withdrawn-before", "was withdrawn before this reading arrived")
                yield entry.place[0], warning
        else:
            yield from _correction(entry, comparison)
    for line, entry, meter_point in comparison.repeated:
        if entry.id and entry.counts and any(entry.stored_links):
            message = f"is stated again, later than what took its place, and counts again for {table.subject}"
            yield meter_point, _warning(entry, "stated-again", message, line)
    for entry in withdrawing:
        yield from _unmatched(entry, comparison.group_of(entry))


class FindingsOfDays:
    """Counter of findings about interval days: those of one meter point and code are one warning."""

    def __init__(self) -> None:
        #: First warning and number of days, by meter point and code, of the meter points in the last batch.
        self._open: dict[tuple[int, str], tuple[Problem, int]] = {}

    def without_days(self, pairs: Iterable[Finding], table: StatementTable) -> Iterator[Finding]:
        """Yield the findings except those about interval days, which are counted.

        A file has the days of a meter point together, so the number is yielded after a batch without the meter point.
        """
        if table is not INTERVAL_DAYS:
            yield from pairs
            return
        before, self._open = self._open, {}
        for meter_point, problem in pairs:
            key = meter_point, problem.code
            first, number = before.pop(key) if key in before else self._open.get(key, (problem, 0))
            self._open[key] = first, number + 1
        yield from _summaries(before)

    def summaries(self) -> Iterator[Finding]:
        """Yield the findings about the days that are still counted, at the end of a file."""
        before, self._open = self._open, {}
        yield from _summaries(before)


def _summaries(days: Mapping[tuple[int, str], tuple[Problem, int]]) -> Iterator[Finding]:
    for (meter_point, _), (first, number) in days.items():
        if number > 1:
            first = replace(first, message=f"{first.message} ({number:,} days, first in line {first.line:,})")
        yield meter_point, first


def with_names(pairs: Iterable[Finding]) -> list[Problem]:
    """Return the warnings of findings, each with scheme and identifier of its meter point."""
    pairs = list(pairs)
    names = names_of({meter_point for meter_point, _ in pairs}) if pairs else {}
    return [
        replace(problem, scheme=scheme, identifier=identifier)
        for meter_point, problem in pairs
        for scheme, identifier in [names[meter_point]]
    ]


def _warning(entry: Entry, code: str, message: str, line: int = 0) -> Problem:
    value = str(entry.value)
    return Problem(severity=WARNING, line=line or entry.line, code=code, value=value, message=message)


def _correction(entry: Entry, comparison: Comparison) -> Iterator[Finding]:
    winner = entry.superseded_by
    subject = comparison.table.subject
    if winner and winner.suffix != entry.suffix:
        message = f"states a whole direction, of which the stream {winner.suffix} is stated, too; the streams count"
        yield entry.place[0], _warning(entry, WHOLE_DIRECTION, message)
        return
    if winner:
        message = f"{_reason(entry, winner)} reports {winner.value} for {subject}; it stays current"
        yield entry.place[0], _warning(entry, CORRECTION, message)
        return
    group = comparison.group_of(entry)
    replaced = [each for each in group.entries if each.superseded_by is entry and newly_superseded(each)]
    if not replaced:
        return
    last = max(replaced, key=lambda each: each.occasion)
    if entry.merged and (hour := repeated_or_corrected(entry, last)):
        message = f"reports {hour} again with other values; they count as a correction. If the clock went back, "
        message += "this is the second pass of the hour: send the whole day in one file"
        yield entry.place[0], _warning(entry, "corrected-or-repeated", message)
    else:
        message = f"replaces {last.value}, reported earlier for {subject}"
        yield entry.place[0], _warning(entry, CORRECTION, message)


def _reason(entry: Entry, winner: Entry) -> str:
    if winner.occasion > entry.occasion:
        return "a later statement"
    if winner.standing > entry.standing:
        return "a statement of better standing"
    return "its own sender has reported another value since, and another sender"


def _unmatched(withdrawal: Entry, group: Group) -> Iterator[Finding]:
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
    yield withdrawal.place[0], _warning(withdrawal, code, message)


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

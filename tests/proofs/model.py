"""A slow model of the law of the store: a list of statements in, what counts out. No database, nothing stored.

It is written from the law alone, and shares no code with the program.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple, TypeAlias

#: Hash of a file, and line.
Source: TypeAlias = tuple[str, int]


@dataclass(frozen=True, kw_only=True)
class Statement:
    """One line's word about one subject."""

    #: Register and instant: what a withdrawal speaks of.
    place: tuple[Any, ...]
    #: Reading type.
    kind: str
    value: Decimal
    #: All else that the line says of the value.
    details: tuple[Any, ...]
    #: 2 validated, 1 not validated, 0 failed.
    standing: int
    sender: str
    role: str
    #: Sorts like the time; empty without one.
    stated_at: str
    #: Number of the last arrival of its content, for statements without a time.
    arrived: int
    source: Source
    #: Serial number, where several meters may speak of one subject.
    meter: str = ""
    #: Serial number and register as sent.
    spelling: tuple[str, str] = ("", "")
    #: For each interval of a day, whether it measures something; empty for a day of null data.
    measures: tuple[bool, ...] = ()
    #: Read with which an accumulation begins, and whether its end is an estimate.
    begins_with: Decimal = Decimal(0)
    is_forecast: bool = False

    @property
    def last(self) -> tuple[Any, ...]:
        """Return what the greatest of is the last word."""
        return self.stated_at, 0 if self.stated_at else self.arrived, *self.source


class HalfHour(NamedTuple):
    """One row of a consumption file."""

    day: str
    #: Number of the half hour, from 0, and how often the clock had shown it before.
    place: int
    again: int
    value: Decimal
    line: int


def half_hours_that_count(files: Iterable[tuple[HalfHour, ...]]) -> set[tuple[str, int, int, Decimal]]:
    """Return the half hours that count, of files in the order in which their contents last arrived."""
    counting: dict[tuple[str, int, int], Decimal] = {}
    for rows in files:
        for day in {row.day for row in rows}:
            stated = {row.place for row in rows if row.day == day}
            is_whole = len(stated) == 48
            counting = {
                key: value for key, value in counting.items() if key[0] != day or not (is_whole or key[1] in stated)
            }
        counting |= {(row.day, row.place, row.again): row.value for row in rows}
    return {(*key, value) for key, value in counting.items()}


def readings_that_count(statements: Iterable[Statement]) -> set[Statement]:
    """Return the readings that count, of all statements that were ever made."""
    everything = list(statements)
    spoken = [each for each in everything if each.kind != "W" and not was_taken_back(each, everything)]
    return {the_one(of_one_subject) for of_one_subject in by(spoken, "place", "kind")}


def was_taken_back(reading: Statement, everything: Iterable[Statement]) -> bool:
    """Return whether a withdrawal takes back a reading, by place, value, role and time."""
    return any(
        each.kind == "W"
        and each.place == reading.place
        and each.value == reading.value
        and each.role == reading.role
        and each.stated_at >= reading.stated_at
        for each in everything
    )


def the_one(of_one_subject: list[Statement]) -> Statement:
    """Return the statement of one subject that counts."""
    timed = [each for each in of_one_subject if each.stated_at]
    candidates = timed or of_one_subject
    last_words = [
        max((each for each in candidates if (each.sender, each.role) == speaker), key=lambda each: each.last)
        for speaker in {(each.sender, each.role) for each in candidates}
    ]
    return max(last_words, key=lambda each: (each.standing, each.last))


def days_that_count(statements: Iterable[Statement]) -> set[Statement]:
    """Return the days of streams that count: one each, or two on the day on which one meter replaces another."""
    counting = set()
    for of_one_day in by(statements, "place"):
        winner = the_one(of_one_day)
        counting.add(winner)
        others = {each.meter for each in of_one_day} - {"", winner.meter}
        if winner.meter and len(others) == 1:
            other = the_one([each for each in of_one_day if each.meter in others])
            if is_exchange(winner, other):
                counting.add(other)
    return {each for each in counting if not has_numbered_streams(each, counting)}


def has_numbered_streams(day: Statement, days: Iterable[Statement]) -> bool:
    """Return whether a day is the sum of a whole direction, of which streams with a number are stated."""
    suffix, date = day.place
    return len(suffix) == 1 and any(
        each.place[0] != suffix and each.place[0].startswith(suffix) and each.place[1] == date for each in days
    )


def is_exchange(one: Statement, other: Statement) -> bool:
    """Return whether both days have data, and never measure something in the same interval."""
    are_both_timed = bool(one.stated_at) == bool(other.stated_at)
    never_both = not any(a and b for a, b in zip(one.measures, other.measures, strict=False))
    return are_both_timed and bool(one.measures and other.measures) and never_both


def accumulations_that_count(statements: Iterable[Statement]) -> set[Statement]:
    """Return the accumulations that count: without forecasts that a later one with the same beginning overtakes."""
    counting = {the_one(of_one_span) for of_one_span in by(statements, "place", "kind")}
    return {each for each in counting if not any(overtakes(other, each) for other in counting)}


def without_overtaken_ends(readings: Iterable[Statement], accumulations: Iterable[Statement]) -> set[Statement]:
    """Return the readings without estimates that only end accumulations which do not count."""
    counting = accumulations_that_count(accumulations)
    ends = {each.place[0] for each in counting} | {each.kind for each in counting}
    stated = {each.kind for each in accumulations} - {each.kind for each in counting}
    return {
        each
        for each in readings
        if each.details[:1] != ("E",) or each.place[0] in ends or each.place[0] not in stated
    }


def overtakes(other: Statement, forecast: Statement) -> bool:
    """Return whether an accumulation makes a forecast obsolete."""
    begins_alike = (other.place, other.begins_with) == (forecast.place, forecast.begins_with)
    is_later = "" < forecast.stated_at < other.stated_at
    return forecast.is_forecast and other is not forecast and begins_alike and is_later


def by(statements: Iterable[Statement], *names: str) -> list[list[Statement]]:
    """Return the statements in groups with the same fields."""
    groups: dict[tuple[Any, ...], list[Statement]] = {}
    for each in statements:
        groups.setdefault(tuple(getattr(each, name) for name in names), []).append(each)
    return list(groups.values())

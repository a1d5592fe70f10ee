"""A slow model of the law of the store: a list of statements in, what counts out. No database, nothing stored.

It is written from the law alone, and shares no code with the program.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, TypeAlias

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

    @property
    def last(self) -> tuple[Any, ...]:
        """Return what the greatest of is the last word."""
        return self.stated_at, 0 if self.stated_at else self.arrived, *self.source


def what_counts(statements: Iterable[Statement]) -> set[Statement]:
    """Return the statements that count, of all that were ever made."""
    everything = list(statements)
    spoken = [each for each in everything if each.kind != "W" and not was_taken_back(each, everything)]
    subjects = {(each.place, each.kind) for each in spoken}
    return {the_one([each for each in spoken if (each.place, each.kind) == subject]) for subject in subjects}


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

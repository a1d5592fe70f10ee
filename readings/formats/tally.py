"""Warnings about the form of a file, each reported once."""

from __future__ import annotations

from dataclasses import replace
from string import digits

from readings.formats.contract import Problem


class Tally:
    """Counter of warnings that repeat in line after line with the same meaning.

    Warnings with the same code, record and field are one; a number at the end of the field's name does not matter.
    """

    def __init__(self) -> None:
        self._kinds: dict[tuple[str, str, str], tuple[Problem, int]] = {}

    def add(self, problem: Problem, times: int = 1) -> None:
        """Count a warning."""
        kind = problem.code, problem.record, problem.field.rstrip(digits)
        first, number = self._kinds.get(kind, (problem, 0))
        if first.identifier and (first.scheme, first.identifier) != (problem.scheme, problem.identifier):
            first = replace(first, scheme="", identifier="")  # It concerns the file as a whole.
        self._kinds[kind] = first, number + times

    def take(self) -> list[Problem]:
        """Return one warning of each kind, on its first line, and begin anew."""
        kinds, self._kinds = self._kinds, {}
        return [_numbered(first, number) for first, number in kinds.values()]


def _numbered(first: Problem, number: int) -> Problem:
    if number == 1:
        return first
    return replace(first, message=f"{first.message} ({number:,} times, first in line {first.line:,})")

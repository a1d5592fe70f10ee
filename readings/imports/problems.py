"""Problems of one content, in bounded memory: of each code the first ones, of the others only their number."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from readings.formats.contract import ERROR, OTHER_FLOW, WARNING, Problem

#: Number of problems of one code and severity that are stored and reported for a file; further ones are counted.
MOST_OF_A_CODE: Final = 200
#: Length of a problem's message in characters, at most.
LONGEST_MESSAGE: Final = 400


@dataclass(frozen=True, slots=True, kw_only=True)
class Surplus:
    """The number of problems of one code that a report does not list. An empty code is unknown."""

    severity: str
    code: str
    number: int


class Problems:
    """Problems of one content; no code displaces another one."""

    def __init__(self) -> None:
        self._first: list[Problem] = []
        self._numbers: Counter[tuple[str, str]] = Counter()

    def add(self, problem: Problem) -> None:
        """Take a problem, or count it if there are many of its code."""
        kind = problem.severity, problem.code
        self._numbers[kind] += 1
        if self._numbers[kind] <= MOST_OF_A_CODE:
            self._first.append(_printable(problem))

    def include(self, others: Problems) -> None:
        """Take the problems of another collection."""
        for problem in others._first:
            self.add(problem)
        for surplus in others.surpluses():
            self._numbers[(surplus.severity, surplus.code)] += surplus.number

    def changed(self, change: Callable[[list[Problem]], list[Problem]]) -> Problems:
        """Return the same number of problems, with other texts."""
        result = Problems()
        result._first, result._numbers = change(self._first), self._numbers
        return result

    @property
    def errors(self) -> int:
        """Return the number of all errors."""
        return self._number(ERROR)

    @property
    def warnings(self) -> int:
        """Return the number of all warnings."""
        return self._number(WARNING)

    @property
    def name_other_flow(self) -> bool:
        """Return whether a flow that is not read here was found."""
        return (WARNING, OTHER_FLOW) in self._numbers

    def _number(self, severity: str) -> int:
        return sum(number for (each, _), number in self._numbers.items() if each == severity)

    def by_line(self) -> list[Problem]:
        """Return the first problems of each code, in line order."""
        return sorted(self._first, key=lambda problem: problem.line)

    def surpluses(self) -> list[Surplus]:
        """Return the number of the other problems of each code, errors first."""
        return [
            Surplus(severity=severity, code=code, number=number - MOST_OF_A_CODE)
            for (severity, code), number in sorted(self._numbers.items())
            if number > MOST_OF_A_CODE
        ]


def _printable(problem: Problem) -> Problem:
    """Return a problem with unprintable characters escaped: PostgreSQL stores no NUL."""
    if problem.value.isprintable() and problem.message.isprintable() and len(problem.message) <= LONGEST_MESSAGE:
        return problem
    value, message = (
        text if text.isprintable() else text.encode("unicode_escape").decode()
        for text in (problem.value, problem.message)
    )
    return replace(problem, value=value[:200], message=message[:LONGEST_MESSAGE])

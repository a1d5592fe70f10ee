"""Statements about erased meter points in a file that is imported: they are set aside, never stored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from readings.formats.contract import WARNING, Batch, Problem
from readings.formats.text import count
from readings.imports.erasure.matching import Erased, stored_erasures
from readings.imports.loading.parents.keys import keys_of
from readings.models import Outcome

#: Message in place of one that may state values of an erased meter point.
NOT_STATED: Final = "concerns a meter point that was erased on request"


@dataclass(slots=True)
class SettingAside:
    """Sets aside the statements of one file about erased meter points."""

    erased: Erased = field(default_factory=stored_erasures)
    #: First line and number of the lines with such statements.
    first: int = 0
    number: int = 0

    def __bool__(self) -> bool:
        return bool(self.erased)

    def without_erased(self, batch: Batch) -> Batch:
        """Return a batch without the statements about erased meter points."""
        about = {register[:2] for register in keys_of(batch)}
        erased = {point for point in about if self.erased.is_about(*point)}
        visits = [self._cleaned_visit(visit) for visit in batch.site_visits]
        if not erased:
            return replace(batch, site_visits=visits)
        kept: dict[str, Any] = {}
        for name in ("readings", "accumulations", "interval_days"):
            statements = getattr(batch, name)
            kept[name] = [each for each in statements if each[1][:2] not in erased]
            self._note([each[0] for each in statements if each[1][:2] in erased])
        others: dict[str, list[Any]] = {"meter_points": batch.meter_points, "site_visits": visits}
        for name, rows in others.items():
            kept[name] = [each for each in rows if (each.scheme, each.identifier) not in erased]
            self._note([each.line for each in rows if (each.scheme, each.identifier) in erased])
        return replace(batch, **kept)

    def _cleaned_visit(self, visit: Any) -> Any:
        text = self.erased.without_words(visit.additional_information)
        if text == visit.additional_information:
            return visit
        self._note([visit.line])
        return replace(visit, additional_information=text)

    def _note(self, lines: Sequence[int]) -> None:
        if lines:
            self.first = min(self.first or lines[0], *lines)
            self.number += len(set(lines))

    def may_be_in(self, name: str, outcome: str) -> bool:
        """Return whether the file may state an erased meter point; where nothing was stored, lines are unread."""
        if not self.erased:
            return False
        is_read = outcome not in (Outcome.REJECTED, Outcome.OTHER_FLOW)
        return bool(self.number or not is_read or self.erased.without_names(name) != name)

    def warnings(self) -> list[Problem]:
        """Return the warning about what was set aside."""
        if not self.number:
            return []
        lines = f"{count(self.number, 'line')}, first in line {self.first:,}"
        message = f"{NOT_STATED}; nothing of it was stored ({lines})"
        return [Problem(severity=WARNING, line=self.first, code="erased-meter-point", message=message)]

    def cleaned(self, problems: list[Problem]) -> list[Problem]:
        """Return problems without identifiers and values of erased meter points."""
        return list(map(self._cleaned, problems)) if self.erased else problems

    def _cleaned(self, problem: Problem) -> Problem:
        if self.erased.is_about(problem.scheme, problem.identifier):
            self._note([problem.line])
            return replace(problem, value="", message=NOT_STATED, scheme="", identifier="")
        value, message = map(self.erased.without_words, (problem.value, problem.message))
        if (value, message) != (problem.value, problem.message):
            self._note([problem.line])
            return replace(problem, value=value, message=message)
        return problem

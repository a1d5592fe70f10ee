"""Causes of refusals in words."""

from __future__ import annotations

from typing import Final

from readings.formats.text import count
from readings.models import Problem
from readings.queries.upkeep.outcomes import Refusal

#: Number of characters of a value that a sentence quotes, at most.
_LONGEST_VALUE = 40


def cause(refusal: Refusal) -> str:
    """Return the cause of a refusal as a sentence: the first error and its place, and the number of the others."""
    if refusal.first is None:
        return "No error is stored."
    more = refusal.arrival.flow_file.errors - 1
    others = f", and {count(more, 'more problem')}" if more > 0 else ""
    return f"{_sentence(refusal.first)}{others}."


#: Actions for problems that no corrected file of the sender solves, by code.
_ACTIONS: Final = {
    "internal-error": "The importer failed, not the file: report it, and put the file back after an update.",
    "poison": "The importer failed, not the file: report it, and put the file back after an update.",
    "too-large": "Raise MAX_BYTES and put the file back, or ask the sender to split it.",
    "truncated": "Ask the sender to send the whole file again.",
}


def action(refusal: Refusal) -> str:
    """Return what to do about a rejected file."""
    known = (_ACTIONS[code] for code in refusal.codes if code in _ACTIONS)
    return next(known, "Ask the sender for a corrected file.")


def _sentence(problem: Problem) -> str:
    value = problem.value
    quoted = f"“{value if len(value) <= _LONGEST_VALUE else value[:_LONGEST_VALUE] + '…'}”" if value else ""
    line = f"Line {problem.line:,}" if problem.line else ""
    place = " ".join(filter(None, (problem.record, problem.field, quoted)))
    message = problem.message if line or place else problem.message[:1].upper() + problem.message[1:]
    return ": ".join(filter(None, (", ".join(filter(None, (line, place))), message)))

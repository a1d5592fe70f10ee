"""A text about a rejected file for its sender: what is wrong, where, and what we ask for."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Final

from readings.formats.text import count
from readings.models import FlowFile, Problem, Scheme, Severity
from readings.presentation import cells, links
from readings.presentation.flow_files.problem_groups import title, where
from readings.queries.flow_files.problems import Group

#: Number of codes and of lines of each that the text lists, at most: the rest is counted.
CODES: Final = 5
LINES: Final = 8
#: Number of problems listed of a code that concerns the whole file, such as members of a zip.
EXAMPLES: Final = 3
#: Advice to the reader of a report, which the sender does not need.
_ADVICE: Final = re.compile(r"[;:] (?:ask the sender|see its own report).*")


def sender_text(row: FlowFile, name: str, groups: Sequence[Group], rejected_at: datetime | None) -> str:
    """Return the text; it names only what the sender sent."""
    errors = [group for group in groups if group.severity == Severity.ERROR]
    day = f" on {' '.join(cells.instant(rejected_at).split()[:3])}" if rejected_at else ""
    parts = [
        f"We could not accept your file {name}{day}.",
        *_facts(row),
        "",
        f"{count(row.errors, 'error')} found:",
        *(line for number, group in enumerate(errors[:CODES], start=1) for line in _group(number, group)),
    ]
    if rest := errors[CODES:]:
        parts.append(
            f"and {count(sum(group.number for group in rest), 'error')} of {count(len(rest), 'other kind')}."
        )
    request = "Please correct the file and send all of it again, under the same name if you can."
    return "\n".join([*parts, "", request])


def _facts(row: FlowFile) -> Iterator[str]:
    if row.sender:
        yield f"Flow {row.format}{row.version}, from {links.sender(row)}"
    created = f", created {cells.market_instant(row.created_at, is_nmi=row.is_of_nmis)}" if row.created_at else ""
    if row.file_identifier:
        yield f"File identifier {row.file_identifier}{created}"


def _group(number: int, group: Group) -> Iterator[str]:
    lines = list(dict.fromkeys(problem.line for problem in group.first if problem.line))
    more = " and others" if group.number > len(group.first) or len(lines) > LINES else ""
    listed = f": {', '.join(f'{line:,}' for line in lines[:LINES])}{more}" if lines else ""
    yield f"{number}. {title(group)} ({group.code}), {where(group).lower()}{listed}"
    yield from (f"   {_example(problem)}" for problem in group.first[: 1 if lines else EXAMPLES])


def _example(problem: Problem) -> str:
    place = " ".join(filter(None, (f"record {problem.record}" if problem.record else "", problem.field)))
    scheme = Scheme(problem.scheme).label if problem.scheme in Scheme.values else ""
    meter_point = f"{scheme} {problem.identifier}".strip()
    line = f"line {problem.line:,}" if problem.line else ""
    message = _ADVICE.sub("", problem.message)
    if problem.value:
        message = f"found “{problem.value}”; {message}" if line else f"“{problem.value}”: {message}"
    return ": ".join(filter(None, (", ".join(filter(None, (line, place, meter_point))), message)))

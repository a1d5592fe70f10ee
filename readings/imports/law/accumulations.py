"""Which accumulations count, of those of one register that begin with the same read."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from readings.formats.mdff.catalogue.codes import ESTIMATE
from readings.imports.law.entries import Entry, supersede
from readings.imports.law.last_word import the_one_that_counts


def judge_accumulations(entries: Sequence[Entry]) -> None:
    """Mark the accumulations that another one takes the place of: between the same reads, or of a forecast."""
    subjects: defaultdict[Any, list[Entry]] = defaultdict(list)
    for entry in entries:
        subjects[entry.kind].append(entry)
    counting = []
    for subject in subjects.values():
        winner = the_one_that_counts(subject)
        supersede(subject, winner)
        counting.append(winner)
    for entry in counting:
        overtaking = [other for other in counting if _overtakes(other, entry)]
        if overtaking:
            entry.superseded_by = max(overtaking, key=lambda other: other.occasion)


def _overtakes(later: Entry, forecast: Entry) -> bool:
    """Return whether an accumulation from the same previous read makes an estimate ahead obsolete."""
    return (
        later.kind != forecast.kind
        and forecast.statement[_CURRENT_QUALITY].startswith(ESTIMATE)
        and later.content[_PREVIOUS_READ] == forecast.content[_PREVIOUS_READ]
        and "" < forecast.occasion.stated_at < later.occasion.stated_at
    )


_PREVIOUS_READ, _CURRENT_QUALITY = 2, 7

"""Which readings of one register at one instant count."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from readings.formats.dtc.catalogue.codes import WITHDRAWN
from readings.imports.law.entries import Entry, supersede
from readings.imports.law.last_word import the_one_that_counts
from readings.imports.law.withdrawals import withdrawal_of, withdrawals


def judge_readings(entries: Sequence[Entry]) -> None:
    """Mark the readings that are withdrawn, and those that another reading of the same type takes the place of.

    A withdrawn reading was never said, so it takes nobody's place. Withdrawals themselves all stay.
    """
    taking_back = withdrawals(entries)
    subjects: defaultdict[Any, list[Entry]] = defaultdict(list)
    for entry in entries:
        entry.superseded_by = entry.withdrawn_by = None
        if entry.kind == WITHDRAWN:
            continue
        entry.withdrawn_by = withdrawal_of(entry, taking_back) if taking_back else None
        if entry.withdrawn_by is None:
            subjects[entry.kind].append(entry)
    for subject in subjects.values():
        supersede(subject, the_one_that_counts(subject))

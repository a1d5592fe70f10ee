"""Pruning: remove archived files that are imported and unchanged; the database remembers them."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import suppress
from datetime import datetime
from typing import NamedTuple

from readings.formats.content import survey
from readings.formats.text import as_bytes
from readings.imports import arrivals
from readings.imports.disk import sync_folder
from readings.models import Arrival, Status
from readings.queries.upkeep import agreement, put_away
from watcher.disk.endings import StaysThere
from watcher.disk.folders import Folders, open_seen


class Verdict(NamedTuple):
    """The decision about an archived file."""

    arrival: Arrival
    size: int
    #: Reason against removal; empty if there is none.
    obstacle: str


def prune(folders: Folders, *, before: datetime, by_whom: str, at: datetime, dry_run: bool) -> Iterator[Verdict]:
    """Remove the files that were archived before a moment and agree with the database; yield every decision.

    The departure is stored before the file is removed: inbox_audit finds the files that a killed call left behind.
    """
    for step in put_away.in_steps(put_away.archived_arrivals(before)):
        incorrect = agreement.arrivals_of_wrong_counts(step)
        verdicts = [_verdict(folders, arrival, is_correct=arrival.pk not in incorrect) for arrival in step]
        removable = [verdict.arrival for verdict in verdicts if not verdict.obstacle]
        if not dry_run:
            why = f"pruned by {by_whom}, {at:%Y-%m-%d %H:%M %Z}"
            arrivals.note_departure([arrival.pk for arrival in removable], why)
            _remove([as_bytes(arrival.resting_place) for arrival in removable])
        yield from verdicts


def _verdict(folders: Folders, arrival: Arrival, *, is_correct: bool) -> Verdict:
    place = as_bytes(arrival.resting_place)
    size, obstacle = 0, ""
    if not place.startswith(folders.archive + b"/"):
        obstacle = "is outside ARCHIVE_DIR"
    elif arrival.flow_file.status != Status.IMPORTED:
        obstacle = "its content is not imported"
    elif not is_correct:
        obstacle = "some of its readings are not stored"
    else:
        try:
            with open(open_seen(place), "rb") as stream:
                content = survey(stream)
        except StaysThere:
            obstacle = "is missing or cannot be read"
        else:
            size = content.size
            obstacle = "" if content.sha256 == arrival.flow_file.sha256 else "differs from the file that arrived"
    return Verdict(arrival, size, obstacle)


def _remove(places: list[bytes]) -> None:
    for place in places:
        with suppress(FileNotFoundError):
            os.unlink(place)
    for folder in {os.path.dirname(place) for place in places}:
        sync_folder(folder)

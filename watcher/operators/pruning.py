"""How the archive is kept small: what is imported, and lies there as it came, may go. The store remembers it."""

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
    """What becomes of an archived file."""

    arrival: Arrival
    size: int
    #: Why it stays; empty where it goes.
    stays: str


def prune(folders: Folders, *, before: datetime, by_whom: str, at: datetime, dry_run: bool) -> Iterator[Verdict]:
    """Remove the archived files that were put away before a moment and agree with the store.

    The store is told first: a file that is left by a call that was killed is one that inbox_audit finds.
    """
    for step in put_away.in_steps(put_away.archived_arrivals(before)):
        incorrect = agreement.arrivals_of_wrong_counts(step)
        verdicts = [_verdict(folders, arrival, is_correct=arrival.pk not in incorrect) for arrival in step]
        going = [verdict.arrival for verdict in verdicts if not verdict.stays]
        if not dry_run:
            why = f"pruned by {by_whom}, {at:%Y-%m-%d %H:%M %Z}"
            arrivals.note_departure([arrival.pk for arrival in going], why)
            _remove([as_bytes(arrival.resting_place) for arrival in going])
        yield from verdicts


def _verdict(folders: Folders, arrival: Arrival, *, is_correct: bool) -> Verdict:
    place = as_bytes(arrival.resting_place)
    size, stays = 0, ""
    if not place.startswith(folders.archive + b"/"):
        stays = "lies elsewhere than in ARCHIVE_DIR"
    elif arrival.flow_file.status != Status.IMPORTED:
        stays = "its content is not imported"
    elif not is_correct:
        stays = "its readings are not all stored"
    else:
        try:
            with open(open_seen(place), "rb") as stream:
                content = survey(stream)
        except StaysThere:
            stays = "is not there, or may not be read"
        else:
            size = content.size
            stays = "" if content.sha256 == arrival.flow_file.sha256 else "has not the bytes that came"
    return Verdict(arrival, size, stays)


def _remove(places: list[bytes]) -> None:
    for place in places:
        with suppress(FileNotFoundError):
            os.unlink(place)
    for folder in {os.path.dirname(place) for place in places}:
        sync_folder(folder)

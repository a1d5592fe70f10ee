"""Retry: put a rejected file back into the inbox under its original name, without overwriting."""

from __future__ import annotations

import os
import stat
from contextlib import suppress
from datetime import datetime
from itertools import count

from django.db import transaction

from readings.formats.content import survey
from readings.formats.text import as_bytes, printable
from readings.imports import arrivals
from readings.imports.disk import NO_LINKS, NotRegular, open_regular, sync_folder
from readings.imports.places import is_candidate
from readings.models import Arrival
from readings.models.trail import Action, Door, note
from readings.queries.upkeep import put_away
from watcher.disk.copies import link
from watcher.disk.folders import Folders, reserve
from watcher.disk.presence import check_presence


class StaysRejected(Exception):
    """A file could not be put back; the message states the reason."""


def put_back(folders: Folders, arrival: Arrival, *, door: Door, by_whom: str, at: datetime) -> None:
    """Put a rejected file back into the inbox; raise StaysRejected if it is missing or its name is taken.

    The arrival and the trail record who did it. The reports stay, with a number in their names, because the file may
    be rejected at the same place again. After a kill the file is in one of the two folders; the next call finishes
    the work.
    """
    check_presence(folders)
    place = as_bytes(arrival.resting_place)
    target = os.path.join(folders.inbox, os.path.basename(as_bytes(arrival.name)))
    why = f"put back into the inbox by {by_whom}, {at:%Y-%m-%d %H:%M %Z}"
    with transaction.atomic(durable=True):
        if not arrivals.note_departure([arrival.pk], why):
            raise StaysRejected("was put back by someone else just now")
        _check(folders, arrival, place)
        sha256 = arrival.flow_file.sha256
        note(Action.PUT_BACK, at=at, door=door, by_whom=by_whom, sha256=sha256, subject=arrival.name)
        if os.path.lexists(place):
            _bring(place, target)
        _number_reports(place)


def _check(folders: Folders, arrival: Arrival, place: bytes) -> None:
    # An upload that was interrupted before its file was moved is rejected in the archive.
    if not place.startswith((folders.rejected + b"/", folders.archive + b"/")):
        raise StaysRejected(f"is outside REJECTED_DIR: {arrival.resting_place}")
    if not is_candidate(os.path.basename(as_bytes(arrival.name))):
        raise StaysRejected("has a name that the watcher ignores: upload the file under another name")
    try:
        is_regular = stat.S_ISREG(os.lstat(place).st_mode)
    except FileNotFoundError:
        if not _is_back(folders, arrival):
            raise StaysRejected(f"is no longer at {arrival.resting_place}: run inbox_audit") from None
    else:
        if not is_regular:
            raise StaysRejected(f"is no longer a regular file: run inbox_audit ({arrival.resting_place})")


def _is_back(folders: Folders, arrival: Arrival) -> bool:
    """Return whether a killed call has put the file back without storing it."""
    if not arrival.identity:
        return _is_waiting(folders, arrival) or put_away.has_come_again(arrival)
    waiting = {sighting.identity for sighting in folders.candidates().values()}
    return arrival.identity in waiting or put_away.has_come_again(arrival)


def _is_waiting(folders: Folders, arrival: Arrival) -> bool:
    """Return whether an upload, which has no identity, is in the inbox under its name."""
    try:
        with open(open_regular(os.path.join(folders.inbox, os.path.basename(as_bytes(arrival.name)))), "rb") as file:
            return survey(file).sha256 == arrival.flow_file.sha256
    except (FileNotFoundError, NotRegular):
        return False


def _bring(place: bytes, target: bytes) -> None:
    """Move a file into the inbox by a hard link: no watcher sees an empty file, and no file is overwritten."""
    try:
        link(place, target)
    except FileExistsError:
        raise _taken(target) from None
    except OSError as error:
        if error.errno not in NO_LINKS:  # the name is reserved instead
            raise
        bring_without_links(place, target)
    else:
        sync_folder(os.path.dirname(target))
        os.unlink(place)
    sync_folder(os.path.dirname(target))
    sync_folder(os.path.dirname(place))


def bring_without_links(place: bytes, target: bytes) -> None:
    """Move a file to a free name; a kill may leave an empty file under the name, and the file at its place."""
    if not reserve(target, again=False):
        raise _taken(target)
    try:
        os.rename(place, target)
    except OSError:
        os.unlink(target)
        raise


def _taken(target: bytes) -> StaysRejected:
    return StaysRejected(
        f"cannot be put back: the inbox already has a file named {printable(os.path.basename(target))}"
    )


def _number_reports(place: bytes) -> None:
    """Rename the reports, so that later reports at this place do not replace them."""
    number = next(number for number in count(1) if not any(map(os.path.lexists, _numbered(place, number))))
    for ending, numbered in zip((b".json", b".txt"), _numbered(place, number), strict=True):
        with suppress(FileNotFoundError):
            os.rename(place + b".report" + ending, numbered)
    sync_folder(os.path.dirname(place))


def _numbered(place: bytes, number: int) -> list[bytes]:
    return [place + f".report.{number}{ending}".encode() for ending in (".json", ".txt")]

"""Uploads: contents from the network, archived like files from the inbox, and imported at once or through the inbox.

An upload is archived before its import, so that all stored rows have their file.
"""

from __future__ import annotations

import errno
import os
import secrets
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from shutil import copyfileobj
from typing import BinaryIO, Final

from django.db import Error as DatabaseError
from django.db import connection, transaction

from readings.formats import zips
from readings.formats.content import CHUNK, Survey, survey
from readings.formats.recognition import recognize
from readings.formats.text import as_bytes, printable
from readings.imports import arrivals
from readings.imports.arrivals import Delivery
from readings.imports.attempts import Rules
from readings.imports.disk import name_freely, sync_folder
from readings.imports.erasure.finishing import finish_import
from readings.imports.kept_files import forget, keep
from readings.imports.loading.locks import BeingImported
from readings.imports.operations import count_attempt, import_flow
from readings.imports.outcomes import subject_of
from readings.imports.places import OTHER_FLOWS
from readings.imports.planner.outgrown import renew_after
from readings.imports.reports import ImportReport, write_reports
from readings.models import Arrival, Channel, FlowFile, Outcome, Status

#: Start of the names of files that are still being written into the inbox; the watcher ignores hidden files.
_UNFINISHED: Final = ".upload-"
#: Seconds after which such a file is a leftover of a killed process.
_LEFTOVER: Final = 24 * 60 * 60.0
#: Seconds between two attempts while another importer has the same content.
_PAUSE: Final = 0.2


class NameTaken(Exception):
    """The inbox has a file of this name with another content."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Uploads:
    """How uploads are stored and imported."""

    archive: Path
    rejected: Path
    rules: Rules
    clock: Callable[[], datetime]
    #: Seconds to wait for another importer of the same content.
    patience: float = 0.0

    def take(self, stream: BinaryIO, *, name: str, channel: str, by_whom: str) -> ImportReport:
        """Archive a content and import it; move its file below the rejected folder if nothing of it is read.

        Raise BeingImported if another importer still has the content after `patience`. Errors of the database and the
        operating system propagate.
        """
        content = survey(stream)
        place = self._keep(stream, self.archive, name, content)
        delivery = Delivery(name=name, channel=channel, by_whom=by_whom, resting_place=_stored(place))
        try:
            report = self._import(stream, delivery, content)
        except BeingImported:
            forget(place)
            raise
        except DatabaseError as error:
            if _is_surely_refused(error, content, _stored(place)):
                forget(place)
            raise
        # After any other error the file stays: the database may have stored rows before the error.
        if report.outcome in (Outcome.REJECTED, Outcome.OTHER_FLOW) and report.arrival_id:
            is_other = report.outcome == Outcome.OTHER_FLOW
            folder = self.rejected / OTHER_FLOWS if is_other else self.rejected
            rejected = self._keep(stream, folder, name, content)
            write_reports(report, bytes(rejected))
            sync_folder(bytes(rejected.parent))
            arrivals.settle(report.arrival_id, _stored(rejected), self.clock())
            forget(place)
        finish_import(report, (self.archive, self.rejected), self.clock())
        renew_after(report)
        return report

    def rehearse(self, stream: BinaryIO, *, name: str, channel: str) -> ImportReport:
        """Return the report that `take` would return; store nothing, and keep no file."""
        delivery = Delivery(name=name, channel=channel)
        return import_flow(stream, delivery, clock=self.clock, rules=self.rules, dry_run=True)

    def _import(self, stream: BinaryIO, delivery: Delivery, content: Survey) -> ImportReport:
        until = time.monotonic() + self.patience
        while True:
            try:
                return import_flow(stream, delivery, clock=self.clock, rules=self.rules, content=content)
            except BeingImported:
                if time.monotonic() >= until:
                    raise
            time.sleep(_PAUSE)

    def _keep(self, stream: BinaryIO, root: Path, name: str, content: Survey) -> Path:
        return keep(stream, root, name=name, sha256=content.sha256, day=self.clock().date())


@dataclass(frozen=True, slots=True, kw_only=True)
class Inbox:
    """The inbox, for uploads that the watcher imports later."""

    folder: Path
    #: Name of a file that is in the inbox only while the inbox is mounted; empty without a marker.
    marker: str = ""

    def put(self, stream: BinaryIO, *, name: str, at: datetime, note: Callable[[FlowFile], None]) -> FlowFile:
        """Put a content into the inbox under its name, durably, and store that it was received; return its row.

        `note` is called in the same transaction. A content that is waiting under this name already is put there only
        once. Raise NameTaken if another content is: a changed name could change the subject of the content, and no
        file is overwritten. Errors of the database and the operating system propagate; the file is then not in the
        inbox, unless the connection to the database broke during the commit.
        """
        self._check()
        content, target = survey(stream), self.folder / os.fsdecode(as_bytes(name))
        with self._written(stream) as unfinished, transaction.atomic(durable=True):
            flow_file = _receive(content, name, at)
            note(flow_file)
            if not _is_waiting(target, content):
                _await(flow_file)
                _place(unfinished, target)
        sync_folder(bytes(self.folder))
        return flow_file

    def _check(self) -> None:
        """Raise OSError if the inbox is not mounted."""
        if self.marker and not os.path.lexists(self.folder / self.marker):
            raise OSError(errno.ENODEV, f"the inbox does not contain {self.marker}, so it counts as not mounted")

    @contextmanager
    def _written(self, stream: BinaryIO) -> Iterator[Path]:
        """Yield the path of a durable copy with a hidden name; remove it, and those of killed processes."""
        _sweep(self.folder)
        path = self.folder / f"{_UNFINISHED}{secrets.token_hex(8)}"
        try:
            with path.open("xb") as file:
                copyfileobj(stream, file, CHUNK)
                file.flush()
                os.fsync(file.fileno())
            yield path
        finally:
            path.unlink(missing_ok=True)


def _is_surely_refused(error: DatabaseError, content: Survey, place: str) -> bool:
    """Return whether a database stored nothing of an upload.

    That is unknown after a lost connection, which brings no SQLSTATE: a commit may still succeed. Of a zip, members
    may be stored.
    """
    is_answer = connection.vendor == "sqlite" or getattr(error.__cause__, "sqlstate", None) is not None
    if not is_answer or zips.recognizes(content.start):
        return False
    with suppress(DatabaseError):
        return not Arrival.objects.filter(flow_file__sha256=content.sha256, resting_place=place).exists()
    return False


def _receive(content: Survey, name: str, at: datetime) -> FlowFile:
    """Return the row of a content that waits for its import."""
    subject = subject_of(recognize(content.start), Delivery(name=name, channel=Channel.INBOX))
    return count_attempt(content, subject, at, is_counted=False)


def _await(flow_file: FlowFile) -> None:
    """Store that a content that was rejected or set aside is tried again.

    Not of a file that was there: a watcher that has just rejected it, and moves it away now, tries it no more.
    """
    unread = (Status.REJECTED, Status.OTHER_FLOW)
    if FlowFile.objects.filter(pk=flow_file.pk, status__in=unread).update(status=Status.RECEIVED):
        flow_file.status = Status.RECEIVED


def _is_waiting(target: Path, content: Survey) -> bool:
    """Return whether a content is in the inbox under a name; raise NameTaken if another one is."""
    if not target.is_file():
        return False
    with target.open("rb") as stream:
        if os.fstat(stream.fileno()).st_size == content.size and survey(stream).sha256 == content.sha256:
            return True
    raise NameTaken(target.name)


def _place(unfinished: Path, target: Path) -> None:
    """Give a file its name in the inbox; raise NameTaken if another file has it."""
    try:
        name_freely(bytes(unfinished), bytes(target))
    except FileExistsError:
        raise NameTaken(target.name) from None


def _sweep(folder: Path) -> None:
    """Remove unfinished files of killed processes."""
    with suppress(OSError):
        for path in folder.glob(f"{_UNFINISHED}*"):
            if time.time() - path.stat().st_mtime > _LEFTOVER:
                path.unlink()


def _stored(path: Path) -> str:
    return printable(bytes(path))

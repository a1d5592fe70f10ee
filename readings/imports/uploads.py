"""Uploads: contents from the network, archived like files from the inbox.

An upload is archived before its import, so that all stored rows have their file.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO, Final

from readings.formats.content import Survey, survey
from readings.formats.text import printable
from readings.imports import arrivals
from readings.imports.arrivals import Delivery
from readings.imports.attempts import Rules
from readings.imports.kept_files import forget, keep
from readings.imports.loading.locks import BeingImported
from readings.imports.operations import import_flow
from readings.imports.reports import ImportReport
from readings.models import Outcome

#: Seconds between two attempts while another importer has the same content.
_PAUSE: Final = 0.2


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
        """Archive a content and import it; move its file below the rejected folder if it is rejected.

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
        # After any other error the file stays: the database may have stored rows before the error.
        if report.outcome == Outcome.REJECTED and report.arrival_id:
            rejected = self._keep(stream, self.rejected, name, content)
            arrivals.settle(report.arrival_id, _stored(rejected), self.clock())
            forget(place)
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


def _stored(path: Path) -> str:
    return printable(bytes(path))

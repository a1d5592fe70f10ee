"""Flow files of tests, imported in this process."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timezone
from io import BytesIO
from pathlib import Path
from typing import Any

from django.utils.timezone import now

from readings.imports.arrivals import Delivery, settle
from readings.imports.attempts import Rules
from readings.imports.operations import import_flow
from readings.imports.reports import ImportReport, as_json_text, as_text
from readings.models import Channel, FlowFile
from tests.running.commands import digest
from tests.running.places import SAMPLES

NOON = datetime(2026, 3, 5, 12, tzinfo=timezone.utc)
RULES = Rules(max_bytes=10**9, max_attempts=3)


def deliver(content: bytes, name: str, by_whom: str = "ann") -> ImportReport:
    """Import a content under a name."""
    delivery = Delivery(name=name, channel=Channel.COMMAND, by_whom=by_whom, resting_place=f"archive/{name}")
    return import_flow(BytesIO(content), delivery, clock=lambda: NOON, rules=RULES)


def deliver_sample(name: str) -> FlowFile:
    """Import one of the samples."""
    report = deliver((SAMPLES / name).read_bytes(), name)
    return FlowFile.objects.get(sha256=report.sha256)


def put_away(name: str, content: bytes, root: Path) -> None:
    """Import a file, and put it away like the watcher."""
    place = root / f"{name}.{digest(content)[:12]}"
    place.write_bytes(content)
    status = place.stat()
    identity = f"{status.st_ino}:{status.st_size}:{status.st_mtime_ns}"
    delivery = Delivery(name=name, channel=Channel.INBOX, identity=identity)
    with place.open("rb") as stream:
        report = import_flow(stream, delivery, clock=now, rules=RULES)
    assert report.arrival_id
    settle(report.arrival_id, str(place), now())
    if root.name == "rejected":
        place.with_name(f"{place.name}.report.json").write_text(as_json_text(report))
        place.with_name(f"{place.name}.report.txt").write_text(as_text(report))


def imported(content: bytes, name: str = "test.uff", **options: Any) -> ImportReport:
    """Import a content like the command; options belong to the rules and to the importer."""
    delivery = Delivery(name=name, channel=Channel.COMMAND, resting_place=f"/somewhere/{name}")
    rules = replace(RULES, **{name: options.pop(name) for name in RULES.__slots__ if name in options})
    return import_flow(BytesIO(content), delivery, rules=rules, **{"clock": lambda: NOON, **options})


def codes(report: ImportReport) -> list[str]:
    """Return the codes of the problems of a report, in order."""
    return [problem.code for problem in report.problems]

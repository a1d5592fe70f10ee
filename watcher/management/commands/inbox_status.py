"""The command that shows the state of the inbox."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from typing import Any, Final

from django.core.management.base import BaseCommand, CommandParser
from django.db import connection
from django.utils import timezone

from readings.formats import text
from readings.formats.dtc.catalogue import labels
from readings.models import Outcome
from watcher.operators.settings import status_in_settings
from watcher.operators.status import LISTED, Folder, Status, progress_in_words, span
from watcher.operators.status_json import as_json

EXIT_CODES: Final = {"ok": 0, "attention": 1, "broken": 2}
#: Seconds to wait for a database server that does not respond.
PATIENCE: Final = 5


class Command(BaseCommand):
    """Show the state of the inbox."""

    help = (
        "Show the state of the inbox: the folders, the waiting files and why they wait, the rejected files, the last "
        "outcomes, and whether the watcher and the database are up. It works while either is down. Run it as the "
        "watcher's account: it checks permissions for the account that runs it. Exit codes: 0 all is well; 1 "
        "something needs attention; 2 nothing can be imported."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the option."""
        parser.add_argument("--json", action="store_true", help="print the status as one JSON object")

    def handle(self, *, json: bool, **options: Any) -> None:
        """Print the status; exit with the code of its verdict."""
        if connection.vendor == "postgresql":
            connection.settings_dict["OPTIONS"].setdefault("connect_timeout", PATIENCE)
        status = status_in_settings(timezone.now(), thorough=True)
        self.stdout.write(as_json_text(status) if json else "\n".join(lines(status)))
        sys.exit(EXIT_CODES[status.verdict])


def as_json_text(status: Status) -> str:
    """Return the status as JSON text."""
    return json.dumps(as_json(status), ensure_ascii=False, indent=2)


def lines(status: Status) -> Iterator[str]:
    """Yield the lines of the status, open actions first."""
    yield status.verdict
    for need in status.needs:
        yield f"  {need.name}: {need.why}"
        yield f"      {need.cure}"
    backlog = status.backlog
    oldest = "" if backlog.oldest is None else f", the oldest waiting for {span(backlog.oldest)}"
    ignored = f"; {text.count(backlog.left_alone, 'entry', 'entries')} ignored" if backlog.left_alone else ""
    yield f"backlog   {text.count(backlog.number, 'file')}{oldest}{ignored}"
    for file in backlog.files[:LISTED]:
        yield f"  {file.name}: {file.why.value} ({file.size:,} bytes, {file.owner}:{file.group}, {file.mode})"
    for note in status.importing:
        yield f"importing {progress_in_words(note)}"
    yield f"rejected  {text.count(status.rejected, 'file')}"
    for refused in status.last_rejected:
        yield f"  {refused.name} ({refused.sha256[:12]}): {', '.join(refused.codes)}"
    yield from set_aside(status)
    yield f"watcher   {watcher(status)}"
    yield f"database  {status.database or 'reachable and up to date'}"
    yield "folders"
    for folder in status.folders:
        yield f"  {folder.path}: {properties(folder)}"
    yield "last outcomes" if status.last_arrivals else "last outcomes: none"
    for row in status.last_arrivals:
        yield f"  {labels.british_time(row.received_at)}  {Outcome(row.outcome).word:<10}  {row.name}"


def set_aside(status: Status) -> Iterator[str]:
    """Yield the numbers of files of flows that are not read here, if there are any."""
    numbers = {day: sum(each.files for each in groups) for day, groups in status.set_aside.items()}
    if not any(numbers.values()):
        return
    counted = ", ".join(f"{number:,} {day}" for day, number in numbers.items())
    yield f"set aside {counted}: flows that are not read here"
    for day, groups in status.set_aside.items():
        for each in groups[:LISTED]:
            sender = f" from {each.sender}" if each.sender else ""
            yield f"  {each.flow}{sender}: {text.count(each.files, 'file')} {day}"


def watcher(status: Status) -> str:
    """Describe whether a watcher is running."""
    if status.watchers is None:
        return "unknown from this host"
    running = ", ".join(map(str, status.watchers))
    return f"running (process {running})" if running else "not running on this host"


def properties(folder: Folder) -> str:
    """Describe a folder: permission, file system, free space."""
    if folder.free is None:
        return f"missing ({folder.setting})"
    return ", ".join(
        (
            "writable" if folder.is_writable else "NOT WRITABLE",
            "same file system" if folder.is_on_same_file_system else "OTHER FILE SYSTEM",
            f"{folder.free / 1024**3:,.1f} GiB free",
        )
    )

"""The command that says how the inbox is."""

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
from watcher.operators.settings import status_in_settings
from watcher.operators.status import LISTED, Folder, Status, span
from watcher.operators.waiting import Waiting

EXIT_CODES: Final = {"ok": 0, "attention": 1, "broken": 2}
#: Seconds to wait for a database server that does not answer.
PATIENCE: Final = 5


class Command(BaseCommand):
    """Say how the inbox is."""

    help = (
        "Say how the inbox is: the folders, what waits and why, what was rejected, the last outcomes, whether a "
        "watcher runs and the database answers. It works with either down. Run it as the account of the watcher: it "
        "says what that account may read. Exit codes: 0 all is well; 1 something needs attention; 2 nothing can be "
        "imported."
    )
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        """Add the one option."""
        parser.add_argument("--json", action="store_true", help="one JSON object, with the same in it")

    def handle(self, *, json: bool, **options: Any) -> None:
        """Look, and say."""
        if connection.vendor == "postgresql":
            connection.settings_dict["OPTIONS"].setdefault("connect_timeout", PATIENCE)
        status = status_in_settings(timezone.now(), thorough=True)
        self.stdout.write(as_json_text(status) if json else "\n".join(lines(status)))
        sys.exit(EXIT_CODES[status.verdict])


def as_json_text(status: Status) -> str:
    """Write the status as JSON."""
    return json.dumps(as_json(status), ensure_ascii=False, indent=2)


def as_json(status: Status) -> dict[str, Any]:
    """Return what `inbox_status --json` prints."""
    backlog, running = status.backlog, None if status.watchers is None else bool(status.watchers)
    return {
        "inbox": status.inbox,
        "verdict": status.verdict,
        "backlog": backlog.number,
        "oldest_seconds": None if backlog.oldest is None else round(backlog.oldest, 1),
        "attention": [{"name": need.name, "why": need.why, "cure": need.cure} for need in status.needs],
        "waiting": [waiting_json(file) for file in backlog.files[:LISTED]],
        "left_alone": backlog.left_alone,
        "rejected": status.rejected,
        "last_rejected": [
            {"name": file.name, "sha256": file.sha256, "codes": file.codes, "place": file.place}
            for file in status.last_rejected
        ],
        "folders": [
            {
                "setting": folder.setting,
                "path": folder.path,
                "writable": folder.is_writable,
                "same_file_system": folder.is_on_same_file_system,
                "free_bytes": folder.free,
            }
            for folder in status.folders
        ],
        "watcher": {"running": running, "pids": status.watchers or []},
        "database": {"ok": not status.database, "trouble": status.database},
        "last_outcomes": [
            {"name": row.name, "outcome": row.outcome.lower(), "at": row.received_at.isoformat()}
            for row in status.last_arrivals
        ],
    }


def waiting_json(file: Waiting) -> dict[str, Any]:
    """Return what is said of a waiting file."""
    return {
        "name": file.name,
        "why": file.why.value,
        "bytes": file.size,
        "seconds": round(file.seconds, 1),
        "owner": file.owner,
        "group": file.group,
        "mode": file.mode,
    }


def lines(status: Status) -> Iterator[str]:
    """Write the status for people: what needs somebody first."""
    yield status.verdict
    for need in status.needs:
        yield f"  {need.name}: {need.why}"
        yield f"      {need.cure}"
    backlog = status.backlog
    oldest = "" if backlog.oldest is None else f", the oldest for {span(backlog.oldest)}"
    alone = f"; {text.count(backlog.left_alone, 'other entry', 'other entries')}" if backlog.left_alone else ""
    yield f"backlog   {text.count(backlog.number, 'file')}{oldest}{alone}"
    for file in backlog.files[:LISTED]:
        yield f"  {file.name}: {file.why.value} ({file.size:,} bytes, {file.owner}:{file.group}, {file.mode})"
    yield f"rejected  {text.count(status.rejected, 'file')}"
    for refused in status.last_rejected:
        yield f"  {refused.name} ({refused.sha256[:12]}): {', '.join(refused.codes)}"
    yield f"watcher   {watcher(status)}"
    yield f"database  {status.database or 'answers, and is up to date'}"
    yield "folders"
    for folder in status.folders:
        yield f"  {folder.path}: {properties(folder)}"
    yield "last outcomes" if status.last_arrivals else "last outcomes: none"
    for row in status.last_arrivals:
        yield f"  {labels.british_time(row.received_at)}  {row.outcome.lower():<9}  {row.name}"


def watcher(status: Status) -> str:
    """Say whether a watcher runs."""
    if status.watchers is None:
        return "unknown from this host"
    running = ", ".join(map(str, status.watchers))
    return f"runs (process {running})" if running else "does not run on this host"


def properties(folder: Folder) -> str:
    """Say how a folder is."""
    if folder.free is None:
        return f"is not there ({folder.setting})"
    return ", ".join(
        (
            "writable" if folder.is_writable else "NOT WRITABLE",
            "same file system" if folder.is_on_same_file_system else "OTHER FILE SYSTEM",
            f"{folder.free / 1024**3:,.1f} GiB free",
        )
    )

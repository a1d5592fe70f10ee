"""Inbox status as an object of JSON, for programs."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from readings.models import Outcome
from watcher.disk.under_way import UnderWay
from watcher.operators.status import LISTED, Status
from watcher.operators.waiting import Waiting


def as_json(status: Status) -> dict[str, Any]:
    """Return the object that `inbox_status --json` prints."""
    backlog, running = status.backlog, None if status.watchers is None else bool(status.watchers)
    return {
        "inbox": status.inbox,
        "verdict": status.verdict,
        "backlog": backlog.number,
        "oldest_seconds": None if backlog.oldest is None else round(backlog.oldest, 1),
        "attention": [{"name": need.name, "why": need.why, "cure": need.cure} for need in status.needs],
        "waiting": [waiting_json(file) for file in backlog.files[:LISTED]],
        "importing": [importing_json(each) for each in status.importing],
        "left_alone": backlog.left_alone,
        "rejected": status.rejected,
        "last_rejected": [
            {"name": file.name, "sha256": file.sha256, "codes": file.codes, "place": file.place}
            for file in status.last_rejected
        ],
        "other_flows": {
            day: {
                "files": sum(each.files for each in groups),
                "by_flow": [asdict(each) for each in groups[:LISTED]],
            }
            for day, groups in status.set_aside.items()
        }
        or None,
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
            {"name": row.name, "outcome": Outcome(row.outcome).word, "at": row.received_at.isoformat()}
            for row in status.last_arrivals
        ],
    }


def importing_json(note: UnderWay) -> dict[str, Any]:
    """Return the entry of an import under way."""
    remaining = note.remaining
    return {
        "name": note.name,
        "bytes": note.size,
        "bytes_read": note.position,
        "percent": note.percent,
        "readings": note.values,
        "readings_per_second": round(note.rate),
        "seconds": note.seconds,
        "remaining_seconds": None if remaining is None else round(remaining, 1),
    }


def waiting_json(file: Waiting) -> dict[str, Any]:
    """Return the entry of a waiting file."""
    return {
        "name": file.name,
        "why": file.why.value,
        "bytes": file.size,
        "seconds": round(file.seconds, 1),
        "owner": file.owner,
        "group": file.group,
        "mode": file.mode,
    }

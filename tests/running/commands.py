"""The operators' commands, run as operators run them."""

from __future__ import annotations

import json
from hashlib import sha256
from pathlib import Path
from typing import Any

from tests.making.numbered import d0010
from tests.running.box import Box
from tests.running.forks import Ended

BAD = d0010(identifier="BAD", value="much")


def run(box: Box, *arguments: str, **settings: str) -> Ended:
    """Run a command of manage.py on the folders and the database of a box, as operator olga."""
    return box.manage(*arguments, **{"LOGNAME": "olga", "SUDO_USER": "", **settings})


def status(box: Box, **settings: str) -> tuple[int, dict[str, Any]]:
    """Return the exit code and the JSON of `inbox_status --json`."""
    ended = run(box, "inbox_status", "--json", **settings)
    assert ended.out, ended.err
    return ended.code, json.loads(ended.out)


def digest(content: bytes) -> str:
    """Return the SHA-256 of a content."""
    return sha256(content).hexdigest()


def only(folder: Path, pattern: str = "*") -> Path:
    """Return the only file below a folder that is not a report."""
    [path] = (path for path in folder.rglob(pattern) if path.is_file() and ".report" not in path.name)
    return path


def resting_places(box: Box) -> list[str]:
    """Return the places of all arrivals, oldest first."""
    return [place for (place,) in box.rows("SELECT resting_place FROM readings_arrival ORDER BY id")]

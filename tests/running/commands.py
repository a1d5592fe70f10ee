"""The operators' commands, run as operators run them."""

from __future__ import annotations

import json
import subprocess
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any, NamedTuple

from tests.making.numbered import d0010
from tests.running.box import Box
from tests.running.places import ROOT

BAD = d0010(identifier="BAD", value="much")


class Said(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


def run(box: Box, *arguments: str, **settings: str) -> Said:
    """Run a command of manage.py on the folders and the database of a box."""
    ended = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        env={**box.environment, "LOGNAME": "olga", "SUDO_USER": "", **settings},
        cwd=ROOT,
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    return Said(ended.returncode, ended.stdout, ended.stderr)


def status(box: Box, **settings: str) -> tuple[int, dict[str, Any]]:
    """Return the exit code of `inbox_status --json`, and what it prints."""
    said = run(box, "inbox_status", "--json", **settings)
    assert said.out, said.err
    return said.code, json.loads(said.out)


def digest(content: bytes) -> str:
    """Return what a content is known by."""
    return sha256(content).hexdigest()


def only(folder: Path, pattern: str = "*") -> Path:
    """Return the one file below a folder, reports aside."""
    [path] = (path for path in folder.rglob(pattern) if path.is_file() and ".report" not in path.name)
    return path


def resting_places(box: Box) -> list[str]:
    """Return where the files of all arrivals lie, in the order of their coming."""
    return [place for (place,) in box.rows("SELECT resting_place FROM readings_arrival ORDER BY id")]

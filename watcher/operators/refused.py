"""What lies in the rejected and the archive: every file, and of a rejected one what its report says."""

from __future__ import annotations

import heapq
import json
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from readings.formats.text import shown

REPORTS: Final = (b".report.json", b".report.txt")
#: A file that was put away ends in the start of its hash; its reports end so, older ones with a number.
_REPORT: Final = re.compile(rb"\.[0-9a-f]{12}(?:\.[0-9]+)?\.report(?:\.[0-9]+)?\.(?:json|txt)$")
_HASH: Final = re.compile(rb"\.([0-9a-f]{12})(?:\.[0-9]+)?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A rejected file that nobody has put back."""

    name: str
    sha256: str
    #: In seconds, as file times are: when it was put there.
    since: float
    #: Of its problems, each once.
    codes: list[str]
    place: str


def files_below(root: bytes) -> Iterator[bytes]:
    """Give the path of every file that was put away there, a folder's in the order of their names.

    Reports are left out, and hidden names: no file that arrives has one.
    """
    with os.scandir(root) as entries:
        listed = sorted((entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries)
    for name, is_folder in listed:
        path = os.path.join(root, name)
        if is_folder:
            yield from files_below(path)
        elif not (name.startswith(b".") or _REPORT.search(name)):
            yield path


def hash_in_name(place: bytes) -> str:
    """Return the start of the hash that a file was put away with; empty where its name has none."""
    found = _HASH.search(place)
    return found[1].decode() if found else ""


def last_refused(rejected: bytes, number: int) -> tuple[int, list[Refused]]:
    """Count the files that lie in the rejected; return that, and those put there last, the last first."""
    count, newest = 0, list[tuple[float, bytes]]()
    for place in files_below(rejected):
        with suppress(FileNotFoundError):  # put back just now
            since = os.lstat(place).st_ctime
            count += 1
            (heapq.heappush if len(newest) < number else heapq.heappushpop)(newest, (since, place))
    return count, [_refused(place, since) for since, place in sorted(newest, reverse=True)]


def _refused(place: bytes, since: float) -> Refused:
    report = _report_beside(place)
    problems = report.get("problems", [])
    own_name = _HASH.sub(b"", os.path.basename(place))
    return Refused(
        name=report.get("name") or shown(own_name),
        sha256=report.get("sha256") or hash_in_name(place),
        since=since,
        codes=list(dict.fromkeys(problem["code"] for problem in problems)),
        place=shown(place),
    )


def _report_beside(place: bytes) -> dict[str, Any]:
    try:
        with open(place + REPORTS[0], encoding="utf-8") as file:
            report: dict[str, Any] = json.load(file)
    except (OSError, ValueError):
        return {}  # inbox_audit tells of it
    return report

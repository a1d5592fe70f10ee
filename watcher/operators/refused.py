"""Files in the archive and the rejected folder, and the reports of the rejected ones."""

from __future__ import annotations

import heapq
import json
import os
import re
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Final

from readings.formats.contract import OTHER_FLOW
from readings.formats.text import printable
from readings.imports.places import OTHER_FLOWS

REPORTS: Final = (b".report.json", b".report.txt")
#: Ending of a report: the start of the hash of its file, then `.report`; reports of earlier rejections have a number.
_REPORT: Final = re.compile(rb"\.[0-9a-f]{12}(?:\.[0-9]+)?\.report(?:\.[0-9]+)?\.(?:json|txt)$")
_HASH: Final = re.compile(rb"\.([0-9a-f]{12})(?:\.[0-9]+)?$")


@dataclass(frozen=True, slots=True, kw_only=True)
class Refused:
    """A rejected file that is still in the rejected folder."""

    name: str
    sha256: str
    #: Time of the rejection, in seconds since 1970.
    since: float
    #: Codes of its problems, without repeats.
    codes: list[str]
    place: str


def files_below(root: bytes, *, without: str = "") -> Iterator[bytes]:
    """Yield the paths of all files below a folder, sorted by name in each folder; skip reports and hidden files.

    `without` is the name of a folder in it that is skipped, too.
    """
    with os.scandir(root) as entries:
        listed = sorted((entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries)
    for name, is_folder in [each for each in listed if each != (without.encode(), True)]:
        path = os.path.join(root, name)
        if is_folder:
            yield from files_below(path)
        elif not (name.startswith(b".") or _REPORT.search(name)):
            yield path


def hash_in_name(place: bytes) -> str:
    """Return the start of the hash in the name of a file, or an empty text."""
    match = _HASH.search(place)
    return match[1].decode() if match else ""


def last_refused(rejected: bytes, number: int) -> tuple[int, list[Refused]]:
    """Return the number of rejected files, and the most recent of them, newest first.

    Files of flows that are not read here do not count, nor does one that an earlier version rejected as such.
    """
    count, newest = 0, list[tuple[float, bytes]]()
    for place in files_below(rejected, without=OTHER_FLOWS):
        with suppress(FileNotFoundError):  # an operator has put it back meanwhile
            since = os.lstat(place).st_ctime
            count += 1
            (heapq.heappush if len(newest) < number else heapq.heappushpop)(newest, (since, place))
    refused = [_refused(place, since) for since, place in sorted(newest, reverse=True)]
    return count, [each for each in refused if each.codes != [OTHER_FLOW]]


def _refused(place: bytes, since: float) -> Refused:
    report = _report_of(place)
    problems = report.get("problems", [])
    name = _HASH.sub(b"", os.path.basename(place))
    return Refused(
        name=report.get("name") or printable(name),
        sha256=report.get("sha256") or hash_in_name(place),
        since=since,
        codes=list(dict.fromkeys(problem["code"] for problem in problems)),
        place=printable(place),
    )


def _report_of(place: bytes) -> dict[str, Any]:
    try:
        with open(place + REPORTS[0], encoding="utf-8") as file:
            report: dict[str, Any] = json.load(file)
    except (OSError, ValueError):
        return {}  # inbox_audit reports it
    return report

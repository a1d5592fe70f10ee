"""Reports beside rejected files, without what they state about erased meter points."""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Collection, Iterable, Mapping
from contextlib import suppress
from io import BytesIO
from typing import Any, Final

from readings.formats.contract import Problem
from readings.imports.disk import copy
from readings.imports.erasure.matching import Erased
from readings.imports.erasure.rewriting import ZIP, Rewritten
from readings.imports.erasure.setting_aside import NOT_STATED
from readings.imports.problems import Surplus
from readings.imports.reports import ImportReport, as_text

#: Endings of the two forms of a report.
JSON: Final = b".json"
TEXT: Final = b".txt"


def reports_of(place: bytes) -> list[bytes]:
    """Return the endings of the reports of a file, those of earlier rejections too, without that of their form."""
    folder, name = os.path.split(place)
    start = name + b".report"
    with suppress(FileNotFoundError):
        names = [entry for entry in os.listdir(folder) if entry.startswith(start)]
        return sorted({entry[len(name) :].removesuffix(JSON).removesuffix(TEXT) for entry in names})
    return []


def write_sanitized(
    place: bytes, new_place: bytes, erased: Erased, rewritten: Iterable[Rewritten] = (), sha256: str = ""
) -> None:
    """Write the reports of a file again, without what they state about erased meter points.

    Of `rewritten` contents, the file itself or members of a zip, nothing about their changed lines stays.
    """
    contents = {each.old_sha256: each for each in rewritten if each.lines or each.is_changed}
    for ending in reports_of(place):
        report = _read(place + ending + JSON)
        if report is None:
            _write(new_place + ending + TEXT, NOT_STATED)
            continue
        report = sanitized(report, erased, contents)
        report["sha256"] = sha256 or report["sha256"]
        _write(new_place + ending + JSON, json.dumps(report, ensure_ascii=False))
        _write(new_place + ending + TEXT, as_text(_as_report(report)))


def _write(path: bytes, text: str) -> None:
    copy(BytesIO(f"{text}\n".encode("utf-8", "surrogateescape")), path)


def _read(path: bytes) -> dict[str, Any] | None:
    try:
        with open(path, encoding="utf-8") as file:
            report: dict[str, Any] = json.load(file)
    except (OSError, ValueError):
        return None
    return report


def sanitized(
    report: Mapping[str, Any], erased: Erased, contents: Mapping[str, Rewritten] | None = None
) -> dict[str, Any]:
    """Return a report as JSON without what it states about erased meter points; `contents` by their hashes."""
    result = {key: erased.without_names(value) if isinstance(value, str) else value for key, value in report.items()}
    new = (contents or {}).get(result.get("sha256", ""))
    lines = Lines(new.lines) if new else ()
    result["sha256"] = new.sha256 if new else result.get("sha256", "")
    without = erased.without_names if result.get("format") == ZIP else erased.without_words
    result["problems"] = [_sanitized_problem(each, erased, lines, without) for each in report.get("problems", [])]
    result["members"] = [sanitized(member, erased, contents) for member in report.get("members", [])]
    return result


def _sanitized_problem(
    problem: dict[str, Any], erased: Erased, lines: Collection[int], without: Callable[[str], str]
) -> dict[str, Any]:
    if problem.get("line") in lines or erased.is_about(problem.get("scheme", ""), problem.get("identifier", "")):
        return {**problem, "value": "", "message": NOT_STATED, "scheme": "", "identifier": ""}
    return {key: without(value) if isinstance(value, str) else value for key, value in problem.items()}


def _as_report(report: Mapping[str, Any]) -> ImportReport:
    values = {**report, "outcome": str(report.get("outcome", "")).upper()}
    values["problems"] = [Problem(**each) for each in report["problems"]]
    values["unlisted"] = [Surplus(**each) for each in report.get("unlisted", [])]
    values["members"] = [_as_report(each) for each in report["members"]]
    return ImportReport(**values)


class Lines(Collection[int]):
    """Numbers of lines in ranges."""

    def __init__(self, ranges: Collection[tuple[int, int]]) -> None:
        self.ranges = ranges

    def __contains__(self, number: object) -> bool:
        return isinstance(number, int) and any(first <= number <= last for first, last in self.ranges)

    def __iter__(self) -> Any:
        return (number for first, last in self.ranges for number in range(first, last + 1))

    def __len__(self) -> int:
        return sum(last + 1 - first for first, last in self.ranges)

"""Run the commands in docs/api.md against the web pages and the watcher of `start`, and compare their output.

    python -m tests.running.curl_page

The session is that of README.md; it also ignores tokens, cursors, ETags and times of this run.
"""

from __future__ import annotations

import difflib
import re
import sys
import tempfile
from pathlib import Path
from typing import Final

from tests.running.places import ROOT
from tests.running.readme import START, Session, Step, lines_compared, steps

API: Final = ROOT / "docs" / "api.md"
_START: Final = f".venv/bin/python {START}"
_CHANGES: Final = (
    (r"mbx_[\w-]+", "mbx_TOKEN"),
    (r"cursor=[\w%:-]+", "cursor=CURSOR"),
    (r'"next_cursor": ?"[^"]+"', '"next_cursor": "CURSOR"'),
    (r'(?i)etag: "\w+"', "ETag: ETAG"),
    (r'If-None-Match: "\w+"', "If-None-Match: ETAG"),
    (r"expires on \d{4}-\d{2}-\d{2}", "expires on DAY"),
    # The times that files state have no fraction of a second.
    (r"\d{4}-\d{2}-\d{2}T[\d:]+\.\d+\+00:00", "TIME"),
    (r'"seconds": ?\d+\.\d+', '"seconds": N'),
    # Name of the status 422: it depends on the version of Python.
    (r"Unprocessable (Entity|Content)", "Unprocessable"),
    (r"\r", ""),
)


def masked(text: str) -> list[str]:
    """Return the lines of an output, with placeholders for values that differ from run to run."""
    for pattern, same in _CHANGES:
        text = re.sub(pattern, same, text)
    return lines_compared(text)


def difference(step: Step, printed: str) -> list[str]:
    """Return the differing lines in the form of `diff`."""
    expected, actual = masked(step.output), masked(printed)
    if expected == actual:
        return []
    return [f"$ {step.command}", *difflib.unified_diff(expected, actual, "api.md", "printed", lineterm="")]


class ApiSession(Session):
    """A copy of the project whose web pages the commands ask under the port of the page."""

    def __init__(self, folder: Path, **settings: str) -> None:
        super().__init__(folder)
        self.environment |= settings

    def run(self, command: str) -> str:
        """Run a command at the port of this copy."""
        return super().run(command.replace(":8000", f":{self.port}"))


def differences(page: str, **settings: str) -> list[str]:
    """Run the commands of a page; return the differing lines."""
    differing: list[str] = []
    with tempfile.TemporaryDirectory() as folder:
        session = ApiSession(Path(folder).resolve(), **settings)
        with session.started(_START, []):
            for step in steps(page):
                differing += difference(step, session.run(step.command))
                session.wait_for_the_inbox()
    return differing


if __name__ == "__main__":
    sys.exit("\n".join(differences(API.read_text())) or 0)

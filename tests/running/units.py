"""The systemd units of docs/deploy, and their commands run from this checkout."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.running.places import ROOT

DEPLOY: Final = ROOT / "docs" / "deploy"
INSTALLED: Final = "/opt/meterbox"
WATCHER: Final = "meterbox-watcher.service"
WEB: Final = "meterbox-web.service"
#: Seconds in which a unit ends after SIGTERM.
PATIENCE: Final = 30


def setting_in(unit: str, name: str) -> str:
    """Return the only value of a setting in a unit."""
    text = (DEPLOY / unit).read_text().replace("\\\n", "")
    (value,) = re.findall(rf"(?m)^{name}=(.*)$", text)
    return " ".join(str(value).split())


@contextmanager
def running(
    unit: str, environment: Mapping[str, str], log: Path, *, port: int = 8000
) -> Iterator[subprocess.Popen[bytes]]:
    """Run the command of a unit, with this checkout instead of the installed one; append its output to a file."""
    command = setting_in(unit, "ExecStart").replace(f"{INSTALLED}/.venv/bin/python", sys.executable)
    arguments = shlex.split(command.replace("--port 8000", f"--port {port}"))
    with log.open("ab") as output:
        child = subprocess.Popen(arguments, env=dict(environment), cwd=ROOT, stdout=output, stderr=output)
    try:
        yield child
    finally:
        child.terminate()
        child.wait(PATIENCE)

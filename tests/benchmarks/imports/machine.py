"""Names of the machine, the versions and the commit of a measurement."""

from __future__ import annotations

import os
import platform
import sqlite3
import subprocess
from importlib.metadata import version
from pathlib import Path

from tests.running.places import ROOT
from tests.running.postgresql import installed_programs


def processor() -> str:
    """Return the model of the processor."""
    places = Path("/proc/cpuinfo")
    lines = places.read_text().splitlines() if places.exists() else []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.processor() or platform.machine()


def machine() -> str:
    """Return the machine and the versions on one line."""
    printed = subprocess.check_output([installed_programs() / "postgres", "--version"], text=True)
    parts = (
        f"{processor()}, {os.cpu_count()} cores",
        f"Python {platform.python_version()}",
        f"Django {version('Django')}",
        f"SQLite {sqlite3.sqlite_version}",
        f"PostgreSQL {printed.split()[-1]}",
        f"psycopg {version('psycopg')}",
    )
    return ", ".join(parts)


def revision() -> str:
    """Return the last commit that changed the program, and whether its code differs from it."""
    program = ("config", "readings", "watcher", "manage.py", "requirements.txt")
    name = git(ROOT, "log", "-1", "--format=%h", "--", *program)
    changes = git(ROOT, "status", "--porcelain", "--", *program)
    return f"{name or 'an unknown commit'}{' with local changes' if changes else ''}"


def commit(checkout: Path) -> str:
    """Return the short name of the commit of a checkout."""
    return git(checkout, "rev-parse", "--short", "HEAD") or "an unknown commit"


def git(checkout: Path, *arguments: str) -> str:
    """Return the output of git, or an empty text where there is no repository."""
    # The account that measures may not own the checkout.
    command = ["git", "-c", "safe.directory=*", *arguments]
    return subprocess.run(command, cwd=checkout, capture_output=True, text=True, check=False).stdout.strip()

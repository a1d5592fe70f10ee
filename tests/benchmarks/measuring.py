"""Shared tools of the benchmarks: new databases, commands with their peak memory, separate processes."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from tests.running.places import ROOT
from tests.running.postgresql import postgresql

DATABASES = ("postgresql", "sqlite")


@contextmanager
def database(kind: str, folder: Path, *, fsync: bool = True) -> Iterator[str]:
    """Yield the URL of a new database."""
    if kind == "sqlite":
        yield f"sqlite:///{folder / 'benchmark.sqlite3'}"
        return
    with postgresql(fsync=fsync) as server:
        yield server.url


def manage(url: str, *arguments: str, stdout: Any = subprocess.PIPE) -> tuple[str, int]:
    """Run a command of Meterbox on a database; return its output and its peak memory in MB."""
    return run(sys.executable, "manage.py", *arguments, environment={"DATABASE_URL": url}, stdout=stdout)


def write_sample(path: Path, *arguments: str) -> None:
    """Write a file with `make_sample`."""
    with path.open("w") as file:
        manage(f"sqlite:///{path.parent / 'none.sqlite3'}", "make_sample", *arguments, stdout=file)


def run(*command: str, environment: dict[str, str] | None = None, stdout: Any = subprocess.PIPE) -> tuple[str, int]:
    """Run a program; return its output and its peak memory in MB."""
    process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **(environment or {})}, stdout=stdout, text=True)
    output = process.stdout.read() if process.stdout else ""
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} failed:\n{output}")
    return output, usage.ru_maxrss // (1 if sys.platform != "darwin" else 1024) // 1024


def in_its_own_process(measure: Callable[..., float], *arguments: Any) -> float:
    """Call a function in a separate process, so that its memory does not affect later measurements."""
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as process:
        return process.submit(measure, *arguments).result()

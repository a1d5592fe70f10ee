"""Shared tools of the benchmarks: new databases, commands with their peak memory, separate processes."""

from __future__ import annotations

import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from pathlib import Path
from statistics import median
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


def run(
    *command: str,
    environment: dict[str, str] | None = None,
    stdout: Any = subprocess.PIPE,
    stderr: Any = None,
    folder: Path = ROOT,
) -> tuple[str, int]:
    """Run a program in a folder; return its output and its peak memory in MB."""
    process = subprocess.Popen(
        command, cwd=folder, env={**os.environ, **(environment or {})}, stdout=stdout, stderr=stderr, text=True
    )
    output = process.stdout.read() if process.stdout else ""
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        raise SystemExit(f"{' '.join(command)} failed:\n{output}")
    return output, usage.ru_maxrss // (1 if sys.platform != "darwin" else 1024) // 1024


def rerun(module: str, url: str) -> int:
    """Migrate a database, and run a module on it with the same arguments and `--here`; return its status."""
    manage(url, "migrate", "--verbosity=0")
    environment = {"DATABASE_URL": url, "PYTHONPATH": str(ROOT), "DJANGO_SETTINGS_MODULE": "config.settings"}
    command = [sys.executable, "-m", module, "--here", *sys.argv[1:]]
    return subprocess.call(command, cwd=ROOT, env={**os.environ, **environment})


def in_its_own_process(measure: Callable[..., float], *arguments: Any) -> float:
    """Call a function in a separate process, so that its memory does not affect later measurements."""
    with ProcessPoolExecutor(max_workers=1, mp_context=get_context("spawn")) as process:
        return process.submit(measure, *arguments).result()


def request_each(pages: Mapping[str, str]) -> None:
    """Request each page six times with Django's test client, and print its name and the times."""
    from django.contrib.auth.models import User
    from django.db import connection
    from django.test import Client
    from django.test.utils import CaptureQueriesContext

    client = Client()
    client.force_login(User.objects.create_superuser("benchmark"))
    for name, address in pages.items():
        seconds, size, queries = [], 0, 0
        for _ in range(6):
            with CaptureQueriesContext(connection) as captured:
                began_at = time.perf_counter()
                answer = client.get(address, HTTP_HOST="localhost")
                seconds.append(time.perf_counter() - began_at)
            assert answer.status_code == 200, (address, answer.content)
            size, queries = len(answer.content), len(captured)
        first, rest = seconds[0] * 1000, median(seconds[1:]) * 1000
        print(f"  {name:<44}{first:9.0f} ms first{rest:9.0f} ms then{queries:5} queries{size:10,} bytes", flush=True)

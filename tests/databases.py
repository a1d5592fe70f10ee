"""Pytest plugin: `pytest` runs the suite on SQLite and, at the same time, the database tests on PostgreSQL.

Settings read `DATABASE_URL` once, so each database has its own process: this one starts both with its own
arguments, and ends with the worse of their exit codes. It prints the output of the run on PostgreSQL at its end.
`pytest --database sqlite` (or `postgresql`) runs one of them.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress
from pathlib import Path
from types import FrameType

import pytest
from django.test import TransactionTestCase

from tests.running.postgresql import postgresql

DATABASES = ("sqlite", "postgresql")
UNDER_TEST = "METERBOX_DATABASE_UNDER_TEST"  # set in the processes that run tests
DATABASE_FIXTURES = {"db", "transactional_db", "live_server", "database_url"}
# These options print something and run no test.
QUESTIONS = ("help", "version", "collectonly", "markers", "showfixtures", "show_fixtures_per_test")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("meterbox").addoption(
        "--database",
        choices=DATABASES,
        help="run the tests on this database only; by default on both at the same time",
    )


def pytest_configure(config: pytest.Config) -> None:
    for marker in (
        "both_databases: run on PostgreSQL too, although the test uses no database fixture",
        "slow: takes long; runs only with -m slow",
        "slow_on_postgresql: slow on PostgreSQL only",
        "only_on(database): runs on this database only",
    ):
        config.addinivalue_line("markers", marker)


def pytest_report_header() -> str | None:
    name = os.environ.get(UNDER_TEST)
    return name and f"database: {name}"


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Run the suite in child processes, unless this is one of them or runs no test."""
    if UNDER_TEST in os.environ or any(getattr(config.option, name) for name in QUESTIONS):
        return None
    chosen = config.getoption("--database")
    modules = modules_named(config)
    names = [chosen] if chosen else DATABASES if may_use_database(modules) else DATABASES[:1]
    with ExitStack() as stack:
        runs = [stack.enter_context(Run(config, name).open()) for name in names]
        wait(runs, stop_early=bool(config.option.maxfail))
        codes = [run.code for run in runs]
    return max(codes, key=badness)


def modules_named(config: pytest.Config) -> list[Path]:
    """Return the test modules that the command line names; empty if it names none."""
    names = (argument.partition("::")[0] for argument in config.invocation_params.args)
    return [Path(config.invocation_params.dir, name) for name in names if name.endswith(".py")]


def may_use_database(modules: list[Path]) -> bool:
    """Return whether modules, or the fixtures of their folders, mention a database; true if none is named.

    The whole run on PostgreSQL checks that no module is overlooked.
    """
    texts = [
        path.read_text() for module in modules for path in {module, module.with_name("conftest.py")} if path.exists()
    ]
    return not texts or any(word in text for text in texts for word in (*DATABASE_FIXTURES, "both_databases"))


def badness(code: int) -> int:
    """Return the rank of an exit code: an aborted run is worse than failed tests."""
    return {0: 0, pytest.ExitCode.NO_TESTS_COLLECTED: 1, pytest.ExitCode.TESTS_FAILED: 2}.get(code, 3)


@contextmanager
def database(name: str) -> Iterator[str]:
    """Return the address for the settings: never a database in use."""
    if name == "postgresql":
        with postgresql(settings={"max_connections": "200"}) as server:
            yield server.url_of("meterbox")
    else:
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/meterbox.sqlite3"


class Run:
    """The suite on one database, in its own process."""

    def __init__(self, config: pytest.Config, name: str) -> None:
        self.config = config
        self.name = name
        self.child: subprocess.Popen[bytes] | None = None

    @contextmanager
    def open(self) -> Iterator[Run]:
        """Run pytest on this database; print its output at once on SQLite, else at the end."""
        prints_output = self.name == "sqlite" or self.config.getoption("--database")
        with database(self.name) as url, tempfile.TemporaryFile() as output:
            self.child = subprocess.Popen(
                [sys.executable, "-m", "pytest", *self._arguments()],
                env={**os.environ, "DATABASE_URL": url, UNDER_TEST: self.name},
                cwd=self.config.invocation_params.dir,
                stdout=None if prints_output else output,
                stderr=None if prints_output else subprocess.STDOUT,
            )
            try:
                yield self
            finally:
                self.child.wait()  # so that its database exists longer than the process
                output.seek(0)
                shutil.copyfileobj(output, sys.stdout.buffer)
                sys.stdout.flush()

    def _arguments(self) -> list[str]:
        arguments = list(self.config.invocation_params.args)
        if modules_named(self.config) and not any(each.startswith(("-n", "--numproc")) for each in arguments):
            arguments += ["-n", "0"]  # for a few modules, workers cost more than they save
        if self.config.pluginmanager.has_plugin("cacheprovider"):
            arguments += ["-o", f"cache_dir=.pytest_cache/{self.name}"]
        if report := self.config.getoption("xmlpath", None):  # one file for each database
            path = Path(report)
            arguments.append(f"--junit-xml={path.with_name(f'{path.stem}-{self.name}{path.suffix}')}")
        return arguments

    @property
    def code(self) -> int:
        """Return the exit code of the run."""
        assert self.child
        code = self.child.wait()
        # On PostgreSQL, tests without a database are skipped, so there may be no test to run.
        nothing_left = self.name == "postgresql" and code == pytest.ExitCode.NO_TESTS_COLLECTED
        return 0 if nothing_left else code if code >= 0 else int(pytest.ExitCode.INTERRUPTED)


def wait(runs: list[Run], *, stop_early: bool) -> None:
    """Wait until all have ended; with `stop_early`, the first failure ends the others."""
    children = [run.child for run in runs if run.child]

    def pass_on(_signal: int, _frame: FrameType | None) -> None:
        for child in children:
            with suppress(ProcessLookupError):
                child.terminate()

    # A terminal sends Ctrl-C to the children as well.
    before = signal.signal(signal.SIGINT, lambda *_: None), signal.signal(signal.SIGTERM, pass_on)
    try:
        while any(child.poll() is None for child in children):
            if stop_early and any(child.poll() for child in children):
                pass_on(0, None)
            time.sleep(0.1)
    finally:
        signal.signal(signal.SIGINT, before[0])
        signal.signal(signal.SIGTERM, before[1])


@pytest.hookimpl(tryfirst=True)  # before -m is applied
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out tests of the other database; on PostgreSQL also those whose result cannot differ from SQLite's."""
    name = os.environ.get(UNDER_TEST, "")
    _leave_out(config, items, lambda item: all(mark.args == (name,) for mark in item.iter_markers("only_on")))
    if name != "postgresql":
        return
    # A browser shows what the pages say, and other tests compare the pages on both databases.
    _leave_out(config, items, lambda item: "browser" not in getattr(item, "fixturenames", ()))
    for item in items:
        if item.get_closest_marker("slow_on_postgresql"):
            item.add_marker("slow")
    _leave_out(config, items, uses_database)
    overlooked = sorted({str(path) for path in {item.path for item in items} if not may_use_database([path])})
    if overlooked:
        raise pytest.UsageError(f"may_use_database overlooks the database of {', '.join(overlooked)}")


def _leave_out(config: pytest.Config, items: list[pytest.Item], stays: Callable[[pytest.Item], bool]) -> None:
    """Remove the tests that do not stay from those that run."""
    left_out = [item for item in items if not stays(item)]
    if left_out:
        items[:] = [item for item in items if stays(item)]
        config.hook.pytest_deselected(items=left_out)


def uses_database(item: pytest.Item) -> bool:
    """Return whether a test may store or read rows."""
    if item.get_closest_marker("django_db") or item.get_closest_marker("both_databases"):
        return True
    if DATABASE_FIXTURES.intersection(getattr(item, "fixturenames", ())):
        return True
    return issubclass(getattr(item, "cls", None) or object, TransactionTestCase)

"""A pytest plugin: `pytest` runs the suite on SQLite, then what uses a database on PostgreSQL.

Settings read `DATABASE_URL` once, so each database gets a process of its own: this one starts
them with its own arguments, one after the other, and ends with the worse of their exit codes.
`pytest --database sqlite` (or `postgresql`) runs one of them.
"""

import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from types import FrameType

import pytest
from django.test import TransactionTestCase

from tests.running.postgresql import postgresql

DATABASES = ("sqlite", "postgresql")
UNDER_TEST = "METERBOX_DATABASE_UNDER_TEST"  # set in the processes that run tests
DATABASE_FIXTURES = {"db", "transactional_db", "live_server", "database_url"}
# These print something and run no test.
QUESTIONS = ("help", "version", "collectonly", "markers", "showfixtures", "show_fixtures_per_test")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.getgroup("meterbox").addoption(
        "--database",
        choices=DATABASES,
        help="run the tests on this database only (both, one after the other, if not given)",
    )


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers", "both_databases: run on PostgreSQL too, though no database fixture is asked for"
    )


def pytest_report_header() -> str | None:
    name = os.environ.get(UNDER_TEST)
    return name and f"database: {name}"


@pytest.hookimpl(tryfirst=True)
def pytest_cmdline_main(config: pytest.Config) -> int | None:
    """Run the suite in child processes, unless this is one of them or only a question."""
    if UNDER_TEST in os.environ or any(getattr(config.option, name) for name in QUESTIONS):
        return None
    chosen = config.getoption("--database")
    codes = []
    for name in [chosen] if chosen else DATABASES:
        with database(name) as url:
            codes.append(run(config, name, url))
        if codes[-1] == pytest.ExitCode.INTERRUPTED or (codes[-1] and config.option.maxfail):
            break
    return max(codes, key=badness)


def badness(code: int) -> int:
    """Rank exit codes: that some tests failed says less than that a run broke off."""
    return {0: 0, pytest.ExitCode.NO_TESTS_COLLECTED: 1, pytest.ExitCode.TESTS_FAILED: 2}.get(code, 3)


@contextmanager
def database(name: str) -> Iterator[str]:
    """Give the address that settings see: never a database that somebody works with."""
    if name == "postgresql":
        with postgresql(settings={"max_connections": "200"}) as server:
            yield server.url_of("meterbox")
    else:
        with tempfile.TemporaryDirectory() as folder:
            yield f"sqlite:///{folder}/meterbox.sqlite3"


def run(config: pytest.Config, name: str, url: str) -> int:
    """Run pytest once more, on this database."""
    given = config.invocation_params
    arguments = [*given.args, "-o", f"cache_dir=.pytest_cache/{name}"]
    report = config.getoption("xmlpath", None)
    if report:  # one file for each database
        path = Path(report)
        arguments.append(f"--junit-xml={path.with_name(f'{path.stem}-{name}{path.suffix}')}")
    child = subprocess.Popen(
        [sys.executable, "-m", "pytest", *arguments],
        env={**os.environ, "DATABASE_URL": url, UNDER_TEST: name},
        cwd=given.dir,
    )
    code = wait(child)
    # Tests that use no database are left out of the second run, which may leave none.
    nothing_left = name == "postgresql" and code == pytest.ExitCode.NO_TESTS_COLLECTED
    return 0 if nothing_left else code


def wait(child: subprocess.Popen[bytes]) -> int:
    """Wait until the child has ended, so that its database outlives it."""

    def pass_on(_signal: int, _frame: FrameType | None) -> None:
        with suppress(ProcessLookupError):
            child.terminate()

    # A terminal sends Ctrl-C to the child as well.
    before = signal.signal(signal.SIGINT, lambda *_: None), signal.signal(signal.SIGTERM, pass_on)
    try:
        code = child.wait()
    finally:
        signal.signal(signal.SIGINT, before[0])
        signal.signal(signal.SIGTERM, before[1])
    return code if code >= 0 else int(pytest.ExitCode.INTERRUPTED)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On PostgreSQL, leave out what has run already and cannot come out differently."""
    if os.environ.get(UNDER_TEST) != "postgresql":
        return
    left_out = [item for item in items if not uses_database(item)]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if uses_database(item)]


def uses_database(item: pytest.Item) -> bool:
    """Tell whether a test may store or read rows."""
    if item.get_closest_marker("django_db") or item.get_closest_marker("both_databases"):
        return True
    if DATABASE_FIXTURES.intersection(getattr(item, "fixturenames", ())):
        return True
    return issubclass(getattr(item, "cls", None) or object, TransactionTestCase)

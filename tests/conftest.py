import os
import shutil
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from django.conf import settings
from django.db import connections
from hypothesis import settings as hypothesis_settings

from tests.running.postgresql import create, drop, in_database, migrate, name_of

if TYPE_CHECKING:
    from playwright.sync_api import Browser

# A slow machine must not fail a test, and each run tries the same examples.
hypothesis_settings.register_profile("meterbox", deadline=None, derandomize=True, database=None)
hypothesis_settings.load_profile("meterbox")


@pytest.fixture(scope="module")
def browser() -> Iterator["Browser"]:
    """Yield a browser for all tests of a module."""
    from tests.running.browser import open_browser  # Few modules need it, and it is slow to import.

    with open_browser() as browser:
        yield browser


@pytest.fixture(scope="session")
def django_db_modify_db_settings(
    tmp_path_factory: pytest.TempPathFactory, django_db_modify_db_settings: None
) -> None:
    """Keep the SQLite database of the tests in a file.

    With a database in memory, the pages of a browser would share the connection and the transaction of the test.
    """
    database = connections.settings["default"]
    if database["ENGINE"] == "django.db.backends.sqlite3":
        database["TEST"]["NAME"] = str(tmp_path_factory.mktemp("database") / "test.sqlite3")


@pytest.fixture(scope="session", autouse=True)
def static_files_on_demand() -> None:
    """Find static files when they are asked for: each client of a test would read all of them first."""
    settings.WHITENOISE_AUTOREFRESH = True


@pytest.fixture(scope="session", autouse=True)
def watcher_elsewhere() -> None:
    """Expect no watcher in the process of the tests: else each page would warn that none is running."""
    settings.WATCHER_ELSEWHERE = True


@pytest.fixture(scope="session", autouse=True)
def patient_pages() -> None:
    """Let pages sum all that a test imports, however slow the machine is."""
    from readings.imports.summing import update  # Only when Django is set up.

    update.LONGEST = 60.0


@pytest.fixture(autouse=True)
def no_waiting_entries() -> None:
    """Forget the entries of the trail that wait since another test, and when they are tried again."""
    from readings.models import trail  # Only when Django is set up.

    trail._pending.entries.clear()
    trail._pending.next_try, trail._pending.is_hopeless = 0.0, False


@pytest.fixture(scope="session")
def migrated_template(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> Iterator[str]:
    """Return the address of a migrated, empty database that is only copied."""
    url = os.environ["DATABASE_URL"]
    if url.startswith("sqlite"):
        path = tmp_path_factory.mktemp("template") / "db.sqlite3"
        migrate(f"sqlite:///{path}")
        with closing(sqlite3.connect(path)) as connection:
            # One file, which can be copied.
            connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        yield f"sqlite:///{path}"
    else:
        url = in_database(url, f"template_{worker_id}")
        create(url)
        migrate(url)
        yield url
        drop(url)


@pytest.fixture
def database_url(migrated_template: str, tmp_path: Path, worker_id: str) -> Iterator[str]:
    """Yield the address of a migrated, empty database of the tested kind that other processes can use.

    Pass it to them as DATABASE_URL.
    """
    if migrated_template.startswith("sqlite"):
        path = tmp_path / "db.sqlite3"
        shutil.copy(migrated_template.removeprefix("sqlite:///"), path)
        yield f"sqlite:///{path}"
    else:
        url = in_database(migrated_template, f"processes_{worker_id}")
        create(url, template=name_of(migrated_template))
        yield url
        drop(url)
